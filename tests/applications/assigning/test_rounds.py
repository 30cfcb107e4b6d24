"""A round: what is proposed and what never is, edited, released once and in parts, seen by nobody before."""

import os
import subprocess
import sys
from functools import partial
from typing import Any

import pgtrigger
import pytest

from applications.assigning import proposing, queries, rounds
from applications.enums import AssignmentAnswer, HintKind, InterestAnswer, PanelRole, RoundMode, RoundState, Status
from applications.models import (
    Application,
    Assignment,
    AssignmentRound,
    Bid,
    Conflict,
    InvitedFor,
    PanelAnswer,
    Proposal,
    Ruling,
    SampleRequest,
)
from applications.panel import actions as panel
from portal import clock
from portal.audit.models import Event
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, assignment_of, chair_of, seat
from tests.factories.contention import race
from tests.factories.rounds import expert, panel_of, released, worked_out

pytestmark = pytest.mark.django_db


def pairs(call: Any, **which: Any) -> set[tuple[str, int]]:
    rows = Proposal.objects.filter(round__call=call, **which)
    return set(rows.values_list("application__reference", "reviewer"))


def conflict_of(application: Application, user: Any) -> None:
    Conflict.objects.create(application=application, user=user, by=user, at=clock.now())


def test_a_small_round_proposes_two_leads_each_and_the_same_for_a_seed() -> None:
    call, people, applications = panel_of(reviewers=4, applications=6)
    made = worked_out(call)
    first = pairs(call)
    assert (made.state, made.version, len(first)) == (RoundState.READY, 2, 12)
    assert set(Proposal.objects.values_list("is_lead", flat=True)) == {True}
    assert {sum(1 for _one, person in first if person == each.pk) for each in people} == {3}
    assert chair_of(call).pk not in {person for _one, person in first}
    worked_out(call)
    assert pairs(call) == first
    assert any(pairs(worked_out(call, seed=seed).call) != first for seed in range(3))
    assert (Assignment.objects.count(), Notice.objects.count()) == (0, 0)


def test_nobody_is_proposed_whom_something_bars_and_the_same_people_are_without_it() -> None:
    """Control: each of these is proposed for the second application, where nothing stands in the way."""
    call, people, (barred, free) = panel_of(reviewers=5, applications=2)
    conflicted, hinted, declined, invited, _other = people
    invited = expert(call)
    conflict_of(barred, conflicted)
    PanelAnswer.objects.filter(application=barred, user=hinted).update(answer=InterestAnswer.MINOR, words="We met.")
    ended = assignment_of(barred, declined)
    Assignment.objects.filter(pk=ended.pk).update(ended_at=clock.now(), answer=AssignmentAnswer.DECLINED)
    InvitedFor.objects.create(seat=call.panel.get(user=invited), application=free, by=declined, at=clock.now())
    worked_out(call, each=2)
    whom = {person for reference, person in pairs(call) if reference == barred.reference}
    assert whom == {people[3].pk, people[4].pk}
    worked_out(call, each=2, with_chair=True)
    board = proposing.board(AssignmentRound.objects.get(), [barred, free])
    assert {one.key for one in board.free(board.papers[1])} == {
        *(one.pk for one in people),
        invited.pk,
        chair_of(call).pk,
    }
    Ruling.objects.create(
        application=barred,
        user=hinted,
        kind=HintKind.MINOR,
        bars=False,
        reason="Long ago.",
        by=chair_of(call),
        at=clock.now(),
    )
    again = proposing.board(AssignmentRound.objects.get(), [barred, free])
    assert {one.key for one in again.free(again.papers[0])} == {
        people[3].pk,
        people[4].pk,
        hinted.pk,
        chair_of(call).pk,
    }


def test_loads_stay_within_what_members_and_the_round_say() -> None:
    call, people, _applications = panel_of(reviewers=4, applications=4)
    call.panel.filter(user=people[0]).update(most_reviews=1)
    worked_out(call, most=3)
    numbers = [sum(1 for _one, person in pairs(call) if person == each.pk) for each in people]
    assert numbers[0] == 1
    assert max(numbers) <= 3
    assert sum(numbers) == 8


