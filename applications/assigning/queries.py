"""What is read around assigning: what somebody may assign, who sits on the panel, what stands in the way, the pages.

Nothing of a proposal is seen by anybody but who may judge its application. What works proposals out: `proposing.py`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan
from django.utils.translation import gettext_lazy as _

from applications.access import declarable_by, is_chair, judged_by, opened_to, panel_calls, seats_of, submitted_for
from applications.assigned import waiting_for
from applications.enums import AssignmentAnswer, PanelRole, RoundMode, Status
from applications.models import Application, Assignment, AssignmentRound, Bid, Call, InvitedFor, PanelMember, Proposal
from applications.notices import chairs
from applications.rules.conflicts import conflicted_for, conflicts_among
from applications.rules.expertise import known, wanted_by
from applications.rules.hints import open_hints_among
from portal import paging
from portal.roles import Permission

SIZE = 30
SMALL_UP_TO = 40  # applications, from which on reviewers are matched. Source: portal policy

# What stands in the way of a proposal or a release, by code: in words, and in which tone.
OBSTACLES: Mapping[str, tuple[Any, str]] = {
    "assigned": (_("assigned"), "ok"),
    "expert": (_("was not invited for it"), "plain"),
    "hint": (_("a question waits for a ruling"), "warn"),
    "conflict": (_("has a conflict"), "bad"),
    "cap": (_("takes no more applications"), "warn"),
    "seat": (_("has no seat any more"), "bad"),
}

Pair = tuple[int, int]


# --- Rights ---------------------------------------------------------------------------------------------


def assigns(user: Any, call: Call) -> bool:
    """Whether this person assigns reviewers in a call: chairs; administrators, for what no chair may judge."""
    return is_chair(user, call) or user.may(Permission.MANAGE_CALLS)


def covered(user: Any, call: Call) -> QuerySet[Application]:
    """Return what this person assigns reviewers to: under review, and without a conflict of their own.

    A chair: what they judge. An administrator: what a conflict bars every chair from, so that somebody does it.
    """
    rows = Application.objects.filter(call=call, status=Status.UNDER_REVIEW)
    if is_chair(user, call):
        return rows.filter(pk__in=judged_by(user).values("pk"))
    if not user.may(Permission.MANAGE_CALLS):
        return rows.none()
    rows = rows.filter(pk__in=submitted_for(user, Permission.READ_APPLICATIONS).values("pk"))
    for chair in chairs(call):
        rows = rows.filter(conflicted_for(chair))
    return rows


# --- The panel, and what stands in the way -----------------------------------------------------------------


def most_of(seat: PanelMember, round_: AssignmentRound | None) -> int | None:
    """Return how many applications somebody takes at most: the smaller of their own limit and the round's."""
    return min((one for one in (seat.most_reviews, round_.most if round_ else None) if one is not None), default=None)


def obstacles(members: Sequence[PanelMember], applications: Sequence[Application]) -> dict[Pair, str]:
    """Return why somebody cannot be proposed for an application, by pair (application id, person id).

    The codes are those of `OBSTACLES`, but for loads and seats.
    """
    live = Assignment.objects.filter(application__in=applications, ended_at__isnull=True)
    found: dict[Pair, str] = dict.fromkeys(live.values_list("application", "reviewer"), "assigned")
    experts = [seat for seat in members if seat.role == PanelRole.EXPERT]
    if experts:
        invited = set(InvitedFor.objects.filter(seat__in=experts).values_list("application", "seat__user"))
        pairs = {(one.pk, seat.user_id) for one in applications for seat in experts}
        found |= dict.fromkeys(pairs - invited, "expert")
    people = [seat.user for seat in members]
    barred = conflicts_among(people, applications)
    found |= dict.fromkeys(open_hints_among(people, applications, barred), "hint")
    return found | dict.fromkeys(barred, "conflict")


def loads(call: Call, round_: AssignmentRound | None, *, beside: Sequence[int] = ()) -> Counter[int]:
    """Return how many applications everybody has in a call, proposals included that are not released.

    `beside` are applications whose proposals do not count, since they are made anew.
    """
    live = Assignment.objects.filter(application__call=call, ended_at__isnull=True)
    found = Counter(live.values_list("reviewer", flat=True))
    if round_ is not None:
        proposed = Proposal.objects.filter(round=round_, released_at__isnull=True)
        found.update(proposed.exclude(application__in=beside).values_list("reviewer", flat=True))
    return found


# --- The pages of the chair ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposed:
    """A proposal as it is shown: why, in codes and numbers, and the load of the reviewer as far as it may be seen."""

    proposal: Proposal
    load: int
    most: int | None


@dataclass(frozen=True)
class Row:
    """An application with who is proposed, who is assigned already, and how many reviewers it lacks."""

    application: Application
    proposed: list[Proposed]
    assigned: list[Assignment]
    lacks: int


