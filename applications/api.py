"""The addresses of this domain's endpoints below `/api/v1/`; the endpoints stand with their stages."""

from django.urls import path

from applications.apply import api as apply
from applications.calls import api as calls
from applications.following import api as following
from applications.publication import api as publication

urlpatterns = [
    path("calls/", calls.Calls.as_view(), name="calls"),
    path("calls/<slug:slug>/", calls.CallDetail.as_view(), name="call"),
    path("decisions/", publication.Decisions.as_view(), name="decisions"),
    path("applications/", apply.Applications.as_view(), name="applications"),
    path("applications/<str:reference>/", apply.ApplicationDetail.as_view(), name="application"),
    path("applications/<str:reference>/submit/", apply.Submit.as_view(), name="application-submit"),
    path("applications/<str:reference>/withdraw/", following.Withdraw.as_view(), name="application-withdraw"),
    path("applications/<str:reference>/decision/", publication.OwnDecision.as_view(), name="application-decision"),
]
