"""Reopening a review: with a reason, out of the tally until it is sent again, what was sent still readable."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications import reviewing
from applications.enums import ReviewState, Status
from applications.models import Application, Assignment, Review, ReviewTally, ReviewVersion
from applications.panel import actions
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, assignment_of, chair_of
from tests.factories.review import review_of

pytestmark = pytest.mark.django_db
ALL = {"significance": 5, "feasibility": 2}


@pytest.fixture
def assignment() -> Assignment:
    return assignment_of(application_of(status=Status.UNDER_REVIEW))


def sent(assignment: Assignment) -> Review:
    return reviewing.submit(
        assignment,
        by=assignment.reviewer,
        version=0,
        scores=ALL,
        for_panel="Sound as written.",
        private_note="zqprivate",
        confidence=3,
    )


def chair_page(assignment: Assignment, name: str = "panel-read", *more: Any) -> str:
    application = assignment.application
    return reverse(f"applications:{name}", args=[application.call.slug, application.reference, *more])


def test_reopened_review_leaves_the_tally_until_it_is_sent_again_and_the_former_version_stays(
    assignment: Assignment, client: Client
) -> None:
    review_of(assignment_of(assignment.application), 1, 1)
    review = sent(assignment)
    chair = chair_of(assignment.application.call)
    client.force_login(chair)
    path = chair_page(assignment, "panel-reopen", review.uid)
    assert path in client.get(chair_page(assignment)).content.decode()
    assert client.get(path).status_code == 200
    assert client.post(path, {"reason": " "}).status_code == 422
    assert client.post(path, {"reason": "The second criterion speaks of another sample."}).status_code == 303
    tally = ReviewTally.objects.get(application=assignment.application)
    assert (tally.number, tally.mean) == (1, Decimal("1.000"))
    page = client.get(chair_page(assignment)).content.decode()
    assert "The second criterion speaks of another sample." in page
    assert "Sound as written." in page
    assert "zqprivate" not in page
    assert Notice.objects.get(kind="review-reopened").recipient == assignment.reviewer

    own = Client()
    own.force_login(assignment.reviewer)
    there = reverse(
        "applications:review-write", args=[assignment.application.call.slug, assignment.application.reference]
    )
    page = own.get(there).content.decode()
    assert "The second criterion speaks of another sample." in page
    assert "Sound as written." in page
    review.refresh_from_db()
    reviewing.save(
        assignment, by=assignment.reviewer, version=review.version, scores=ALL, for_panel="zqdraft of a new text."
    )
    assert "zqdraft" not in client.get(chair_page(assignment)).content.decode()
    auditor = Client()
    auditor.force_login(UserFactory(roles=["auditor"]))
    read = auditor.get(reverse("applications:auditing-reviews", args=[assignment.application.reference]))
    assert "Sound as written." in read.content.decode()
    assert [word for word in ("zqdraft", "zqprivate") if word in read.content.decode()] == []
    review.refresh_from_db()
    reviewing.submit(
        assignment,
        by=assignment.reviewer,
        version=review.version,
        scores={**ALL, "feasibility": 4},
        for_panel="Mended.",
    )
    assert ReviewTally.objects.get(application=assignment.application).number == 2
    assert [(one.number, one.document["for_panel"]) for one in ReviewVersion.objects.all()] == [
        (1, "Sound as written."),
        (2, "Mended."),
    ]
    page = client.get(chair_page(assignment)).content.decode()
    assert "2 versions" in page
    assert "<ins>4</ins>" in page
    assert "zqprivate" not in str([one.document for one in ReviewVersion.objects.all()])


def test_reopening_is_refused(assignment: Assignment) -> None:
    application, chair = assignment.application, chair_of(assignment.application.call)
    draft = review_of(assignment, sent=False)
    with pytest.raises(NotNow, match="Only a review that was sent"):
        actions.reopen(draft, by=chair, reason="Why not.")
    review = review_of(assignment_of(application))
    with pytest.raises(Invalid, match="reason"):
        actions.reopen(review, by=chair, reason=" ")
    for who in (assignment.reviewer, review.assignment.reviewer, UserFactory(roles=["auditor"]), UserFactory()):
        with pytest.raises(Denied):
            actions.reopen(review, by=who, reason="Mine.")
    Application.objects.filter(pk=application.pk).update(status=Status.INTERVIEWING)
    with pytest.raises(NotNow):
        actions.reopen(review, by=chair, reason="Late.")
    assert Review.objects.get(pk=review.pk).state == ReviewState.SUBMITTED
