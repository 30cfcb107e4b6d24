"""Passing, returning, rejecting: status, screening row, event and notice together, and who may not."""

from datetime import timedelta
from typing import Any

import pytest

from applications.apply import actions as apply_actions
from applications.enums import Status
from applications.models import Advice, Application, ReviewTally, Screening
from applications.screening import actions
from portal import clock
from portal.audit.trail import trail
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, call_of, draft_of, member_of

pytestmark = pytest.mark.django_db


def advised(**fields: Any) -> Application:
    application = application_of(**fields)
    for request in application.submission.requests.all():
        actions.advise(request, by=UserFactory(roles=["curator"]), feasibility="feasible")
    return application


def test_pass_opens_review_and_tells_the_team() -> None:
    application, by = advised(), administrator()
    member = member_of(application)
    screening = actions.pass_on(application, by=by)
    application.refresh_from_db()
    assert application.status == Status.UNDER_REVIEW
    assert (screening.submission, screening.outcome, screening.by) == (application.submission, "pass", by)
    assert ReviewTally.objects.get(application=application).number == 0
    event = trail(application).last()
    assert (event.verb, event.actor, event.facts) == (
        "application.pass",
        by,
        {"from": "submitted", "to": "under-review", "submission": 1},
    )
    told = Notice.objects.filter(event=event).values_list("kind", "recipient")
    assert sorted(told) == sorted(
        [("application-passed", application.principal_investigator_id), ("application-passed", member.user_id)]
    )


def test_pass_is_refused_while_a_request_lacks_advice() -> None:
    application = application_of()
    first = application.submission.requests.first()
    actions.advise(first, by=UserFactory(roles=["curator"]), feasibility="feasible")
    with pytest.raises(NotNow) as refusal:
        actions.pass_on(application, by=administrator())
    application.refresh_from_db()
    assert (refusal.value.code, application.status) == ("advice-missing", Status.SUBMITTED)
    assert not Screening.objects.exists()


def test_return_tells_the_reason_and_takes_the_application_again_after_the_deadline() -> None:
    call = call_of(closes_at=clock.now() + timedelta(hours=1))
    application, due = application_of(call), clock.now() + timedelta(days=3)
    actions.return_(
        application, by=administrator(), reason_code="incomplete", reason="Page two is missing.", due_at=due
    )
    application.refresh_from_db()
    assert (application.status, application.resubmit_until) == (Status.RETURNED, due)
    screening = application.submission.screening
    assert (screening.outcome, screening.reason_code, screening.reason) == (
        "return",
        "incomplete",
        "Page two is missing.",
    )
    event = trail(application).last()
    assert event.facts == {"from": "submitted", "to": "returned", "submission": 1, "reason_code": "incomplete"}
    assert event.text.reason == "Page two is missing."
    with clock.set_to(clock.now() + timedelta(days=2)):
        apply_actions.submit(application, by=application.principal_investigator)
        application.refresh_from_db()
        assert (application.status, application.submission.number) == (Status.SUBMITTED, 2)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason_code": "incomplete", "reason": " "}, "reason"),
        ({"reason_code": "nationality", "reason": "Words."}, "reason_code"),
        ({"reason_code": "incomplete", "reason": "Words.", "due_at": -1}, "due_at"),
    ],
)
def test_return_is_refused_without_reason_or_with_a_due_time_that_has_passed(given: Any, field: str) -> None:
    application = application_of()
    due = clock.now() + timedelta(days=given.pop("due_at", 3))
    with pytest.raises(Invalid) as refusal:
        actions.return_(application, by=administrator(), due_at=due, **given)
    application.refresh_from_db()
    assert (refusal.value.field, application.status) == (field, Status.SUBMITTED)


def test_reject_ends_the_application_and_tells_the_team() -> None:
    application = application_of()
    actions.reject(application, by=administrator(), reason_code="out-of-scope", reason="Not lunar.")
    application.refresh_from_db()
    assert application.status == Status.INELIGIBLE
    assert Notice.objects.get(kind="application-rejected").recipient == application.principal_investigator


def test_act_is_refused_when_a_newer_submission_replaced_the_one_read() -> None:
    application = application_of()
    with pytest.raises(NotNow) as refusal:
        actions.reject(application, by=administrator(), reason_code="other", reason="Words.", seen=2)
    assert refusal.value.code == "stale"


@pytest.mark.parametrize("role", ["curator", "auditor", "chair", "applicant", "same institution", "on the team"])
def test_act_is_denied_to(role: str) -> None:
    application = advised()
    people = {
        "curator": lambda: UserFactory(roles=["curator"]),
        "auditor": lambda: UserFactory(roles=["auditor"]),
        "chair": lambda: application.call.panel.get(role="chair").user,
        "applicant": lambda: application.principal_investigator,
        "same institution": lambda: administrator(institution=application.institution),
        "on the team": lambda: member_of(application, administrator()).user,
    }
    by = people[role]()
    for act in (
        lambda: actions.pass_on(application, by=by),
        lambda: actions.reject(application, by=by, reason_code="other", reason="Words."),
        lambda: actions.return_(
            application, by=by, reason_code="other", reason="Words.", due_at=clock.now() + timedelta(days=1)
        ),
    ):
        with pytest.raises(Denied):
            act()
    application.refresh_from_db()
    assert (application.status, Screening.objects.count()) == (Status.SUBMITTED, 0)


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.SUBMITTED, Status.DRAFT}))
def test_pass_is_refused_unless_submitted(status: str) -> None:
    application = application_of(status=status)
    with pytest.raises(NotNow):
        actions.pass_on(application, by=administrator())


def test_draft_is_nobodys_to_screen() -> None:
    with pytest.raises(Denied):
        actions.pass_on(draft_of(), by=administrator())
    assert not Advice.objects.exists()
