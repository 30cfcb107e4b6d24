"""One's own applications as programs read them: the coarse status alone. Shared by the endpoints of several rooms."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from applications.access import my_applications
from applications.enums import PublicStatus
from applications.models import Application
from portal.rest import Endpoint, moment
from portal.schema import DocumentField

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
        return get_object_or_404(own_applications(request), reference=reference)


def own_applications(request: Request) -> QuerySet[Application]:
    return my_applications(request.user).select_related("call", "submission")
