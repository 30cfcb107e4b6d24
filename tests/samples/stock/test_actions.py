"""What curators do to the stock: each with its row in the ledger and in the trail, refused to everybody else."""

from decimal import Decimal
from typing import Any

import pytest

from portal.audit.trail import trail
from portal.errors import Denied, Invalid, NotNow
from samples import ledger
from samples.enums import Preparation, SampleStatus, UseClass
from samples.models import Movement, Sample
from samples.rules.availability import why_not_requestable
from samples.stock import actions, queries
from tests.factories.accounts import UserFactory
from tests.factories.samples import clast, known, mission, powder

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> Any:
    """Return somebody who keeps the stock."""
    return UserFactory(roles=["curator"])


def verbs(sample: Sample) -> list[str]:
    """Return what the trail says was done to a sample."""
    return [event.verb for event in trail(sample)]


def take_in(curator: Any, number: str = "N-1", mass_mg: Any = 100, **facts: Any) -> Sample:
    """Take powder into stock."""
    given = {"mission": mission(), "preparation": Preparation.POWDER, **facts}
    return actions.accession(by=curator, catalogue_number=number, mass_mg=mass_mg and Decimal(mass_mg), **given)


def test_accession_takes_mass_in_and_stays_unpublished(curator: Any) -> None:
    sample = take_in(curator)
    assert (sample.initial_mg, sample.free_mg, sample.published_at) == (100, 100, None)
    assert (verbs(sample), ledger.faults()) == (["sample.accession"], [])


