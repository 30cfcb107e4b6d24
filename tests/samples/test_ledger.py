"""The ledger conserves mass: whatever is done in whatever order, by however many at once."""

from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.errors import Invalid, NotNow, Refused
from samples import ledger
from samples.enums import Account, MovementReason, Preparation, UseClass
from samples.models import Hold, Movement, Sample
from tests.factories.accounts import UserFactory
from tests.factories.contention import at_once, hold_some, over_mg, over_unguarded, take_unguarded, unguarded
from tests.factories.samples import clast, known, powder

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper():
    return UserFactory()


def counters(sample: Sample) -> dict[str, Decimal]:
    sample.refresh_from_db()
    names = ("free", "held", "allocated", "loaned", "consumed", "lost")
    return {name: mass for name in names if (mass := getattr(sample, f"{name}_mg"))}


def test_hold_allocation_and_return_move_the_same_mass(keeper) -> None:
    sample = powder(100)
    held = ledger.hold(sample, Decimal("12.5"), by=keeper)
    assert counters(sample) == {"free": Decimal("87.5"), "held": Decimal("12.5")}
    ledger.allocate([held], by=keeper)
    assert counters(sample) == {"free": Decimal("87.5"), "allocated": Decimal("12.5")}
    ledger.give_back(held, by=keeper)
    assert counters(sample) == {"free": Decimal(100)}
    assert ledger.faults() == []


def test_hold_moves_no_public_figure(keeper) -> None:
    sample = powder(100)
    before = (sample.public_free_mg, sample.public_allocated_mg, sample.initial_mg)
    ledger.hold(sample, Decimal(30), by=keeper)
    sample.refresh_from_db()
    assert (sample.public_free_mg, sample.public_allocated_mg, sample.initial_mg) == before


def test_more_than_is_free_above_the_floor_is_never_held(keeper) -> None:
    sample = powder(100, reserve_floor_mg=Decimal(20))
    ledger.hold(sample, Decimal(50), by=keeper)
    with pytest.raises(NotNow) as refusal:
        ledger.hold(sample, Decimal("30.001"), by=keeper)
    assert refusal.value.code == "not-enough-mass"
    ledger.hold(sample, Decimal(30), by=keeper)
    assert counters(sample) == {"free": Decimal(20), "held": Decimal(80)}


@pytest.mark.parametrize("mass", ["0", "-1", "-0.001"])
def test_nothing_and_less_than_nothing_is_never_held(keeper, mass: str) -> None:
    sample = powder(100)
    with pytest.raises(NotNow):
        ledger.hold(sample, Decimal(mass), by=keeper)
    assert (counters(sample), Hold.objects.count()) == ({"free": Decimal(100)}, 0)


def test_whole_piece_has_one_holder_until_it_is_given_back(keeper) -> None:
    piece = clast("36.2")
    first = ledger.hold(piece, None, by=keeper)
    with pytest.raises(NotNow):
        ledger.hold(piece, None, by=keeper)
    ledger.allocate([first], by=keeper)
    with pytest.raises(NotNow):
        ledger.hold(piece, None, by=keeper)
    ledger.give_back(first, by=keeper)
    ledger.hold(piece, None, by=keeper)
    assert ledger.faults() == []


