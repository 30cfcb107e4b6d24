"""Published selections, as everybody reads them and as an applicant was told: stored documents, nothing computed."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from applications import chain
from applications.access import my_applications, released_document
from applications.enums import PUBLIC_OUTCOMES, CallOrigin, Outcome, PublicationKind, Verdict
from portal.rest import PAGING, Endpoint, PublicEndpoint, chosen, listing
from portal.schema import DocumentField, page_of, query
from portal.web import PUBLIC, SIGNED_IN, access
from samples.enums import Hemisphere

# --- The public entries, and nothing else -----------------------------------------------------------------------


class InstitutionOutput(serializers.Serializer):
    """An institution as a selection names it."""

    name = serializers.CharField()
    ror = serializers.CharField(allow_null=True)
    country = serializers.CharField(allow_null=True)


class AwardOutput(serializers.Serializer):
    """What a selection gives of one sample; null where a public report does not say."""

    sample = serializers.CharField(allow_null=True)
    mission = serializers.CharField(allow_null=True)
    hemisphere = serializers.ChoiceField(Hemisphere.choices, allow_null=True)
    whole = serializers.BooleanField(allow_null=True)
    mass_mg = serializers.CharField(allow_null=True)


class DecisionOutput(serializers.Serializer):
    """A selection released to the public; null where a public report says nothing."""

    reference = serializers.CharField(allow_null=True)
    call = serializers.CharField()
    outcome = serializers.ChoiceField([*PUBLIC_OUTCOMES, "not_taken_up"])
    title = serializers.CharField(allow_null=True)
    summary = serializers.CharField(allow_null=True)
    principal_investigator = serializers.CharField(allow_null=True)
    institution = InstitutionOutput()
    awards = AwardOutput(many=True, allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
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
        "publication": str(entry["publication__uid"]) if entry["publication__uid"] else None,
        "entry_hash": entry["entry_hash"] or None,
        "origin": entry["origin"],
    }


@access(PUBLIC)
class Decisions(PublicEndpoint):
    """Selections released to the public, latest first."""

    parameters = ("call", "origin", *PAGING)

    @extend_schema(
        operation_id="decisions",
        parameters=query("call", origin=CallOrigin.values),
        responses=page_of(DecisionOutput, "DecisionPage"),
    )
    def get(self, request: Request) -> Response:
        wanted = {}
        if call := request.query_params.get("call"):
            wanted["call__slug"] = call
        if origin := chosen(request, "origin", CallOrigin.values):
            wanted["origin"] = origin
        named = ("key", "document", "call__slug", "published_on", "publication__uid", "entry_hash", "origin")
        return listing(
            request, chain.selections().filter(**wanted).values(*named), ("-published_on", "key"), decision_item
        )


# --- What one applicant was told --------------------------------------------------------------------------------


class RequestOutput(AwardOutput):
    """What became of one sample request."""

    mass_mg = None
    asked_mg = serializers.CharField(allow_null=True)
    least_mg = serializers.CharField(allow_null=True)
    verdict = serializers.ChoiceField(Verdict.choices)
    awarded_mg = serializers.CharField(allow_null=True)
    reserve_rank = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()


class RemarkOutput(serializers.Serializer):
    """What a reviewer wrote for the applicant, under a label that says nothing of who it was.

    `name` is there in a call that names reviewers, and in no other.
    """

    label = serializers.CharField()
    text = serializers.CharField()
    name = serializers.CharField(required=False)


class OwnDecisionOutput(DecisionOutput):
    """What the applicant was told; `record` proves it against the root in the public record."""

    outcome = serializers.ChoiceField(Outcome.choices)
    kind = serializers.ChoiceField(PublicationKind.choices)
    requests = RequestOutput(many=True)
    panel = RemarkOutput(many=True)
    record = DocumentField(allow_null=True)


@access(SIGNED_IN)
class OwnDecision(Endpoint):
    """What a released publication told the applicant; absent until then."""

    scopes = {"GET": "read"}

    @extend_schema(
        operation_id="application_decision",
        parameters=[OpenApiParameter("reference", str, OpenApiParameter.PATH)],
        responses=OwnDecisionOutput,
    )
    def get(self, request: Request, reference: str) -> Response:
        application = get_object_or_404(my_applications(request.user), reference=reference)
        document = released_document(application, PublicationKind.RESULTS)
        if document is None:
            raise Http404
        return Response(document)
