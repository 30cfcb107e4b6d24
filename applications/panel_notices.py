"""Who is told that reviews of theirs are due: one notice about the call, without a word of any application."""

from typing import Any

from applications import notices
from applications.access import panel_calls
from applications.enums import ReviewState, Status
from applications.models import Application, Assignment, Call
from applications.notice_pages import to
from applications.notices import Telling
from applications.rules.conflicts import conflicted_for
from portal import clock

REVIEWS_DUE = "reviews-due"


def add_kinds() -> None:
    """Put the kind beside the others; called before they are made known to the outbox."""
    notices.KINDS.update(KINDS)


def owes_reviews(person: Any, call: Call) -> bool:
    """Whether this person has not sent every review asked of them, conflicts aside.

    Whoever has not pledged yet owes them, too: the notice names the call alone.
    """
    free = Application.objects.filter(call__in=panel_calls(person), status=Status.UNDER_REVIEW)
    rows = Assignment.objects.filter(
        reviewer=person.pk,
        ended_at__isnull=True,
        application__call=call,
        application__in=free.exclude(conflicted_for(person)),
    )
    return rows.exclude(review__state=ReviewState.SUBMITTED).exists()


def about_reviews_due(call: Call, notice: Any = None) -> dict[str, Any]:
    """What the words name: the call and its day. How many reviews wait is on the page, behind the sign-in."""
    due = call.reviews_due_at
    return {"call": call, "due": due, "is_over": due is not None and due <= clock.now()}


def _owes(person: Any, call: Call, notice: Any) -> bool:
    return owes_reviews(person, call)


def _nobody(call: Call) -> list[Any]:
    """Whom to remind is chosen each time (`applications/panel/reminding.py`)."""
    return []


KINDS: dict[str, Telling] = {
    REVIEWS_DUE: Telling(Call, _nobody, _owes, about_reviews_due, to("review-queue", "slug")),
}
