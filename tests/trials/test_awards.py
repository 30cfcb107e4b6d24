"""10,000 awards over 40 connections on scarce samples: 0 mg over. The control, without the guard, oversells.

Once through the ledger alone, where contention is highest, and once through the chair's own action.
"""

import random
import time
from decimal import Decimal

import pytest

from applications import holdings
from applications.decisions import actions
from applications.enums import Status
from applications.models import Decision
from portal.errors import NotNow
from samples import ledger
from samples.models import Hold, Sample
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, chair_of, stock
from tests.factories.contention import (
    Outcome,
    at_once,
    hold_some,
    over_mg,
    over_unguarded,
    some_mass,
    take_unguarded,
    unguarded,
)
from tests.factories.decisions import closed_call
from tests.factories.samples import clast, powder, section

pytestmark = pytest.mark.django_db(transaction=True)
CONNECTIONS, ATTEMPTS = 40, 10_000
SCARCE = Decimal(1000)


def report(title: str, outcome: Outcome, over: Decimal, faults: int, seconds: float) -> None:
    print(
        f"\n{title}: {outcome.tries} tries over {CONNECTIONS} connections in {seconds:.1f} s: {outcome.taken} taken, "
        f"{outcome.refused} refused, {len(outcome.errors)} errors, {over} mg over, {faults} faults"
    )


def test_awards_hold_never_more_than_there_is() -> None:
    by = UserFactory()
    samples = [powder(SCARCE), powder(SCARCE, reserve_floor_mg=Decimal(100)), clast("36.2"), section("21.4")]
    began = time.monotonic()
    outcome = at_once(CONNECTIONS, ATTEMPTS, hold_some(samples, by))
    seconds = time.monotonic() - began
    samples = list(Sample.objects.order_by("pk"))
    faults, over = ledger.faults(), over_mg(samples)
    report("Ledger", outcome, over, len(faults), seconds)
    assert (outcome.tries, outcome.errors, over, faults) == (ATTEMPTS, [], 0, [])
    assert [Hold.objects.filter(sample=sample).count() for sample in samples if not sample.is_divisible] == [1, 1]
    assert all(sample.free_mg >= sample.reserve_floor_mg for sample in samples if sample.is_divisible)

    unguarded(SCARCE, stocks=2)
    began = time.monotonic()
    control = at_once(CONNECTIONS, ATTEMPTS, take_unguarded(stocks=2))
    oversold = over_unguarded(SCARCE)
    report("Control, without the guard", control, oversold, 0, time.monotonic() - began)
    assert oversold > 0


def test_chairs_decide_again_and_again_without_giving_too_much() -> None:
    """Awards, smaller awards and refusals supersede each other on scarce powder and one piece, all at once."""
    call = closed_call(samples=[stock("120"), stock("36.2", "clast")])
    requests = [
        request
        for _ in range(12)
        for request in application_of(call, status=Status.DELIBERATED).submission.requests.select_related("submission")
    ]
    chair = chair_of(call)

    def attempt(chance: random.Random) -> bool:
        request = chance.choice(requests)
        verdict = chance.choice(["award", "award", "decline"])
        mass_mg = some_mass(chance) if verdict == "award" and not request.whole else None
        try:
            actions.decide(request, by=chair, verdict=verdict, reason="A reason.", mass_mg=mass_mg)
        except NotNow:
            return False
        return True

    began = time.monotonic()
    outcome = at_once(CONNECTIONS, ATTEMPTS // 10, attempt)
    seconds = time.monotonic() - began
    samples = list(Sample.objects.order_by("pk"))
    faults, over = [*ledger.faults(), *holdings.faults()], over_mg(samples)
    report("Decisions", outcome, over, len(faults), seconds)
    assert (outcome.errors, over, faults) == ([], 0, [])
    assert Hold.objects.filter(whole=True, state="held").count() <= 1
    effective = Decision.objects.filter(is_effective=True).values("request").distinct().count()
    assert effective == Decision.objects.filter(is_effective=True).count()
