"""After submission: the applicant reads the same until the release, whatever was decided; and may withdraw."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from applications.enums import InterviewState, Status
from applications.following import actions as following
from applications.holdings import release_award
from applications.models import Application, Award, Call, Interview
from portal import clock
from portal.accounts.models import User
from portal.audit.models import Event, EventText
from portal.errors import NotNow
from samples import ledger
from tests.applications.apply.conftest import page, signed_in
from tests.factories.applications import (
    DAY,
    application_of,
    award_of,
    chair_of,
    draft_of,
    member_of,
    shortlisting_of,
)

Send = Callable[..., Any]


def interview_of(application: Application, status: str = InterviewState.PROPOSED) -> Interview:
    begins = clock.now() + 5 * DAY
    return Interview.objects.create(
        application=application,
        call=application.call,
        status=status,
        slot=(begins, begins + DAY / 96),
        place="Room 1",
        by=chair_of(application.call),
        at=clock.now(),
    )


def seen_by(client: Client, application: Application) -> dict[str, Any]:
    """Everything an applicant sees of an application, without what is random in a page."""
    seen = {}
    for name in ("following-status", "following-receipt", "following-sent", "following-withdraw", "following-decision"):
        answer = client.get(page(name, application))
        text = re.sub(r'value="[0-9A-Za-z-]{20,}"', "", answer.content.decode()).replace(application.reference, "REF")
        for part in (application.title, application.submission.sha256):
            text = text.replace(part, "")
        seen[name] = (answer.status_code, re.sub(r"\d\d:\d\d", "", text), sorted(answer.headers))
    return seen


def test_applicant_sees_the_same_whatever_was_decided_until_release(call: Call, applicant: User) -> None:
    moment = clock.now()
    seen = []
    for outcome in ("reviewed", "not invited", "declined", "awarded"):
        status = {"reviewed": Status.UNDER_REVIEW, "not invited": Status.DELIBERATED}.get(outcome, Status.DECIDED)
        application = application_of(call, applicant, status, title="Same title", received_at=moment)
        if outcome == "awarded":
            award_of(application.submission.requests.get(whole=False), "30")
        seen.append(seen_by(signed_in(applicant), application))
    assert seen[0]["following-decision"][0] == 404
    assert seen[0] == seen[1] == seen[2] == seen[3]


def test_status_page_reads_the_submission_and_not_the_draft(visitor: Client, call: Call, applicant: User) -> None:
    application = application_of(call, applicant, Status.UNDER_REVIEW)
    Application.objects.filter(pk=application.pk).update(title="Draft title", question="Draft question")
    for name in ("following-status", "following-sent", "following-receipt"):
        shown = visitor.get(page(name, application)).content.decode()
        assert application.submission.title in shown
        assert "Draft title" not in shown and "Draft question" not in shown


def test_team_reads_no_advice_in_what_it_sent(visitor: Client, call: Call, applicant: User) -> None:
    application = application_of(call, applicant, Status.UNDER_REVIEW)
    advice = application.submission.requests.first().advice
    advice.note = "Secret advice"
    advice.save()
    shown = visitor.get(page("following-sent", application)).content.decode()
    assert "Secret advice" not in shown and "Advice of the curator" not in shown


def test_reason_of_screening_is_shown_to_the_applicant(visitor: Client, call: Call, applicant: User) -> None:
    for status in (Status.RETURNED, Status.INELIGIBLE):
        application = application_of(call, applicant, status)
        shown = visitor.get(page("following-status", application), follow=True)
        assert "Page two is missing." in shown.content.decode()


def test_withdraw_gives_back_what_was_held_and_keeps_the_rows(
    visitor: Client, call: Call, applicant: User, send: Send
) -> None:
    application = application_of(call, applicant, Status.DECIDED)
    award = award_of(application.submission.requests.get(whole=False), "30")
    piece = award_of(application.submission.requests.get(whole=True))
    interview = interview_of(application, InterviewState.CONFIRMED)
    assert "Withdraw this application?" in visitor.get(page("following-withdraw", application)).content.decode()
    assert send(visitor, page("following-withdraw", application), reason="We moved").status_code == 303
    application.refresh_from_db()
    award.hold.sample.refresh_from_db()
    interview.refresh_from_db()
    assert application.status == Status.WITHDRAWN
    assert award.hold.sample.held_mg == 0 and award.hold.sample.free_mg == Decimal(1000)
    assert interview.status == InterviewState.CANCELLED
    assert Award.objects.filter(pk__in=[award.pk, piece.pk]).count() == 2
    assert ledger.faults() == []
    event = Event.objects.get(verb="application.withdraw")
    assert "We moved" not in str(event.facts)
    assert EventText.objects.get(event=event).reason == "We moved"
    shown = visitor.get(page("following-status", application)).content.decode()
    assert "Withdrawn" in shown and "Withdraw for good" not in shown
    assert send(visitor, page("following-withdraw", application)).status_code == 404


def test_withdrawn_application_does_not_keep_a_piece_from_others(call: Call, applicant: User) -> None:
    application, other = (application_of(call, status=Status.DECIDED) for _ in range(2))
    award_of(application.submission.requests.get(whole=True))
    with pytest.raises(NotNow):
        award_of(other.submission.requests.get(whole=True))
    following.withdraw(application, by=application.principal_investigator)
    assert award_of(other.submission.requests.get(whole=True)).hold.state == "held"
    assert ledger.faults() == []


def test_withdrawal_after_publication_gives_an_allocation_back(call: Call, applicant: User) -> None:
    application = application_of(call, applicant, Status.PUBLISHED)
    award = award_of(application.submission.requests.get(whole=False), "30")
    ledger.allocate([award.hold], by=None)
    following.withdraw(application, by=applicant)
    award.hold.sample.refresh_from_db()
    assert (award.hold.sample.allocated_mg, award.hold.sample.free_mg) == (0, 1000)
    assert ledger.faults() == []


def test_release_award_twice_is_once(call: Call) -> None:
    application = application_of(call, status=Status.DECIDED)
    award = award_of(application.submission.requests.get(whole=False), "30")
    release_award(award, by=None)
    release_award(Award.objects.select_related("hold").get(pk=award.pk), by=None)
    assert ledger.faults() == []


def test_draft_can_be_given_up(visitor: Client, draft: Application, send: Send) -> None:
    assert send(visitor, page("following-withdraw", draft)).status_code == 303
    draft.refresh_from_db()
    assert (draft.status, draft.submission) == (Status.WITHDRAWN, None)
    assert visitor.get(page("following-status", draft)).status_code == 200
    assert visitor.get(page("requests-list", draft)).status_code == 404


def test_only_the_principal_investigator_withdraws(draft: Application, send: Send) -> None:
    colleague = signed_in(member_of(draft).user)
    assert colleague.get(page("following-withdraw", draft)).status_code == 404
    assert send(colleague, page("following-withdraw", draft)).status_code == 404
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


@pytest.mark.parametrize("invited", [True, False])
def test_my_page_says_nothing_of_the_shortlist(call: Call, invited: bool) -> None:
    application = application_of(call, status=Status.UNDER_REVIEW)
    shortlisting_of(application, invited=invited)
    shown = signed_in(application.principal_investigator).get("/my/").content.decode()
    assert "In review" in shown and "Waiting for you" not in shown


def test_interview_to_confirm_is_a_task(call: Call) -> None:
    application = application_of(call, status=Status.INTERVIEWING)
    interview_of(application)
    shown = signed_in(application.principal_investigator).get("/my/").content.decode()
    assert f"Confirm the interview of application {application.reference}." in shown
    other = draft_of(call)
    assert "Confirm the interview" not in signed_in(other.principal_investigator).get("/my/").content.decode()
