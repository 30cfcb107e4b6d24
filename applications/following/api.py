"""Withdrawing an application by the same act as the page."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from applications.following import actions
from applications.own_api import REFERENCE, ApplicationDetailOutput, OwnApplication, application_detail
from portal.schema import KEY
from portal.web import SIGNED_IN, access


class TextInput(serializers.CharField):
    """Text, and nothing that could be read as text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class WithdrawInput(serializers.Serializer):
    """Why an application is withdrawn."""

    reason = TextInput(max_length=2000, required=False, allow_blank=True, default="")


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
