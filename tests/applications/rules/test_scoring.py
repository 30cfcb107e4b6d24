"""Weighted means: what does not apply never lowers one; weights count over what was answered."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.models import Criterion
from applications.rules.scoring import check_is_on_the_scale, check_is_scored, mean_of, weighted_mean
from portal.errors import Invalid

weights = st.decimals("0.01", "100", places=2)
answered = st.lists(st.tuples(weights, st.integers(1, 5)), min_size=1, max_size=8)
open_or_not = st.lists(st.tuples(weights, st.none() | st.integers(1, 5)), max_size=8)
CRITERIA = [Criterion(code="significance", name="Significance"), Criterion(code="feasibility", name="Feasibility")]


@given(answered)
def test_mean_lies_between_lowest_and_highest_score(scores: list[tuple[Decimal, int]]) -> None:
    values = [value for _weight, value in scores]
    assert min(values) <= weighted_mean(scores) <= max(values)


@given(answered, st.lists(weights, max_size=5))
def test_mean_does_not_move_with_what_does_not_apply(scores: list[tuple[Decimal, int]], more: list[Decimal]) -> None:
    assert weighted_mean([*scores, *((weight, None) for weight in more)]) == weighted_mean(scores)


@given(answered)
def test_mean_does_not_move_with_the_unit_of_weights(scores: list[tuple[Decimal, int]]) -> None:
    assert weighted_mean([(weight * 7, value) for weight, value in scores]) == weighted_mean(scores)


@given(answered, st.randoms())
def test_mean_does_not_move_with_the_order_of_criteria(scores: list[tuple[Decimal, int]], random: object) -> None:
    shuffled = list(scores)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert weighted_mean(shuffled) == weighted_mean(scores)


@given(open_or_not)
def test_mean_is_none_exactly_where_nothing_was_answered(scores: list[tuple[Decimal, int | None]]) -> None:
    assert (weighted_mean(scores) is None) == all(value is None for _weight, value in scores)


def test_mean_weighs() -> None:
    assert weighted_mean([(Decimal(60), 5), (Decimal(40), 2)]) == Decimal("3.800")


@pytest.mark.parametrize(("total", "number", "mean"), [("11.000", 3, "3.667"), ("0", 0, "0.000"), ("4.5", 1, "4.500")])
def test_mean_of_reviews_is_plain(total: str, number: int, mean: str) -> None:
    assert mean_of(Decimal(total), number) == Decimal(mean)


def test_review_is_complete_when_every_criterion_is_dealt_with_and_one_scored() -> None:
    check_is_scored(CRITERIA, {"significance": 3, "feasibility": None})


def test_review_is_refused_at_each_open_criterion() -> None:
    with pytest.raises(Invalid) as refusal:
        check_is_scored(CRITERIA, {})
    assert list(refusal.value.errors) == ["score_significance", "score_feasibility"]


def test_review_is_refused_when_nothing_applies() -> None:
    with pytest.raises(Invalid) as refusal:
        check_is_scored(CRITERIA, {"significance": None, "feasibility": None})
    assert refusal.value.code == "scores-missing"


@pytest.mark.parametrize(
    ("scores", "code"),
    [
        ({"significance": 0}, "off-the-scale"),
        ({"significance": 6}, "off-the-scale"),
        ({"charm": 3}, "unknown-criterion"),
    ],
)
def test_score_is_refused_off_the_scale(scores: dict[str, int], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_is_on_the_scale(CRITERIA, scores)
    assert refusal.value.code == code
