"""Scores, means, ranking and ties. Not applicable never lowers a mean: weights count over what was answered."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import F, QuerySet

from applications.models import Application, Call

THOUSANDTH = Decimal("0.001")


def weighted_mean(scores: Iterable[tuple[Decimal, int | None]]) -> Decimal | None:
    """Return the mean of (weight, value) pairs on the scale 1 to 5, or None where nothing was answered."""
    answered = [(weight, value) for weight, value in scores if value is not None]
    weights = sum((weight for weight, _ in answered), Decimal(0))
    if not weights:
        return None
    total = sum((weight * value for weight, value in answered), Decimal(0))
    return (total / weights).quantize(THOUSANDTH, ROUND_HALF_UP)


def ranked(applications: QuerySet[Application], call: Call) -> QuerySet[Application]:
    """Return the applications of a call by the mean of their reviews, best first; ties by reference."""
    return applications.filter(call=call, tally__call=call).order_by(F("tally__mean").desc(), "reference")
