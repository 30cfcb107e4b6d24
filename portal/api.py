"""The addresses of the REST API, `/api/v1/`, with its schema and reference page."""

from csp.decorators import csp_replace, csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, re_path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from portal.problems import problem
from portal.rest import Endpoint, PublicEndpoint
from portal.schema import description
from portal.web import PUBLIC, access
from samples import api as samples

app_name = "api"


@access(PUBLIC)
class Schema(PublicEndpoint):
    """The OpenAPI 3.1 description of everything here."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(description(), content_type="application/json")


# Swagger UI draws its icons from data addresses and sets HTML that no policy of types made; both for this page only.
@method_decorator(csp_update({"img-src": ["data:"]}), name="dispatch")
@method_decorator(csp_replace({"require-trusted-types-for": None}), name="dispatch")
@access(PUBLIC)
class Reference(Endpoint):
    """The reference page; the only page, with enrolling a passkey, that needs JavaScript."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        return render(request._request, "portal/api.html")


@csrf_exempt  # it does nothing, and a program that asks for what is absent reads problem details
@access(PUBLIC, "GET", "POST", "PUT", "PATCH", "DELETE")
def absent(request: HttpRequest) -> HttpResponse:
    """Answer for every address that does not exist."""
    return problem(404, "not-found", _("There is nothing here."))


urlpatterns = [
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Reference.as_view(), name="docs"),
    path("missions/", samples.Missions.as_view(), name="missions"),
    path("samples/", samples.Samples.as_view(), name="samples"),
    path("samples/<path:number>/", samples.SampleDetail.as_view(), name="sample"),
    path("", include("applications.api")),
    re_path(r"^.*$", absent),
]
