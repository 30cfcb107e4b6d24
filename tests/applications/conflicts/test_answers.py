"""Pledging, answering on conflicts, and what opens by it; declaring one later."""

from decimal import Decimal

import pytest

from applications.access import assigned_to, judged_by, relations
from applications.conflicts import actions
from applications.conflicts.actions import Answered
from applications.enums import InterestAnswer, PanelRole, Status
from applications.models import Application, Assignment, Conflict, PanelAnswer, ReviewTally
from portal import clock
from portal.accounts.models import User
from portal.audit.models import Event
from portal.errors import Denied, Invalid, NotNow
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, assignment_of, call_of, chair_of, seat
from tests.factories.decisions import DAY, closed_call, decided, released
from tests.factories.review import review_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def assignment() -> Assignment:
    return assignment_of(application_of(status=Status.UNDER_REVIEW))


def newcomer(application: Application, role: str = PanelRole.REVIEWER) -> User:
    """Somebody with a seat who has neither pledged nor answered yet."""
    user = UserFactory()
    application.call.panel.create(user=user, role=role, since=clock.now())
    Assignment.objects.create(application=application, reviewer=user, by=administrator(), at=clock.now())
    return user


@pytest.mark.parametrize("role", [PanelRole.REVIEWER, PanelRole.CHAIR])
@pytest.mark.parametrize("first", ["pledge", "answer"])
def test_content_opens_after_the_pledge_and_the_answer_and_not_before(role: str, first: str) -> None:
    application = application_of(status=Status.UNDER_REVIEW)
    user, call = newcomer(application, role), application.call
    seen = judged_by if role == PanelRole.CHAIR else assigned_to
    acts = [
        lambda: actions.pledge(call, by=user),
        lambda: actions.answer(call, by=user, said={}, none_for_the_rest=True),
    ]
    for act in acts if first == "pledge" else reversed(acts):
        assert (list(seen(user)), relations(user, application)) == ([], frozenset())
        act()
    assert list(seen(user)) == [application]
    assert relations(user, application)


@pytest.mark.parametrize("answer", [InterestAnswer.CANNOT, InterestAnswer.SUPERVISOR])
def test_who_cannot_judge_it_never_sees_it(answer: InterestAnswer) -> None:
    application = application_of(status=Status.UNDER_REVIEW)
    user = newcomer(application)
    actions.pledge(application.call, by=user)
    actions.answer(application.call, by=user, said={application.reference: Answered(answer)})
    assert list(assigned_to(user)) == []
    kind = {"cannot": "declared"}.get(answer, answer)
    assert Conflict.objects.get(user=user).kind == kind
    assert Assignment.objects.get(reviewer=user).ended_because == "recused"


def test_minor_interest_opens_and_needs_words() -> None:
    application = application_of(status=Status.UNDER_REVIEW)
    user = newcomer(application)
    actions.pledge(application.call, by=user)
    with pytest.raises(Invalid) as refusal:
        actions.answer(application.call, by=user, said={application.reference: Answered(InterestAnswer.MINOR, " ")})
    assert list(refusal.value.errors) == [f"words_{application.reference}"]
    said = {application.reference: Answered(InterestAnswer.MINOR, "We met at a workshop.")}
    assert actions.answer(application.call, by=user, said=said) == 1
    assert list(assigned_to(user)) == [application]


def test_none_for_the_rest_answers_what_is_left_and_changes_no_answer() -> None:
    call = closed_call()
    applications = [application_of(call, status=Status.UNDER_REVIEW) for _ in range(3)]
    user = newcomer(applications[0])
    said = {applications[1].reference: Answered(InterestAnswer.CANNOT)}
    assert actions.answer(call, by=user, said=said, none_for_the_rest=True) == 3
    assert actions.answer(call, by=user, said={}, none_for_the_rest=True) == 0
    answers = dict(PanelAnswer.objects.filter(user=user).values_list("application", "answer"))
    assert answers == {one.pk: "cannot" if one == applications[1] else "none" for one in applications}


def test_what_came_before_the_panel_later_is_answered_anew() -> None:
    call = closed_call()
    user = newcomer(application_of(call, status=Status.UNDER_REVIEW))
    actions.pledge(call, by=user)
    actions.answer(call, by=user, said={}, none_for_the_rest=True)
    later = application_of(call, status=Status.UNDER_REVIEW)
    PanelAnswer.objects.filter(application=later, user=user).delete()  # the factory lets everybody answer
    Assignment.objects.create(application=later, reviewer=user, by=chair_of(call), at=clock.now())
    assert later not in assigned_to(user)


def test_answers_are_the_panels_about_what_is_before_it() -> None:
    application, other = application_of(status=Status.UNDER_REVIEW), application_of(status=Status.UNDER_REVIEW)
    user = newcomer(application)
    for by in (administrator(), application.principal_investigator, UserFactory()):
        with pytest.raises(Denied):
            actions.answer(application.call, by=by, said={}, none_for_the_rest=True)
        with pytest.raises(Denied):
            actions.pledge(application.call, by=by)
    with pytest.raises(Denied):
        actions.answer(application.call, by=user, said={other.reference: Answered(InterestAnswer.NONE)})
    assert not PanelAnswer.objects.filter(user=user).exists()


def test_terms_are_accepted_once() -> None:
    user = newcomer(application_of(status=Status.UNDER_REVIEW))
    call = user.panels.get().call
    actions.pledge(call, by=user)
    with pytest.raises(NotNow):
        actions.pledge(call, by=user)
    assert Event.objects.filter(verb="call.pledge").count() == 1


def test_access_ends_a_month_after_the_release() -> None:
    call = closed_call()
    decided(call)
    application = call.applications.get()
    reviewer = seat(call, UserFactory())
    Assignment.objects.create(application=application, reviewer=reviewer, by=chair_of(call), at=clock.now())
    released(call)
    application.refresh_from_db()
    assert list(assigned_to(reviewer)) == [application]
    with clock.set_to(clock.now() + 31 * DAY):
        assert list(assigned_to(reviewer)) == []
        assert relations(reviewer, application) == frozenset()
        assert list(judged_by(chair_of(call))) == []


def test_declared_conflict_ends_the_assignment_and_takes_the_review_out(assignment: Assignment) -> None:
    application = assignment.application
    review_of(assignment, 1, 1)
    review_of(assignment_of(application), 5, 5)
    conflict = actions.declare_conflict(application, by=assignment.reviewer)
    assignment.refresh_from_db()
    assert (conflict.user, conflict.kind) == (assignment.reviewer, "declared")
    assert assignment.ended_at is not None
    assert ReviewTally.objects.get(application=application).mean == Decimal("5.000")
    event = Event.objects.get(verb="application.declare_conflict")
    assert event.facts == {"user": str(assignment.reviewer.uid), "assignments_ended": 1}


def test_declared_conflict_twice_is_one(assignment: Assignment) -> None:
    for _ in range(2):
        actions.declare_conflict(assignment.application, by=assignment.reviewer)
    assert Event.objects.filter(verb="application.declare_conflict").count() == 1


def test_conflict_can_be_declared_by_the_panel_and_the_office_alone(assignment: Assignment) -> None:
    for by in (assignment.application.principal_investigator, UserFactory(), UserFactory(roles=["auditor"])):
        with pytest.raises(Denied):
            actions.declare_conflict(assignment.application, by=by)


def test_conflict_can_be_declared_only_with_what_is_before_the_panel() -> None:
    call = call_of()
    with pytest.raises(NotNow):
        actions.declare_conflict(application_of(call), by=chair_of(call))
