"""The discussion: whose review is in, the chair and speakers by waiver; by label, never changed, told once a day."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from applications.discussion import actions
from applications.enums import Anonymity, Status
from applications.models import Application, Assignment, Call, Conflict, DiscussionPost, Waiver
from portal import clock
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, assignment_of, chair_of, member_of, seat
from tests.factories.contention import declared_while
from tests.factories.review import review_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    return application_of(status=Status.UNDER_REVIEW)


def sent(application: Application, name: str = "") -> Assignment:
    assignment = assignment_of(application, UserFactory(**({"name": name} if name else {})))
    review_of(assignment)
    return assignment


def speaker(application: Application, name: str = "zqspeaker") -> Any:
    user = seat(application.call, UserFactory(name=name))
    Conflict.objects.create(application=application, user=user, by=user, at=clock.now())
    Waiver.objects.create(
        application=application, user=user, reason="Nobody else knows.", by=chair_of(application.call), at=clock.now()
    )
    return user


def path_of(application: Application) -> str:
    return reverse("applications:discussion-read", args=[application.call.slug, application.reference])


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_posts_are_read_by_label_and_names_by_the_chair_and_in_open_calls(application: Application) -> None:
    one, two, chair = sent(application, "zqfirst"), sent(application, "zqsecond"), chair_of(application.call)
    waived = speaker(application)
    assignment_of(application)
    for user, words in ((one.reviewer, "I would give less."), (chair, "Why?"), (waived, "It is scarce.")):
        answer = browser(user).post(path_of(application), {"text": words})
        assert (answer.status_code, answer["Location"]) == (303, f"{path_of(application)}#last")
    page = browser(two.reviewer).get(path_of(application)).content.decode()
    for words in ("I would give less.", "Why?", "It is scarce.", one.review.label, "Chair", "Speaker (does not vote)"):
        assert words in page
    assert "2 of 3 reviews are in." in page
    assert [name for name in ("zqfirst", "zqspeaker", chair.name) if name in page] == []
    assert "under your label" in page
    chairs = browser(chair).get(path_of(application)).content.decode()
    assert [name for name in ("zqfirst", "zqspeaker") if name not in chairs] == []
    Call.objects.update(anonymity=Anonymity.OPEN)
    page = browser(two.reviewer).get(path_of(application)).content.decode()
    assert "zqfirst" in page
    assert "with your name" in page


def test_it_is_closed_to_everybody_else(application: Application) -> None:
    sent(application)
    actions.post(application, by=chair_of(application.call), text="zqpost")
    people = [
        assignment_of(application).reviewer,
        review_of(assignment_of(application), sent=False).assignment.reviewer,
        seat(application.call, UserFactory()),
        application.principal_investigator,
        member_of(application).user,
        administrator(),
        UserFactory(roles=["curator"]),
        UserFactory(roles=["auditor"]),
        UserFactory(),
    ]
    for user in people:
        client = browser(user)
        assert client.get(path_of(application)).status_code == 404, user
        assert client.post(path_of(application), {"text": "Forged."}).status_code == 404
        with pytest.raises(Denied):
            actions.post(application, by=user, text="Forged.")
    assert DiscussionPost.objects.count() == 1


def test_it_is_gone_when_a_conflict_comes_up(application: Application) -> None:
    one = sent(application)
    client = browser(one.reviewer)
    assert client.get(path_of(application)).status_code == 200
    Conflict.objects.create(application=application, user=one.reviewer, by=one.reviewer, at=clock.now())
    assert client.get(path_of(application)).status_code == 404
    assert client.post(path_of(application), {"text": "Still here."}).status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["reviewer", "chair"])
def test_who_declares_a_conflict_while_they_write_reads_no_more(application: Application, who: str) -> None:
    review_of(assignment_of(application), for_panel="zqothers")
    one, chair = sent(application).reviewer, chair_of(application.call)
    conclude = reverse("applications:panel-conclude", args=[application.call.slug, application.reference])
    user, path = {"reviewer": (one, path_of(application)), "chair": (chair, conclude)}[who]
    answer = declared_while(application, user, lambda: browser(user).post(path, {"text": "Words."}))
    assert answer.status_code == 404
    shown = answer.content.decode()
    assert application.submission.title not in shown and "zqothers" not in shown  # type: ignore[union-attr]


def test_the_others_are_told_once_a_day_without_the_words(application: Application) -> None:
    one, two, chair = sent(application), sent(application), chair_of(application.call)
    assignment_of(application)
    waived = speaker(application)
    actions.post(application, by=one.reviewer, text="zqwords")
    actions.post(application, by=one.reviewer, text="zqwords again")
    told = Notice.objects.filter(kind="discussion-continued")
    assert sorted(notice.recipient_id for notice in told) == sorted([two.reviewer.pk, chair.pk, waived.pk])
    actions.post(application, by=two.reviewer, text="An answer.")
    assert told.filter(recipient=one.reviewer).count() == 1
    assert told.all().count() == 4
    with clock.set_to(clock.now() + timedelta(days=1, minutes=1)):
        actions.post(application, by=two.reviewer, text="The day after.")
    assert told.filter(recipient=one.reviewer).count() == 2
    page = browser(two.reviewer).get("/my/notifications/").content.decode()
    assert "Somebody wrote in the discussion" in page
    assert "zqwords" not in page


def test_nothing_empty_nothing_after_the_decision_nothing_changed(application: Application) -> None:
    one = sent(application)
    with pytest.raises(Invalid):
        actions.post(application, by=one.reviewer, text=" \n")
    assert browser(one.reviewer).post(path_of(application), {"text": " "}).status_code == 422
    assert browser(one.reviewer).post(path_of(application), {"text": "x" * 8001}).status_code == 422
    said = actions.post(application, by=one.reviewer, text="Once.")
    with pytest.raises(ProgrammingError), transaction.atomic():
        DiscussionPost.objects.filter(pk=said.pk).update(text="Otherwise.")
    Application.objects.filter(pk=application.pk).update(status=Status.DECIDED)
    page = browser(one.reviewer).get(path_of(application))
    assert "can be read, not continued" in page.content.decode()
    assert "<textarea" not in page.content.decode()
    with pytest.raises(NotNow):
        actions.post(application, by=one.reviewer, text="Late.")


def test_it_pages_and_costs_the_same_for_one_post_and_for_thirty(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = sent(application)
    actions.post(application, by=one.reviewer, text="Post 0.")
    client = browser(one.reviewer)
    few = queries_of(client, path_of(application))
    for number in range(1, 30):
        actions.post(application, by=sent(application).reviewer, text=f"Post {number}.")
    assert len(queries_of(client, path_of(application))) == len(few)
    assert len(few) <= MOST_QUERIES + 4, len(few)
    monkeypatch.setattr("applications.discussion.queries.SIZE", 10)
    seen, path = [], path_of(application)
    while path:
        page = client.get(path).context["page"]
        seen += [post.text for post in page.rows]
        path = f"{path_of(application)}?cursor={page.next}" if page.next else ""
    assert seen == [f"Post {number}." for number in range(30)]
    assert client.get(f"{path_of(application)}?cursor=forged").status_code == 400
