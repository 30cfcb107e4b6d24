"""The status page: day, plan, who acts next, the office's sentence, past calls; past tense after the release."""

import pytest
from django.test import Client
from django.utils import translation

from applications import record
from applications.enums import Status
from applications.following.status import status_page
from applications.models import Application
from portal import clock
from portal.accounts.models import User
from tests.applications.apply.conftest import page, signed_in
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.applications import application_of, call_of, member_of
from tests.factories.decisions import closed_call, decided, released
from tests.factories.exchanges import DAY, change_of, note_of, question_of, today

pytestmark = pytest.mark.django_db


def in_review(**fields: object) -> Application:
    return application_of(closed_call(**fields), status=Status.UNDER_REVIEW)


def shown(application: Application, who: User | None = None) -> str:
    answer = signed_in(who or application.principal_investigator).get(page("following-status", application))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_day_is_counted_between_local_dates_of_the_call() -> None:
    application = in_review(zone="Pacific/Auckland")
    closes = application.call.closes_at
    local = closes.astimezone(application.call.timezone)
    expected = (clock.now().astimezone(application.call.timezone).date() - local.date()).days
    assert f"Day {expected} " in shown(application)


def test_stages_run_to_the_agreement_and_say_who_acts_next() -> None:
    application = in_review(interviews_on=today() + 20 * DAY, results_on=today() + 60 * DAY)
    text = shown(application)
    order = [text.index(f"<h3>{name}") for name in ("Received", "Checked", "In review", "Interview", "Decision")]
    assert order == sorted(order) and "<h3>Agreement" in text
    assert "in review, on plan" in text
    assert "<dt>The panel</dt><dd>reads, and invites to interviews</dd>" in text


def test_a_planned_day_that_has_passed_was_planned_whether_or_not_it_was_kept() -> None:
    application = in_review(interviews_on=today() - 2 * DAY, results_on=today() + 60 * DAY)
    assert [shown(application).count(words) for words in ("was planned for", "planned for")] == [1, 2]


def test_a_slip_is_told_in_days_with_the_new_date_and_blames_nobody() -> None:
    application = in_review(results_on=today() - 9 * DAY)
    assert "9 days past plan" in shown(application)
    assert "The programme office will name a new date here." in shown(application)
    new_day = today() + 30 * DAY
    note_of(application.call, results_on=new_day)
    text = shown(application)
    assert "9 days past plan" in text and "New date for the results:" in text and new_day.isoformat() in text
    assert "The reviews take longer." in text
    assert "planned for" in text and "originally for" in text


def test_what_was_announced_first_stays_the_measure_however_often_it_is_moved() -> None:
    application = in_review(results_on=today() - 9 * DAY)
    note_of(application.call, results_on=today() - 2 * DAY)
    note_of(application.call, results_on=today() + 5 * DAY)
    page_ = status_page(application, application.principal_investigator)
    assert (page_["late"].days, page_["late"].now) == (9, today() + 5 * DAY)


def test_interviews_are_late_only_where_the_office_moved_them() -> None:
    """Whether they were held is nothing an applicant may conclude from the page."""
    application = in_review(interviews_on=today() - 3 * DAY, results_on=today() + 30 * DAY)
    assert status_page(application, application.principal_investigator)["late"] is None
    note_of(application.call, interviews_on=today() + 4 * DAY)
    late = status_page(application, application.principal_investigator)["late"]
    assert (late.step, late.days) == ("interviews", 3)


def test_the_note_is_read_in_the_language_of_the_page() -> None:
    application = in_review()
    note_of(application.call)
    visitor = signed_in(application.principal_investigator)
    with translation.override("zh-hans"):
        answer = visitor.get(page("following-status", application)).content.decode()
    assert "评审需要更长时间。" in answer and "The reviews take longer." not in answer


def test_figures_of_named_past_calls_stand_beside_and_no_median() -> None:
    record.load()
    text = shown(in_review())
    assert "489 days" in text and "126 days to the interviews, 363 days more to the results" in text
    assert "edian" not in text


def test_a_finished_call_of_the_portal_is_named_and_a_demonstration_never() -> None:
    call = closed_call(title="Call of autumn")
    decided(call, 40)
    released(call)
    shown_call = closed_call(title="Call for show", is_demonstration=True)
    decided(shown_call, 40)
    released(shown_call)
    text = shown(in_review())
    assert "Call of autumn" in text and "Call for show" not in text


def test_what_was_sent_may_be_replaced_while_the_call_is_open() -> None:
    application = application_of(call_of())
    text = shown(application)
    assert "You may still replace what you sent" in text and page("apply-tasks", application) in text
    assert "Report a change" not in text
    closed = application_of(closed_call())
    assert "You may still replace" not in shown(closed)


def test_after_the_release_everything_is_past_and_the_result_comes_first() -> None:
    call = closed_call(results_on=today())
    given, refused = decided(call, 40), decided(call)
    for one in (given, refused):
        assert "is selected" not in shown(one)
    released(call)
    given, refused = Application.objects.get(pk=given.pk), Application.objects.get(pk=refused.pk)
    text = shown(given)
    assert "Your application is selected in part" in text and "<h3>Agreement" in text
    for ahead in ("are told at the same moment", "Reviews stay closed", "the panel invites", "planned for"):
        assert ahead not in text, ahead
    text = shown(refused)
    assert "Your application is not selected" in text and "<h3>Agreement" not in text


def test_the_decision_says_the_masses_first_and_what_comes_next() -> None:
    call = closed_call()
    given, reserve, refused = decided(call, 40), decided(call, reserve=1), decided(call)
    released(call)
    first = {given: "40 mg</span> of the", reserve: "the reserve list is asked", refused: "Nothing is given."}
    for application, words in first.items():
        answer = signed_in(application.principal_investigator).get(page("following-decision", application))
        text = " ".join(answer.content.decode().split())
        assert words in text and "What comes next" in text
        assert ("<h3>Agreement" in text) == (application is given)


def test_readers_and_members_read_the_same_page() -> None:
    application = in_review()
    question_of(application)
    member = member_of(application).user
    assert "A question of the programme office" in shown(application, member)


def test_the_page_costs_the_same_with_one_and_with_many_exchanges() -> None:
    application = in_review()
    visitor = signed_in(application.principal_investigator)
    visitor.get("/my/notifications/")

    def add() -> None:
        question_of(application, answer="Low.")
        change_of(
            application, state="accepted", answered_at=clock.now(), answered_by=application.principal_investigator
        )
        note_of(application.call)

    add()
    one = queries_of(visitor, page("following-status", application))
    for _ in range(9):
        add()
    many = queries_of(visitor, page("following-status", application))
    assert len(one) == len(many) <= MOST_QUERIES + 8, "\n".join(many)


def test_strangers_and_rivals_find_nothing() -> None:
    application = in_review()
    rival = application_of(application.call)
    for name in ("following-status", "following-changes", "following-public"):
        assert signed_in(rival.principal_investigator).get(page(name, application)).status_code == 404
        assert Client().get(page(name, application)).status_code == 302


def test_a_draft_that_was_never_sent_has_no_such_pages(draft: Application, visitor: Client) -> None:
    for name in ("following-changes", "following-public"):
        assert visitor.get(page(name, draft)).status_code == 404
    assert visitor.get(page("following-report", draft, "funding")).status_code == 404
