"""What a chair asks of a whole call: what is not covered, who owes reviews, where scores lie apart, who is expert.

All of it is over what this chair may judge: a conflicted application is in no list, count or mean. The matrix of one
page is in `queries.py`, reminders in `reminding.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Avg, Count, Exists, Max, Min, OuterRef, Q, QuerySet, StdDev
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from applications.access import judged_by
from applications.enums import AssignmentAnswer, AssignmentEnd, Confidence, PanelRole, ReviewState, Status
from applications.models import Application, Assignment, Call, InvitedFor, PanelMember, SampleRequest
from applications.panel.queries import Row, too_few, without_leads
from applications.rules.expertise import knows
from applications.rules.hints import open_hints_among
from applications.rules.scoring import ranked
from portal import clock
from samples.rules.techniques import label_of, techniques

WIDE = Decimal(1)  # a range of overall scores from which on an application is listed as disputed
FEWEST = 5  # reviews of one person from which on their mean says something
MOST_DISPUTED, MOST_GAPS = 5, 10
TOO_FEW, LATE, DISPUTED, GAPS, NO_LEAD = "too-few", "late", "disputed", "gaps", "no-lead"

LIVE = Q(assignments__isnull=False, assignments__ended_at__isnull=True)
SENT = LIVE & Q(assignments__review__state=ReviewState.SUBMITTED)


@dataclass(frozen=True)
class Part:
    """What one member of the panel has of a call: reviews asked for, sent, answered; and their mean."""

    member: PanelMember
    assigned: int
    sent: int
    waiting: int
    declined: int
    since: datetime | None
    mean: Decimal | None

    @property
    def owed(self) -> int:
        """How many reviews have not been sent."""
        return self.assigned - self.sent

    @property
    def says_something(self) -> bool:
        """Whether there are enough reviews to compare their mean."""
        return self.sent >= FEWEST


# --- Which applications ----------------------------------------------------------------------------------------


def shown(user: Any, call: Call, show: str, members: Sequence[PanelMember]) -> QuerySet[Application]:
    """Return what this chair may judge, best mean first, narrowed to what needs somebody; empty for all of it."""
    rows: QuerySet[Any] = with_spread(ranked(judged_by(user), call))
    rows = rows.select_related("submission", "tally", "shortlisting", "principal_investigator")
    if show == TOO_FEW:
        rows = rows.filter(pk__in=too_few(user, call).values("pk"))
    elif show == NO_LEAD:
        rows = rows.filter(pk__in=without_leads(user, call))
    elif show == LATE:
        rows = rows.filter(Exists(owed_reviews(call)), status=Status.UNDER_REVIEW) if is_due(call) else rows.none()
    elif show == DISPUTED:
        rows = rows.filter(apart__gte=WIDE)
    elif show == GAPS:
        rows = without_expert(rows, members)
    return rows.defer("submission__document")


def with_spread(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Add how many reviewers an application has (`live`), and how far apart their overall scores lie."""
    score = "assignments__review__weighted_mean"
    rows = rows.annotate(
        live=Count("assignments", filter=LIVE, distinct=True),
        lowest=Min(score, filter=SENT),
        highest=Max(score, filter=SENT),
        deviation=StdDev(score, filter=SENT),
    )
    return rows.annotate(apart=Coalesce("highest", Decimal(0)) - Coalesce("lowest", Decimal(0)))


def disputed(user: Any, call: Call) -> list[Application]:
    """Return the applications whose overall scores lie furthest apart, widest first."""
    several = judged_by(user).filter(call=call, tally__number__gt=1).select_related("submission", "tally")
    rows: QuerySet[Any] = with_spread(several).filter(apart__gte=WIDE).defer("submission__document")
    return list(rows.order_by("-apart", "reference")[:MOST_DISPUTED])


def gaps(user: Any, call: Call, members: Sequence[PanelMember]) -> list[tuple[Application, list[str]]]:
    """Return applications under review for which nobody assigned is expert, with their techniques: the first few."""
    rows = without_expert(judged_by(user).filter(call=call), members).select_related("submission")
    wanted = SampleRequest.objects.filter(submission=OuterRef("submission")).order_by("technique")
    rows = rows.annotate(techniques=ArraySubquery(wanted.values("technique").distinct()))
    found = rows.defer("submission__document").order_by("reference")[: MOST_GAPS + 1]
    return [(one, [label_of(code) for code in one.techniques if code]) for one in found]


def open_hints(user: Any, call: Call, members: Sequence[PanelMember]) -> int:
    """Count the hints on which this chair may rule and nobody has, in a fixed number of queries.

    Nobody rules on a hint about themselves, and experts are asked about what they were invited for alone.
    """
    applications = list(judged_by(user).filter(call=call).select_related("principal_investigator", "call"))
    experts = {one.user_id for one in members if one.role == PanelRole.EXPERT}
    asked = InvitedFor.objects.filter(seat__in=members) if experts else InvitedFor.objects.none()
    invited = set(asked.values_list("application", "seat__user"))
    people = [one.user for one in members if one.user_id != user.pk]
    return sum(
        len(hints)
        for pair, hints in open_hints_among(people, applications).items()
        if pair[1] not in experts or pair in invited
    )


