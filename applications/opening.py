"""What a member of a panel still has to do before content opens: accept the terms, answer on conflicts.

What opens by it is decided in `applications/access.py`; the page to do it is the room `applications/conflicts/`.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from applications.access import declarable_by
from applications.models import Application, PanelAnswer, PanelMember
from applications.rules.conflicts import conflicted_for


@dataclass(frozen=True)
class Missing:
    """What is missing in one call: whether the terms are accepted, and how many applications wait for an answer."""

    pledge: bool
    answers: int


def waiting_for(user: Any) -> QuerySet[Application]:
    """Return what is before this member of panels and neither answered by them nor closed to them."""
    answered = PanelAnswer.objects.filter(application=OuterRef("pk"), user=user.pk)
    return declarable_by(user).exclude(Exists(answered)).exclude(conflicted_for(user))


def missing_of(user: Any) -> dict[int, Missing]:
    """Return what is missing, by call; a call in which nothing is missing is absent. In one query."""
    waiting = waiting_for(user).filter(call=OuterRef("call")).order_by().values("call").annotate(number=Count("pk"))
    seats = PanelMember.objects.filter(user=user.pk, until__isnull=True)
    rows = seats.annotate(waiting=Coalesce(Subquery(waiting.values("number")), 0))
    found = {
        call: Missing(at is None, number) for call, at, number in rows.values_list("call", "pledged_at", "waiting")
    }
    return {call: one for call, one in found.items() if one.pledge or one.answers}
