"""What a chair, or an administrator in their place, settles: rulings, waivers, experts, suspended reviews."""

from decimal import Decimal
from typing import Any

import pytest

from applications.access import (
    FIELDS,
    assigned_to,
    declarable_by,
    fields,
    judged_by,
    relations,
    spoken_on_by,
    visible_to,
)
from applications.conflicts import actions, settling
from applications.conflicts.overview import overview
from applications.enums import AssignmentEnd, ConflictKind, HintKind, InterestAnswer, PanelRole, Status
from applications.models import Application, Conflict, PanelMember, ReviewTally, Ruling, TeamMember
from applications.panel import actions as panel
from applications.rules.conflicts import conflicts_of
from applications.suspending import end_conflicted, suspension_of
from portal import clock
from portal.accounts.actions import change_profile
from portal.accounts.models import User
from portal.audit.models import Event
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from tests.factories.accounts import InstitutionFactory, UserFactory, administrator
from tests.factories.applications import application_of, assignment_of, chair_of, member_of, seat
from tests.factories.conflicts import minor_interest_of, relative_of
from tests.factories.decisions import closed_call
from tests.factories.review import review_of

pytestmark = pytest.mark.django_db
PARENT = HintKind.PARENT


@pytest.fixture
def application() -> Application:
    return application_of(closed_call(), status=Status.UNDER_REVIEW)


@pytest.fixture
def chair(application: Application) -> User:
    return chair_of(application.call)


@pytest.fixture
def relative(application: Application) -> User:
    return seat(application.call, relative_of(application))


def declared(application: Application, user: User) -> User:
    Conflict.objects.create(application=application, user=user, by=user, at=clock.now())
    return user


def tally_of(application: Application) -> tuple[int, Any]:
    tally = ReviewTally.objects.get(application=application)
    return tally.number, tally.mean


# --- Rulings -----------------------------------------------------------------------------------------------


def test_nobody_is_assigned_while_a_hint_is_open(application: Application, chair: User, relative: User) -> None:
    with pytest.raises(NotNow, match="Rule on this hint first"):
        panel.assign(application, by=chair, reviewer=relative)
    settling.rule(application, by=chair, person=relative, kind=PARENT, bars=False, reason="Far apart.")
    panel.assign(application, by=chair, reviewer=relative)
    assert list(assigned_to(relative)) == [application]


def test_a_ruling_that_bars_closes_and_suspends_at_once(application: Application, chair: User) -> None:
    reviewer = seat(application.call, UserFactory())
    assignment = panel.assign(application, by=chair, reviewer=reviewer)
    review_of(assignment, 1, 1)
    review_of(assignment_of(application), 5, 5)
    minor_interest_of(application, reviewer)
    assert tally_of(application) == (2, Decimal("3.000"))

    settling.rule(application, by=chair, person=reviewer, kind=HintKind.MINOR, bars=True, reason="Too close.")

    assert tally_of(application) == (1, Decimal("5.000"))
    assert conflicts_of(reviewer, application) == [ConflictKind.RULED]
    assert (list(assigned_to(reviewer)), relations(reviewer, application)) == ([], frozenset())
    assignment.refresh_from_db()
    assert assignment.ended_because == AssignmentEnd.CONFLICT
    event = Event.objects.get(verb="application.rule_on_hint")
    assert event.facts == {"user": str(reviewer.uid), "kind": "minor", "bars": True, "assignments_ended": 1}


def test_a_hint_is_ruled_on_once_with_a_reason_and_only_where_there_is_one(
    application: Application, chair: User, relative: User
) -> None:
    rule = {"by": chair, "person": relative, "kind": PARENT, "bars": False}
    with pytest.raises(Invalid):
        settling.rule(application, **rule, reason="  ")
    with pytest.raises(NotNow):
        settling.rule(application, **rule | {"kind": HintKind.COAUTHOR}, reason="None.")
    settling.rule(application, **rule, reason="Far apart.")
    with pytest.raises(NotNow):
        settling.rule(application, **rule | {"bars": True}, reason="Changed my mind.")
    assert Ruling.objects.get().bars is False


def test_the_chair_settles_and_an_administrator_only_in_their_place(
    application: Application, chair: User, relative: User
) -> None:
    office, rule = administrator(), {"person": relative, "kind": PARENT, "bars": False, "reason": "Far apart."}
    for by in (office, relative, application.principal_investigator, UserFactory()):
        with pytest.raises(Denied):
            settling.rule(application, by=by, **rule)
    declared(application, chair)
    with pytest.raises(Denied):
        settling.rule(application, by=chair, **rule)
    with pytest.raises(Denied):  # a conflict binds administrators as well
        settling.rule(application, by=declared(application, administrator()), **rule)
    settling.rule(application, by=office, **rule)
    assert Ruling.objects.get().by == office


