"""What a member of a panel still has to do before content opens: accept the terms, answer on conflicts.

What opens by it is decided in `applications/access.py`; the page to do it is the room `applications/conflicts/`.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

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
    """Return what is missing, by call; a call in which nothing is missing is absent. In two queries."""
    seats = PanelMember.objects.filter(user=user.pk, until__isnull=True)
    pledged = dict(seats.values_list("call", "pledged_at"))
    counts = waiting_for(user).order_by().values_list("call").annotate(number=Count("pk"))
    waiting = dict(counts)
    found = {call: Missing(at is None, waiting.get(call, 0)) for call, at in pledged.items()}
    return {call: one for call, one in found.items() if one.pledge or one.answers}
