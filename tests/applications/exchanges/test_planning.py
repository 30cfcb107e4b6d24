"""News of the schedule and whether requests stand: everybody at the same moment, and nothing happens by itself."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from applications.enums import CallStatus, Status
from applications.exchanges import planning, reminding
from applications.following import actions as following
from applications.models import Application, Call, ScheduleNote, Standing
from applications.rules.questions import working_days_before
from portal import clock
from portal.audit.models import Event
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from tests.applications.apply.conftest import page, signed_in
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, assignment_of, call_of, chair_of, draft_of, member_of
from tests.factories.decisions import closed_call, decided, released
from tests.factories.exchanges import DAY, today

pytestmark = pytest.mark.django_db
Send = Callable[..., Any]
WORDS = {"text": "The reviews take longer.", "text_zh": "评审需要更长时间。"}


def told(kind: str) -> set[Any]:
    return {notice.recipient for notice in Notice.objects.filter(kind=kind)}


def to(name: str, call: Call) -> str:
    return reverse(f"applications:exchanges-{name}", args=[call.slug])


# --- Schedule ------------------------------------------------------------------------------------------


def test_every_live_applicant_is_told_at_once_and_the_plan_changes(send: Send) -> None:
    call = closed_call(results_on=today() + 5 * DAY)
    live = [application_of(call, status=status) for status in (Status.SUBMITTED, Status.UNDER_REVIEW, Status.DECIDED)]
    member = member_of(live[0]).user
    for ended in (Status.WITHDRAWN, Status.INELIGIBLE):
        application_of(call, status=ended)
    draft_of(call)
    visitor, day = signed_in(administrator()), today() + 30 * DAY
    sent = {**WORDS, "results_on": day.isoformat(), "seen": "0", "status": "cancelled"}
    assert send(visitor, to("schedule", call), **sent).status_code == 303
    call.refresh_from_db()
    note = ScheduleNote.objects.get()
    assert (call.results_on, call.status) == (day, CallStatus.ANNOUNCED)
    assert (note.results_on, note.earlier_results_on, note.interviews_on) == (day, today() + 5 * DAY, None)
    assert told("schedule-noted") == {one.principal_investigator for one in live} | {member}
    assert len(set(Notice.objects.filter(kind="schedule-noted").values_list("created_at", flat=True))) == 1
    assert WORDS["text"] in visitor.get(to("schedule", call)).content.decode()


def test_two_administrators_do_not_write_past_each_other(send: Send) -> None:
    call = closed_call()
    assert send(signed_in(administrator()), to("schedule", call), **WORDS, seen="0").status_code == 303
    answer = send(signed_in(administrator()), to("schedule", call), text="Mine.", text_zh="我的。", seen="0")
    text = answer.content.decode()
    assert (answer.status_code, WORDS["text"] in text, "Mine." in text) == (409, True, True)
    assert ScheduleNote.objects.count() == 1
    assert 'name="seen" value="1"' in text


@pytest.mark.parametrize(
    "fields",
    [
        {"text_zh": ""},
        {"text": ""},
        {"results_on": "2020-01-01"},
        {"results_on": "soon"},
        {"interviews_on": "2099-01-02", "results_on": "2099-01-01"},
        {"text": "x" * 301},
    ],
)
def test_a_wrong_note_is_refused_at_the_field_and_nothing_changes(send: Send, fields: dict[str, str]) -> None:
    call = closed_call(results_on=today() + 5 * DAY)
    answer = send(signed_in(administrator()), to("schedule", call), **{**WORDS, "seen": "0", **fields})
    assert answer.status_code == 422
    call.refresh_from_db()
    assert (call.results_on, ScheduleNote.objects.count()) == (today() + 5 * DAY, 0)


def test_notes_need_an_administrator_and_an_announced_call() -> None:
    call = closed_call()
    for who in (chair_of(call), UserFactory(), UserFactory(roles=["curator"]), UserFactory(roles=["auditor"])):
        assert signed_in(who).get(to("schedule", call)).status_code == 404
        with pytest.raises(Denied):
            planning.note_schedule(call, by=who, **WORDS)
    with pytest.raises(NotNow):
        planning.note_schedule(call_of(status=CallStatus.DRAFT), by=administrator(), **WORDS)


def test_administrators_are_warned_once_two_working_days_before_a_day_without_its_step() -> None:
    call = closed_call()
    application_of(call, status=Status.UNDER_REVIEW)
    office = administrator()
    day = today() + 10 * DAY
    Call.objects.filter(pk=call.pk).update(results_on=day)
    assert reminding.warn_of_plans() == 0
    eve = working_days_before(day, 2, call.holidays)
    with clock.set_to(clock.now() + (eve - today()) - DAY):
        assert reminding.warn_of_plans() == 0
    with clock.set_to(clock.now() + (eve - today())):
        assert (reminding.warn_of_plans(), reminding.warn_of_plans()) == (1, 0)
    assert office in told("plan-nearing")
    assert Event.objects.get(verb="call.plan-nears").actor is None


def test_nobody_is_warned_of_a_step_that_is_done() -> None:
    call = closed_call(results_on=today() + DAY, interviews_on=today() + DAY)
    decided(call, 40)
    assert {step for step, _day in reminding.open_steps(call)} == {"results"}
    released(call)
    assert reminding.open_steps(call) == []


def test_working_days_leave_out_weekends_and_holidays() -> None:
    call = Call(holidays=[])
    monday = today() - timedelta(days=today().weekday())
    assert working_days_before(monday, 2, call.holidays) == monday - 4 * DAY
    call.holidays = [monday - 4 * DAY]
    assert working_days_before(monday, 2, call.holidays) == monday - 5 * DAY


# --- Standing ----------------------------------------------------------------------------------------------


def asked_call() -> tuple[Call, list[Application]]:
    call = closed_call()
    rows = [
        application_of(call, status=status) for status in (Status.UNDER_REVIEW, Status.INTERVIEWING, Status.DECIDED)
    ]
    planning.ask_standing(call, by=administrator(), due_at=clock.now() + 5 * DAY)
    return call, rows


def test_everybody_under_review_is_asked_the_same_whatever_was_decided(send: Send) -> None:
    call = closed_call()
    statuses = (Status.UNDER_REVIEW, Status.INTERVIEWING, Status.DELIBERATED, Status.DECIDED)
    under_review = [application_of(call, status=status) for status in statuses]
    application_of(call, status=Status.SUBMITTED), application_of(call, status=Status.WITHDRAWN)
    visitor = signed_in(administrator())
    assert send(visitor, to("standing", call), due_at="2020-01-01T12:00").status_code == 422
    assert send(visitor, to("standing", call), due_at="2099-01-01T12:00").status_code == 303
    assert send(visitor, to("standing", call), due_at="2099-01-01T12:00").status_code == 409
    assert told("standing-asked") == {one.principal_investigator for one in under_review}
    for application in under_review:
        person = signed_in(application.principal_investigator)
        assert "Does your request still stand?" in person.get(page("following-status", application)).content.decode()
        assert "still stands" in person.get("/my/").content.decode()


def test_one_click_says_that_it_stands_and_twice_is_once(send: Send) -> None:
    _call, (application, *_others) = asked_call()
    visitor, url = signed_in(application.principal_investigator), page("following-standing", application)
    assert visitor.get(url).status_code == 405
    assert [send(visitor, url).status_code for _ in range(2)] == [303, 303]
    row = Standing.objects.get()
    assert (row.submission, row.by) == (application.submission, application.principal_investigator)
    assert Event.objects.filter(verb="application.confirm-standing").count() == 1
    assert (
        "You said that the request still stands" in visitor.get(page("following-status", application)).content.decode()
    )


def test_readers_and_strangers_confirm_nothing(send: Send) -> None:
    _call, (application, *_others) = asked_call()
    reader = member_of(application, role="reader").user
    assert send(signed_in(reader), page("following-standing", application)).status_code == 403
    assert send(signed_in(UserFactory()), page("following-standing", application)).status_code == 404
    assert not Standing.objects.exists()


def test_nobody_confirms_what_nobody_asked(send: Send) -> None:
    application = application_of(closed_call(), status=Status.UNDER_REVIEW)
    answer = send(signed_in(application.principal_investigator), page("following-standing", application))
    assert answer.status_code == 409


def test_silence_changes_nothing_and_is_reminded_of_once() -> None:
    call, (first, second, third) = asked_call()
    following.confirm_standing(first, by=first.principal_investigator)
    before = list(Application.objects.order_by("pk").values_list("status", flat=True))
    assert reminding.remind_of_standing() == 0
    with clock.set_to(clock.now() + 4 * DAY):
        assert (reminding.remind_of_standing(), reminding.remind_of_standing()) == (2, 0)
    assert told("standing-due") == {second.principal_investigator, third.principal_investigator}
    with clock.set_to(clock.now() + 10 * DAY):
        reminding.remind_of_standing()
    assert list(Application.objects.order_by("pk").values_list("status", flat=True)) == before


def test_office_and_chair_see_who_has_not_and_reviewers_never() -> None:
    call, (first, second, _third) = asked_call()
    following.confirm_standing(first, by=first.principal_investigator)
    barred = administrator(institution=second.institution)
    reviewer = assignment_of(first).reviewer
    pages = {administrator(): "standing", chair_of(call): "standing-panel"}
    for who, name in pages.items():
        text = signed_in(who).get(to(name, call)).content.decode()
        assert "1 of 3" in text and second.reference in text
    text = signed_in(barred).get(to("standing", call)).content.decode()
    assert "1 of 2" in text and second.reference not in text
    for name in ("standing", "standing-panel"):
        assert signed_in(reviewer).get(to(name, call)).status_code == 404
        assert signed_in(first.principal_investigator).get(to(name, call)).status_code == 404


def test_the_chair_may_ask_too(send: Send) -> None:
    call = closed_call()
    application_of(call, status=Status.UNDER_REVIEW)
    url = to("standing-panel", call)
    assert send(signed_in(chair_of(call)), url, due_at="2099-01-01T12:00").status_code == 303
    with pytest.raises(Denied):
        planning.ask_standing(closed_call(), by=UserFactory(), due_at=clock.now() + DAY)
    with pytest.raises(NotNow):
        planning.ask_standing(closed_call(), by=administrator(), due_at=clock.now() + DAY)
    with pytest.raises(Invalid):
        planning.ask_standing(closed_call(), by=administrator(), due_at=clock.now() - DAY)


def test_the_overview_costs_the_same_for_one_and_for_thirty() -> None:
    call, _rows = asked_call()
    visitor = signed_in(administrator())
    one = queries_of(visitor, to("standing", call))
    for _ in range(27):
        application_of(call, status=Status.UNDER_REVIEW)
    many = queries_of(visitor, to("standing", call))
    assert len(one) == len(many) <= MOST_QUERIES
