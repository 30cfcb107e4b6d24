"""Reminders: seen before they are sent, one a day at most, without a word of any application; and by the clock."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from applications.enums import Status
from applications.models import Application, Assignment, Call, Conflict
from applications.panel import reminding
from applications.panel_notices import REVIEWS_DUE
from portal import clock
from portal.audit.models import Event
from portal.errors import Denied, Invalid, NotNow
from portal.notifications import letters
from portal.notifications.models import Notice
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, assignment_of, call_of, chair_of, seat
from tests.factories.review import review_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def call() -> Call:
    return call_of(closes_at=clock.now() - 9 * DAY, reviews_due_at=clock.now() + 30 * DAY)


def owing(call: Call, **fields: Any) -> Assignment:
    application = application_of(call, status=Status.UNDER_REVIEW)
    return assignment_of(application, seat(call, UserFactory(**fields)))


def to(call: Call) -> str:
    return reverse("applications:panel-reminders", args=[call.slug])


def told() -> list[int | None]:
    return list(Notice.objects.filter(kind=REVIEWS_DUE).order_by("pk").values_list("recipient", flat=True))


def test_the_page_shows_the_very_mail_that_is_then_sent(client: Client, call: Call) -> None:
    first, second = owing(call, name="Writes English"), owing(call, language="zh-hans")
    done = owing(call)
    review_of(done, 4, 4)
    client.force_login(chair_of(call))
    page = html.unescape(client.get(to(call)).content.decode())
    assert done.reviewer.name not in page
    answer = client.post(to(call), {"people": [str(one.reviewer.uid) for one in (first, second)]})
    assert answer.status_code == 303
    assert sorted(told()) == sorted([first.reviewer_id, second.reviewer_id])
    for notice in Notice.objects.filter(kind=REVIEWS_DUE):
        letter = letters.write(notice)
        assert letter.subject in page
        assert letter.body.split("\n\n")[1] in page
        for word in (first.application.reference, first.application.submission.title):
            assert word not in letter.body + letter.subject
    event = Event.objects.get(verb=reminding.REMIND)
    assert event.actor == chair_of(call)
    assert event.facts == {"people": sorted(str(one.reviewer.uid) for one in (first, second))}


def test_late_ones_are_ticked_beforehand_and_others_are_not(client: Client, call: Call) -> None:
    owing(call)
    client.force_login(chair_of(call))
    assert " checked>" not in client.get(to(call)).content.decode()
    Call.objects.update(reviews_due_at=clock.now() - DAY)
    assert client.get(to(call)).content.decode().count(" checked>") == 1


def test_nobody_is_reminded_twice_within_a_day_whoever_reminds(client: Client, call: Call) -> None:
    one = owing(call)
    chair = chair_of(call)
    assert reminding.remind(call, by=chair, people=[one.reviewer]) == 1
    with pytest.raises(NotNow):
        reminding.remind(call, by=chair, people=[one.reviewer])
    client.force_login(chair)
    page = client.get(to(call)).content.decode()
    assert "Everybody was reminded within a day." in page
    assert str(one.reviewer.uid) not in page
    assert client.post(to(call), {"people": [str(one.reviewer.uid)]}).status_code == 422
    with clock.set_to(clock.now() + DAY + timedelta(minutes=1)):
        assert reminding.remind(call, by=chair, people=[one.reviewer]) == 1
    assert told() == [one.reviewer_id] * 2


def test_who_owes_nothing_is_not_reminded(call: Call) -> None:
    done, ended, concluded = owing(call), owing(call), owing(call)
    review_of(done, 4, 4)
    Assignment.objects.filter(pk=ended.pk).update(ended_at=clock.now())
    Application.objects.filter(pk=concluded.application_id).update(status=Status.INTERVIEWING)
    with pytest.raises(NotNow):
        reminding.remind(call, by=chair_of(call), people=[one.reviewer for one in (done, ended, concluded)])
    assert told() == []


def test_who_has_not_pledged_yet_is_reminded_as_well(call: Call) -> None:
    one = owing(call)
    call.panel.filter(user=one.reviewer).update(pledged_at=None)
    assert remind_at(call, 1.9) == 1
    assert told() == [one.reviewer_id]
    assert letters.write(Notice.objects.get(kind=REVIEWS_DUE)).body


@pytest.mark.parametrize("people", [[], ["x"], ["00000000-0000-4000-8000-000000000000"]])
def test_nobody_and_a_stranger_cannot_be_chosen(client: Client, call: Call, people: list[str]) -> None:
    owing(call)
    client.force_login(chair_of(call))
    assert client.post(to(call), {"people": people}).status_code == 422
    assert told() == []


def test_a_chair_with_a_conflict_learns_of_nobody_who_owes_its_review(client: Client, call: Call) -> None:
    one, chair = owing(call), chair_of(call)
    Conflict.objects.create(application=one.application, user=chair, by=chair, at=clock.now())
    client.force_login(chair)
    page = client.get(to(call)).content.decode()
    assert one.reviewer.name not in page
    assert "Every review that was asked for has been sent." in page
    assert client.post(to(call), {"people": [str(one.reviewer.uid)]}).status_code == 422


def test_only_the_chair_reminds(client: Client, call: Call) -> None:
    one = owing(call)
    for who in (one.reviewer, UserFactory(roles=["administrator"]), chair_of(call_of())):
        client.force_login(who)
        assert client.get(to(call)).status_code == client.post(to(call), {"people": "x"}).status_code == 404
        with pytest.raises(Denied):
            reminding.remind(call, by=who, people=[one.reviewer])
    with pytest.raises(Invalid):
        reminding.remind(call, by=chair_of(call), people=[])


def remind_at(call: Call, days: float) -> int:
    with clock.set_to(call.reviews_due_at - days * DAY):
        return reminding.remind_due() + reminding.remind_due()


def test_the_portal_reminds_on_its_days_once_each(call: Call) -> None:
    one, done = owing(call), owing(call)
    review_of(done, 4, 4)
    assert [remind_at(call, days) for days in (8, 6.9, 5, 1.9, 0.5, -0.1, -0.5, -3)] == [0, 1, 0, 1, 0, 1, 0, 0]
    assert told() == [one.reviewer_id] * 3


def test_who_was_asked_after_a_day_is_not_reminded_by_it(call: Call) -> None:
    one = owing(call)
    Assignment.objects.filter(pk=one.pk).update(at=call.reviews_due_at - 5 * DAY)
    assert [remind_at(call, days) for days in (4.9, 1.9)] == [0, 1]


def test_after_a_standstill_only_the_nearest_is_written(call: Call) -> None:
    owing(call)
    assert [remind_at(call, days) for days in (1.5, 1)] == [1, 0]


def test_the_mail_is_not_sent_to_who_has_sent_everything_meanwhile(call: Call) -> None:
    one = owing(call)
    reminding.remind(call, by=chair_of(call), people=[one.reviewer])
    review_of(one, 4, 4)
    with pytest.raises(letters.NotToBeSent):
        letters.write(Notice.objects.get(kind=REVIEWS_DUE))
    assert mail.outbox == []


def test_the_page_needs_the_same_sql_for_one_and_for_thirty(client: Client, call: Call) -> None:
    owing(call)
    client.force_login(chair_of(call))
    one = len(queries_of(client, to(call)))
    for _ in range(29):
        owing(call)
    assert len(queries_of(client, to(call))) == one <= MOST_QUERIES
