// Draws the API reference from the portal's own schema (templates/portal/api.html).
const place = document.getElementById("reference");

window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  supportedSubmitMethods: ["get", "post"],
  requestInterceptor: (request) => {
    if (request.method && request.method !== "GET" && place.dataset.csrf) {
      request.headers["X-CSRFToken"] = place.dataset.csrf;
    }
    return request;
  },
});
