"""Scores, means, ranking and ties. Not applicable never lowers a mean: weights count over what was answered."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.models import SCALE_POINTS, Application, Call, Criterion, Review
from portal.errors import Invalid

THOUSANDTH = Decimal("0.001")
RANKING = ("-tally__mean", "reference")


def weighted_mean(scores: Iterable[tuple[Decimal, int | None]]) -> Decimal | None:
    """Return the mean of (weight, value) pairs on the scale 1 to 5, or None where nothing was answered."""
    answered = [(weight, value) for weight, value in scores if value is not None]
    weights = sum((weight for weight, _value in answered), Decimal(0))
    if not weights:
        return None
    total = sum((weight * value for weight, value in answered), Decimal(0))
    return (total / weights).quantize(THOUSANDTH, ROUND_HALF_UP)


def mean_of(total: Decimal, number: int) -> Decimal:
    """Return the plain mean of `number` reviews whose weighted means sum to `total`; 0 where there are none."""
    return (total / number).quantize(THOUSANDTH, ROUND_HALF_UP) if number else Decimal("0.000")


def check_is_scored(criteria: Iterable[Criterion], scores: Mapping[str, int | None]) -> None:
    """Refuse a review that leaves a criterion open, or applies none at all.

    `scores` maps a criterion's code to its value, 1 to 5, or None where it is not applicable.

    Raises:
        Invalid: with one complaint per open criterion, beside the field `score_<code>`.
    """
    gaps: dict[str | None, list[Any]] = {
        f"score_{criterion.code}": [
            _("Score “%(name)s”, or say that it does not apply.") % {"name": criterion.local_name}
        ]
        for criterion in criteria
        if criterion.code not in scores
    }
    if gaps:
        raise Invalid(errors=gaps, code="scores-missing")
    if all(value is None for value in scores.values()):
        raise Invalid(_("Score at least one criterion."), code="scores-missing")


def check_is_on_the_scale(criteria: Iterable[Criterion], scores: Mapping[str, int | None]) -> None:
    """Refuse scores of unknown criteria or outside the scale.

    Raises:
        Invalid: beside the field `score_<code>`, or beside none where the call has no such criterion.
    """
    known = {criterion.code for criterion in criteria}
    for code, value in scores.items():
        if code not in known:
            raise Invalid(_("The call has no such criterion."), code="unknown-criterion")
        if value is not None and not 1 <= value <= SCALE_POINTS:
            raise Invalid(_("Choose a point of the scale."), code="off-the-scale", field=f"score_{code}")


def team_is_open(call: Call, review: Review | None) -> bool:
    """Tell whether a reviewer meets what is about the team: at once, unless the call has the science scored first.

    Source: the call's own policy (science before people).
    """
    return not call.science_first or (review is not None and review.team_opened_at is not None)


def criteria_open(criteria: Iterable[Criterion], call: Call, review: Review | None) -> list[Criterion]:
    """Return the criteria a reviewer may score now: those about the team once it is open."""
    is_open = team_is_open(call, review)
    return [criterion for criterion in criteria if is_open or not criterion.about_team]


def ranked(applications: QuerySet[Application], call: Call) -> QuerySet[Application]:
    """Return the applications of a call by the mean of their reviews, best first; ties by reference."""
    return applications.filter(call=call, tally__call=call).order_by(*RANKING)