def test_a_matched_round_goes_by_techniques_and_wishes_and_says_why() -> None:
    call, (expert_, eager, other), (first, second) = panel_of(reviewers=3, applications=2)
    with pgtrigger.ignore("applications.SampleRequest:append_only"):
        SampleRequest.objects.filter(submission=first.submission).update(technique="SIMS")
        SampleRequest.objects.filter(submission=second.submission).update(technique="RAMAN")
    call.panel.filter(user=expert_).update(techniques=["Massspectrometry"], most_reviews=1)
    Bid.objects.create(application=second, user=eager, wish=2, at=clock.now())
    worked_out(call, mode=RoundMode.MATCHED, each=1)
    assert pairs(call) == {(first.reference, expert_.pk), (second.reference, eager.pk)}
    assert Proposal.objects.get(application=first).because == {"techniques": [1, 1], "load": [1, 1]}
    assert Proposal.objects.get(application=second).because == {"techniques": [0, 1], "wish": 2, "load": [1, None]}
    assert other is not None


def test_a_round_that_cannot_be_done_says_why_and_proposes_nothing() -> None:
    call, people, (first, _second) = panel_of(reviewers=2, applications=2)
    conflict_of(first, people[0])
    made = worked_out(call)
    assert (made.state, made.found) == (
        RoundState.FAILED,
        {"code": "few-members", "applications": [first.pk], "needed": 2, "can": 1},
    )
    assert not Proposal.objects.exists()
    assert worked_out(call, each=1, most=1).state == RoundState.READY  # the control


def test_a_round_is_worked_out_once_whoever_comes_second() -> None:
    call, _people, _applications = panel_of()
    asked = rounds.ask(call, by=chair_of(call), mode=RoundMode.SMALL, each=2, seed=1)
    assert [proposing.work_out(asked), proposing.work_out(asked)] == [True, False]
    assert proposing.work_out_due() == 0
    asked = rounds.ask(call, by=chair_of(call), mode=RoundMode.SMALL, each=2, seed=1, version=2)
    newer = rounds.ask(call, by=chair_of(call), mode=RoundMode.SMALL, each=1, seed=1, version=3)
    assert [proposing.work_out(asked), proposing.work_out(newer)] == [False, True]
    assert Proposal.objects.count() == 3


def test_release_makes_assignments_and_tells_each_member_once() -> None:
    call, people, applications = panel_of(reviewers=3, applications=3)
    proposed = pairs(worked_out(call).call)
    result = rounds.release(call, by=chair_of(call), version=2)
    assert (result.reviews, result.people, result.left_out) == (6, 3, [])
    rows = Assignment.objects.all()
    assert set(rows.values_list("application__reference", "reviewer")) == proposed
    assert set(rows.values_list("is_lead", "answer", "by")) == {(True, AssignmentAnswer.WAITING, chair_of(call).pk)}
    assert Event.objects.filter(verb="assignment.make").count() == 6
    notices = list(Notice.objects.all())
    assert {one.kind for one in notices} == {"reviews-asked"}
    assert sorted(one.recipient_id for one in notices) == sorted(one.pk for one in people)
    assert {one.context["number"] for one in notices} == {2}
    assert not pairs(call, released_at=None)
    with pytest.raises(NotNow) as refusal:
        rounds.release(call, by=chair_of(call), version=3)
    assert refusal.value.code == "nothing-to-release"
    assert applications


