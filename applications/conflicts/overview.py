"""What waits for whoever settles the conflicts of a call: hints, rulings, answers, gaps, what is suspended, waivers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from applications.access import IN_PANEL, judged_by, seats_of, submitted_for
from applications.enums import AssignmentEnd, HintKind, PanelRole, Status
from applications.models import (
    Application,
    Assignment,
    Call,
    Conflict,
    DiscussionPost,
    PanelAnswer,
    PanelMember,
    Ruling,
    Suspension,
    Waiver,
)
from applications.rules.conflicts import NEVER_WAIVED, conflicts_among
from applications.rules.hints import Hint, Pair, hints_among, still_open
from portal.roles import Permission

SAID = {
    HintKind.PARENT: _("Their institution and one on the application belong to one organisation."),
    HintKind.COAUTHOR: _("They published with somebody on the team in the last three years: %(about)s."),
    HintKind.MINOR: _("They declared a minor interest: %(about)s"),
}


def said(hint: Hint) -> str:
    """Say what a hint is, to whoever rules on it."""
    return SAID[hint.kind] % {"about": hint.about}


@dataclass(frozen=True)
class Question:
    """An open hint: about which application and whom, and what it says."""

    reference: str
    person: Any
    hint: Hint

    @property
    def words(self) -> str:
        """What the hint says."""
        return said(self.hint)


@dataclass(frozen=True)
class Member:
    """A member of the panel: whether they accepted the terms, and how many applications wait for their answer."""

    seat: PanelMember
    waiting: int


@dataclass(frozen=True)
class Short:
    """An application that too few members may judge: how many may, and whose conflict could be waived."""

    application: Application
    free: int
    waivable: list[Any]
    waived: list[Any]


@dataclass(frozen=True)
class Suspended:
    """What a conflict suspended of one member: whether a review, how many posts, and whether a conflict is left."""

    row: Suspension
    review: bool
    posts: int
    barred: bool


@dataclass(frozen=True)
class Overview:
    """Everything about conflicts that this person settles in one call."""

    questions: list[Question]
    rulings: list[Ruling]
    members: list[Member]
    short: list[Short]
    suspended: list[Suspended]
    waivers: list[Waiver]


def overview(user: Any, call: Call, *, office: bool = False) -> Overview:
    """Return what waits for a chair, or for an administrator where no chair may settle it, in a few queries.

    Only applications that this person may read are in it.
    """
    rows = submitted_for(user, Permission.SCREEN) if office else judged_by(user)
    rows = rows.filter(call=call, status__in=IN_PANEL).defer("submission__document").order_by("reference")
    applications = list(rows.select_related("principal_investigator", "call"))
    seats = _seats(call)
    people = [seat.user for seat in seats]
    barred = conflicts_among(people, applications)
    chairs = {seat.user_id for seat in seats if seat.role == PanelRole.CHAIR}
    free = {one.pk: {chair for chair in chairs if (one.pk, chair) not in barred} for one in applications}

    def mine(application: int, person: int | None = None) -> bool:
        if person == user.pk:
            return False
        return not office or not free[application] - {person}

    own = [one for one in applications if mine(one.pk)]
    by_pk = {one.pk: one for one in applications}
    asked = {(one.pk, seat.user_id) for one in applications for seat in seats if _sits_for(seat, one)}
    answers = PanelAnswer.objects.filter(application__in=applications, user__in=people)
    given = set(answers.values_list("application", "user"))
    rulings, waivers = (_own_rows(model, applications, mine) for model in (Ruling, Waiver))
    ruled = {(one.application_id, one.user_id, one.kind) for one in rulings}
    people_by_pk = {one.pk: one for one in people}
    questions = [
        Question(by_pk[application].reference, people_by_pk[person], hint)
        for (application, person), found in still_open(hints_among(people, applications), ruled, barred).items()
        if (application, person) in asked and mine(application, person)
        for hint in found
    ]
    return Overview(
        questions=sorted(questions, key=lambda one: (one.reference, one.person.name)),
        rulings=rulings,
        members=[Member(seat, _waiting(seat, own, asked, given, barred)) for seat in seats],
        short=_short(call, own, seats, asked, barred, waivers, user),
        suspended=_suspended(applications, barred, mine),
        waivers=waivers,
    )


def _own_rows(model: Any, applications: list[Application], mine: Callable[[int, int | None], bool]) -> list[Any]:
    """Return the rulings or waivers on these applications that this person may settle."""
    rows = model.objects.filter(application__in=applications).select_related("user", "by", "application")
    return [one for one in rows if mine(one.application_id, one.user_id)]


def _seats(call: Call) -> list[Any]:
    """Return who sits on the panel, experts with the ids of what they were invited for."""
    ids = ArrayAgg("invited_for__application", filter=Q(invited_for__isnull=False), default=[])
    return list(seats_of(call).annotate(invited=ids))


def _sits_for(seat: Any, application: Application) -> bool:
    return seat.role != PanelRole.EXPERT or application.pk in seat.invited


def _waiting(
    seat: Any, applications: Sequence[Application], asked: set[Pair], given: set[Pair], barred: dict[Pair, Any]
) -> int:
    pairs = {(one.pk, seat.user_id) for one in applications} & asked
    return sum(1 for pair in pairs if pair not in given and pair not in barred)


def _short(
    call: Call,
    applications: Sequence[Application],
    seats: Sequence[Any],
    asked: set[Pair],
    barred: dict[Pair, Any],
    waivers: Sequence[Waiver],
    user: Any,
) -> list[Short]:
    """Return what too few members may judge while it is under review: fewer than the call wants reviews."""
    found = []
    for one in applications:
        free = [seat for seat in seats if (one.pk, seat.user_id) in asked and (one.pk, seat.user_id) not in barred]
        if one.status != Status.UNDER_REVIEW or len(free) >= call.reviews_each:
            continue
        waived = [waiver.user for waiver in waivers if waiver.application_id == one.pk]
        closed = [
            seat.user
            for seat in seats
            if (one.pk, seat.user_id) in asked
            and barred.get((one.pk, seat.user_id))
            and not NEVER_WAIVED & set(barred[one.pk, seat.user_id])
            and seat.user not in waived
            and seat.user_id != user.pk
        ]
        found.append(Short(one, len(free), closed, waived))
    return found


def _suspended(
    applications: Sequence[Application], barred: dict[Pair, Any], mine: Callable[..., bool]
) -> list[Suspended]:
    """Return what is suspended and could be taken up again; what somebody declared themselves cannot be."""
    declared = Conflict.objects.filter(application=OuterRef("application"), user=OuterRef("user"))
    said = DiscussionPost.objects.filter(application=OuterRef("application"), author=OuterRef("user"))
    said = said.filter(at__lte=OuterRef("at")).order_by()
    own = Assignment.objects.filter(application=OuterRef("application"), reviewer=OuterRef("user"))
    live = own.filter(ended_at__isnull=True)
    rows = Suspension.objects.filter(~Exists(declared), application__in=applications, lifted_at__isnull=True)
    rows = rows.select_related("user", "application").annotate(
        posts=Coalesce(Subquery(said.values("author").annotate(number=Count("pk")).values("number")), 0),
        review=Exists(own.filter(ended_because=AssignmentEnd.CONFLICT)) & ~Exists(live),
    )
    return [
        Suspended(one, one.review, one.posts, (one.application_id, one.user_id) in barred)
        for one in rows.order_by("application__reference", "user__name", "pk")
        if (one.review or one.posts) and mine(one.application_id, one.user_id)
    ]
