"""A round of 300 applications for 60 reviewers, three each, through the worker's own act: within caps, in 10 seconds.

The same for a seed; and with the caps of one review too few it names what is missing and proposes nothing. The control
counts what a chance draw without caps does: it loads people beyond what they take.
"""

import random
import time
from collections import Counter

import pytest
from django.db import connection

from applications.access import seats_of
from applications.assigning import proposing, queries, rounds
from applications.enums import PanelRole, RoundMode, RoundState, Status
from applications.models import AssignmentRound, Bid, Call, Conflict, Proposal, SampleRequest
from portal import clock
from portal.notifications.models import Notice
from samples.rules.techniques import is_leaf, techniques
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, call_of, chair_of
from tests.factories.decisions import DAY
from tests.factories.samples import powder

pytestmark = pytest.mark.django_db
APPLICATIONS, REVIEWERS, EACH, MOST = 300, 60, 3, 16
SECONDS = 10.0
CODES = [one.code for one in techniques() if is_leaf(one.code)]


def large_call(chance: random.Random) -> Call:
    """A call in which everybody knows three techniques and wishes, and one pair in ten has a conflict."""
    people = [UserFactory() for _ in range(REVIEWERS)]
    call = call_of(samples=[powder()], reviewers=people, closes_at=clock.now() - DAY)
    for seat in call.panel.filter(role=PanelRole.REVIEWER):
        seat.techniques = sorted(chance.sample(CODES, 3))
        seat.most_reviews = chance.choice([None, MOST, MOST + 2])
        seat.save()
    applications = [application_of(call, status=Status.UNDER_REVIEW) for _ in range(APPLICATIONS)]
    now, bids, conflicts = clock.now(), [], []
    for application in applications:
        for person in people:
            drawn = chance.random()
            if drawn < 0.1:
                conflicts.append(Conflict(application=application, user=person, by=person, at=now))
            elif drawn < 0.4:
                wish = chance.choice([2, 1, -1])
                bids.append(Bid(application=application, user=person, wish=wish, at=now))
    Conflict.objects.bulk_create(conflicts)
    Bid.objects.bulk_create(bids)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the database of a running portal does by itself
    return call


def asked(call: Call, **facts: object) -> tuple[AssignmentRound, float]:
    """Ask for a round and work it out; return it with the seconds of working out."""
    present = AssignmentRound.objects.filter(call=call).first()
    wanted = {"mode": RoundMode.MATCHED, "each": EACH, "most": MOST, "seed": 11, **facts}
    made = rounds.ask(call, by=chair_of(call), version=present.version if present else 0, **wanted)  # type: ignore[arg-type]
    began = time.monotonic()
    assert proposing.work_out(made)
    seconds = time.monotonic() - began
    made.refresh_from_db()
    return made, seconds


def pairs_of(call: Call) -> set[tuple[int, int]]:
    return set(Proposal.objects.filter(round__call=call).values_list("application", "reviewer"))


def beyond(call: Call, pairs: set[tuple[int, int]]) -> int:
    """How many reviews are beyond what members take."""
    load = Counter(person for _application, person in pairs)
    most = {seat.user_id: queries.most_of(seat, AssignmentRound.objects.get()) or 0 for seat in seats_of(call)}
    return sum(max(0, number - most[person]) for person, number in load.items())


@pytest.mark.parametrize("mode", [RoundMode.MATCHED, RoundMode.SMALL])
def test_a_large_round_is_worked_out_within_caps_and_seconds(mode: RoundMode) -> None:
    chance = random.Random(3)
    call = large_call(chance)
    made, seconds = asked(call, mode=mode)
    pairs = pairs_of(call)
    conflicts = set(Conflict.objects.values_list("application", "user"))
    again, _seconds = asked(call, mode=mode)
    assert (made.state, len(pairs), set(Counter(one for one, _person in pairs).values())) == (
        RoundState.READY,
        APPLICATIONS * EACH,
        {EACH},
    )
    assert (pairs & conflicts, beyond(call, pairs)) == (set(), 0)
    assert (again.state, pairs_of(call)) == (RoundState.READY, pairs)
    assert pairs_of(asked(call, mode=mode, seed=12)[0].call) != pairs

    began = time.monotonic()
    result = rounds.release(call, by=chair_of(call), version=AssignmentRound.objects.get().version)
    released = time.monotonic() - began
    people = len({person for _application, person in pairs_of(call)})
    assert (result.reviews, Notice.objects.filter(kind="reviews-asked").count()) == (APPLICATIONS * EACH, people)

    numbers = sorted(Counter(person for _one, person in pairs).values())
    print(
        f"\n{mode}: {APPLICATIONS} x {REVIEWERS} x {EACH} worked out in {seconds:.1f} s, released in {released:.1f} s; "
        f"loads {numbers[0]} to {numbers[-1]}, {len(conflicts)} conflicts, 0 of them proposed"
    )
    assert seconds <= SECONDS

    free = [(one, person) for one in range(APPLICATIONS) for person in range(REVIEWERS)]
    drawn = Counter(person for _one, person in chance.sample(free, APPLICATIONS * EACH))
    over = sum(max(0, number - MOST) for number in drawn.values())
    print(f"Control, drawn by chance: {over} reviews beyond what members take")
    assert over > 0


def test_a_round_short_of_one_review_names_what_is_missing() -> None:
    call = large_call(random.Random(5))
    made, seconds = asked(call, most=APPLICATIONS * EACH // REVIEWERS - 1)
    print(f"\nShort: {made.found} in {seconds:.1f} s")
    can = (APPLICATIONS * EACH // REVIEWERS - 1) * REVIEWERS
    assert (made.state, made.found["code"], made.found["needed"], made.found["can"]) == (
        RoundState.FAILED,
        "caps",
        APPLICATIONS * EACH,
        can,
    )
    assert not Proposal.objects.exists()
    assert SampleRequest.objects.filter(submission__current_of__call=call).count() == APPLICATIONS