def test_whoever_has_a_conflict_since_is_left_out_and_named() -> None:
    call, people, applications = panel_of(reviewers=4, applications=2)
    worked_out(call, each=3)
    proposed = sorted(pairs(call))
    reference, person = proposed[0]
    application = next(one for one in applications if one.reference == reference)
    conflict_of(application, UserFactory._meta.model.objects.get(pk=person))
    _reference, busy = next(one for one in proposed if one[1] != person)
    call.panel.filter(user=busy).update(most_reviews=0)
    gone = next(each for each in people if each.pk not in (person, busy))
    call.panel.filter(user=gone).update(until=clock.now())
    result = rounds.release(call, by=chair_of(call), version=2)
    codes = {(one[1], one[2]) for one in result.left_out}
    assert codes == {(person, "conflict"), (busy, "cap"), (gone.pk, "seat")}
    assert {(application.pk, person, "conflict")} <= {tuple(one) for one in result.left_out}
    assert not Assignment.objects.filter(reviewer__in=[busy, gone.pk]).exists()
    assert Assignment.objects.count() == result.reviews == 6 - len(result.left_out)
    rows, round_ = queries.covered(chair_of(call), call), queries.round_of(call)
    assert {one.code for one in queries.left_out(rows, round_)} == {"conflict", "cap", "seat"}


def test_a_round_after_a_release_fills_what_is_short() -> None:
    call, people, applications = panel_of(reviewers=4, applications=2)
    released(call)
    one = Assignment.objects.first()
    assert one is not None
    Assignment.objects.filter(pk=one.pk).update(ended_at=clock.now(), answer=AssignmentAnswer.DECLINED)
    made = worked_out(call, mode=RoundMode.MATCHED)
    assert made.mode == RoundMode.SMALL  # what members may take up rests on it
    ((reference, person),) = pairs(call, released_at=None)
    assert (reference, person != one.reviewer_id) == (one.application.reference, True)
    rounds.release(call, by=chair_of(call), version=made.version)
    assert Assignment.objects.filter(ended_at=None).count() == 4
    assert people and applications


def test_edit_adds_takes_off_and_lets_lead_within_what_holds() -> None:
    call, people, (application, _other) = panel_of(reviewers=4, applications=2)
    worked_out(call)
    chair, conflicted = chair_of(call), people[3]
    Proposal.objects.filter(application=application, reviewer=conflicted).delete()
    conflict_of(application, conflicted)
    version = AssignmentRound.objects.get().version
    rounds.edit(application, by=chair, chosen={people[0].uid: True, people[1].uid: False}, version=version)
    rows = Proposal.objects.filter(application=application).values_list("reviewer", "is_lead")
    assert set(rows) == {(people[0].pk, True), (people[1].pk, False)}
    chosen = {people[0].uid: True, conflicted.uid: False}
    for refused, field in ((chosen, f"part_{conflicted.uid}"), ({UserFactory().uid: True}, None)):
        with pytest.raises(Invalid) as invalid:
            rounds.edit(application, by=chair, chosen=refused, version=version + 1)
        assert field is None or list(invalid.value.errors) == [field]
    call.panel.filter(user=people[2]).update(most_reviews=1)
    Proposal.objects.get_or_create(
        round=AssignmentRound.objects.get(), application=_other, reviewer=people[2], defaults={}
    )
    with pytest.raises(Invalid):
        rounds.edit(application, by=chair, chosen={people[2].uid: False}, version=version + 1)
    with pytest.raises(NotNow) as stale:
        rounds.edit(application, by=chair, chosen={}, version=version)
    assert stale.value.code == "stale"
    assert set(rows.all()) == {(people[0].pk, True), (people[1].pk, False)}


@pytest.mark.parametrize("who", ["reviewer", "stranger", "conflicted"])
def test_nobody_but_a_chair_without_a_conflict_asks_edits_and_releases(who: str) -> None:
    call, people, (application, other) = panel_of(reviewers=4, applications=2)
    made = worked_out(call)
    person = {"reviewer": people[0], "stranger": UserFactory(), "conflicted": seat(call, UserFactory(), "chair")}[who]
    conflict_of(application, person)
    with pytest.raises(Denied):
        rounds.edit(application, by=person, chosen={}, version=made.version)
    if who == "conflicted":
        result = rounds.release(call, by=person, version=made.version)
        assert result.reviews == 2
        assert set(Assignment.objects.values_list("application", flat=True)) == {other.pk}
        assert len(pairs(call, released_at=None)) == 2  # the other chair’s, still
        return
    for act in (
        lambda: rounds.ask(call, by=person, mode=RoundMode.SMALL, each=2, version=made.version),
        lambda: rounds.release(call, by=person, version=made.version),
    ):
        with pytest.raises(Denied):
            act()
    assert not Assignment.objects.exists()


