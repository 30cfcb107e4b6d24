"""The mass calculator: exact, rounded up once, compared in words, and nothing impossible gets through."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.rules.masses import (
    MOST_PLANNED,
    MOST_RUNS,
    Balance,
    Run,
    check_run,
    need_mg,
    parse_count,
    parse_loss,
    planned,
    rows,
)
from portal.errors import Invalid
from portal.units import LARGEST_MASS_MG

THOUSANDTH = Decimal("0.001")
masses = st.decimals(THOUSANDTH, LARGEST_MASS_MG, places=3)
losses = st.decimals(0, Decimal("99.99"), places=2)
some_runs = st.builds(Run, st.just("SEM"), masses, st.integers(1, MOST_RUNS), losses)


def exact(runs: list[Run]) -> Fraction:
    """The same law, written once more: each run takes what is lost on the way beforehand."""
    return sum(
        (Fraction(run.mass_mg) * run.runs * 100 / (100 - Fraction(run.loss_percent)) for run in runs), Fraction(0)
    )


@given(st.lists(some_runs, max_size=MOST_PLANNED))
def test_need_is_the_least_thousandth_that_suffices(runs: list[Run]) -> None:
    found = need_mg(runs)
    assert found.as_tuple().exponent == -3
    assert Fraction(found) >= exact(runs) > Fraction(found) - Fraction(1, 1000)


@given(st.lists(some_runs, min_size=1, max_size=MOST_PLANNED))
def test_need_does_not_depend_on_the_order_nor_on_the_precision_somebody_else_set(runs: list[Run]) -> None:
    found = need_mg(runs)
    assert need_mg(list(reversed(runs))) == found
    assert found <= sum((run.need_mg for run in runs), Decimal(0)) < found + THOUSANDTH * len(runs) + THOUSANDTH


@given(some_runs, st.integers(1, 50))
def test_more_runs_or_more_loss_never_need_less(run: Run, more: int) -> None:
    again = Run(run.technique, run.mass_mg, run.runs + more, run.loss_percent)
    assert again.exact_mg > run.exact_mg
    assert run.exact_mg >= Fraction(run.mass_mg) * run.runs


@given(st.lists(some_runs, max_size=MOST_PLANNED))
def test_what_is_kept_is_what_is_read(runs: list[Run]) -> None:
    kept = rows(runs)
    assert planned(kept) == runs
    assert rows(planned(kept)) == kept


def test_example_of_a_loss_that_never_ends() -> None:
    assert need_mg([Run("SEM", Decimal(39), 1, Decimal(5))]) == Decimal("41.053")
    assert need_mg([Run("SEM", Decimal(4), 8, Decimal(0))]) == Decimal("32.000")
    assert need_mg([Run("SEM", Decimal("0.001"), 1, Decimal("99.99"))]) == Decimal("10.000")
    assert need_mg([]) == 0
    # Rounded once: three thirds of a thousandth are one, not three.
    third = Run("SEM", Decimal("0.001"), 1, Decimal("25"))
    assert (third.need_mg, need_mg([third] * 3)) == (Decimal("0.002"), Decimal("0.004"))


@pytest.mark.parametrize(
    "run",
    [
        Run("", Decimal(0), 1),
        Run("", Decimal(-1), 1),
        Run("", Decimal("NaN"), 1),
        Run("", Decimal("Infinity"), 1),
        Run("", LARGEST_MASS_MG + 1, 1),
        Run("", Decimal(1), 0),
        Run("", Decimal(1), MOST_RUNS + 1),
        Run("", Decimal(1), 1, Decimal(100)),
        Run("", Decimal(1), 1, Decimal(-1)),
        Run("", Decimal(1), 1, Decimal("NaN")),
    ],
)
def test_what_no_measurement_can_be_is_refused(run: Run) -> None:
    with pytest.raises(Invalid) as refusal:
        check_run(run)
    assert set(refusal.value.errors) <= {"mass_mg", "runs", "loss_percent"}
    with pytest.raises(Invalid):
        rows([run])


def test_measurements_are_not_without_number() -> None:
    with pytest.raises(Invalid):
        rows([Run("SEM", Decimal(1), 1)] * (MOST_PLANNED + 1))


@given(st.text(max_size=12))
def test_any_text_is_a_number_within_bounds_or_refused(text: str) -> None:
    for parse, least, most in ((parse_count, 1, MOST_RUNS), (parse_loss, 0, Decimal("99.99"))):
        try:
            found = parse(text)
        except Invalid:
            continue
        assert least <= found <= most


@pytest.mark.parametrize(
    ("typed", "loss"), [("2.5", "2.5"), ("2,5", "2.5"), (" 10 % ", "10"), ("１０", "10"), ("0", "0")]
)
def test_loss_is_read_as_people_type_it(typed: str, loss: str) -> None:
    assert parse_loss(typed) == Decimal(loss)


@pytest.mark.parametrize("typed", ["100", "99.995", "1,250", "-1", "NaN", "1e1", "", "%", "²"])
def test_loss_that_cannot_be_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        parse_loss(typed)


@pytest.mark.parametrize("typed", ["0", "-1", "2.5", "10000", "", "²", "1 2"])
def test_count_that_cannot_be_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        parse_count(typed)


# --- In words -----------------------------------------------------------------------------------------

RUNS = [Run("SEM", Decimal(39), 1, Decimal(5))]


@pytest.mark.parametrize(
    ("balance", "own", "read", "even"),
    [
        (Balance([], Decimal(50)), [], [], True),
        (Balance(RUNS, None), ["Your runs need 41.053 mg."], ["The runs need 41.053 mg."], True),
        (
            Balance(RUNS, Decimal(50)),
            ["Your runs need 41.053 mg; you ask for 50 mg; 8.947 mg are left: say why."],
            ["The runs need 41.053 mg; 50 mg are asked for; 8.947 mg are left."],
            False,
        ),
        (
            Balance(RUNS, Decimal("41.053"), Decimal("41.053")),
            ["Your runs need 41.053 mg, exactly what you ask for."],
            ["The runs need 41.053 mg, exactly what is asked for."],
            True,
        ),
        (
            Balance(RUNS, Decimal(30)),
            [
                "Your runs need 41.053 mg; you ask for 30 mg; 11.053 mg are missing: ask for more, or plan fewer runs.",
            ],
            ["The runs need 41.053 mg; 30 mg are asked for; 11.053 mg are missing."],
            False,
        ),
        (
            Balance(RUNS, Decimal(500), Decimal(45)),
            [
                "Your runs need 41.053 mg; you ask for 500 mg; 458.947 mg are left: say why.",
                "That is 12 times as much: is the decimal point where you want it?",
                "Your least mass, 45 mg, is more than your runs need: say why.",
            ],
            ["The runs need 41.053 mg; 500 mg are asked for; 458.947 mg are left."],
            False,
        ),
        (
            Balance(RUNS, Decimal(90), is_piece=True),
            ["Your runs use 41.053 mg of a piece of 90 mg."],
            ["The runs use 41.053 mg of a piece of 90 mg."],
            True,
        ),
        (
            Balance(RUNS, Decimal(36), is_piece=True),
            ["Your runs need 41.053 mg; the piece has 36 mg: plan fewer runs."],
            ["The runs need 41.053 mg; the piece has 36 mg."],
            False,
        ),
    ],
)
def test_balance_is_said_in_words(balance: Balance, own: list[str], read: list[str], even: bool) -> None:
    assert [str(words) for words in balance.to_applicant()] == own
    assert [str(words) for words in balance.to_readers()] == read
    assert balance.is_even is even


def test_precision_of_the_moment_changes_nothing() -> None:
    with localcontext() as context:
        context.prec = 6
        found = Run("SEM", LARGEST_MASS_MG, MOST_RUNS, Decimal("99.99")).exact_mg
    assert found == Fraction(LARGEST_MASS_MG) * MOST_RUNS * 10_000
