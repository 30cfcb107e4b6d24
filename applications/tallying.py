"""The tally of an application: number, sum and mean of its submitted reviews, as the ranking reads them.

Whose assignment ends because a team, an institution or a ruling has changed is settled here, too: their scores leave
the tally.
"""

from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from applications.enums import AssignmentEnd, ReviewState, Status
from applications.models import Application, Assignment, Review, ReviewTally
from applications.rules.conflicts import conflicts_among
from applications.rules.scoring import mean_of
from portal import clock
from portal.audit.trail import record

# Once the panel has deliberated, scores have done their work: what is settled by then is not settled anew.
REVIEWED = frozenset({Status.UNDER_REVIEW, Status.INTERVIEWING})


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
    """Suspend the assignments of reviewers whom a change has brought into conflict; their scores count no more.

    What they wrote is kept; a chair may reinstate it once no conflict is left. The caller has locked the application.
    """
    live = list(application.assignments.filter(ended_at__isnull=True).select_related("reviewer"))
    if not live:
        return []
    fresh = Application.objects.get(pk=application.pk)
    barred = conflicts_among([one.reviewer for one in live], [fresh])
    ended = [one for one in live if (application.pk, one.reviewer_id) in barred]
    for assignment in ended:
        assignment.ended_at, assignment.ended_because = clock.now(), AssignmentEnd.CONFLICT
        assignment.save(update_fields=["ended_at", "ended_because"])
    if ended:
        recount(application)
    return ended


def end_conflicted_by_move(user: Any) -> None:
    """Suspend what the new institution of somebody bars: their own reviews, and reviews of what their teams submitted.

    Applications are locked in the order of their ids.
    """
    on_it = Q(principal_investigator=user.pk) | Q(team__user=user.pk, team__invited_at__isnull=False)
    on_it |= Q(submission__parties__user=user.pk) | Q(assignments__reviewer=user.pk, assignments__ended_at__isnull=True)
    ids = Application.objects.filter(on_it, status__in=REVIEWED, assignments__ended_at__isnull=True).values("pk")
    locked = Application.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    for application in list(locked):
        for assignment in end_conflicted(application):
            record("assignment.suspend", assignment, by=None, facts={"reviewer": str(assignment.reviewer.uid)})
