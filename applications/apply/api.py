"""One's own applications: the same acts as the pages of the team, and the coarse status alone."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from applications.access import my_applications
from applications.apply import actions
from applications.enums import PublicStatus
from applications.models import Application
from portal.rest import PAGING, Endpoint, listing, moment
from portal.schema import KEY, DocumentField, page_of, query
from portal.web import SIGNED_IN, access

REFERENCE = OpenApiParameter("reference", str, OpenApiParameter.PATH)


class ApplicationOutput(serializers.Serializer):
    """An application as its team reads it; the status is the coarse one."""

    reference = serializers.CharField()
    call = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(PublicStatus.choices)
    created_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    sha256 = serializers.CharField(allow_null=True)


class ApplicationDetailOutput(ApplicationOutput):
    """An application with the document that was submitted."""

    submission = DocumentField(allow_null=True)


class TextInput(serializers.CharField):
    """Text, and nothing that could be read as text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class WithdrawInput(serializers.Serializer):
    """Why an application is withdrawn."""

    reason = TextInput(max_length=2000, required=False, allow_blank=True, default="")


def application_item(application: Application) -> dict[str, Any]:
    """Return an application as its team reads it."""
    submission = application.submission
    return {
        "reference": application.reference,
        "call": application.call.slug,
        "title": submission.title if submission else application.title,
        "status": application.public_status,
        "created_at": moment(application.created_at),
        "submitted_at": moment(submission.received_at) if submission else None,
        "sha256": submission.sha256 if submission else None,
    }


def application_detail(application: Application) -> dict[str, Any]:
    """Return an application with the document that was submitted."""
    submission = application.submission
    return application_item(application) | {"submission": submission.document if submission else None}


class OwnApplication(Endpoint):
    """What concerns one application of the person's own; anything else is absent."""

    def own(self, request: Request, reference: str) -> Application:
        """Return the application.

        Raises:
            Http404: it is not theirs, or does not exist.
        """
        return get_object_or_404(_own(request), reference=reference)


def _own(request: Request) -> QuerySet[Application]:
    return my_applications(request.user).select_related("call", "submission")


@access(SIGNED_IN)
class Applications(Endpoint):
    """The person's own applications, latest first."""

    scopes = {"GET": "read"}
    parameters = PAGING

    @extend_schema(
        operation_id="applications", parameters=query(), responses=page_of(ApplicationOutput, "ApplicationPage")
    )
    def get(self, request: Request) -> Response:
        return listing(request, _own(request), ("-created_at", "reference"), application_item)


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


@access(SIGNED_IN, "POST")
class Withdraw(OwnApplication):
    """Withdraw the application for good; a reason may be given."""

    scopes = {"POST": "apply"}

    @extend_schema(
        operation_id="application_withdraw",
        parameters=[REFERENCE, KEY],
        request=WithdrawInput,
        responses=ApplicationDetailOutput,
    )
    def post(self, request: Request, reference: str) -> HttpResponse:
        application = self.own(request, reference)
        given = WithdrawInput(data=request.data)
        given.is_valid(raise_exception=True)

        def withdraw() -> Response:
            actions.withdraw(application, by=request.user, reason=given.validated_data["reason"])
            return Response(application_detail(self.own(request, reference)))

        return self.once(request, withdraw)
