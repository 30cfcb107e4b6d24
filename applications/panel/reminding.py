"""Reminders of reviews that have not been sent: by a chair, who sees the mail before, and by the portal on its days.

Nobody is reminded twice within a day, whoever reminds. What the mail says: `applications/panel_notices.py`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.access import is_chair
from applications.enums import CallStatus, ReviewState, Status
from applications.models import Assignment, Call, PanelMember
from applications.panel.overview import Part, is_due, parts
from applications.panel_notices import REVIEWS_DUE, about_reviews_due, owes_reviews
from portal import clock
from portal.audit.trail import record, trail
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.letters import Letter, preview
from portal.notifications.models import Notice
from portal.notifications.outbox import notify

DAYS = (7, 2, 0)  # before the day by which reviews are due
REMIND = "call.remind_of_reviews"
PAUSE = timedelta(days=1)


@dataclass(frozen=True)
class Reminder:
    """Somebody who owes reviews, and the mail they would get; `reminded_at` is set where that was within a day."""

    part: Part
    letter: Letter
    reminded_at: datetime | None
    is_late: bool


def reminders(user: Any, call: Call, members: Collection[PanelMember]) -> list[Reminder]:
    """Return who owes reviews of what this chair may judge, who owes most first, with the exact mail for each."""
    owing = [part for part in parts(user, call, list(members)) if part.owed and part.member.user_id != user.pk]
    latest = _reminded(call, [part.member.user for part in owing])
    late = is_due(call)
    return [
        Reminder(
            part,
            preview(REVIEWS_DUE, part.member.user, call, about_reviews_due(call)),
            latest.get(part.member.user_id),
            late,
        )
        for part in owing
    ]


@transaction.atomic
def remind(call: Call, *, by: Any, people: Collection[Any]) -> int:
    """Remind members of the panel of reviews that they have not sent; return how many were told.

    Whoever was reminded within a day, or owes nothing any more, is left out.

    Raises:
        Denied: `by` does not chair the call.
        NotNow: nobody is left to remind.
        Invalid: nobody was chosen.
    """
    locked = Call.objects.select_for_update(no_key=True).get(pk=call.pk)
    if not is_chair(by, locked):
        raise Denied(_("Only the chair of the call may do this."))
    if not people:
        raise Invalid(_("Choose at least one person."), code="nobody", field="people")
    told = _tell(locked, people, by=by)
    if not told:
        raise NotNow(_("Everybody chosen was reminded within a day, or owes no review any more."), code="reminded")
    return told


def remind_due() -> int:
    """Remind who owes reviews seven, two and no days before they are due, each day once; return how many were told."""
    now = clock.now()
    soon = Call.objects.filter(status=CallStatus.ANNOUNCED, reviews_due_at__gt=now - PAUSE)
    ids = list(soon.filter(reviews_due_at__lte=now + timedelta(days=max(DAYS))).values_list("pk", flat=True))
    return sum(_remind_on_its_day(pk, now) for pk in ids)


@transaction.atomic
def _remind_on_its_day(pk: int, now: datetime) -> int:
    """Write the reminder of the nearest day that has come, unless it or a later one was written."""
    call = Call.objects.select_for_update(no_key=True).get(pk=pk)
    assert call.reviews_due_at is not None
    days = min((one for one in DAYS if call.reviews_due_at - timedelta(days=one) <= now), default=None)
    if days is None or trail(call).filter(verb=REMIND, facts__days__lte=days).exists():
        return 0
    asked = Assignment.objects.filter(
        application__call=call,
        application__status=Status.UNDER_REVIEW,
        ended_at__isnull=True,
        at__lt=call.reviews_due_at - timedelta(days=days),
    ).exclude(review__state=ReviewState.SUBMITTED)
    people = get_user_model().objects.filter(pk__in=asked.values("reviewer"), is_active=True).order_by("pk")
    return _tell(call, people, by=None, days=days)


def _tell(call: Call, people: Iterable[Any], *, by: Any, **facts: Any) -> int:
    """Write one notice for each who still owes reviews and was not reminded within a day. The call is locked."""
    everybody = list(people)
    recent = _reminded(call, everybody)
    told = [person for person in everybody if person.pk not in recent and owes_reviews(person, call)]
    if told or by is None:
        event = record(REMIND, call, by=by, facts={**facts, "people": sorted(str(person.uid) for person in told)})
        notify(REVIEWS_DUE, told, about=call, event=event)
    return len(told)


def _reminded(call: Call, people: Collection[Any]) -> dict[int, datetime]:
    """Return when each of these was reminded within the last day, by id of the person."""
    rows = Notice.objects.filter(
        kind=REVIEWS_DUE, about_id=call.pk, recipient__in=people, created_at__gt=clock.now() - PAUSE
    )
    return dict(rows.order_by("created_at").values_list("recipient", "created_at"))
