"""What somebody who plans a call should look at twice. None of it forbids anything; `progress.py` does that."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.models import Call
from applications.rules.questions import is_working_day, questions_close_at
from portal import zones
from portal.words import listed

SHORTEST = timedelta(days=30)
NEARBY = timedelta(days=7)
# Where clocks change on other days than in the call's zone, one for each rule that many applicants live by.
ELSEWHERE = ("Europe/Berlin", "America/New_York", "Australia/Sydney")


def warnings_about(call: Call) -> list[Any]:
    """Return a sentence for each date of a call that may surprise somebody. Source: portal policy."""
    return [*_about_days(call), *_about_the_deadline(call), *_about_the_order(call)]


def _about_days(call: Call) -> Iterator[Any]:
    local = call.closes_at.astimezone(call.timezone) if call.closes_at else None
    last_day = (local - timedelta(microseconds=1)).date() if local else None  # midnight belongs to the day before
    planned = (
        (_("The deadline"), last_day),
        (_("The interviews"), call.interviews_on),
        (_("The results"), call.results_on),
    )
    for what, day in planned:
        if day and not is_working_day(day, call.holidays):
            words = {"what": what, "day": _spelled(day)}
            if day in call.holidays:
                yield _("%(what)s: %(day)s is a holiday of this call.") % words
            else:
                yield _("%(what)s: %(day)s is a weekend.") % words


def _about_the_deadline(call: Call) -> Iterator[Any]:
    if call.closes_at is None:
        return
    if call.closes_at.astimezone(call.timezone).time() == time():
        yield _("The call closes at midnight, which people read as one day later. Choose 23:59.")
    if places := _changing_clocks(call):
        words = {"places": listed(places)}
        yield _("Clocks change within seven days of the deadline in: %(places)s.") % words
    if call.opens_at and call.closes_at - call.opens_at < SHORTEST:
        yield _("The call is open for less than 30 days.")
    until = questions_close_at(call)
    if call.opens_at and until and until <= call.opens_at:
        yield _("Questions would close before the call opens.")


def _about_the_order(call: Call) -> Iterator[Any]:
    steps = [
        (_("deadline"), _day_of(call.closes_at, call.timezone)),
        (_("reviews due"), _day_of(call.reviews_due_at, call.timezone)),
        (_("interviews"), call.interviews_on),
        (_("results"), call.results_on),
    ]
    known = [(name, day) for name, day in steps if day]
    for (earlier, first), (later, second) in zip(known, known[1:], strict=False):
        if second < first:
            yield gettext("Out of order: %(later)s before %(earlier)s.") % {"later": later, "earlier": earlier}


def _changing_clocks(call: Call) -> list[str]:
    """Name the places whose clocks change around the deadline."""
    assert call.closes_at is not None
    around = (call.closes_at - NEARBY, call.closes_at + NEARBY)
    names = dict.fromkeys((call.zone, *ELSEWHERE))
    return [zones.place(name) for name in names if _offset(around[0], name) != _offset(around[1], name)]


def _offset(moment: datetime, zone: str) -> timedelta | None:
    return moment.astimezone(ZoneInfo(zone)).utcoffset()


def _day_of(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(UTC).astimezone(zone).date() if moment else None


def _spelled(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
