// What a script adds to forms; every form works without it.

// The error summary takes the focus, so that it is the first thing read.
document.querySelector(".problem")?.focus();

// Somebody who leaves a half-filled form is asked first, unless all of it was saved (autosave.js says so).
const unsaved = new Set();
for (const form of document.querySelectorAll('form[method="post"][data-unsaved]')) {
  form.addEventListener("input", () => { unsaved.add(form); });
  for (const over of ["submit", "portal:saved"]) form.addEventListener(over, () => { unsaved.delete(form); });
}

// After a new sign-in in another tab this page's token is an old one: the first click takes a new one along.
for (const form of document.querySelectorAll("form[data-renews]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const page = await fetch(form.dataset.renews, { signal: AbortSignal.timeout(20000) });
      const found = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(await page.text());
      if (found) form.elements.csrfmiddlewaretoken.value = found[1];
    } catch { /* sent with the old one: it comes back to be sent once more */ }
    form.submit();
  });
}
addEventListener("beforeunload", (event) => { if (unsaved.size) event.preventDefault(); });
