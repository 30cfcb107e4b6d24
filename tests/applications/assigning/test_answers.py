"""Members: what they know and wish, the answer to being asked, and what they take up by themselves."""

from collections.abc import Callable
from typing import Any

import pytest

from applications.assigned import asked_in, taken_up_by, waiting_for
from applications.assigning import actions
from applications.enums import AssignmentAnswer, AssignmentEnd, PanelRole, RoundMode, Wish
from applications.models import Application, Assignment, Bid, Call, Conflict, InvitedFor, PanelMember
from portal import clock
from portal.accounts.models import User
from portal.audit.models import Event
from portal.errors import Denied, Invalid, NotNow
from portal.notifications import letters
from portal.notifications.models import Notice
from tests.factories.accounts import UserFactory
from tests.factories.applications import chair_of, seat
from tests.factories.contention import race
from tests.factories.review import review_of
from tests.factories.rounds import expert, panel_of, released

pytestmark = pytest.mark.django_db
Asked = tuple[Call, User, list[str]]


def asked_of(call: Call, person: User) -> list[str]:
    return [one.application.reference for one in waiting_for(person, call)]


def conflict_of(application: Application, user: User) -> None:
    Conflict.objects.create(application=application, user=user, by=user, at=clock.now())


@pytest.fixture
def asked() -> Asked:
    call, people, _applications = panel_of(reviewers=3, applications=3)
    released(call)
    return call, people[0], asked_of(call, people[0])


def test_what_is_not_declined_is_accepted_and_the_chair_hears_of_the_rest(asked: Asked) -> None:
    call, person, (first, second) = asked
    assert actions.answer(call, by=person, asked=[first, second], declined=[second], suggestion=" Dr. B ") == (1, 1)
    taken = Assignment.objects.get(reviewer=person, application__reference=first)
    left = Assignment.objects.get(reviewer=person, application__reference=second)
    assert (taken.answer, taken.ended_at, taken.ended_because) == (AssignmentAnswer.ACCEPTED, None, "")
    assert (left.answer, left.suggestion, left.ended_because) == (
        AssignmentAnswer.DECLINED,
        "Dr. B",
        AssignmentEnd.DECLINED,
    )
    assert left.ended_at is not None
    notice = Notice.objects.get(kind="reviews-declined")
    assert (notice.recipient, asked_of(call, person)) == (chair_of(call), [])
    body = letters.write(notice).body
    assert (second in body, first in body, "Dr. B" in body, person.name in body) == (True, False, True, True)
    verbs = set(Event.objects.filter(verb__startswith="assignment.").values_list("verb", flat=True))
    assert verbs == {"assignment.make", "assignment.accept", "assignment.decline"}


def test_who_judges_an_application_hears_that_it_was_declined_and_no_conflicted_chair(asked: Asked) -> None:
    call, person, (first, second) = asked
    other = seat(call, UserFactory(), PanelRole.CHAIR)
    conflict_of(Application.objects.get(reference=first), other)
    actions.answer(call, by=person, asked=[first, second], declined=[first, second], suggestion="Dr. B")
    notice = Notice.objects.get(kind="reviews-declined", recipient=other)
    body = letters.write(notice).body
    assert (second in body, first in body) == (True, False)
    Notice.objects.all().delete()
    call, people, (closed,) = panel_of(reviewers=2, applications=1)
    released(call)
    conflict_of(closed, extra := seat(call, UserFactory(), PanelRole.CHAIR))
    actions.answer(call, by=people[0], asked=[closed.reference], declined=[closed.reference])
    told = set(Notice.objects.filter(kind="reviews-declined").values_list("recipient", flat=True))
    assert told and extra.pk not in told


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows: rows.update(answer=AssignmentAnswer.ACCEPTED),
        lambda rows: rows.update(ended_at=clock.now()),
        lambda rows: review_of(rows.get()),
        lambda rows: conflict_of(rows.get().application, rows.get().reviewer),
        lambda rows: PanelMember.objects.filter(user=rows.get().reviewer).update(until=clock.now()),
    ],
    ids=["accepted", "ended", "sent", "conflict", "no seat"],
)
def test_what_does_not_wait_any_more_is_not_answered(asked: Asked, spoil: Callable[[Any], Any]) -> None:
    call, person, (first, second) = asked
    spoil(Assignment.objects.filter(reviewer=person, application__reference=first))
    with pytest.raises(NotNow) as refusal:
        actions.answer(call, by=person, asked=[first, second], declined=[first])
    assert refusal.value.code == "answered"
    assert first not in asked_of(call, person)
    assert not Assignment.objects.filter(answer=AssignmentAnswer.DECLINED).exists()