@dataclass(frozen=True)
class Load:
    """Somebody on the panel with the applications proposed and assigned to them, and how many they take."""

    seat: PanelMember
    proposed: int
    assigned: int
    most: int | None


def round_of(call: Call) -> AssignmentRound | None:
    """Return the round of a call, or None before the first."""
    return AssignmentRound.objects.filter(call=call).select_related("by").first()


def usual_mode(rows: QuerySet[Application]) -> RoundMode:
    """Return how reviewers are found unless the chair says otherwise."""
    return RoundMode.SMALL if rows.count() <= SMALL_UP_TO else RoundMode.MATCHED


def visible_loads(rows: QuerySet[Application], call: Call, round_: AssignmentRound | None) -> list[Load]:
    """Return the loads of the panel over these applications alone: what a conflict bars is in no count."""
    live = Assignment.objects.filter(application__in=rows.values("pk"), ended_at__isnull=True)
    open_ = Proposal.objects.filter(round=round_, released_at__isnull=True, application__in=rows.values("pk"))
    one_by_one = (_counted(open_, "proposed"), _counted(live, "assigned"))
    found = {(person, what): number for person, what, number in one_by_one[0].union(one_by_one[1], all=True)}
    return [
        Load(
            one, found.get((one.user_id, "proposed"), 0), found.get((one.user_id, "assigned"), 0), most_of(one, round_)
        )
        for one in seats_of(call)
    ]


def _counted(rows: QuerySet[Any], what: str) -> QuerySet[Any, Any]:
    return (
        rows.order_by().values("reviewer").annotate(number=Count("pk")).values_list("reviewer", Value(what), "number")
    )


def page_of(rows: QuerySet[Application], round_: AssignmentRound | None, cursor: str | None) -> paging.Page:
    """Return a page of applications with their open proposals and live assignments."""
    open_ = Proposal.objects.filter(round=round_, released_at__isnull=True)
    live = Assignment.objects.filter(ended_at__isnull=True)
    people = ("reviewer__name", "reviewer__uid")
    rows = (
        rows.select_related("submission")
        .defer("submission__document")
        .prefetch_related(
            Prefetch("proposals", open_.select_related("reviewer").order_by("-is_lead", *people), "open_proposals"),
            Prefetch("assignments", live.select_related("reviewer").order_by(*people), "live_assignments"),
        )
    )
    return paging.page(rows.annotate(settled=_is_settled(round_)), ("settled", "reference"), cursor, SIZE)


def _is_settled(round_: AssignmentRound | None) -> Case:
    """Say 0 of what has open proposals or lacks reviewers, which comes first, and 1 of the rest."""
    open_ = Proposal.objects.filter(application=OuterRef("pk"), round=round_, released_at__isnull=True)
    live = Assignment.objects.filter(application=OuterRef("pk"), ended_at__isnull=True).order_by()
    number = Coalesce(Subquery(live.values("application").annotate(number=Count("pk")).values("number")), 0)
    waits = Exists(open_) | LessThan(number, round_.each if round_ else 0)
    return Case(When(waits, then=Value(0)), default=Value(1))


def table(page: paging.Page, loads_: Sequence[Load], round_: AssignmentRound | None) -> list[Row]:
    """Return the rows of a page as they are shown."""
    by_person = {one.seat.user_id: one for one in loads_}
    each = round_.each if round_ else 0
    return [
        Row(
            one,
            [_shown(proposal, by_person.get(proposal.reviewer_id)) for proposal in one.open_proposals],
            one.live_assignments,
            max(0, each - len(one.open_proposals) - len(one.live_assignments)),
        )
        for one in page.rows
    ]


def _shown(proposal: Proposal, load: Load | None) -> Proposed:
    return Proposed(proposal, load.proposed + load.assigned if load else 0, load.most if load else None)


def sums(rows: QuerySet[Application], round_: AssignmentRound | None) -> dict[str, int]:
    """Return how many applications there are, how many reviews are proposed of them, and how many are short."""
    each = round_.each if round_ else 0
    open_ = Q(proposals__round=round_, proposals__released_at__isnull=True)
    live = Q(assignments__ended_at__isnull=True, assignments__isnull=False)
    counted = rows.annotate(
        with_proposed=Count("proposals", filter=open_, distinct=True),
        with_assigned=Count("assignments", filter=live, distinct=True),
    )
    return counted.annotate(all_of_it=F("with_proposed") + F("with_assigned")).aggregate(
        applications=Count("pk"),
        proposed=Coalesce(Sum("with_proposed"), 0),
        assigned=Coalesce(Sum("with_assigned"), 0),
        short=Count("pk", filter=Q(all_of_it__lt=each)),
    )


