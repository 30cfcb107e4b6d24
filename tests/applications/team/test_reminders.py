"""Who has not confirmed is reminded seven and two days before the deadline, once each, however often it runs."""

from datetime import timedelta
from typing import Any

import pytest

from applications.models import Application
from applications.team import reminders
from portal import clock
from portal.notifications.models import Notice
from tests.factories.accounts import UserFactory
from tests.factories.applications import member_of, submission_of

DAY = timedelta(days=1)


def remind_at(application: Application, days: float) -> int:
    with clock.set_to(application.call.closes_at - days * DAY):
        return reminders.remind() + reminders.remind()


def test_each_reminder_is_written_once(draft: Application) -> None:
    waiting = member_of(draft, confirmed=False)
    member_of(draft)

    assert [remind_at(draft, days) for days in (8, 6.9, 5, 1.9, 1, -1)] == [0, 1, 0, 1, 0, 0]

    told = Notice.objects.filter(kind="team-member-reminded")
    assert [(one.address, one.about_id) for one in told] == [(waiting.email, waiting.pk)] * 2


def test_after_a_standstill_only_the_nearest_is_written(draft: Application) -> None:
    member_of(draft, confirmed=False)
    assert [remind_at(draft, days) for days in (1.5, 1)] == [1, 0]


def test_who_was_invited_later_than_a_reminder_is_not_reminded_by_it(draft: Application) -> None:
    member_of(draft, confirmed=False)
    draft.team.update(invited_at=draft.call.closes_at - 5 * DAY)
    assert [remind_at(draft, days) for days in (4.9, 1.9)] == [0, 1]


@pytest.mark.parametrize("status", ["withdrawn", "ineligible"])
def test_nobody_is_reminded_of_what_has_ended(draft: Application, status: str) -> None:
    submission = submission_of(draft)
    Application.objects.filter(pk=draft.pk).update(status=status, submission=submission)
    member_of(draft, confirmed=False)
    assert remind_at(draft, 6) == 0


def test_account_is_reminded_in_its_list_and_an_unknown_id_by_nobody(draft: Application) -> None:
    person = UserFactory()
    member_of(draft, person, confirmed=False)
    member: Any = member_of(draft, confirmed=False, email="", orcid="0000-0002-1825-0097")
    assert remind_at(draft, 6.5) == 2
    assert list(Notice.objects.filter(kind="team-member-reminded").values_list("recipient", flat=True)) == [person.pk]
    assert member.confirmed_at is None