def test_nobody_answers_for_somebody_else(asked: Asked) -> None:
    call, person, references = asked
    with pytest.raises(NotNow):
        actions.answer(call, by=chair_of(call), asked=references)
    with pytest.raises(Invalid):
        actions.answer(call, by=person, asked=references[:1], declined=references)
    assert asked_of(call, person) == references


def test_in_a_released_small_round_everybody_without_a_conflict_may_take_up_the_rest() -> None:
    call, people, applications = panel_of(reviewers=4, applications=3)
    released(call)
    person = people[0]
    invited = expert(call)
    InvitedFor.objects.create(seat=call.panel.get(user=invited), application=applications[0], by=person, at=clock.now())
    free = list(taken_up_by(person, call))
    own = set(Assignment.objects.filter(reviewer=person).values_list("application", flat=True))
    assert {one.pk for one in free} == {one.pk for one in applications} - own
    assert asked_in(person, call)["free"] == free
    assert not taken_up_by(invited, call).exists()
    conflict_of(free[0], person)
    with pytest.raises(Denied):
        actions.take_up(free[0], by=person)
    other = people[1]
    chosen = taken_up_by(other, call)[0]
    made = actions.take_up(chosen, by=other)
    assert (made.by, made.is_lead, made.answer) == (other, False, AssignmentAnswer.ACCEPTED)
    with pytest.raises(NotNow):
        actions.take_up(chosen, by=other)


def test_before_the_release_and_in_a_matched_round_nothing_is_taken_up() -> None:
    call, people, (application, _second) = panel_of(reviewers=4, applications=2)
    with pytest.raises(Denied):
        actions.take_up(application, by=people[0])
    released(call, mode=RoundMode.MATCHED)
    assert not any(taken_up_by(one, call).exists() for one in people)


def test_expertise_and_wishes_are_kept_of_what_is_open() -> None:
    call, people, (application, other) = panel_of(reviewers=2, applications=2)
    person = people[0]
    kept = actions.state_expertise(call, by=person, techniques=["SIMS", "Massspectrometry", "SIMS"], most=4)
    assert (kept.techniques, kept.most_reviews) == (["Massspectrometry", "SIMS"], 4)
    for wrong in ({"techniques": ["alchemy"]}, {"techniques": [], "most": 0}):
        with pytest.raises(Invalid):
            actions.state_expertise(call, by=person, **wrong)
    with pytest.raises(Denied):
        actions.state_expertise(call, by=UserFactory(), techniques=[])
    actions.wish(call, by=person, wishes={application.reference: Wish.EAGER, other.reference: Wish.RELUCTANT})
    actions.wish(call, by=person, wishes={application.reference: Wish.WILLING, other.reference: None})
    assert list(Bid.objects.values_list("application", "user", "wish")) == [(application.pk, person.pk, 1)]
    conflict_of(other, person)
    with pytest.raises(Denied):
        actions.wish(call, by=person, wishes={other.reference: Wish.EAGER})
    call.panel.filter(user=people[1]).update(pledged_at=None)
    with pytest.raises(Denied):
        actions.wish(call, by=people[1], wishes={application.reference: Wish.EAGER})


@pytest.mark.django_db(transaction=True)
def test_who_accepts_and_declines_at_once_has_answered_once(asked: Asked) -> None:
    call, person, references = asked
    assert race(
        lambda: actions.answer(call, by=person, asked=references),
        lambda: actions.answer(call, by=person, asked=references, declined=references),
    ) == ["answered", "done"]
    answers = set(Assignment.objects.filter(reviewer=person).values_list("answer", flat=True))
    assert len(answers) == 1
    assert Notice.objects.filter(kind="reviews-declined").count() == (answers == {"declined"})


@pytest.mark.django_db(transaction=True)
def test_who_takes_up_twice_at_once_has_it_once() -> None:
    call, people, _applications = panel_of(reviewers=4, applications=3)
    released(call)
    chosen = taken_up_by(people[0], call)[0]
    act = lambda: actions.take_up(chosen, by=people[0])  # noqa: E731 -- the same twice
    assert race(act, act) == ["assigned", "done"]
    assert Assignment.objects.filter(application=chosen, reviewer=people[0]).count() == 1
