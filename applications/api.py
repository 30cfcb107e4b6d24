"""The endpoints of calls, published selections and one's own applications: the same actions as the pages."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from applications.access import my_applications, released_document
from applications.apply import actions
from applications.calls import queries as calls
from applications.enums import CallOrigin, CallStatus, Outcome, PublicationKind, PublicStatus
from applications.models import Application, Call, PublicEntry
from portal.rest import PAGING, Endpoint, PublicEndpoint, listing
from portal.units import api_mass
from portal.web import PUBLIC, SIGNED_IN, access
from samples.api import page_of, query

# --- Calls -------------------------------------------------------------------------------------------------


class OfferOutput(serializers.Serializer):
    """A sample that a call offers: up to a mass in mg, or whole."""

    sample = serializers.CharField()
    whole = serializers.BooleanField()
    offered_mg = serializers.CharField(allow_null=True)


class CriterionOutput(serializers.Serializer):
    """A weighted criterion; `words` say what 1 to 5 mean."""

    code = serializers.CharField()
    name = serializers.CharField()
    name_zh = serializers.CharField()
    weight_percent = serializers.CharField()
    words = serializers.ListField(child=serializers.CharField())
    words_zh = serializers.ListField(child=serializers.CharField())


class CallOutput(serializers.Serializer):
    """A call. Times are UTC; a round known from public reports has no times, offers or criteria."""

    slug = serializers.CharField()
    origin = serializers.ChoiceField(CallOrigin.choices)
    status = serializers.ChoiceField(CallStatus.choices)
    title = serializers.CharField()
    title_zh = serializers.CharField()
    summary = serializers.CharField()
    summary_zh = serializers.CharField()
    zone = serializers.CharField()
    opens_at = serializers.DateTimeField(allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)
    results_on = serializers.DateField(allow_null=True)
    demonstration = serializers.BooleanField()


class CallDetailOutput(CallOutput):
    """A call with its offer and its criteria."""

    offers = OfferOutput(many=True)
    criteria = CriterionOutput(many=True)


def moment(value: datetime | None) -> str | None:
    """Return a moment as the API writes it: RFC 3339 in UTC."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None


def call_item(call: Call) -> dict[str, Any]:
    """Return a call as the API lists it."""
    plain = ("slug", "origin", "status", "title", "title_zh", "summary", "summary_zh", "zone", "results_on")
    item = {name: getattr(call, name) for name in plain}
    times = {"opens_at": moment(call.opens_at), "closes_at": moment(call.closes_at)}
    return item | times | {"demonstration": call.is_demonstration}


def call_detail(call: Call) -> dict[str, Any]:
    """Return a call with its offer and its criteria."""
    offers = call.offers.select_related("sample")
    named = ("code", "name", "name_zh", "words", "words_zh")
    return call_item(call) | {
        "offers": [
            {
                "sample": offer.sample.catalogue_number,
                "whole": offer.offered_mg is None,
                "offered_mg": api_mass(offer.offered_mg),
            }
            for offer in offers
        ],
        "criteria": [
            {name: getattr(each, name) for name in named} | {"weight_percent": str(each.weight)}
            for each in call.criteria.all()
        ],
    }


@access(PUBLIC)
class Calls(PublicEndpoint):
    """Every announced call, and the earlier rounds known from public reports, by address."""

    parameters = ("origin", *PAGING)

    @extend_schema(operation_id="calls", parameters=query("origin"), responses=page_of(CallOutput, "CallPage"))
    def get(self, request: Request) -> Response:
        rows = calls.public()
        if origin := request.query_params.get("origin"):
            rows = rows.filter(origin=origin)
        return listing(request, rows, ("slug",), call_item)


@access(PUBLIC)
class CallDetail(PublicEndpoint):
    """One announced call."""

    @extend_schema(operation_id="call", responses=CallDetailOutput)
    def get(self, request: Request, slug: str) -> Response:
        return Response(call_detail(get_object_or_404(calls.public(), slug=slug)))


