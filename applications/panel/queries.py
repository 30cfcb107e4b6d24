"""What the chair sees: coverage and scores of applications. Submitted reviews only, and no conflicted application.

What is asked of a call as a whole is in `overview.py`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from applications.access import declarable_by, judged_by, seated_for
from applications.enums import AssignmentAnswer, AssignmentEnd, ConflictKind, ReviewState, RoundMode, Status
from applications.models import (
    Application,
    Assignment,
    AssignmentRound,
    Call,
    Criterion,
    MassOpinion,
    PanelMember,
    Proposal,
    Review,
)
from applications.reading import Declarable, declarable
from applications.rules.conflicts import conflicted_for, conflicts_among
from applications.rules.leads import Span, lacking
from portal import clock
from portal.audit.trail import trail

SIZE = 30


@dataclass(frozen=True)
class Cell:
    """One reviewer's part in one application: tones are h1 to h5, due, conflict and free; `said` is it in words."""

    tone: str
    said: Any
    mean: Decimal | None = None
    short: Any = ""
    is_lead: bool = False


@dataclass(frozen=True)
class Row:
    """One application in the coverage matrix."""

    application: Application
    cells: list[Cell]
    sent: int
    assigned: int
    lowest: Decimal | None
    highest: Decimal | None
    deviation: float | None


@dataclass(frozen=True)
class Candidate:
    """Somebody on the panel as a reviewer of one application: load in this call, conflicts, present assignment."""

    member: PanelMember
    assigned: int
    sent: int
    kinds: list[ConflictKind]
    assignment: Assignment | None


def matrix(
    members: Sequence[PanelMember], applications: Sequence[Application], barred: Sequence[Application], user: Any
) -> tuple[list[Row], list[Declarable]]:
    """Return the coverage of a page, one cell for each member of the panel, and what is closed to this chair."""
    found: dict[int, dict[int, Assignment]] = {}
    told = Q(ended_at__isnull=True) | Q(ended_because__in=(AssignmentEnd.DECLINED, AssignmentEnd.CONFLICT))
    rows_of_all = Assignment.objects.filter(told, application__in=applications)
    for assignment in _with_state(rows_of_all).order_by(F("ended_at").asc(nulls_last=True)):  # the live one stands
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
        short=Count("pk", filter=Q(pk__in=too_few(user, call).values("pk")), distinct=True),
        assigned=Count("assignments", filter=live, distinct=True),
        sent=Count("assignments", filter=live & Q(assignments__review__state=ReviewState.SUBMITTED), distinct=True),
        ready=Count("pk", filter=Q(pk__in=ready(user, call).order_by().values("pk")), distinct=True),
        shortlisted=Count("shortlisting", distinct=True),
        invited=Count("shortlisting", filter=Q(shortlisting__invited=True), distinct=True),
    )
    return {**sums, "without_lead": len(without_leads(user, call)), "days_left": _days_left(call)}


def too_few(user: Any, call: Call) -> QuerySet[Any]:
    """Return what is under review with fewer reviewers than the call asks for."""
    rows = judged_by(user).filter(call=call, status=Status.UNDER_REVIEW).order_by()
    live = Q(assignments__ended_at__isnull=True, assignments__isnull=False)
    return rows.annotate(live=Count("assignments", filter=live, distinct=True)).filter(live__lt=call.reviews_each)


def lacking_leads(application: Application) -> int:
    """Return how many lead readers an application lacks."""
    rows = Application.objects.filter(pk=application.pk)
    return _lacking(rows, application.call_id).get(application.pk, 0)


def without_leads(user: Any, call: Call) -> list[int]:
    """Return the ids of what is under review and lacks a lead reader, in a fixed number of queries."""
    return sorted(_lacking(judged_by(user).filter(call=call, status=Status.UNDER_REVIEW), call.pk))