def test_nobody_rules_on_themselves(application: Application, chair: User) -> None:
    minor_interest_of(application, chair)
    rule = {"person": chair, "kind": HintKind.MINOR, "bars": False, "reason": "I think not."}
    with pytest.raises(Denied):
        settling.rule(application, by=chair, **rule)
    assert overview(chair, application.call).questions == []
    office = administrator()
    assert [one.person for one in overview(office, application.call, office=True).questions] == [chair]
    settling.rule(application, by=office, **rule)


# --- Waivers and experts -------------------------------------------------------------------------------------


def test_a_waiver_lets_somebody_read_and_speak_and_never_score(application: Application, chair: User) -> None:
    speaker = declared(application, seat(application.call, UserFactory()))
    assert list(spoken_on_by(speaker)) == []
    settling.waive(application, by=chair, person=speaker, reason="Nobody else knows noble gases.")
    assert relations(speaker, application) == {"speaker"}
    assert fields(speaker, application) == {part for part, ways in FIELDS.items() if "speaker" in ways}
    assert not fields(speaker, application) & {"own-review", "others-reviews", "reviews", "advice", "minutes"}
    assert (list(spoken_on_by(speaker)), list(assigned_to(speaker))) == ([application], [])
    with pytest.raises(Invalid):
        panel.assign(application, by=chair, reviewer=speaker)
    assert Notice.objects.get(kind="waiver-recorded").recipient == speaker
    with pytest.raises(NotNow):
        settling.waive(application, by=chair, person=speaker, reason="Again.")


def test_own_matters_are_never_waived_nor_is_nothing(application: Application, chair: User) -> None:
    lead = seat(application.call, application.principal_investigator)
    member = seat(application.call, UserFactory())
    member_of(application, member, confirmed=False)
    for person in (lead, member):
        with pytest.raises(Invalid):
            settling.waive(application, by=chair, person=person, reason="Needed.")
    with pytest.raises(NotNow):
        settling.waive(application, by=chair, person=seat(application.call, UserFactory()), reason="Needed.")
    with pytest.raises(Invalid):
        settling.waive(application, by=chair, person=declared(application, UserFactory()), reason="No seat.")
    colleague = declared(application, seat(application.call, UserFactory()))
    with pytest.raises(Invalid):
        settling.waive(application, by=chair, person=colleague, reason=" ")


def test_an_expert_sees_what_they_were_invited_for_and_nothing_else(application: Application, chair: User) -> None:
    other = application_of(application.call, status=Status.UNDER_REVIEW)
    expert = UserFactory()
    settling.invite_expert(application, by=chair, email=expert.email.upper())
    assert list(declarable_by(expert)) == [application]
    assert list(visible_to(expert)) == []
    actions.pledge(application.call, by=expert)
    actions.answer(application.call, by=expert, said={}, none_for_the_rest=True)
    panel.assign(application, by=chair, reviewer=expert)
    assert list(visible_to(expert)) == [application]
    with pytest.raises(Invalid):  # they sit on the panel for the one alone
        panel.assign(other, by=chair, reviewer=expert)
    with pytest.raises(NotNow):
        settling.invite_expert(application, by=chair, email=expert.email)
    settling.invite_expert(other, by=chair, email=expert.email)
    assert PanelMember.objects.filter(user=expert).count() == 1
    assert Notice.objects.filter(kind="expert-invited", recipient=expert).count() == 2


def test_who_cannot_be_an_expert(application: Application, chair: User) -> None:
    conflicted = declared(application, UserFactory())
    member = seat(application.call, UserFactory())
    for email in ("nobody@example.org", conflicted.email, member.email, chair.email):
        with pytest.raises(Invalid) as refusal:
            settling.invite_expert(application, by=chair, email=email)
        assert list(refusal.value.errors) == ["email"]
    assert not application.call.panel.filter(role=PanelRole.EXPERT).exists()


# --- Suspended, and reinstated ---------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["reviewer moves", "applicant moves", "member moves"])
def test_a_move_suspends_what_it_bars_and_scores_leave_the_tally(application: Application, way: str) -> None:
    member = member_of(application).user
    assignment = assignment_of(application)
    review_of(assignment, 1, 1)
    review_of(assignment_of(application), 5, 5)
    movers = {
        "reviewer moves": (assignment.reviewer, application.institution),
        "applicant moves": (application.principal_investigator, assignment.reviewer.institution),
        "member moves": (member, assignment.reviewer.institution),
    }
    user, there = movers[way]

    change_profile(user, by=user, institution=InstitutionFactory())  # control: elsewhere, and nothing is suspended
    assert tally_of(application) == (2, Decimal("3.000"))
    change_profile(user, by=user, institution=there)

    assert tally_of(application) == (1, Decimal("5.000"))
    assignment.refresh_from_db()
    assert assignment.ended_because == AssignmentEnd.CONFLICT
    assert Event.objects.get(verb="assignment.suspend").facts == {"reviewer": str(assignment.reviewer.uid)}