@pytest.mark.parametrize("mass_mg", [None, 0, -1])
def test_stock_without_mass_is_refused(curator: Any, mass_mg: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        take_in(curator, mass_mg=mass_mg)
    assert (refusal.value.code, refusal.value.field, Sample.objects.count()) == ("no-mass", "mass_mg", 0)


def test_a_taken_number_is_refused(curator: Any) -> None:
    take_in(curator)
    with pytest.raises(Invalid) as refusal:
        take_in(curator)
    assert (refusal.value.code, Movement.objects.count()) == ("number-taken", 1)


def test_split_moves_mass_to_a_child_of_its_own(curator: Any) -> None:
    parent = powder(100)
    child = actions.split(
        parent, by=curator, catalogue_number="C-1", mass_mg=Decimal(30), preparation=Preparation.GRAIN, reason="picked"
    )
    parent.refresh_from_db()
    assert (parent.free_mg, child.free_mg, child.parent, child.mission) == (70, 30, parent, parent.mission)
    assert (verbs(parent), verbs(child), ledger.faults()) == (["sample.split"], ["sample.accession"], [])


def test_split_of_more_than_is_free_leaves_no_child(curator: Any) -> None:
    parent = powder(100, reserve_floor_mg=20)
    with pytest.raises(NotNow):
        actions.split(parent, by=curator, catalogue_number="C-1", mass_mg=Decimal(81), preparation=Preparation.POWDER)
    assert Sample.objects.get() == parent


def test_loss_leaves_the_free_mass_with_its_reason(curator: Any) -> None:
    sample = powder(100)
    actions.lose(sample, by=curator, mass_mg=Decimal("1.5"), reason="sieved")
    sample.refresh_from_db()
    assert (sample.free_mg, sample.lost_mg, trail(sample).get().text.reason) == (
        Decimal("98.5"),
        Decimal("1.5"),
        "sieved",
    )


def test_a_piece_that_lost_some_is_still_given_whole(curator: Any) -> None:
    piece = clast("36.2")
    actions.lose(piece, by=curator, mass_mg=Decimal("0.2"), reason="sawn")
    assert ledger.hold(piece, None, by=curator).mass_mg == 36
    assert ledger.faults() == []


def test_correction_is_the_opposite_movement(curator: Any) -> None:
    sample = powder(100)
    lost = actions.lose(sample, by=curator, mass_mg=Decimal(10), reason="mistyped")
    actions.correct(lost, by=curator, reason="it was another one")
    sample.refresh_from_db()
    assert (sample.free_mg, sample.lost_mg, Movement.objects.count()) == (100, 0, 3)
    with pytest.raises(NotNow):
        actions.correct(lost, by=curator, reason="again")


def test_edit_keeps_the_old_value_beside_the_trail(curator: Any) -> None:
    sample = powder(100, description="Soil")
    actions.edit(sample, by=curator, version=actions.version_of(sample), description="Dust", location="Box 1")
    event = trail(sample).get()
    assert (event.facts, event.text.old) == (
        {"fields": ["description", "location"]},
        {"description": "Soil", "location": ""},
    )


def test_edit_of_a_stale_form_is_refused(curator: Any) -> None:
    sample = powder(100)
    version = actions.version_of(sample)
    actions.edit(sample, by=curator, version=version, description="Dust")
    with pytest.raises(NotNow) as refusal:
        actions.edit(sample, by=curator, version=version, description="Soil")
    sample.refresh_from_db()
    assert (refusal.value.code, sample.description) == ("stale", "Dust")


def test_edit_that_changes_nothing_leaves_no_trace(curator: Any) -> None:
    sample = powder(100)
    actions.edit(sample, by=curator, version=actions.version_of(sample), description="")
    assert verbs(sample) == []


def test_what_publications_name_keeps_its_source(curator: Any) -> None:
    sample = known()
    with pytest.raises(Invalid):
        actions.edit(sample, by=curator, version=actions.version_of(sample), source="")


def test_publish_and_withdraw(curator: Any) -> None:
    sample = take_in(curator)
    actions.publish(sample, by=curator)
    with pytest.raises(NotNow):
        actions.publish(sample, by=curator)
    actions.withdraw(sample, by=curator, reason="wrong label")
    sample.refresh_from_db()
    assert (sample.status, why_not_requestable(sample) is None) == (SampleStatus.WITHDRAWN, False)
    with pytest.raises(NotNow):
        actions.withdraw(sample, by=curator, reason="twice")
    actions.publish(sample, by=curator)
    sample.refresh_from_db()
    assert sample.status == SampleStatus.CATALOGUED
    assert verbs(sample) == ["sample.accession", "sample.publish", "sample.withdraw", "sample.publish"]


@pytest.mark.parametrize("roles", [[], ["administrator"], ["auditor"]])
def test_nobody_but_curators_changes_the_stock(roles: list[str]) -> None:
    sample, other = powder(100), UserFactory(roles=roles)
    movement = Movement.objects.get()
    attempts: list[Any] = [
        lambda: take_in(other),
        lambda: actions.split(sample, by=other, catalogue_number="X", mass_mg=Decimal(1), preparation="powder"),
        lambda: actions.lose(sample, by=other, mass_mg=Decimal(1), reason="x"),
        lambda: actions.correct(movement, by=other, reason="x"),
        lambda: actions.edit(sample, by=other, version=actions.version_of(sample), description="x"),
        lambda: actions.publish(sample, by=other),
        lambda: actions.withdraw(sample, by=other, reason="x"),
    ]
    for attempt in attempts:
        with pytest.raises(Denied):
            attempt()
    assert Movement.objects.count() == 1


@pytest.mark.parametrize("use", [UseClass.PERMANENT, UseClass.BACKUP])
def test_permanent_and_backup_storage_are_never_held(curator: Any, use: UseClass) -> None:
    sample = powder(100, use_class=use)
    assert str(why_not_requestable(sample)) == f"{sample} is kept in permanent or backup storage."
    with pytest.raises(NotNow):
        ledger.hold(sample, Decimal(1), by=curator)


def test_the_record_shows_no_hold_and_its_balance_is_the_public_one(curator: Any) -> None:
    sample = powder(100)
    before = [(line.position, line.movement.reason, line.balance_mg) for line in queries.record(sample)]
    held = ledger.hold(sample, Decimal(40), by=curator)
    assert [(line.position, line.movement.reason, line.balance_mg) for line in queries.record(sample)] == before
    ledger.allocate([held], by=curator)
    after = [(line.position, line.movement.reason, line.change_mg, line.balance_mg) for line in queries.record(sample)]
    assert after == [(1, "accession", 100, 100), (2, "allocation", -40, 60)]
    assert [line.is_correctable for line in queries.record(sample)] == [True, False]


def test_an_igsn_is_kept_plainly_and_names_one_sample(curator: Any) -> None:
    first, second = take_in(curator, igsn="https://doi.org/10.12345/abc"), take_in(curator, "N-2")
    assert (first.igsn, second.igsn) == ("10.12345/ABC", "")
    for act in (
        lambda: take_in(curator, "N-3", igsn="10.12345/ABC"),
        lambda: actions.edit(second, by=curator, version=actions.version_of(second), igsn="igsn:10.12345/abc"),
        lambda: actions.edit(second, by=curator, version=actions.version_of(second), igsn="no"),
    ):
        with pytest.raises(Invalid) as refusal:
            act()
        assert refusal.value.field == "igsn"
    actions.edit(first, by=curator, version=actions.version_of(first), igsn="")
    actions.edit(second, by=curator, version=actions.version_of(second), igsn="10.12345/ABC")
    second.refresh_from_db()
    assert second.igsn == "10.12345/ABC"
