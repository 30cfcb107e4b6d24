"""The addresses of the REST API, `/api/v1/`, with its schema and reference page."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from applications import api as applications
from portal.rest import problem
from portal.web import PUBLIC, access
from samples import api as samples

app_name = "api"


@access(PUBLIC)
class Schema(SpectacularAPIView):
    """The OpenAPI 3.1 description of everything here."""


@access(PUBLIC)
class Reference(SpectacularSwaggerSplitView):
    """The reference page; the only page, with enrolling a passkey, that needs JavaScript."""

    url_name = "api:schema"


@access(PUBLIC, "GET", "POST", "PUT", "PATCH", "DELETE")
def absent(request: HttpRequest) -> HttpResponse:
    """Answer for every address that does not exist."""
    return problem(404, "not-found", "There is nothing here.")


urlpatterns = [
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Reference.as_view(), name="docs"),
    path("missions/", samples.Missions.as_view(), name="missions"),
    path("samples/", samples.Samples.as_view(), name="samples"),
    path("samples/<path:number>/", samples.SampleDetail.as_view(), name="sample"),
    path("calls/", applications.Calls.as_view(), name="calls"),
    path("calls/<slug:slug>/", applications.CallDetail.as_view(), name="call"),
    path("decisions/", applications.Decisions.as_view(), name="decisions"),
    path("applications/", applications.Applications.as_view(), name="applications"),
    path("applications/<str:reference>/", applications.ApplicationDetail.as_view(), name="application"),
    path("applications/<str:reference>/submit/", applications.Submit.as_view(), name="application-submit"),
    path("applications/<str:reference>/withdraw/", applications.Withdraw.as_view(), name="application-withdraw"),
    path("applications/<str:reference>/decision/", applications.OwnDecision.as_view(), name="application-decision"),
    re_path(r"^.*$", absent),
]