def test_database_itself_refuses_a_second_holder_and_a_debt(keeper) -> None:
    piece = clast("36.2")
    held = ledger.hold(piece, None, by=keeper)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.create(sample=piece, whole=True, mass_mg=held.mass_mg, by=keeper, at=held.at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sample.objects.filter(pk=piece.pk).update(free_mg=Decimal("-0.001"))


def test_powder_is_held_by_mass_and_anything_else_whole(keeper) -> None:
    with pytest.raises(Invalid):
        ledger.hold(powder(100), None, by=keeper)
    with pytest.raises(Invalid):
        ledger.hold(clast(), Decimal(5), by=keeper)


def test_what_is_not_requestable_is_never_held(keeper) -> None:
    for sample in (powder(50, use_class=UseClass.PERMANENT), powder(50, use_class=UseClass.BACKUP), known()):
        with pytest.raises(NotNow) as refusal:
            ledger.hold(sample, Decimal(1), by=keeper)
        assert refusal.value.code == "not-requestable"


def test_hold_is_settled_once(keeper) -> None:
    sample = powder(100)
    held = ledger.hold(sample, Decimal(10), by=keeper)
    ledger.release(held, by=keeper)
    for settle in (lambda: ledger.release(held, by=keeper), lambda: ledger.allocate([held], by=keeper)):
        with pytest.raises(NotNow) as refusal:
            settle()
        assert refusal.value.code == "hold-settled"
    assert counters(sample) == {"free": Decimal(100)}


def test_one_unsettled_hold_undoes_the_whole_allocation(keeper) -> None:
    first, second = powder(100), powder(100)
    good, gone = ledger.hold(first, Decimal(10), by=keeper), ledger.hold(second, Decimal(10), by=keeper)
    ledger.release(gone, by=keeper)
    with pytest.raises(NotNow):
        ledger.allocate([good, gone], by=keeper)
    assert counters(first) == {"free": Decimal(90), "held": Decimal(10)}
    assert ledger.faults() == []


def test_movements_can_be_neither_changed_nor_deleted() -> None:
    powder(100)
    for statement in (
        "UPDATE samples_movement SET mass_mg = 1",
        "DELETE FROM samples_movement",
        "TRUNCATE samples_movement CASCADE",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Movement.objects.count() == 1


# --- Any order of any acts -------------------------------------------------------------------------------------------

MASSES = st.integers(1, 60_000).map(lambda micrograms: Decimal(micrograms) / 1000)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["accession", "lose", "hold", "piece", "release", "allocate", "give back", "split", "reverse"],
        ),
        MASSES,
        st.integers(0, 5),
    ),
    max_size=25,
)


def act(name: str, mass_mg: Decimal, which: int, stock: dict[str, Sample], by) -> None:
    """Do one thing, as far as there is something to do it to."""
    holds = list(Hold.objects.order_by("pk"))
    hold = holds[which % len(holds)] if holds else None
    movements = list(Movement.objects.order_by("pk"))
    match name:
        case "accession":
            ledger.accession(stock["parent"], mass_mg, by=by)
        case "lose":
            ledger.lose(stock["parent"], mass_mg, by=by)
        case "hold":
            ledger.hold(stock["parent"], mass_mg, by=by)
        case "piece":
            ledger.hold(stock["piece"], None, by=by)
        case "split":
            ledger.split(stock["parent"], stock["child"], mass_mg, by=by)
        case "reverse":
            ledger.reverse(movements[which % len(movements)], by=by)
        case "release" if hold:
            ledger.release(hold, by=by)
        case "allocate" if hold:
            ledger.allocate([hold], by=by)
        case "give back" if hold:
            ledger.give_back(hold, by=by)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_any_order_of_acts_conserves_mass(acts: list[tuple[str, Decimal, int]]) -> None:
    with transaction.atomic():
        by = get_user_model().objects.create_user(email="keeper-of-stock@example.org", name="Keeper")
        parent = powder(100, reserve_floor_mg=Decimal(5))
        child = powder(0, parent=parent)
        stock = {"parent": parent, "child": child, "piece": clast("36.2")}
        for name, mass_mg, which in acts:
            try:
                with transaction.atomic():
                    act(name, mass_mg, which, stock, by)
            except Refused:
                pass
            assert ledger.faults() == []
        whole = Hold.objects.filter(sample=stock["piece"]).exclude(state="released")
        assert whole.count() <= 1
        brought = sum((m.mass_mg for m in Movement.objects.filter(reason=MovementReason.ACCESSION)), Decimal(0)) - sum(
            (m.mass_mg for m in Movement.objects.filter(to_account=Account.OUTSIDE, split=None)), Decimal(0)
        )
        held = [sum(counters(sample).values(), Decimal(0)) for sample in stock.values()]
        assert sum(held, Decimal(0)) == brought
        transaction.set_rollback(True)


# --- Many at once ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_hold_more_than_there_is_and_without_the_guard_they_would() -> None:
    by = UserFactory()
    samples = [powder(200), powder(150, reserve_floor_mg=Decimal(30)), clast("36.2")]
    outcome = at_once(8, 400, hold_some(samples, by))
    for sample in samples:
        sample.refresh_from_db()
    assert outcome.errors == []
    assert (outcome.tries, outcome.taken > 0, outcome.refused > 0) == (400, True, True)
    assert over_mg(samples) == 0
    assert ledger.faults() == []
    assert Hold.objects.filter(sample__preparation=Preparation.CLAST).count() == 1

    unguarded(Decimal(200))
    at_once(8, 400, take_unguarded())
    assert over_unguarded(Decimal(200)) > 0
