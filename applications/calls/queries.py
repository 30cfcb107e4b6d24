"""What the pages of calls show: the open call with its offer, the list, one call, the record of earlier rounds."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Max, Q, QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications.enums import CallOrigin
from applications.models import Application, Call, CallQuestion, CallSample
from applications.rules.progress import check_can_announce
from applications.rules.questions import questions_close_at, takes_questions
from applications.waits import first_international, past_calls
from portal import clock
from portal.audit.trail import trail
from portal.errors import NotNow
from samples.enums import Hemisphere
from samples.models import Mission

LATEST = 3


def open_call() -> Call | None:
    """Return the open call that closes first."""
    calls = Call.objects.filter(Call.open_at(clock.now()), is_practice=False)
    return calls.order_by("closes_at", "slug").first()


def home() -> dict[str, Any]:
    """Return what the home page shows: the open call with what it offers, the record of a past one, the missions."""
    call = open_call()
    return {
        "open_call": call,
        "offered": offered_by_side(call, offers_of(call)) if call else [],
        "record": first_international(),
        "missions": list(Mission.objects.all()),
    }


def offered_by_side(call: Call, offers: list[CallSample]) -> list[dict[str, Any]]:
    """Return per hemisphere what a call offers, in mg: whole pieces count with their initial mass.

    A hold moves none of these figures.
    """
    sides = []
    for side in Hemisphere:
        here = [offer for offer in offers if offer.sample.mission.hemisphere == side]
        if here:
            powders = [offer.offered_mg for offer in here if offer.offered_mg]
            pieces = [offer.sample.initial_mg for offer in here if not offer.offered_mg]
            sides.append(
                {
                    "powders": len(powders),
                    "powder_mg": sum(powders, Decimal(0)),
                    "pieces": len(pieces),
                    "whole_mg": sum(pieces, Decimal(0)),
                    "hemisphere": side,
                    "mission": here[0].sample.mission.local_name,
                    "offered_mg": sum(offer.offered_mg or offer.sample.initial_mg for offer in here),
                    "initial_mg": sum(offer.sample.initial_mg for offer in here),
                    "allocated_mg": sum(offer.sample.public_allocated_mg for offer in here),
                    "note": call.local_note if side == Hemisphere.FAR else "",
                }
            )
    return sides


def offers_of(call: Call) -> list[CallSample]:
    """Return what a call offers, with samples and missions."""
    return list(call.offers.select_related("sample__mission"))


def announced() -> QuerySet[Call]:
    """Return the calls run here that everybody reads; one cancelled before it was announced never became public."""
    return Call.objects.filter(origin=CallOrigin.PORTAL, announced_at__isnull=False, is_practice=False)


def for_practice() -> list[Call]:
    """Return the open practice calls, first to close first."""
    calls = Call.objects.filter(Call.open_at(clock.now()), is_practice=True)
    return list(calls.order_by("closes_at", "slug"))


def public() -> QuerySet[Call]:
    """Return every call and record that everybody reads."""
    return Call.objects.filter(Q(origin=CallOrigin.PUBLIC_RECORD) | Q(announced_at__isnull=False))


def records() -> QuerySet[Call]:
    """Return the rounds known from public reports, latest first, with their figures."""
    rounds = Call.objects.filter(origin=CallOrigin.PUBLIC_RECORD).prefetch_related("figures")
    return rounds.annotate(latest=Max("figures__on")).order_by(F("latest").desc(nulls_last=True), "slug")


def detail(call: Call) -> dict[str, Any]:
    """Return what the page of a call shows."""
    moment = clock.now()
    offers = offers_of(call)
    run_here = call.origin == CallOrigin.PORTAL
    compares = run_here and not call.is_practice
    return {
        "call": call,
        "is_open": call.is_open(moment),
        "is_ahead": call.opens_at is not None and moment < call.opens_at,
        "offered": offered_by_side(call, offers),
        "offers": offers,
        "criteria": list(call.criteria.all()),
        "declarations": list(call.declarations.all()),
        "past": [one for one in past_calls() if one.slug != call.slug] if compares else [],
        "record": first_international() if compares else None,
        "questions_until": questions_close_at(call),
        "takes_questions": takes_questions(call, moment),
        "answered": answered(call),
        "limits": limits_of(call),
        "figures": [] if run_here else list(call.figures.all()),
        "published": call.publications.filter(released_to_public_at__isnull=False).exists(),
    }


def answered(call: Call) -> list[CallQuestion]:
    """Return the latest published answers to questions on a call, without who asked and when."""
    rows = CallQuestion.objects.filter(call=call, answered_at__isnull=False).order_by("-answered_at", "uid")
    return list(rows.only("uid", "question", "question_zh", "answer", "answer_zh", "answered_at")[:LATEST])


def limits_of(call: Call) -> list[tuple[Any, Mapping[str, int]]]:
    """Return how long each section may be: its name, English words and Chinese characters."""
    return [
        (capfirst(column.verbose_name), call.text_limits[column.name])
        for column in Application._meta.fields
        if column.name in call.text_limits
    ]


def managed() -> QuerySet[Call]:
    """Return every call run here with the number of its submitted applications, for administrators."""
    submitted = Count("applications", filter=Q(applications__submission__isnull=False), distinct=True)
    waiting = Count("questions", filter=Q(questions__answered_at__isnull=True), distinct=True)
    return Call.objects.filter(origin=CallOrigin.PORTAL).annotate(submitted=submitted, waiting=waiting)


def gaps(call: Call) -> str:
    """Return the sentence that says what keeps a call from being announced; empty when nothing does."""
    try:
        check_can_announce(call)
    except NotNow as refusal:
        return str(refusal.message)
    return ""


def saved_meanwhile(call: Call, part: str, form: Any) -> list[tuple[str, str]]:
    """Return what is saved now and differs from what was typed, as label and words."""
    if part == "criteria":
        return [(f"{each.name} ({each.weight} %)", "\n".join(each.words)) for each in call.criteria.all()]
    if part == "declarations":
        return [(each.code, f"{each.text}\n{each.text_zh}") for each in call.declarations.all()]
    if part == "limits":
        rows = [(label, f"{limits['words']} / {limits['characters']}") for label, limits in limits_of(call)]
        return [*rows, (str(_("PDF, pages")), str(call.file_page_limit)), ("", call.get_anonymity_display())]
    differing = [bound for bound in form if form.cleaned_data.get(bound.name) != getattr(call, bound.name)]
    return [(bound.label, str(bound.field.prepare_value(getattr(call, bound.name)) or "–")) for bound in differing]


def agreement(call: Call, chosen: str) -> dict[str, Any]:
    """Return the agreement text in the language chosen, else in that of the page; with what tells its wording apart.

    `mended_at` is when it was last changed after the announcement: what somebody forwarded may have been mended since.
    """
    texts = {"en": call.agreement, "zh-hans": call.agreement_zh}
    chosen = next((code for code in (chosen, get_language()) if code in texts), "en")
    ways = Q(facts__fields__contains=["agreement"]) | Q(facts__fields__contains=["agreement_zh"])
    mended = trail(call).filter(ways, verb="call.edit", at__gt=call.announced_at) if call.announced_at else None
    last = mended.last() if mended is not None else None
    return {
        "call": call,
        "address": f"{settings.SITE_URL}{reverse('applications:calls-agreement', args=[call.slug])}",
        "text": texts[chosen],
        "chosen": chosen,
        "sha256": hashlib.sha256(texts[chosen].encode()).hexdigest(),
        "mended_at": last.at if last else None,
    }
