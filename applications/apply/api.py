"""One's own applications: list, detail, and submitting the draft by the same act as the page."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from applications.apply import actions
from applications.own_api import (
    REFERENCE,
    ApplicationDetailOutput,
    ApplicationOutput,
    OwnApplication,
    application_detail,
    application_item,
    own_applications,
)
from portal.rest import PAGING, Endpoint, listing
from portal.schema import KEY, page_of, query
from portal.web import SIGNED_IN, access


@access(SIGNED_IN)
class Applications(Endpoint):
    """The person's own applications, latest first."""

    scopes = {"GET": "read"}
    parameters = PAGING

    @extend_schema(
        operation_id="applications", parameters=query(), responses=page_of(ApplicationOutput, "ApplicationPage")
    )
    def get(self, request: Request) -> Response:
        return listing(request, own_applications(request), ("-created_at", "reference"), application_item)


@access(SIGNED_IN)
class ApplicationDetail(OwnApplication):
    """One own application with the document that was submitted."""

    scopes = {"GET": "read"}

    @extend_schema(operation_id="application", parameters=[REFERENCE], responses=ApplicationDetailOutput)
    def get(self, request: Request, reference: str) -> Response:
        return Response(application_detail(self.own(request, reference)))


@access(SIGNED_IN, "POST")
class Submit(OwnApplication):
    """Submit the draft as it stands."""

    scopes = {"POST": "apply"}

    @extend_schema(
        operation_id="application_submit", parameters=[REFERENCE, KEY], request=None, responses=ApplicationDetailOutput
    )
    def post(self, request: Request, reference: str) -> HttpResponse:
        application = self.own(request, reference)
        request.data  # noqa: B018 -- nothing in it is read, but what is no JSON is refused

        def submit() -> Response:
            actions.submit(application, by=request.user)
            return Response(application_detail(self.own(request, reference)))

        return self.once(request, submit)
