"""The pages that notices lead to, and who may open them: a seat, a role or a place on a team may end meanwhile."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from applications.access import (
    assigned_to,
    judged_by,
    my_applications,
    panel_calls,
    publishable_calls,
    spoken_on_by,
    submitted_for,
)
from applications.enums import PanelRole, ReviewState
from applications.models import Application, Assignment, Call
from portal.roles import Permission


@dataclass(frozen=True)
class Page:
    """The page `name` of a thing, its arguments read along dotted paths."""

    name: str
    paths: tuple[str, ...]

    def __call__(self, thing: Any) -> str:
        return reverse(f"applications:{self.name}", args=[attrgetter(each)(thing) for each in self.paths])

    def opens(self, person: Any, things: Sequence[Any]) -> Collection[int]:
        """Return the ids of those things whose page this person may open now, in a fixed number of queries."""
        rows: QuerySet[Any]
        if self.name in PAGES_OF_CALLS:
            rows, own = PAGES_OF_CALLS[self.name](person), {thing.pk: _id(thing, Call) for thing in things}
        elif self.name in PAGES_OF_APPLICATIONS:
            rows = PAGES_OF_APPLICATIONS[self.name](person)
            own = {thing.pk: _id(thing, Application) for thing in things}
        else:
            return [thing.pk for thing in things]
        open_ = set(rows.filter(pk__in=own.values()).values_list("pk", flat=True))
        return {pk for pk, whole in own.items() if whole in open_}


def to(name: str, *paths: str) -> Page:
    """Return the page `name` of a thing, its arguments read along dotted paths."""
    return Page(name, paths)


def _id(thing: Any, whole: type[Call | Application]) -> Any:
    """Return the id of the call, or of the application, that a thing is or belongs to."""
    if isinstance(thing, whole):
        return thing.pk
    name = f"{whole.__name__.lower()}_id"
    return getattr(thing, name) if hasattr(thing, name) else getattr(thing.application, name)


def _chaired(person: Any) -> QuerySet[Call]:
    return panel_calls(person, PanelRole.CHAIR)


def _managed(person: Any) -> QuerySet[Call]:
    return Call.objects.all() if person.may(Permission.MANAGE_CALLS) else Call.objects.none()


def _assigned_by_office(person: Any) -> QuerySet[Call]:
    return _managed(person).exclude(pk__in=_chaired(person).values("pk"))


def _discussed(person: Any) -> QuerySet[Application]:
    sent = Assignment.objects.filter(
        application=OuterRef("pk"), reviewer=person.pk, ended_at__isnull=True, review__state=ReviewState.SUBMITTED
    )
    either = Q(pk__in=assigned_to(person).filter(Exists(sent)).values("pk")) | Q(pk__in=judged_by(person).values("pk"))
    return Application.objects.filter(either | Q(pk__in=spoken_on_by(person).values("pk")))


def _screened(person: Any) -> QuerySet[Application]:
    return submitted_for(person, Permission.SCREEN)


def _advised(person: Any) -> QuerySet[Application]:
    return submitted_for(person, Permission.ADVISE)


# Whose pages ask for more than the thing itself: a seat, a role, a place on the team. The others open with the thing.
PAGES_OF_CALLS: dict[str, Callable[[Any], QuerySet[Call]]] = {
    "assigning-office-round": _assigned_by_office,
    "calls-edit": _managed,
    "conflicts-list": panel_calls,
    "exchanges-schedule": publishable_calls,
    "interviews-list": _chaired,
    "panel-overview": _chaired,
    "questions-manage": _managed,
    "review-queue": panel_calls,
}
PAGES_OF_APPLICATIONS: dict[str, Callable[[Any], QuerySet[Application]]] = {
    "declarations-office": _screened,
    "discussion-read": _discussed,
    "exchanges-change": _screened,
    "following-changes": my_applications,
    "following-clarification": my_applications,
    "following-decision": my_applications,
    "following-receipt": my_applications,
    "following-status": my_applications,
    "interviews-mine": my_applications,
    "panel-assign": judged_by,
    "panel-read": judged_by,
    "review-write": assigned_to,
    "screening-advise": _advised,
    "screening-detail": _screened,
    "team-handover": my_applications,
}
