"""What a reviewer sees: the own calls, the own queue, the own review; those of others once the own one is in."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.shortcuts import get_object_or_404

from applications.access import FIELDS, REVIEWER, SENT, assigned_to, declarable_by, panel_calls
from applications.enums import Anonymity, PanelRole, PublicationKind, ReviewState, Status
from applications.models import (
    SCALE_POINTS,
    Application,
    Assignment,
    Call,
    MassOpinion,
    PanelMember,
    Publication,
    Review,
    SampleRequest,
    Score,
)
from applications.opening import Missing, missing_of
from applications.rules.conflicts import conflicted_for
from applications.rules.scoring import weighted_mean
from portal import clock, paging

OWN_ORDER = ("assigned_at", "reference")
SIZE = 30


@dataclass(frozen=True)
class Seat:
    """A call in which somebody sits on the panel, with the state of their reviews and what is missing before.

    It is over once its results were released, and for who reviews once nothing that they may judge is under review.
    """

    call: Call
    is_chair: bool
    all: int
    sent: int
    missing: Missing | None
    is_over: bool


@dataclass(frozen=True)
class Place:
    """Where an application stands in a reviewer's own order, counted from 1, with its neighbours' references.

    `next_open` is the first of the order whose review was not sent yet.
    """

    number: int
    of: int
    previous: str | None
    next: str | None
    next_open: str | None


def seats(user: Any) -> list[Seat]:
    """Return the calls in which this person sits, those due last first, with how many reviews were sent."""
    results = Publication.objects.filter(call=OuterRef("pk"), kind=PublicationKind.RESULTS)
    released = Exists(results.filter(released_to_applicants_at__isnull=False))
    calls = panel_calls(user).annotate(is_over=released).order_by("-reviews_due_at", "slug")
    chaired = set(
        PanelMember.objects.filter(user=user, until__isnull=True, role=PanelRole.CHAIR).values_list("call", flat=True)
    )
    counts = {row["call"]: row for row in _counted(assigned_to(user), user)}
    missing, none, reviewed = missing_of(user), {"all": 0, "sent": 0}, _reviewed(user)
    return [
        Seat(
            call,
            call.pk in chaired,
            counts.get(call.pk, none)["all"],
            counts.get(call.pk, none)["sent"],
            missing.get(call.pk),
            call.is_over or (call.pk in reviewed and call.pk not in chaired),
        )
        for call in calls
    ]


def _reviewed(user: Any) -> set[int]:
    """Return the calls (ids) in which applications came before this person, and none is under review any more."""
    rows = declarable_by(user).exclude(conflicted_for(user)).order_by()
    counted = rows.values("call").annotate(left=Count("pk", filter=Q(status=Status.UNDER_REVIEW)))
    return {row["call"] for row in counted if not row["left"]}


def progress(user: Any, call: Call) -> tuple[int, int]:
    """Return how many reviews this person has sent in a call, and how many there are to send."""
    row = next(iter(_counted(assigned_to(user).filter(call=call), user)), {"sent": 0, "all": 0})
    return row["sent"], row["all"]


def queue(user: Any, call: Call) -> QuerySet[Any]:
    """Return what this person reviews in a call, in the order in which it was assigned."""
    mine = Assignment.objects.filter(application=OuterRef("pk"), reviewer=user.pk, ended_at__isnull=True)
    rows = assigned_to(user).filter(call=call).select_related("call", "submission")
    return rows.annotate(
        assigned_at=Subquery(mine.values("at")[:1]), review_state=Subquery(_own_reviews(user).values("state")[:1])
    ).order_by(*OWN_ORDER)


def queue_page(user: Any, call: Call, cursor: str | None) -> paging.Page:
    """Return a page of the queue with the samples asked for."""
    asked = Prefetch("submission__requests", SampleRequest.objects.select_related("sample__mission"))
    rows = queue(user, call).defer("submission__document").prefetch_related(asked)
    return paging.page(rows, OWN_ORDER, cursor, SIZE)


def next_open(user: Any, call: Call) -> str | None:
    """Return the reference of the first application in the own order whose review was not sent yet."""
    open_rows = queue(user, call).filter(status=Status.UNDER_REVIEW)
    open_rows = open_rows.exclude(review_state=ReviewState.SUBMITTED) | open_rows.filter(review_state__isnull=True)
    return open_rows.values_list("reference", flat=True).first()


def place(user: Any, application: Application) -> Place:
    """Return where an application stands in this person's own order."""
    rows = list(queue(user, application.call).values_list("reference", "status", "review_state"))
    order = [reference for reference, _status, _state in rows]
    open_rows = (row[0] for row in rows if row[1] == Status.UNDER_REVIEW and row[2] != ReviewState.SUBMITTED)
    at = order.index(application.reference)
    following = order[at + 1] if at + 1 < len(order) else None
    return Place(at + 1, len(order), order[at - 1] if at else None, following, next(open_rows, None))


