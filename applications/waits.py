"""How long past calls took, each named with its own days: what applicants read beside their own day.

No range and no median: too few calls of one kind have finished for either to say more than the figures themselves.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from applications.enums import CallOrigin, CallStatus, PublicationKind
from applications.models import Call, Publication, RecordFigure

DEADLINE, INTERVIEWS, PUBLISHED = "deadline", "review-meeting", "selection-published"
FIRST_INTERNATIONAL = "ce5-international-1"
MOST = 5


@dataclass(frozen=True)
class Past:
    """One finished call: days between local dates in its zone; interviews are None where no report has them."""

    slug: str
    title: Any
    url: str
    deadline: date
    interviews: date | None
    published: date

    @property
    def days_to_interviews(self) -> int | None:
        """Days from the deadline to the interviews."""
        return (self.interviews - self.deadline).days if self.interviews else None

    @property
    def days_after(self) -> int:
        """Days from the interviews, where they are known, else from the deadline, to the results."""
        return (self.published - (self.interviews or self.deadline)).days

    @property
    def days(self) -> int:
        """Days from the deadline to the results."""
        return (self.published - self.deadline).days


def past_calls() -> list[Past]:
    """Return the calls whose deadline and results are known, the latest first; demonstrations never enter.

    Source: the public record, and the releases of this portal.
    """
    found = [*_of_the_record(), *_of_the_portal()]
    return sorted(found, key=lambda past: past.published, reverse=True)[:MOST]


def first_international() -> Past | None:
    """Return the days of the first international call; None where its record is not known here."""
    return next(iter(_of_the_record(call__slug=FIRST_INTERNATIONAL)), None)


def _of_the_record(**which: str) -> list[Past]:
    days: dict[Call, dict[str, date]] = {}
    figures = RecordFigure.objects.filter(call__origin=CallOrigin.PUBLIC_RECORD, on__isnull=False, **which)
    for figure in figures.filter(code__in=[DEADLINE, INTERVIEWS, PUBLISHED]).select_related("call"):
        assert figure.on is not None
        days.setdefault(figure.call, {})[figure.code] = figure.on
    return [
        _past(call, on[DEADLINE], on.get(INTERVIEWS), on[PUBLISHED])
        for call, on in days.items()
        if {DEADLINE, PUBLISHED} <= on.keys()
    ]


def _of_the_portal() -> list[Past]:
    released = Publication.objects.filter(
        kind=PublicationKind.RESULTS,
        released_to_public_at__isnull=False,
        call__status=CallStatus.ANNOUNCED,
        call__is_demonstration=False,
        call__is_practice=False,
    )
    found = []
    for publication in released.select_related("call").order_by("-released_to_public_at")[:MOST]:
        call, released_at = publication.call, publication.released_to_public_at
        if call.closes_at is None or released_at is None:
            continue
        zone = call.timezone
        found.append(_past(call, call.closes_at.astimezone(zone).date(), None, released_at.astimezone(zone).date()))
    return found


def _past(call: Call, deadline: date, interviews: date | None, published: date) -> Past:
    return Past(call.slug, call.local_title, call.get_absolute_url(), deadline, interviews, published)
