"""What the chair sees: coverage, scores and disagreement. Submitted reviews only, and no conflicted application."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, Min, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from applications.access import declarable_by, judged_by
from applications.enums import ConflictKind, ReviewState, Status
from applications.models import Application, Assignment, Call, Criterion, MassOpinion, PanelMember, Review
from applications.reading import Declarable, declarable
from applications.rules.conflicts import conflicted_for, conflicts_among
from applications.rules.scoring import RANKING, ranked
from portal import clock, paging

SIZE = 30
WIDE = Decimal(1)  # a range of overall scores from which on an application is listed as disputed
MOST_DISPUTED = 5


@dataclass(frozen=True)
class Cell:
    """One reviewer's part in one application: `score` is 1 to 5, tones are h1 to h5, due, conflict and free."""

    tone: str
    mean: Decimal | None = None


@dataclass(frozen=True)
class Row:
    """One application in the coverage matrix."""

    application: Application
    cells: list[Cell]
    sent: int
    assigned: int
    lowest: Decimal | None
    highest: Decimal | None


@dataclass(frozen=True)
class Candidate:
    """Somebody on the panel as a reviewer of one application: load in this call, conflicts, present assignment."""

    member: PanelMember
    assigned: int
    sent: int
    kinds: list[ConflictKind]
    assignment: Assignment | None


def seats(call: Call) -> list[PanelMember]:
    """Return who sits on the panel of a call now, by name."""
    rows = PanelMember.objects.filter(call=call, until__isnull=True, user__is_active=True)
    return list(rows.select_related("user").order_by("user__name", "user__uid"))


def overview_page(user: Any, call: Call, cursor: str | None) -> paging.Page:
    """Return a page of what this chair may judge, the best mean first."""
    rows = ranked(judged_by(user), call)
    rows = rows.select_related("submission", "tally", "shortlisting", "principal_investigator")
    return paging.page(rows.defer("submission__document"), RANKING, cursor, SIZE)


def matrix(
    members: Sequence[PanelMember], applications: Sequence[Application], barred: Sequence[Application], user: Any
) -> tuple[list[Row], list[Declarable]]:
    """Return the coverage of a page, one cell for each member of the panel, and what is closed to this chair."""
    found: dict[int, dict[int, Assignment]] = {}
    for assignment in _with_state(Assignment.objects.filter(application__in=applications, ended_at__isnull=True)):
        found.setdefault(assignment.application_id, {})[assignment.reviewer_id] = assignment
    kinds = conflicts_among([member.user for member in members], [*applications, *barred])
    rows = [_row(application, members, found.get(application.pk, {}), kinds) for application in applications]
    return rows, [declarable(one, kinds.get((one.pk, user.pk), [])) for one in barred]


def counts(user: Any, call: Call) -> dict[str, int]:
    """Return the sums above the matrix, over what this chair may judge."""
    rows = judged_by(user).filter(call=call)
    live = Q(assignments__ended_at__isnull=True, assignments__isnull=False)
    sums = rows.aggregate(
        applications=Count("pk", distinct=True),
        assigned=Count("assignments", filter=live, distinct=True),
        sent=Count("assignments", filter=live & Q(assignments__review__state=ReviewState.SUBMITTED), distinct=True),
        shortlisted=Count("shortlisting", distinct=True),
        invited=Count("shortlisting", filter=Q(shortlisting__invited=True), distinct=True),
    )
    return {**sums, "days_left": _days_left(call)}


def disputed(user: Any, call: Call) -> list[Application]:
    """Return the applications whose overall scores lie furthest apart, widest first."""
    sent = Q(assignments__ended_at__isnull=True, assignments__review__state=ReviewState.SUBMITTED)
    rows = judged_by(user).filter(call=call, tally__number__gt=1).select_related("submission", "tally")
    score = "assignments__review__weighted_mean"
    rows = rows.annotate(lowest=Min(score, filter=sent), highest=Max(score, filter=sent))
    rows = rows.annotate(apart=Coalesce("highest", Decimal(0)) - Coalesce("lowest", Decimal(0)))
    rows = rows.filter(apart__gte=WIDE).defer("submission__document")
    return list(rows.order_by("-apart", "reference")[:MOST_DISPUTED])


