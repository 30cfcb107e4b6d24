"""The public endpoints of calls: every announced one, and the earlier rounds known from public reports."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, OuterRef, QuerySet
from django.db.models.functions import Cast, JSONObject
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from applications.calls import queries
from applications.enums import Anonymity, CallOrigin, CallStatus
from applications.models import Call, Criterion
from applications.rules.questions import questions_close_at
from portal.rest import PAGING, PublicEndpoint, chosen, listing, moment
from portal.schema import page_of, query
from portal.units import api_mass
from portal.web import PUBLIC, access
from samples.access import published


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


class LimitOutput(serializers.Serializer):
    """How long a text of an application may be: words in English, characters in Chinese."""

    text = serializers.CharField()
    words = serializers.IntegerField(allow_null=True)
    characters = serializers.IntegerField(allow_null=True)


class CallDetailOutput(CallOutput):
    """A call with its offer, its criteria, what an application may hold, and where its papers are.

    `practice` calls are in no list: nothing is judged in them, and what is written there is deleted.
    """

    practice = serializers.BooleanField()
    anonymity = serializers.ChoiceField(Anonymity.choices)
    questions_close_at = serializers.DateTimeField(allow_null=True)
    limits = LimitOutput(many=True)
    file_page_limit = serializers.IntegerField()
    agreement_url = serializers.CharField(allow_null=True)
    dates_url = serializers.CharField(allow_null=True)
    form_url = serializers.CharField(allow_null=True)
    questions_url = serializers.CharField(allow_null=True)
    offers = OfferOutput(many=True)
    criteria = CriterionOutput(many=True)


def call_item(call: Call) -> dict[str, Any]:
    """Return a call as the API lists it."""
    plain = ("slug", "origin", "status", "title", "title_zh", "summary", "summary_zh", "zone", "results_on")
    item = {name: getattr(call, name) for name in plain}
    times = {"opens_at": moment(call.opens_at), "closes_at": moment(call.closes_at)}
    return item | times | {"demonstration": call.is_demonstration}


def call_detail(call: Call) -> dict[str, Any]:
    """Return a call of `detailed` with its offer and its criteria."""
    offers = call.offers.filter(published("sample__")).select_related("sample")
    return (
        call_item(call)
        | _rules(call)
        | {
            "offers": [
                {
                    "sample": offer.sample.catalogue_number,
                    "whole": offer.offered_mg is None,
                    "offered_mg": api_mass(offer.offered_mg),
                }
                for offer in offers
            ],
            "criteria": call.stated_criteria,
        }
    )


def _rules(call: Call) -> dict[str, Any]:
    """What an application to this call may hold, and the addresses of its papers; a record has none."""
    run_here = call.origin == CallOrigin.PORTAL
    names = {"dates_url": "calls-dates", "form_url": "calls-form", "questions_url": "questions-list"}
    urls = {key: reverse(f"applications:{name}", args=[call.slug]) for key, name in names.items()}
    urls["agreement_url"] = reverse("applications:calls-agreement", args=[call.slug]) if call.agreement else None
    return {
        "practice": call.is_practice,
        "anonymity": call.anonymity,
        "questions_close_at": moment(questions_close_at(call)),
        "limits": [
            {"text": text, "words": limits.get("words"), "characters": limits.get("characters")}
            for text, limits in sorted(call.text_limits.items())
        ],
        "file_page_limit": call.file_page_limit,
        **{key: f"{settings.SITE_URL}{url}" if run_here and url else None for key, url in urls.items()},
    }


def detailed() -> QuerySet[Call]:
    """Return the public calls, each with its criteria as `stated_criteria`, in one query."""
    named = {name: name for name in ("code", "name", "name_zh", "words", "words_zh")}
    said = JSONObject(**named, weight_percent=Cast("weight", CharField()))
    criteria = Criterion.objects.filter(call=OuterRef("pk")).order_by("position").values(json=said)
    return queries.public().annotate(stated_criteria=ArraySubquery(criteria))


@access(PUBLIC)
class Calls(PublicEndpoint):
    """Every announced call, and the earlier rounds known from public reports, by address."""

    parameters = ("origin", *PAGING)

    @extend_schema(
        operation_id="calls",
        parameters=query(origin=CallOrigin.values),
        responses=page_of(CallOutput, "CallPage"),
    )
    def get(self, request: Request) -> Response:
        rows = queries.public().filter(is_practice=False)
        if origin := chosen(request, "origin", CallOrigin.values):
            rows = rows.filter(origin=origin)
        return listing(request, rows, ("slug",), call_item)


@access(PUBLIC)
class CallDetail(PublicEndpoint):
    """One announced call."""

    @extend_schema(operation_id="call", responses=CallDetailOutput)
    def get(self, request: Request, slug: str) -> Response:
        return Response(call_detail(get_object_or_404(detailed(), slug=slug)))