def test_an_administrator_assigns_what_every_chair_has_a_conflict_with_and_nothing_else() -> None:
    call, _people, (closed, other) = panel_of(reviewers=4, applications=2)
    chair, office = chair_of(call), administrator()
    conflict_of(closed, chair)
    assert set(queries.covered(chair, call)) == {other}
    assert set(queries.covered(office, call)) == {closed}
    released(call, by=office)
    assert set(Assignment.objects.values_list("application", flat=True)) == {closed.pk}
    conflict_of(closed, office)
    assert not queries.covered(office, call).exists()
    conflict_of(other, office)
    with pytest.raises(NotNow):
        rounds.ask(call, by=office, mode=RoundMode.SMALL, each=2, version=AssignmentRound.objects.get().version)


def test_a_member_is_assigned_by_hand_beside_a_round() -> None:
    call, people, (application, _other) = panel_of(reviewers=3, applications=2)
    panel.assign(application, by=chair_of(call), reviewer=people[0])
    released(call)
    assert Assignment.objects.filter(application=application, ended_at=None).count() == 2
    panel.assign(
        application,
        by=chair_of(call),
        reviewer=next(
            one for one in people if not Assignment.objects.filter(application=application, reviewer=one).exists()
        ),
    )
    assert Assignment.objects.filter(application=application, ended_at=None).count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_chairs_who_release_at_once_release_once() -> None:
    call, people, _applications = panel_of(reviewers=3, applications=3)
    made = worked_out(call)
    other = seat(call, UserFactory(), PanelRole.CHAIR)
    acts = [partial(rounds.release, call, by=by, version=made.version) for by in (chair_of_first(call, other), other)]
    assert race(*acts) == ["done", "stale"]
    assert (Assignment.objects.count(), Notice.objects.count()) == (6, len(people))


def chair_of_first(call: Any, other: Any) -> Any:
    return call.panel.filter(role=PanelRole.CHAIR).exclude(user=other).get().user


def test_no_page_loads_the_solvers_and_the_worker_does() -> None:
    """They take longer to load than a page to answer."""
    loaded = "print('scipy' in sys.modules)"
    words = f"import sys, django; django.setup(); import portal.urls; {loaded}; import applications.tasks; {loaded}"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    run = subprocess.run([sys.executable, "-c", words], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.split()[-2:] == ["False", "True"]


def test_a_covered_application_is_under_review() -> None:
    call, _people, (application,) = panel_of(applications=1)
    application_of(call, status=Status.INTERVIEWING)
    assert list(queries.covered(chair_of(call), call)) == [application]


def test_a_second_release_is_dated_anew_and_one_that_released_nothing_is_not() -> None:
    call, people, applications = panel_of(reviewers=4, applications=1)
    first = released(call).released_at
    left = applications[0].assignments.first()
    assert left is not None
    panel.unassign(left, by=chair_of(call), reason="Asked in error.")
    second = released(call)
    assert first is not None
    assert second.released_at is not None
    assert second.released_at > first
    again = applications[0].assignments.filter(ended_at=None).last()
    assert again is not None
    assert again.at == second.released_at
    panel.unassign(again, by=chair_of(call), reason="Asked in error.")
    made = worked_out(call)
    for one in Proposal.objects.filter(released_at=None):
        conflict_of(applications[0], one.reviewer)
    rounds.release(call, by=chair_of(call), version=made.version)
    made.refresh_from_db()
    assert made.released_at == second.released_at