def _lacking(applications: QuerySet[Application], call: int) -> dict[int, int]:
    """Return how many lead readers each of these lacks, by id, where it lacks any."""
    small = AssignmentRound.objects.filter(call=call, mode=RoundMode.SMALL, released_at__isnull=False).first()
    proposed = Proposal.objects.filter(application=OuterRef("pk"), reviewer=OuterRef("led__reviewer"))
    rows: QuerySet[Any] = applications.order_by().annotate(
        led=FilteredRelation("assignments", condition=Q(assignments__is_lead=True)),
        by_round=Exists(proposed.filter(is_lead=True, released_at__isnull=False)),
    )
    live: Counter[int] = Counter()
    spans: dict[int, list[Span]] = {}
    for pk, since, until, by_round in rows.values_list("pk", "led__at", "led__ended_at", "by_round"):
        spans.setdefault(pk, [])
        live[pk] += since is not None and until is None
        if since is not None and by_round:
            spans[pk].append((since, until))
    counted = {pk: lacking(found, live[pk], small.each if small else 0) for pk, found in spans.items()}
    return {pk: number for pk, number in counted.items() if number}


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


def candidates(user: Any, application: Application) -> list[Candidate]:
    """Return everybody on the panel with their conflicts with this application, and their load in this call.

    What a conflict bars this chair from is in no load: it would say who reviews that, and whether they have.
    """
    members = list(seated_for(application).select_related("user").order_by("user__name", "user__uid"))
    open_to_them = judged_by(user).filter(call=application.call_id)
    live = Assignment.objects.filter(application__in=open_to_them, ended_at__isnull=True)
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


def declined(application: Application) -> QuerySet[Assignment]:
    """Return who declined to review an application, with whom they would ask instead."""
    rows = application.assignments.filter(ended_because=AssignmentEnd.DECLINED).select_related("reviewer")
    return rows.order_by("ended_at")


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
    return list(rows.prefetch_related("scores", opinions, "versions").order_by("sort_key"))


def reopened(application: Application) -> list[Review]:
    """Return the reviews that were given back and not sent again: writers and former versions, never the draft."""
    rows = Review.objects.filter(
        assignment__application=application, assignment__ended_at__isnull=True, state=ReviewState.DRAFT
    ).filter(reopened_at__isnull=False)
    rows = rows.select_related("assignment__reviewer").only(
        "uid", "state", "label", "sort_key", "reopened_at", "reopened_because", "assignment__reviewer__name"
    )
    return list(rows.prefetch_related("versions").order_by("sort_key"))


def scores_by_criterion(
    criteria: Sequence[Criterion], reviews: Sequence[Review]
) -> list[tuple[Criterion, list[int | None]]]:
    """Return each criterion with the scores of these reviews, in their order; None where it does not apply."""
    given = [{score.criterion_id: score.value for score in review.scores.all()} for review in reviews]
    return [(criterion, [scores.get(criterion.pk) for scores in given]) for criterion in criteria]


def in_status_since(application: Application) -> Any:
    """Return since when an application stands where it does, as the trail has it; None where it does not say."""
    came = trail(application).filter(facts__to=application.status).last()
    return came.at if came else None


def _with_state(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Add `review_state` and, of a submitted review, `review_mean`: a draft has no mean, its text is not fetched."""
    return assignments.annotate(review_state=F("review__state"), review_mean=F("review__weighted_mean"))


def _row(
    application: Any,
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
    live = sum(1 for one in assignments.values() if one.ended_at is None)
    deviation = application.deviation if len(means) > 1 else None
    return Row(application, cells, len(means), live, min(means, default=None), max(means, default=None), deviation)


def _cell(assignment: Any, is_barred: bool) -> Cell:
    """Return one cell; `assignment` is one of `_with_state`, or None."""
    suspended = assignment is not None and assignment.ended_because == AssignmentEnd.CONFLICT
    if is_barred or suspended:
        return Cell("conflict", _("conflict, review suspended") if suspended else _("conflict"))
    if assignment is None:
        return Cell("free", _("not assigned"))
    if assignment.ended_at is not None:
        return Cell("free", _("declined"), short=_("no"))
    mean, lead = assignment.review_mean, assignment.is_lead
    if mean is not None:
        return Cell(f"h{int(mean + Decimal('0.5'))}", f"{mean:.2f}", mean, is_lead=lead)
    if assignment.answer == AssignmentAnswer.WAITING:
        return Cell("due", _("asked, not answered"), short=_("asked"), is_lead=lead)
    return Cell("due", _("accepted, not yet sent"), short=_("due"), is_lead=lead)


def _days_left(call: Call) -> int:
    return clock.days(clock.now(), call.reviews_due_at, call.zone) if call.reviews_due_at else 0
