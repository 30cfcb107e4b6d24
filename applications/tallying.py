"""The tally of an application: number, sum and mean of its submitted reviews, as the ranking reads them.

Whose scores leave it because a conflict came up: `suspending.py`.
"""

from decimal import Decimal

from django.db.models import Count, Sum

from applications.enums import ReviewState
from applications.models import Application, Review, ReviewTally
from applications.rules.scoring import mean_of


def recount(application: Application) -> None:
    """Write number, sum and mean of the submitted reviews of live assignments, one transaction at a time."""
    ReviewTally.objects.get_or_create(application=application, defaults={"call_id": application.call_id})
    tally = ReviewTally.objects.select_for_update().get(application=application)
    found = Review.objects.filter(
        assignment__application=application, assignment__ended_at__isnull=True, state=ReviewState.SUBMITTED
    ).aggregate(number=Count("pk"), total=Sum("weighted_mean"))
    tally.number, tally.total = found["number"], found["total"] or Decimal(0)
    tally.mean = mean_of(tally.total, tally.number)
    tally.save()
