"""The public record as its pages read it: nothing here reads anything but its entries, and figures of earlier rounds.

The documents are written once by a release (`actions.py`), or compiled from public reports.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _

from applications import chain
from applications.enums import CallOrigin
from applications.models import Call, PublicEntry, RecordFigure
from portal import clock
from portal.countries import name_of
from portal.drawing import Mark
from samples.models import Mission

ORDER = ("-published_on", "key")
FILTERS = ("call", "mission", "country")
DEADLINE, MEETING, PUBLISHED = "deadline", "review-meeting", "selection-published"


def selections() -> QuerySet[PublicEntry]:
    """Return every selection that was released to the public or is known from public reports."""
    return chain.selections().select_related("call")


def filtered(entries: QuerySet[PublicEntry], wanted: Mapping[str, str]) -> QuerySet[PublicEntry]:
    """Narrow selections by call (its short name), mission (its code) and country or region (two capitals)."""
    if wanted.get("call"):
        entries = entries.filter(call__slug=wanted["call"])
    if wanted.get("mission"):
        entries = entries.filter(document__awards__contains=[{"mission": wanted["mission"]}])
    if wanted.get("country"):
        entries = entries.filter(document__institution__country=wanted["country"])
    return entries


def place_of(entry: PublicEntry) -> str:
    """Return the country or region of a selected institution in the language of the page; empty where not published."""
    code = (entry.document.get("institution") or {}).get("country")
    return name_of(code) if code else ""


def choices() -> dict[str, list[tuple[str, str]]]:
    """Return what the list can be narrowed by: only what the record itself names."""
    calls = Call.objects.filter(public_entries__kind=PublicEntry.Kind.SELECTION).distinct()
    place = KeyTextTransform("country", KeyTextTransform("institution", "document"))
    countries = selections().order_by().annotate(place=place).values_list("place", flat=True).distinct()
    return {
        "call": [(call.slug, call.local_title) for call in calls.order_by("slug")],
        "mission": [(mission.code, mission.local_name) for mission in Mission.objects.all()],
        "country": sorted(((code, name_of(code)) for code in countries if code), key=lambda pair: pair[1]),
    }


def of_call(call: Call) -> QuerySet[PublicEntry]:
    """Return the selections of one call."""
    return selections().filter(call=call)


def shortlisted(call: Call) -> list[PublicEntry]:
    """Return the applications whose shortlisting was released to the public."""
    return list(PublicEntry.objects.filter(call=call, kind=PublicEntry.Kind.SHORTLISTED).order_by("key"))


def remainders(call: Call) -> list[PublicEntry]:
    """Return the commitments to everything that the publications of a call left out."""
    return list(PublicEntry.objects.filter(call=call, kind=PublicEntry.Kind.REMAINDER).order_by("sequence"))


def waiting(call: Call, figures: list[RecordFigure], remainder: PublicEntry | None) -> list[Mark]:
    """Return the days from the deadline, between local dates in the call's zone; empty where one is not known."""
    if call.origin == CallOrigin.PUBLIC_RECORD:
        return _of_record({figure.code: figure.on for figure in figures if figure.on})
    if remainder is None or call.closes_at is None:
        return []
    published = datetime.fromisoformat(remainder.document["published_at"])
    day = clock.days(call.closes_at, published, call.zone)
    closed = call.closes_at.astimezone(call.timezone).date()
    return [Mark(0, closed, _("deadline")), Mark(day, remainder.published_on, _("selection published"))]


def _of_record(days: Mapping[str, Any]) -> list[Mark]:
    if not {DEADLINE, PUBLISHED} <= days.keys():
        return []
    first = days[DEADLINE]
    marks = [Mark(0, first, _("deadline"))]
    if MEETING in days:
        marks.append(Mark((days[MEETING] - first).days, days[MEETING], _("interviews")))
    return [*marks, Mark((days[PUBLISHED] - first).days, days[PUBLISHED], _("selection published"))]