def test_without_the_guard_the_conflicted_score_stays_in_the_tally(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment = assignment_of(application)
    review_of(assignment, 1, 1)
    monkeypatch.setattr("portal.accounts.identity._listeners", [])
    change_profile(assignment.reviewer, by=assignment.reviewer, institution=application.institution)
    assert conflicts_of(User.objects.get(pk=assignment.reviewer_id), application)
    assert tally_of(application) == (1, Decimal("1.000"))


def test_after_deliberation_a_move_changes_no_score(application: Application) -> None:
    assignment = assignment_of(application)
    review_of(assignment, 1, 1)
    Application.objects.filter(pk=application.pk).update(status=Status.DELIBERATED)
    change_profile(assignment.reviewer, by=assignment.reviewer, institution=application.institution)
    assert tally_of(application) == (1, Decimal("1.000"))


def test_reinstating_counts_the_scores_again_once_no_conflict_is_left(application: Application, chair: User) -> None:
    reviewer = seat(application.call, UserFactory())
    assignment = assignment_of(application, reviewer)
    review_of(assignment, 2, 2)
    member = member_of(application, UserFactory(institution=reviewer.institution))
    assert end_conflicted(application) == [assignment]
    suspension = suspension_of(application, reviewer)
    assert suspension is not None
    (shown,) = overview(chair, application.call).suspended
    assert (shown.row, shown.review, shown.posts, shown.barred) == (suspension, True, 0, True)
    with pytest.raises(NotNow, match="conflict is left"):
        settling.reinstate(suspension, by=chair, reason="They left.")
    TeamMember.objects.filter(pk=member.pk).delete()
    assert [one.barred for one in overview(chair, application.call).suspended] == [False]
    with pytest.raises(Invalid):
        settling.reinstate(suspension, by=chair, reason="")
    with pytest.raises(Denied):
        settling.reinstate(suspension, by=reviewer, reason="They left.")
    assert tally_of(application)[0] == 0

    settling.reinstate(suspension, by=chair, reason="They left.")

    assert tally_of(application) == (1, Decimal("2.000"))
    assert list(assigned_to(reviewer)) == [application]
    with pytest.raises(NotNow):
        settling.reinstate(suspension, by=chair, reason="Again.")
    assert overview(chair, application.call).suspended == []


# --- What is shown to whoever settles ----------------------------------------------------------------------------


def test_the_overview_names_gaps_answers_and_whose_conflict_could_be_waived(
    application: Application, chair: User
) -> None:
    call = application.call
    call.reviews_each = 2
    call.save()
    assert [(one.application, one.free) for one in overview(chair, call).short] == [(application, 1)]
    colleague = seat(call, UserFactory(institution=application.institution))
    seat(call, application.principal_investigator)
    short = overview(chair, call).short
    assert [(one.free, one.waivable) for one in short] == [(1, [colleague])]
    seat(call, UserFactory())
    assert overview(chair, call).short == []
    newcomer = UserFactory()
    call.panel.create(user=newcomer, role=PanelRole.REVIEWER, since=clock.now())
    waiting = {one.seat.user: (one.seat.pledged_at is None, one.waiting) for one in overview(chair, call).members}
    assert waiting[newcomer] == (True, 1)
    assert waiting[chair] == (False, 0)


def test_the_chair_is_told_when_somebody_has_a_conflict_with_everything(application: Application, chair: User) -> None:
    other = application_of(application.call, status=Status.UNDER_REVIEW)
    user = UserFactory()
    application.call.panel.create(user=user, role=PanelRole.REVIEWER, since=clock.now())
    cannot = actions.Answered(InterestAnswer.CANNOT)
    actions.answer(application.call, by=user, said={application.reference: cannot})
    assert not Notice.objects.filter(kind="panel-member-barred").exists()
    actions.answer(application.call, by=user, said={other.reference: cannot})
    assert Notice.objects.get(kind="panel-member-barred").recipient == chair


def test_of_what_is_closed_to_the_chair_the_chair_learns_nothing(application: Application, chair: User) -> None:
    call = application.call
    relative = seat(call, relative_of(application))
    minor_interest_of(application, relative)
    assert overview(chair, call).questions
    declared(application, chair)
    assert judged_by(chair).count() == 0
    found = overview(chair, call)
    assert (found.questions, found.short, found.suspended, found.rulings) == ([], [], [], [])
    office = overview(administrator(), call, office=True)
    assert {one.reference for one in office.questions} == {application.reference}