def without_expert(rows: QuerySet[Any], members: Sequence[PanelMember]) -> QuerySet[Any]:
    """Narrow to applications none of whose reviewers knows one of its techniques, or called it their own field.

    Who knows which technique: `applications/rules/expertise.py`. Source: portal policy.
    """
    asked = SampleRequest.objects.filter(submission=OuterRef("submission"))
    asked = asked.filter(submission__current_of__assignments__ended_at__isnull=True)
    by_somebody = Q(pk__in=[])
    for member in members:
        codes = knows(member.techniques, [one.code for one in techniques()])
        known = [one for one in techniques() if one.code in codes]
        if words := [word for one in known for word in (one.code, one.label, one.label_zh) if word]:
            by_somebody |= Q(submission__current_of__assignments__reviewer=member.user_id, technique__in=words)
    sure = Assignment.objects.filter(
        application=OuterRef("pk"),
        ended_at__isnull=True,
        review__state=ReviewState.SUBMITTED,
        review__confidence=Confidence.HIGH,
    )
    return rows.filter(~Exists(asked.filter(by_somebody)), ~Exists(sure), status=Status.UNDER_REVIEW)


def owed_reviews(call: Call) -> QuerySet[Assignment]:
    """Return the live assignments to the outer application without a sent review."""
    rows = Assignment.objects.filter(application=OuterRef("pk"), application__call=call, ended_at__isnull=True)
    return rows.filter(Q(review__isnull=True) | Q(review__state=ReviewState.DRAFT))


def is_due(call: Call) -> bool:
    """Whether the day by which reviews were due has passed."""
    return call.reviews_due_at is not None and call.reviews_due_at <= clock.now()


# --- Who ----------------------------------------------------------------------------------------------------------


def parts(user: Any, call: Call, members: Sequence[PanelMember]) -> list[Part]:
    """Return the part of each member, who owes most first; in one query."""
    live, sent = Q(ended_at__isnull=True), Q(review__state=ReviewState.SUBMITTED)
    owed = (
        live
        & Q(application__status=Status.UNDER_REVIEW)
        & (Q(review__isnull=True) | Q(review__state=ReviewState.DRAFT))
    )
    rows = Assignment.objects.filter(application__in=judged_by(user).filter(call=call)).order_by()
    counted = rows.values("reviewer").annotate(
        sent=Count("pk", filter=live & sent),
        open=Count("pk", filter=owed),
        waiting=Count("pk", filter=owed & Q(answer=AssignmentAnswer.WAITING, review__isnull=True)),
        declined=Count("pk", filter=Q(ended_because=AssignmentEnd.DECLINED)),
        since=Min("at", filter=owed),
        mean=Avg("review__weighted_mean", filter=live & sent),
    )
    found: dict[int, dict[str, Any]] = {row["reviewer"]: dict(row) for row in counted}
    none = {"sent": 0, "open": 0, "waiting": 0, "declined": 0, "since": None, "mean": None}
    made = [_part(member, found.get(member.user_id, none)) for member in members]
    return sorted(made, key=lambda part: -part.owed)


def mean_of_all(parts: Iterable[Part]) -> Decimal | None:
    """Return the mean of every review of these, or None where there is none."""
    sent = [(part.mean, part.sent) for part in parts if part.mean is not None]
    number = sum(count for _mean, count in sent)
    return sum((mean * count for mean, count in sent), Decimal(0)) / number if number else None


def _part(member: PanelMember, row: dict[str, Any]) -> Part:
    assigned = row["sent"] + row["open"]
    since = row["since"]
    return Part(member, assigned, row["sent"], row["waiting"], row["declined"], since, row["mean"])


# --- As a file -----------------------------------------------------------------------------------------------------


def columns(members: Sequence[PanelMember]) -> list[str]:
    """Return the heads of the file: what the matrix shows, one column for each member."""
    return [*_heads(), *(name for name, _member in named(members))]


def named(members: Sequence[PanelMember]) -> list[tuple[str, PanelMember]]:
    """Return each member with a name of their own: namesakes are numbered."""
    seen: dict[str, int] = {}
    found = []
    for member in members:
        number = seen[member.user.name] = seen.get(member.user.name, 0) + 1
        found.append((member.user.name if number == 1 else f"{member.user.name} ({number})", member))
    return found


def lines(members: Sequence[PanelMember], rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the file."""
    names = [name for name, _member in named(members)]
    for row in rows:
        application = row.application
        entry = getattr(application, "shortlisting", None)
        said = "" if entry is None else _("invited") if entry.invited else _("not invited")
        about = (
            application.reference,
            application.submission.title if application.submission else "",
            str(application.get_status_display()),
            _two(application.tally.mean) if application.tally.number else "",
            _two(row.lowest),
            _two(row.highest),
            _two(row.deviation),
            row.sent,
            row.assigned,
            said,
        )
        yield dict(zip(_heads(), about, strict=True)) | {
            name: str(cell.said) for name, cell in zip(names, row.cells, strict=True)
        }


def _heads() -> list[str]:
    return [
        _("Reference"),
        _("Title"),
        _("Status"),
        _("Mean"),
        _("Lowest"),
        _("Highest"),
        _("Standard deviation"),
        _("Reviews sent"),
        _("Reviewers"),
        _("Interview"),
    ]


def _two(number: Any) -> str:
    return "" if number is None else f"{number:.2f}"