# --- Decisions: the public entries, and nothing else -------------------------------------------------------------


class InstitutionOutput(serializers.Serializer):
    """An institution as a selection names it."""

    name = serializers.CharField()
    ror = serializers.CharField(allow_null=True)
    country = serializers.CharField(allow_null=True)


class AwardOutput(serializers.Serializer):
    """What a selection gives of one sample."""

    sample = serializers.CharField()
    mission = serializers.CharField()
    hemisphere = serializers.CharField()
    whole = serializers.BooleanField()
    mass_mg = serializers.CharField(allow_null=True)


class DecisionOutput(serializers.Serializer):
    """A selection released to the public; null where a public report says nothing."""

    reference = serializers.CharField(allow_null=True)
    call = serializers.CharField()
    outcome = serializers.ChoiceField([Outcome.SELECTED, Outcome.SELECTED_IN_PART, "not_taken_up"])
    title = serializers.CharField(allow_null=True)
    summary = serializers.CharField(allow_null=True)
    principal_investigator = serializers.CharField(allow_null=True)
    institution = InstitutionOutput()
    awards = AwardOutput(many=True, allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    published_on = serializers.DateField()
    publication = serializers.CharField(allow_null=True)
    entry_hash = serializers.CharField(allow_null=True)
    origin = serializers.ChoiceField(CallOrigin.choices)


SAID = (
    "reference",
    "outcome",
    "title",
    "summary",
    "principal_investigator",
    "institution",
    "awards",
    "decided_at",
    "published_at",
)


def decision_item(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a public entry as the API writes it; what its document does not say is null."""
    return {name: entry["document"].get(name) for name in SAID} | {
        "call": entry["call__slug"],
        "published_on": entry["published_on"],
        "publication": str(entry["publication__uid"]) if entry["publication__uid"] else None,
        "entry_hash": entry["entry_hash"] or None,
        "origin": entry["origin"],
    }


@access(PUBLIC)
class Decisions(PublicEndpoint):
    """Selections released to the public, latest first."""

    parameters = ("call", "origin", *PAGING)

    @extend_schema(
        operation_id="decisions", parameters=query("call", "origin"), responses=page_of(DecisionOutput, "DecisionPage")
    )
    def get(self, request: Request) -> Response:
        wanted = {"kind": PublicEntry.Kind.SELECTION}
        for name, column in (("call", "call__slug"), ("origin", "origin")):
            if value := request.query_params.get(name):
                wanted[column] = value
        named = ("key", "document", "call__slug", "published_on", "publication__uid", "entry_hash", "origin")
        return listing(
            request, PublicEntry.objects.filter(**wanted).values(*named), ("-published_on", "key"), decision_item
        )


# --- One's own applications ----------------------------------------------------------------------------------------


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

    submission = serializers.JSONField(allow_null=True)


class WithdrawInput(serializers.Serializer):
    """Why an application is withdrawn."""

    reason = serializers.CharField(max_length=2000)


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


REFERENCE = OpenApiParameter("reference", str, OpenApiParameter.PATH)
KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)


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

        def submit() -> Response:
            actions.submit(application, by=request.user)
            return Response(application_detail(self.own(request, reference)))

        return self.once(request, submit)


@access(SIGNED_IN, "POST")
class Withdraw(OwnApplication):
    """Withdraw the application, with a reason."""

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


@access(SIGNED_IN)
class OwnDecision(OwnApplication):
    """What a released publication told the applicant; absent until then."""

    scopes = {"GET": "read"}

    @extend_schema(operation_id="application_decision", parameters=[REFERENCE], responses=serializers.JSONField)
    def get(self, request: Request, reference: str) -> Response:
        document = released_document(self.own(request, reference), PublicationKind.RESULTS)
        if document is None:
            raise Http404
        return Response(document)
