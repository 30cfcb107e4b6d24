"""Reviews written at the same moment: every one is counted, and none is silently overwritten."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from applications import reviewing
from applications.enums import Status
from applications.models import Review, ReviewTally
from applications.panel import actions as panel_actions
from portal.errors import Denied, NotNow
from tests.factories.applications import application_of, assignment_of, chair_of, shortlisting_of
from tests.factories.contention import declared_while
from tests.factories.review import review_of

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Run acts on connections of their own; a refusal is a result like any other."""

    def run(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except (Denied, NotNow) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_reviews_sent_at_once_are_all_in_the_tally() -> None:
    application = application_of(status=Status.UNDER_REVIEW)
    ReviewTally.objects.filter(application=application).delete()
    assignments = [assignment_of(application) for _ in range(AT_ONCE)]

    def send(number: int) -> Callable[[], Review]:
        scores = {"significance": number % 5 + 1, "feasibility": 3}
        one = assignments[number]
        return lambda: reviewing.submit(one, by=one.reviewer, version=0, scores=scores)

    sent = at_once([send(number) for number in range(AT_ONCE)])
    tally = ReviewTally.objects.get()
    assert (tally.number, tally.total) == (AT_ONCE, sum((one.weighted_mean for one in sent), Decimal(0)))
    assert len({one.label for one in sent}) == AT_ONCE


def test_saves_of_one_version_at_once_leave_one_and_refuse_the_others() -> None:
    assignment = assignment_of(application_of(status=Status.UNDER_REVIEW))

    def save(number: int) -> Callable[[], Review]:
        return lambda: reviewing.save(
            assignment, by=assignment.reviewer, version=0, scores={}, for_panel=f"From window {number}."
        )

    results = at_once([save(number) for number in range(AT_ONCE)])
    saved = [one for one in results if isinstance(one, Review)]
    assert [one.code for one in results if isinstance(one, NotNow)] == ["stale"] * (AT_ONCE - 1)
    assert (len(saved), Review.objects.get().for_panel) == (1, saved[0].for_panel)


def test_a_review_sent_while_the_review_is_concluded_counts_or_is_refused_and_never_both() -> None:
    application = application_of(status=Status.UNDER_REVIEW)
    review_of(assignment_of(application))
    shortlisting_of(application)
    late, scores = assignment_of(application), {"significance": 1, "feasibility": 1}
    results = at_once(
        [
            lambda: reviewing.submit(late, by=late.reviewer, version=0, scores=scores),
            lambda: panel_actions.conclude_review(application, by=chair_of(application.call)),
        ]
    )
    application.refresh_from_db()
    assert application.status == Status.INTERVIEWING
    assert ReviewTally.objects.get().number == (2 if isinstance(results[0], Review) else 1)


@pytest.mark.parametrize("button", ["save", "submit"])
def test_who_declares_while_they_save_finds_the_application_gone_and_no_fault(button: str) -> None:
    assignment = assignment_of(application_of(status=Status.UNDER_REVIEW))
    application, reader = assignment.application, assignment.reviewer

    def write() -> Any:
        browser = Client()
        browser.force_login(reader)
        path = reverse("applications:review-write", args=[application.call.slug, application.reference])
        return browser.post(path, {"version": "0", "act": button, "for_panel": "Words."})

    answer = declared_while(application, reader, write)
    assert answer.status_code == 404
    assert application.submission.title not in answer.content.decode()  # type: ignore[union-attr]
    assert not Review.objects.exists()
