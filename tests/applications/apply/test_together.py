"""Several people, or several tabs, at the same moment: one outcome, and everybody is told which."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from applications.apply import actions
from applications.enums import Status
from applications.following import actions as following
from applications.models import Application, Submission
from portal.accounts.models import User
from tests.factories.applications import draft_of, member_of
from tests.factories.contention import race

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 8


def together(act: Callable[[int], Any]) -> Counter[str]:
    """Run an act at the same moment in several threads and count how it went."""
    return Counter(race(*(partial(act, number) for number in range(AT_ONCE))))


def fresh(draft: Application, user: User) -> tuple[Application, User]:
    return Application.objects.get(pk=draft.pk), User.objects.get(pk=user.pk)


def test_submit_at_the_same_moment_is_one_submission() -> None:
    draft = draft_of()

    def submit(number: int) -> None:
        application, person = fresh(draft, draft.principal_investigator)
        actions.submit(application, by=person)

    assert together(submit) == {"done": 1, "unchanged": AT_ONCE - 1}
    assert Submission.objects.filter(application=draft).count() == 1


def test_save_of_the_same_text_at_the_same_moment_loses_none_in_silence() -> None:
    draft = draft_of()
    people = [member_of(draft).user for _ in range(AT_ONCE)]

    def save(number: int) -> None:
        application, person = fresh(draft, people[number])
        actions.save(application, by=person, version=1, methods=f"Text of {number}")

    assert together(save) == {"done": 1, "stale": AT_ONCE - 1}


def test_withdraw_and_submit_at_the_same_moment_agree_on_one_order() -> None:
    draft = draft_of()

    def act(number: int) -> None:
        application, person = fresh(draft, draft.principal_investigator)
        (following.withdraw if number % 2 else actions.submit)(application, by=person)

    outcomes = together(act)
    draft.refresh_from_db()
    assert draft.status == Status.WITHDRAWN
    assert outcomes["done"] == 1 + Submission.objects.filter(application=draft).count()