# --- One application ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """Somebody on the panel as a reviewer of one application. `fits` is (techniques known, wanted)."""

    seat: PanelMember
    load: int
    most: int | None
    fits: tuple[int, int]
    wish: Bid | None
    obstacle: str
    proposal: Proposal | None

    @property
    def told(self) -> tuple[Any, str] | None:
        """What stands in the way, in words and with its tone."""
        return OBSTACLES.get(self.obstacle)


def candidates(application: Application, round_: AssignmentRound, visible: Sequence[Load]) -> list[Candidate]:
    """Return everybody on the panel, with what speaks for and against each."""
    barred = obstacles([one.seat for one in visible], [application])
    wanted = wanted_by(application.submission.requests.all()) if application.submission else frozenset()
    wishes = {one.user_id: one for one in Bid.objects.filter(application=application)}
    open_ = Proposal.objects.filter(round=round_, application=application, released_at__isnull=True)
    proposed = {one.reviewer_id: one for one in open_}
    return [
        Candidate(
            one.seat,
            one.proposed + one.assigned,
            one.most,
            (known(one.seat.techniques, wanted), len(wanted)),
            wishes.get(one.seat.user_id),
            barred.get((application.pk, one.seat.user_id), ""),
            proposed.get(one.seat.user_id),
        )
        for one in visible
    ]


@dataclass(frozen=True)
class Named:
    """Somebody who was left out of a release, of which application, and why."""

    application: Application
    name: str
    code: str

    @property
    def because(self) -> Any:
        """Why, in words."""
        return OBSTACLES[self.code][0]


def left_out(rows: QuerySet[Application], round_: AssignmentRound | None) -> list[Named]:
    """Return who was left out of the last release, as far as this person may judge the application."""
    pairs = round_.found.get("pairs", []) if round_ else []
    if round_ is None or not pairs:
        return []
    found = {one.pk: one for one in rows.filter(pk__in=[pair[0] for pair in pairs]).only("reference")}
    names = dict(
        PanelMember.objects.filter(call=round_.call_id, user__in=[pair[1] for pair in pairs]).values_list(
            "user", "user__name"
        )
    )
    return [Named(found[one], names.get(person, ""), code) for one, person, code in pairs if one in found]


def in_the_way(rows: QuerySet[Application], round_: AssignmentRound | None) -> list[str]:
    """Return the references of the applications that made a round impossible, as far as they may be seen."""
    named = round_.found.get("applications", []) if round_ else []
    return list(rows.filter(pk__in=named).order_by("reference").values_list("reference", flat=True)) if named else []


# --- The pages of members ---------------------------------------------------------------------------------------


def own_seat(user: Any, call: Call) -> PanelMember | None:
    """Return this person's seat on the panel of a call."""
    return PanelMember.objects.filter(call=call, user=user.pk, until__isnull=True).first()


@dataclass(frozen=True)
class Asked:
    """What one release asked of somebody, by reference: what waits for an answer, what was accepted; how many not."""

    waiting: list[str]
    accepted: list[str]
    declined: int


def asked_by(released_at: datetime, user: Any, call: Call) -> Asked:
    """Return how what one release asked of somebody stands now; a conflict takes an application from it."""
    rows = Assignment.objects.filter(reviewer=user.pk, application__call=call, at=released_at)
    declined = rows.filter(answer=AssignmentAnswer.DECLINED).count()
    waiting = waiting_for(user, call).filter(at=released_at).values_list("application__reference", flat=True)
    free = Application.objects.filter(call__in=panel_calls(user)).exclude(conflicted_for(user))
    live = rows.filter(application__in=free, answer=AssignmentAnswer.ACCEPTED, ended_at__isnull=True)
    accepted = live.order_by("application__reference").values_list("application__reference", flat=True)
    return Asked(list(waiting), list(accepted), declined)


def wishable(user: Any, call: Call) -> QuerySet[Application]:
    """Return what this person may wish to review: before them, open to them, and free of conflicts."""
    rows = Application.objects.filter(pk__in=declarable_by(user).values("pk"), call=call, status=Status.UNDER_REVIEW)
    return rows.filter(opened_to(user)).exclude(conflicted_for(user))


def wishes_page(user: Any, call: Call, cursor: str | None) -> tuple[paging.Page, Mapping[int, int]]:
    """Return a page of what somebody may wish for, with its samples, and what they wished so far, by application."""
    rows = wishable(user, call).select_related("submission").defer("submission__document")
    rows = rows.annotate(called=KeyTextTransform("public_title", "submission__document"))
    rows = rows.prefetch_related("submission__requests__sample__mission")
    page = paging.page(rows, ("reference",), cursor, SIZE)
    own = Bid.objects.filter(user=user.pk, application__in=[one.pk for one in page.rows])
    return page, dict(own.values_list("application", "wish"))
