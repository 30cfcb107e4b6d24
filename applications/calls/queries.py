"""What the pages of calls show: the open call with its offer, the list, one call, the record of earlier rounds."""

from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet
from django.urls import reverse

from applications.enums import CallOrigin, CallStatus
from applications.models import Call, CallSample, RecordFigure
from applications.rules.progress import check_can_announce
from portal import clock
from portal.errors import NotNow
from samples.enums import Hemisphere
from samples.models import Mission

DEADLINE, INTERVIEWS, PUBLISHED = "deadline", "review-meeting", "selection-published"
FIRST_INTERNATIONAL = "ce5-international-1"


def open_call() -> Call | None:
    """Return the open call that closes first."""
    moment = clock.now()
    calls = Call.objects.filter(status=CallStatus.ANNOUNCED, opens_at__lte=moment, closes_at__gt=moment)
    return calls.order_by("closes_at", "slug").first()


def home() -> dict[str, Any]:
    """Return what the home page shows: the open call with what it offers, the record of a past one, the missions."""
    call = open_call()
    return {
        "open_call": call,
        "offered": offered_by_side(call, offers_of(call)) if call else [],
        "record": record_of(FIRST_INTERNATIONAL),
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
            sides.append(
                {
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
    return Call.objects.filter(origin=CallOrigin.PORTAL, announced_at__isnull=False)


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
    return {
        "call": call,
        "is_open": call.is_open(moment),
        "is_ahead": call.opens_at is not None and moment < call.opens_at,
        "offered": offered_by_side(call, offers),
        "offers": offers,
        "criteria": list(call.criteria.all()),
        "declarations": list(call.declarations.all()),
        "record": record_of(FIRST_INTERNATIONAL) if run_here else None,
        "figures": [] if run_here else list(call.figures.all()),
        "published": call.publications.filter(released_to_public_at__isnull=False).exists(),
    }


def record_of(slug: str) -> dict[str, Any] | None:
    """Return the days of an earlier round: between local dates in its zone, as its sources print them."""
    figures = {
        figure.code: figure
        for figure in RecordFigure.objects.filter(call__slug=slug, call__origin=CallOrigin.PUBLIC_RECORD)
    }
    if not {DEADLINE, PUBLISHED} <= figures.keys():
        return None
    deadline, published = figures[DEADLINE].on, figures[PUBLISHED].on
    if deadline is None or published is None:
        return None
    interviews = figures[INTERVIEWS].on if INTERVIEWS in figures else None
    numbers = {code: figure.number for code, figure in figures.items() if figure.number is not None}
    return {
        "slug": slug,
        "url": reverse("applications:calls-detail", args=[slug]),
        "deadline": deadline,
        "interviews": interviews,
        "published": published,
        "days_to_interviews": (interviews - deadline).days if interviews else None,
        "days_to_publication": (published - deadline).days,
        "numbers": numbers,
    }


def managed() -> QuerySet[Call]:
    """Return every call run here with the number of its submitted applications, for administrators."""
    submitted = Count("applications", filter=Q(applications__submission__isnull=False))
    return Call.objects.filter(origin=CallOrigin.PORTAL).annotate(submitted=submitted)


def gaps(call: Call) -> str:
    """Return the sentence that says what keeps a call from being announced; empty when nothing does."""
    try:
        check_can_announce(call)
    except NotNow as refusal:
        return str(refusal.message)
    return ""


# The parts of a call that two people may write at once, with the verb that saves each.
PARTS = {"edit": "call.edit", "criteria": "call.set-criteria", "declarations": "call.set-declarations"}


def saved_meanwhile(call: Call, part: str, form: Any) -> list[tuple[str, str]]:
    """Return what is saved now and differs from what was typed, as label and words."""
    if part == "criteria":
        return [(f"{each.name} ({each.weight} %)", "\n".join(each.words)) for each in call.criteria.all()]
    if part == "declarations":
        return [(each.code, f"{each.text}\n{each.text_zh}") for each in call.declarations.all()]
    differing = [bound for bound in form if form.cleaned_data.get(bound.name) != getattr(call, bound.name)]
    return [(bound.label, str(bound.field.prepare_value(getattr(call, bound.name)) or "–")) for bound in differing]
