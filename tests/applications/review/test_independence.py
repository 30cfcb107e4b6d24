"""Independence: of others' reviews nothing is there until the own one is in, then by label and never a private note."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications import reviewing
from applications.enums import Anonymity, ReviewState, Status
from applications.models import Application, Assignment, Call, Review
from portal.notifications.models import Notice
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, assignment_of, chair_of
from tests.factories.review import opinion_of, review_of, typed

pytestmark = pytest.mark.django_db
ALL = {"significance": 5, "feasibility": 2}


@pytest.fixture
def assignment() -> Assignment:
    return assignment_of(application_of(status=Status.UNDER_REVIEW))


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def to(name: str, application: Application) -> str:
    return reverse(f"applications:{name}", args=[application.call.slug, application.reference])


def paths(application: Application) -> list[str]:
    slug = application.call.slug
    own = [to("review-write", application), to("discussion-read", application), to("conflicts-declare", application)]
    lists = [reverse(f"applications:{name}", args=[slug]) for name in ("review-queue", "conflicts-list")]
    return [*own, *lists, reverse("applications:review-list"), "/my/", "/my/notifications/"]


def everything(client: Client, application: Application) -> list[Any]:
    """What a reviewer can see: status, headers and words of every page, and their mails."""
    seen: list[Any] = []
    for path in paths(application):
        answer = client.get(path)
        lines = answer.content.decode().splitlines()
        words = [line for line in lines if "csrfmiddlewaretoken" not in line and "_once" not in line]
        headers = {name: value for name, value in answer.items() if name not in ("Content-Length", "X-Request-ID")}
        headers = {name: value for name, value in headers.items() if "nonce" not in value}
        seen.append((path, answer.status_code, words, headers))
    return seen


def test_before_sending_nothing_tells_a_world_with_reviews_from_one_without(assignment: Assignment) -> None:
    application, client = assignment.application, browser(assignment.reviewer)
    reviewing.save(assignment, by=assignment.reviewer, version=0, scores={"significance": 3})
    before = everything(client, application)
    chair = chair_of(application.call)
    for score in range(1, 6):
        other = assignment_of(application, UserFactory(name=f"zqname{score}"))
        opinion_of(review_of(other, score, score, for_panel="zqpanel", private_note="zqnote"), "13.375", "zqbecause")
    answer = browser(chair).post(to("discussion-read", application), {"text": "zqpost"})
    assert answer.status_code == 303
    assert everything(client, application) == before
    assert before[1][1] == 404
    assert not Notice.objects.filter(recipient=assignment.reviewer, kind="discussion-continued").exists()


def test_after_sending_the_others_are_read_by_label_in_random_order(assignment: Assignment) -> None:
    application, client = assignment.application, browser(assignment.reviewer)
    sent = []
    for score in range(1, 6):
        other = assignment_of(application, UserFactory(name=f"zqname{score}"))
        sent.append(review_of(other, score, score, for_panel=f"zqpanel{score}", private_note="zqnote"))
    draft = review_of(assignment_of(application), 1, 1, sent=False, for_panel="zqdraft")
    gone = review_of(assignment_of(application), 1, 1, for_panel="zqgone")
    Assignment.objects.filter(review=gone).update(ended_at=gone.saved_at)
    review_of(assignment, 5, 5, for_panel="Mine.", private_note="My own note.")
    page = client.get(to("review-write", application)).content.decode()
    assert all(f"zqpanel{score}" in page and f'id="{sent[score - 1].label}"' in page for score in range(1, 6))
    order = sorted(sent, key=lambda review: review.sort_key)
    assert [page.index(f'id="{review.label}"') for review in order] == sorted(
        page.index(f'id="{review.label}"') for review in order
    )
    assert [word for word in ("zqname", "zqnote", "zqdraft", "zqgone", draft.label) if word in page] == []
    assert page.count("My own note.") == 1
    Call.objects.filter(pk=application.call_id).update(anonymity=Anonymity.OPEN)
    page = client.get(to("review-write", application)).content.decode()
    assert all(f"zqname{score}" in page for score in range(1, 6))
    assert "zqnote" not in page


def test_a_reopened_review_closes_the_others_again(assignment: Assignment) -> None:
    application, client = assignment.application, browser(assignment.reviewer)
    review_of(assignment_of(application), 1, 1, for_panel="zqpanel")
    review = review_of(assignment, 5, 5)
    assert "zqpanel" in client.get(to("review-write", application)).content.decode()
    Review.objects.filter(pk=review.pk).update(state=ReviewState.DRAFT, submitted_at=None, weighted_mean=None)
    assert "zqpanel" not in client.get(to("review-write", application)).content.decode()
    assert client.get(to("discussion-read", application)).status_code == 404


def test_own_distribution_counts_the_own_scores_alone(assignment: Assignment) -> None:
    application, reviewer = assignment.application, assignment.reviewer
    review_of(assignment, 5, 2)
    review_of(
        assignment_of(application_of(application.call, status=Status.UNDER_REVIEW), reviewer), 5, None, sent=False
    )
    review_of(assignment_of(application), 1, 1)
    answer = browser(reviewer).get(to("review-write", application))
    assert answer.context["distribution"] == [(1, 0), (2, 1), (3, 0), (4, 0), (5, 2)]


def test_page_costs_the_same_with_one_review_of_others_and_with_thirty(assignment: Assignment) -> None:
    application, client = assignment.application, browser(assignment.reviewer)
    review_of(assignment, 5, 5)
    opinion_of(review_of(assignment_of(application), 3, 3), "20", "Enough.")
    one = queries_of(client, to("review-write", application))
    for _ in range(9):
        opinion_of(review_of(assignment_of(application), 3, 3), "20", "Enough.")
    for _ in range(20):
        review_of(
            assignment_of(application_of(application.call, status=Status.UNDER_REVIEW), assignment.reviewer), 3, 3
        )
    assert len(queries_of(client, to("review-write", application))) == len(one)
    assert len(one) <= MOST_QUERIES + 6, one


def test_receipt_holds_the_own_words_alone(assignment: Assignment, mailoutbox: Any) -> None:
    application = assignment.application
    review_of(assignment_of(application), 1, 1, for_panel="zqpanel", for_applicant="zqapplicant")
    form = typed(
        act="submit", score_significance="4", score_feasibility="na", for_panel="Sound.", private_note="zqmine"
    )
    assert browser(assignment.reviewer).post(to("review-write", application), form).status_code == 303
    notice = Notice.objects.get(kind="review-sent")
    assert notice.recipient == assignment.reviewer
    page = browser(assignment.reviewer).get(to("review-write", application)).content.decode()
    assert "A copy of your own text is on its way to you by mail." in page
