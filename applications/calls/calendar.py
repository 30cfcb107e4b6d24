"""The dates of a call as a calendar file (RFC 5545): the same bytes as long as nothing about them changes.

Every event keeps its UID; SEQUENCE counts what was changed since the announcement, so that a calendar takes the
newer file over the older one. DTSTAMP is the day of that change, never the moment of asking.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from icalendar import Calendar, Event

from applications.enums import CallStatus
from applications.models import Call, ScheduleNote
from applications.rules.questions import questions_close_at
from portal.audit.trail import trail
from portal.notifications.models import host
from portal.zones import last_minute

CHANGES = ("call.edit", "call.extend", "call.cancel")
ONE_DAY = timedelta(days=1)


def calendar_file(call: Call) -> bytes:
    """Return the calendar of an announced call, in the language of the page."""
    calendar = Calendar()
    calendar.add("prodid", "-//Lunar Sample Access//Calls//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", call.local_title)
    calendar.add("x-wr-calname", call.local_title)
    sequence, changed_at = _changes(call)
    moments = []
    for code, at, words in _dates(call):
        event = Event()
        event.add("uid", f"{call.slug}.{code}@{host()}")
        event.add("sequence", sequence)
        event.add("dtstamp", changed_at.astimezone(UTC))
        event.add("last-modified", changed_at.astimezone(UTC))
        event.add("summary", f"{words}: {call.local_title}")
        event.add("url", f"{settings.SITE_URL}{call.get_absolute_url()}")
        event.add("status", "CANCELLED" if call.status == CallStatus.CANCELLED else "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        event.add("dtstart", at)
        if isinstance(at, datetime):
            moments.append(at)
        else:
            event.add("dtend", at + ONE_DAY)
            event.add("description", gettext("Planned for this day; the call’s page says if it moves."))
        calendar.add_component(event)
    _add_zone(calendar, moments)
    return calendar.to_ical()


def _dates(call: Call) -> Iterator[tuple[str, date | datetime, str]]:
    """Yield what happens when: moments in the call's zone, planned days as days."""
    zone = call.timezone
    if call.opens_at:
        yield "opens", call.opens_at.astimezone(zone), gettext("Call opens")
    if until := questions_close_at(call):
        yield "questions-close", last_minute(until.astimezone(zone)), gettext("Questions close")
    if call.closes_at:
        yield "closes", last_minute(call.closes_at.astimezone(zone)), gettext("Deadline")
    if call.is_practice:
        return
    if call.interviews_on:
        yield "interviews", call.interviews_on, gettext("Interviews planned")
    if call.results_on:
        yield "results", call.results_on, gettext("Results planned")


def _changes(call: Call) -> tuple[int, datetime]:
    """Return how often dates or words of the call were changed since its announcement, and when last."""
    assert call.announced_at is not None
    events = trail(call).filter(verb__in=CHANGES, at__gte=call.announced_at)
    moments = [*events.values_list("at", flat=True)]
    moments += ScheduleNote.objects.filter(call=call).values_list("at", flat=True)
    return len(moments), max([call.announced_at, *moments])


def _add_zone(calendar: Calendar, moments: list[Any]) -> None:
    """Add the rules of the call's zone for the years of its dates, without letter codes, which may mean two zones."""
    if moments:
        years = sorted(moment.year for moment in moments)
        calendar.add_missing_timezones(first_date=date(years[0] - 1, 1, 1), last_date=date(years[-1] + 2, 1, 1))
    for zone in calendar.timezones:
        for part in zone.subcomponents:
            part.pop("TZNAME", None)
