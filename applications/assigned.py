"""What somebody was asked to review and has not answered, what they may take up, and the signed link that asks.

The room of assigning acts on it; the queue of the review room and the mails show it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db.models import QuerySet

from applications.access import free_to_score, panel_calls
from applications.enums import AssignmentAnswer, ReviewState, Status
from applications.models import Application, Assignment, Call
from applications.rules.conflicts import conflicted_for
from portal import clock

SALT = "applications.assigning.invitation"
LASTS = timedelta(days=14)  # Source: portal policy
SHOWN = 10  # of what may be taken up, on the page of the own reviews


@dataclass(frozen=True)
class Asking:
    """What a link stands for: who was asked in which call, by which release."""

    call: int
    user: str
    released_at: datetime

    @property
    def token(self) -> str:
        """Sign it, so that nobody makes a link for somebody else."""
        return signing.Signer(salt=SALT).sign_object([self.call, self.user, self.released_at.isoformat()])

    @property
    def is_over(self) -> bool:
        """Whether the link has lasted its time."""
        return clock.now() > self.released_at + LASTS


def asking_of(token: str) -> Asking | None:
    """Return what a link stands for; None where it was not made here."""
    try:
        call, user, released_at = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Asking(call, user, datetime.fromisoformat(released_at))


def waiting_for(user: Any, call: Call) -> QuerySet[Assignment]:
    """Return what this person was asked to review and has not answered, conflicts aside; of it the references alone.

    It needs no pledge, since nothing of an application but its reference may be shown of these.
    """
    rows = Assignment.objects.filter(
        reviewer=user.pk,
        ended_at__isnull=True,
        answer=AssignmentAnswer.WAITING,
        application__call=call,
        application__status=Status.UNDER_REVIEW,
        application__in=Application.objects.filter(call__in=panel_calls(user)).exclude(conflicted_for(user)),
    ).exclude(review__state=ReviewState.SUBMITTED)
    return rows.select_related("application").order_by("application__reference")


def taken_up_by(user: Any, call: Call) -> QuerySet[Application]:
    """Return what this person may take up by themselves in a call, with titles."""
    rows = free_to_score(user).filter(call=call).select_related("submission")
    return rows.defer("submission__document").order_by("reference")


def asked_in(user: Any, call: Call) -> dict[str, Any]:
    """Return what the page of the own reviews shows of this (`_asked.html` and `_may_score.html`)."""
    free = list(taken_up_by(user, call)[: SHOWN + 1])
    return {
        "waiting": list(waiting_for(user, call).values_list("application__reference", flat=True)),
        "free": free[:SHOWN],
        "more": len(free) > SHOWN,
    }