def barred(user: Any, call: Call) -> list[Application]:
    """Return what this chair has a conflict with; only reference, people and institutions of it may be shown."""
    rows = declarable_by(user).filter(conflicted_for(user), call=call).order_by("reference")
    return list(rows.select_related("principal_investigator__institution", "institution"))


def ready(user: Any, call: Call) -> QuerySet[Application]:
    """Return the applications whose review can be concluded: shortlisted either way, with at least one review."""
    rows = judged_by(user).filter(call=call, status=Status.UNDER_REVIEW, shortlisting__isnull=False)
    rows = rows.filter(tally__number__gt=0).select_related("call", "submission", "tally", "shortlisting")
    open_reviews = Q(assignments__ended_at__isnull=True, assignments__isnull=False)
    open_reviews &= Q(assignments__review__isnull=True) | Q(assignments__review__state=ReviewState.DRAFT)
    return rows.annotate(waiting=Count("assignments", filter=open_reviews)).order_by("reference")


def candidates(application: Application) -> list[Candidate]:
    """Return everybody on the panel with their load in this call and their conflicts with this application."""
    members = seats(application.call)
    live = Assignment.objects.filter(application__call=application.call_id, ended_at__isnull=True)
    sent = Count("pk", filter=Q(review__state=ReviewState.SUBMITTED))
    loads = {row["reviewer"]: row for row in live.values("reviewer").annotate(all=Count("pk"), sent=sent)}
    mine = {row.reviewer_id: row for row in _with_state(live.filter(application=application))}
    barred = conflicts_among([member.user for member in members], [application])
    none = {"all": 0, "sent": 0}
    return [
        Candidate(
            member,
            loads.get(member.user_id, none)["all"],
            loads.get(member.user_id, none)["sent"],
            barred.get((application.pk, member.user_id), []),
            mine.get(member.user_id),
        )
        for member in members
    ]


def live_assignments(application: Application) -> QuerySet[Assignment]:
    """Return who is assigned to an application now; of their reviews nothing but the state."""
    rows = application.assignments.filter(ended_at__isnull=True).select_related("reviewer", "application__call")
    return _with_state(rows).order_by("reviewer__name", "reviewer__uid")


def reviews_of(application: Application) -> list[Review]:
    """Return the submitted reviews of live assignments in random order; never drafts, never private notes."""
    rows = Review.objects.filter(
        assignment__application=application, assignment__ended_at__isnull=True, state=ReviewState.SUBMITTED
    )
    opinions = Prefetch("mass_opinions", MassOpinion.objects.select_related("request__sample"))
    rows = rows.defer("private_note").select_related("assignment__reviewer")
    return list(rows.prefetch_related("scores", opinions).order_by("sort_key"))


def scores_by_criterion(
    criteria: Sequence[Criterion], reviews: Sequence[Review]
) -> list[tuple[Criterion, list[int | None]]]:
    """Return each criterion with the scores of these reviews, in their order; None where it does not apply."""
    given = [{score.criterion_id: score.value for score in review.scores.all()} for review in reviews]
    return [(criterion, [scores.get(criterion.pk) for scores in given]) for criterion in criteria]


def _with_state(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Add `review_state` and, of a submitted review, `review_mean`: a draft has no mean, its text is not fetched."""
    return assignments.annotate(review_state=F("review__state"), review_mean=F("review__weighted_mean"))


def _row(
    application: Application,
    members: Sequence[PanelMember],
    assignments: dict[int, Assignment],
    barred: dict[tuple[int, int], list[ConflictKind]],
) -> Row:
    cells, means = [], []
    for member in members:
        assignment = assignments.get(member.user_id)
        cell = _cell(assignment, bool(barred.get((application.pk, member.user_id))))
        cells.append(cell)
        if cell.mean is not None:
            means.append(cell.mean)
    return Row(application, cells, len(means), len(assignments), min(means, default=None), max(means, default=None))


def _cell(assignment: Assignment | None, is_barred: bool) -> Cell:
    if is_barred:
        return Cell("conflict")
    if assignment is None:
        return Cell("free")
    mean = assignment.review_mean  # type: ignore[attr-defined]
    return Cell("due") if mean is None else Cell(f"h{int(mean + Decimal('0.5'))}", mean)


def _days_left(call: Call) -> int:
    return clock.days(clock.now(), call.reviews_due_at, call.zone) if call.reviews_due_at else 0
