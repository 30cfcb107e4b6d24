"""The chair's acts: assign, take off, shortlist, conclude; what refuses them; who may not."""

from typing import Any

import pytest

from applications.access import assigned_to
from applications.enums import ConflictKind, HintKind, Status
from applications.models import Application, Assignment, Conflict, Ruling, Shortlisting
from applications.panel import actions
from portal import clock
from portal.audit.models import Event
from portal.audit.trail import trail
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import (
    application_of,
    assignment_of,
    chair_of,
    member_of,
    seat,
    shortlisting_of,
)
from tests.factories.review import review_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    return application_of(status=Status.UNDER_REVIEW)


def assign(application: Application, reviewer: Any, by: Any = None) -> Assignment:
    return actions.assign(application, by=by or chair_of(application.call), reviewer=reviewer)


def test_assign_opens_the_application_to_the_reviewer_and_tells_them(application: Application) -> None:
    reviewer = seat(application.call, UserFactory())
    assert not assigned_to(reviewer).exists()
    assignment = assign(application, reviewer)
    assert list(assigned_to(reviewer)) == [application]
    event = trail(assignment).get()
    assert (event.verb, event.about_reference, event.facts) == (
        "assignment.make",
        application.reference,
        {"reviewer": str(reviewer.uid)},
    )
    notice = Notice.objects.get()
    assert (notice.kind, notice.recipient, notice.event) == ("review-assigned", reviewer, event)


@pytest.mark.parametrize("kind", list(ConflictKind))
def test_assign_is_refused_with_each_kind_of_conflict(application: Application, kind: str) -> None:
    reviewer = {
        ConflictKind.SELF: lambda: application.principal_investigator,
        ConflictKind.TEAM: lambda: member_of(application).user,
        ConflictKind.INSTITUTION: lambda: UserFactory(institution=application.institution),
        ConflictKind.COMPETING: lambda: application_of(application.call).principal_investigator,
    }.get(kind, UserFactory)()
    seat(application.call, reviewer)
    said = {"application": application, "user": reviewer, "by": reviewer, "at": clock.now()}
    if kind in (ConflictKind.DECLARED, ConflictKind.SUPERVISOR):
        Conflict.objects.create(kind=kind, **said)
    elif kind == ConflictKind.RULED:
        Ruling.objects.create(kind=HintKind.COAUTHOR, bars=True, reason="Three papers in two years.", **said)
    with pytest.raises(Invalid) as refusal:
        assign(application, reviewer)
    assert (refusal.value.code, refusal.value.field) == ("conflict", "reviewer")
    assert str(ConflictKind(kind).label) in str(refusal.value.message)
    assert (Assignment.objects.count(), Notice.objects.count()) == (0, 0)


def test_assign_is_refused_without_a_seat_or_twice(application: Application) -> None:
    with pytest.raises(Invalid) as refusal:
        assign(application, UserFactory())
    assert refusal.value.code == "not-seated"
    reviewer = assignment_of(application).reviewer
    with pytest.raises(NotNow) as twice:
        assign(application, reviewer)
    assert (twice.value.code, Assignment.objects.count()) == ("assigned", 1)


def test_chair_without_a_conflict_may_review_too(application: Application) -> None:
    assign(application, chair_of(application.call))
    assert list(assigned_to(chair_of(application.call))) == [application]


def test_take_off_closes_the_application_at_once_and_it_can_be_assigned_again(application: Application) -> None:
    assignment = assignment_of(application)
    actions.unassign(assignment, by=chair_of(application.call), reason="Too much load.")
    assert not assigned_to(assignment.reviewer).exists()
    event = trail(assignment).get()
    assert (event.verb, event.text.reason) == ("assignment.end", "Too much load.")
    assign(application, assignment.reviewer)
    assert list(assigned_to(assignment.reviewer)) == [application]


def test_take_off_is_refused_without_a_reason_twice_or_once_the_review_was_sent(application: Application) -> None:
    chair, assignment, reviewed = chair_of(application.call), assignment_of(application), assignment_of(application)
    review_of(reviewed)
    with pytest.raises(Invalid):
        actions.unassign(assignment, by=chair, reason=" ")
    with pytest.raises(NotNow) as sent:
        actions.unassign(reviewed, by=chair, reason="Unwelcome.")
    actions.unassign(assignment, by=chair, reason="Too much load.")
    with pytest.raises(NotNow) as twice:
        actions.unassign(assignment, by=chair, reason="Too much load.")
    assert (sent.value.code, twice.value.code) == ("submitted", "ended")
    assert list(assigned_to(reviewed.reviewer)) == [application]