def assignment_of(user: Any, application: Application) -> Assignment:
    """Return this person's live assignment to an application they may review, with that very application.

    Raises:
        Http404: it ended in this very moment.
    """
    found = get_object_or_404(Assignment, application=application, reviewer=user.pk, ended_at__isnull=True)
    found.application = application
    return found


def own_review(assignment: Assignment) -> Review | None:
    """Return the review of an assignment with its scores and opinions, or None before the first draft."""
    scores = Prefetch("scores", Score.objects.select_related("criterion"))
    opinions = Prefetch("mass_opinions", MassOpinion.objects.select_related("request__sample"))
    return Review.objects.filter(assignment=assignment).prefetch_related(scores, opinions, "versions").first()


def others_reviews(assignment: Assignment, own: Review | None) -> list[Review]:
    """Return what the others sent, in random order and without private notes; nothing before the own review is in.

    The assignment is one under which its reviewer may score the application (`assigned_to`).
    """
    application = assignment.application
    ways = {REVIEWER, SENT} if own is not None and own.state == ReviewState.SUBMITTED else {REVIEWER}
    if not FIELDS["others-reviews"] & ways:
        return []
    rows = Review.objects.filter(
        assignment__application=application, assignment__ended_at__isnull=True, state=ReviewState.SUBMITTED
    ).exclude(assignment=assignment)
    scores = Prefetch("scores", Score.objects.select_related("criterion"))
    opinions = Prefetch("mass_opinions", MassOpinion.objects.select_related("request__sample"))
    rows = rows.defer("private_note").prefetch_related(scores, opinions).order_by("sort_key")
    # Names are not even fetched where the call hides them.
    return list(rows.select_related("assignment__reviewer") if application.call.anonymity == Anonymity.OPEN else rows)


def own_distribution(user: Any, call: Call) -> list[tuple[int, int]]:
    """Return each point of the scale with how often this person has given it in this call, drafts included."""
    rows = Score.objects.filter(
        review__assignment__reviewer=user.pk,
        review__assignment__ended_at__isnull=True,
        review__assignment__application__call=call,
        value__isnull=False,
    )
    given = dict(rows.order_by().values_list("value").annotate(number=Count("pk")))
    return [(point, given.get(point, 0)) for point in range(1, SCALE_POINTS + 1)]


def mean_so_far(review: Review | None) -> tuple[Any, int]:
    """Return the weighted mean of what is saved, None where nothing is, and the number of criteria dealt with."""
    scores = list(review.scores.all()) if review else []
    return weighted_mean((score.criterion.weight, score.value) for score in scores), len(scores)


def is_late(call: Call) -> bool:
    """Tell whether the day by which reviews were due has passed; they are saved and sent all the same."""
    return call.reviews_due_at is not None and call.reviews_due_at < clock.now()


def _own_reviews(user: Any) -> QuerySet[Review]:
    return Review.objects.filter(
        assignment__application=OuterRef("pk"), assignment__reviewer=user.pk, assignment__ended_at__isnull=True
    )


def _counted(rows: QuerySet[Application], user: Any) -> QuerySet[Any, Any]:
    """Count per call what is assigned and what was sent, over what this person may see."""
    rows = rows.annotate(own_state=Subquery(_own_reviews(user).values("state")[:1]))
    sent = Count("pk", filter=Q(own_state=ReviewState.SUBMITTED))
    return rows.order_by().values("call").annotate(all=Count("pk"), sent=sent)
