"""What a member of a panel may know before it declares, and has answered; who settles conflicts.

Of what is not open yet: references, people and institutions, and the questions that hints put to the member. What waits
for whoever settles: `overview.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from applications.access import ADMINISTRATOR, CHAIR, IN_PANEL, declarable_by, judged_by, relations, submitted_for
from applications.enums import HintKind, PanelRole
from applications.models import Application, Call, PanelAnswer, PanelMember, Waiver
from applications.opening import waiting_for
from applications.reading import Declarable, declarable, declares_without_names
from applications.rules.conflicts import conflicts_among
from applications.rules.hints import Hint, computed_among, open_hints_among
from portal import paging
from portal.roles import Permission

SIZE = 30
QUESTIONS = {
    HintKind.PARENT: _("Your institution and one on this application belong to one organisation. Is that a conflict?"),
    HintKind.COAUTHOR: _("You published with somebody on it in the last three years: %(about)s. Is that a conflict?"),
}


# --- A member and what is before them --------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One application in the list for declarations, with what this member answered; `speaks` tells of a waiver."""

    row: Declarable
    answer: str
    words: str
    questions: list[Any]
    speaks: bool

    @property
    def is_closed(self) -> bool:
        """Whether a conflict bars it, so that nothing is to be answered."""
        return bool(self.row.kinds)


def declarable_page(
    user: Any, call: Call, cursor: str | None, *, waiting: bool = False
) -> tuple[paging.Page, list[Line]]:
    """Return a page of everything before the panel of a call; with `waiting`, of what this member has not answered.

    In a call without names a reviewer has the references alone, and no hint that would tell of people.
    """
    rows = waiting_for(user) if waiting else declarable_by(user)
    page = paging.page(_declarable(rows, user, call), ("reference",), cursor, SIZE)
    return page, _lines(user, call, page.rows)


def lines_of(user: Any, call: Call, references: Iterable[str]) -> list[Line]:
    """Return the lines with these references, as far as they are before this member: those that a form had shown."""
    # A forged one may hold what no text of the database may have.
    wanted = sorted({one for one in references if "\0" not in one})[: paging.LARGEST_PAGE]
    return _lines(
        user,
        call,
        list(_declarable(declarable_by(user), user, call).filter(reference__in=wanted).order_by("reference")),
    )


def _declarable(rows: QuerySet[Application], user: Any, call: Call) -> QuerySet[Application]:
    own = PanelAnswer.objects.filter(application=OuterRef("pk"), user=user.pk)
    waiver = Waiver.objects.filter(application=OuterRef("pk"), user=user.pk)
    return (
        rows.filter(call=call)
        .select_related("principal_investigator__institution", "institution")
        .annotate(
            own_answer=Subquery(own.values("answer")[:1]),
            own_words=Subquery(own.values("words")[:1]),
            is_waived=Exists(waiver),
        )
    )


def _lines(user: Any, call: Call, rows: list[Any]) -> list[Line]:
    barred = conflicts_among([user], rows)
    bare = declares_without_names(user, call)
    hints = {} if bare else computed_among([user], rows)
    lines = []
    for one in rows:
        kinds = barred.get((one.pk, user.pk), [])
        asked = [QUESTIONS[hint.kind] % {"about": hint.about} for hint in hints.get((one.pk, user.pk), []) if not kinds]
        row = declarable(one, kinds, anonymous=bare)
        lines.append(Line(row, one.own_answer or "", one.own_words or "", asked, one.is_waived and bool(kinds)))
    return lines


# --- Who settles what ----------------------------------------------------------------------------------


def free_chairs(call: int, applications: Sequence[Application]) -> dict[int, set[int]]:
    """Return the ids of the chairs of a call whom no conflict bars, for each application (by id)."""
    seats = PanelMember.objects.filter(call=call, role=PanelRole.CHAIR, until__isnull=True, user__is_active=True)
    chairs = [seat.user for seat in seats.select_related("user")]
    barred = conflicts_among(chairs, applications)
    return {one.pk: {chair.pk for chair in chairs if (one.pk, chair.pk) not in barred} for one in applications}


def settleable_by(user: Any) -> QuerySet[Application]:
    """Return the applications about which this person may settle something: as their chair, or for chairs in conflict.

    Whether they settle a certain matter is told by `settles`, which the actions ask again.
    """
    office = submitted_for(user, Permission.SCREEN).filter(status__in=IN_PANEL)
    return Application.objects.filter(Q(pk__in=judged_by(user).values("pk")) | Q(pk__in=office.values("pk")))


def settles(user: Any, application: Application, about: Any = None) -> bool:
    """Tell whether this person settles conflicts of an application, about somebody (nobody settles their own).

    Its chair does; where no other chair than the one it is about is free of a conflict, an administrator does.
    """
    person = about.pk if about is not None else None
    ways = relations(user, application)
    if person == user.pk or not ways & {CHAIR, ADMINISTRATOR}:
        return False
    return CHAIR in ways or not free_chairs(application.call_id, [application])[application.pk] - {person}


def hint_of(application: Application, person: Any, kind: str) -> Hint | None:
    """Return the hint of a kind about a pair on which nobody has ruled."""
    hints = open_hints_among([person], [application]).get((application.pk, person.pk), [])
    return next((hint for hint in hints if hint.kind == kind), None)
