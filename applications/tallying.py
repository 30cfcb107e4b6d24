"""The tally of an application: number, sum and mean of its submitted reviews, as the ranking reads them.

Whose assignment ends because the team has changed is settled here, too: their scores leave the tally.
"""

from decimal import Decimal

from django.db.models import Count, Sum

from applications.enums import ReviewState
from applications.models import Application, Assignment, Review, ReviewTally
from applications.rules.conflicts import conflicts_among
from applications.rules.scoring import mean_of
from portal import clock


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


def end_conflicted(application: Application) -> list[Assignment]:
    """End the assignments of reviewers whom a change of the team has brought into conflict; their scores count no more.

    The caller has locked the application.
    """
    live = list(application.assignments.filter(ended_at__isnull=True).select_related("reviewer"))
    if not live:
        return []
    fresh = Application.objects.get(pk=application.pk)
    barred = conflicts_among([one.reviewer for one in live], [fresh])
    ended = [one for one in live if (application.pk, one.reviewer_id) in barred]
    for assignment in ended:
        assignment.ended_at = clock.now()
        assignment.save(update_fields=["ended_at"])
    if ended:
        recount(application)
    return ended