def test_shortlist_can_be_changed_until_the_review_is_concluded(application: Application) -> None:
    chair = chair_of(application.call)
    actions.shortlist(application, by=chair, invited=True)
    entry = actions.shortlist(application, by=chair, invited=False, reason="Below the line.")
    assert (Shortlisting.objects.count(), entry.invited, entry.reason) == (1, False, "Below the line.")
    assert trail(application).last().text.old == {"invited": True, "reason": ""}
    review_of(assignment_of(application))
    actions.conclude_review(application, by=chair)
    with pytest.raises(NotNow):
        actions.shortlist(application, by=chair, invited=True)


def test_shortlist_needs_a_reason_to_leave_somebody_out(application: Application) -> None:
    with pytest.raises(Invalid) as refusal:
        actions.shortlist(application, by=chair_of(application.call), invited=False, reason=" ")
    assert (refusal.value.field, Shortlisting.objects.count()) == ("reason", 0)


def test_second_entry_of_one_state_is_refused_and_overwrites_nothing(application: Application) -> None:
    chair = chair_of(application.call)
    actions.shortlist(application, by=chair, invited=True, seen="")
    with pytest.raises(NotNow) as refusal:
        actions.shortlist(application, by=chair, invited=False, reason="No.", seen="")
    assert (refusal.value.code, Shortlisting.objects.get().invited) == ("stale", True)


@pytest.mark.parametrize("invited", [True, False])
def test_conclude_leads_on_whether_invited_or_not(application: Application, invited: bool) -> None:
    shortlisting_of(application, invited=invited)
    review_of(assignment_of(application))
    actions.conclude_review(application, by=chair_of(application.call))
    application.refresh_from_db()
    assert application.status == Status.INTERVIEWING
    assert not Notice.objects.exists()  # the applicant learns nothing before a publication


def test_conclude_is_refused_without_an_entry_or_without_a_live_review(application: Application) -> None:
    chair, assignment = chair_of(application.call), assignment_of(application)
    review_of(assignment)
    with pytest.raises(NotNow) as no_entry:
        actions.conclude_review(application, by=chair)
    shortlisting_of(application)
    assignment.ended_at = clock.now()
    assignment.save()
    with pytest.raises(NotNow) as no_review:
        actions.conclude_review(application, by=chair)
    assert (no_entry.value.code, no_review.value.code) == ("not-shortlisted", "no-review")


def test_conclude_several_is_all_or_nothing(application: Application) -> None:
    other = application_of(application.call, status=Status.UNDER_REVIEW)
    shortlisting_of(application)
    review_of(assignment_of(application))
    with pytest.raises(NotNow):
        actions.conclude_reviews([application, other], by=chair_of(application.call))
    application.refresh_from_db()
    assert application.status == Status.UNDER_REVIEW
    shortlisting_of(other)
    review_of(assignment_of(other))
    assert actions.conclude_reviews([application, other], by=chair_of(application.call)) == 2


@pytest.mark.parametrize(
    "who", ["reviewer", "administrator", "curator", "auditor", "applicant", "other chair", "conflicted chair"]
)
def test_everything_of_the_chair_is_denied_to(application: Application, who: str) -> None:
    assignment, spare = assignment_of(application), seat(application.call, UserFactory())
    chair = chair_of(application.call)
    if who == "conflicted chair":
        Conflict.objects.create(application=application, user=chair, by=chair, at=clock.now())
    by = {
        "reviewer": lambda: assignment.reviewer,
        "administrator": administrator,
        "curator": lambda: UserFactory(roles=["curator"]),
        "auditor": lambda: UserFactory(roles=["auditor"]),
        "applicant": lambda: application.principal_investigator,
        "other chair": lambda: chair_of(application_of(status=Status.UNDER_REVIEW).call),
        "conflicted chair": lambda: chair,
    }[who]()
    before = Event.objects.count()
    for act in (
        lambda: assign(application, spare, by=by),
        lambda: actions.unassign(assignment, by=by, reason="Words."),
        lambda: actions.shortlist(application, by=by, invited=True),
        lambda: actions.conclude_review(application, by=by),
    ):
        with pytest.raises(Denied):
            act()
    assert (Event.objects.count(), Shortlisting.objects.count()) == (before, 0)


@pytest.mark.parametrize("status", [Status.INTERVIEWING, Status.DECIDED, Status.PUBLISHED])
def test_assign_and_take_off_are_refused_once_the_review_is_concluded(status: str) -> None:
    application = application_of(status=status)
    assignment, spare = assignment_of(application), seat(application.call, UserFactory())
    with pytest.raises(NotNow):
        assign(application, spare)
    with pytest.raises(NotNow):
        actions.unassign(assignment, by=chair_of(application.call), reason="Words.")


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.RETURNED, Status.INELIGIBLE])
def test_nothing_is_assigned_before_the_application_has_passed(status: str) -> None:
    application = application_of(status=status)
    with pytest.raises(Denied):
        assign(application, seat(application.call, UserFactory()))
