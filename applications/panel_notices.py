"""Who is told that reviews of theirs are due: one notice about the call, without a word of any application."""

from typing import Any

from django.db.models import Exists, OuterRef

from applications import notices
from applications.access import assigned_to
from applications.enums import ReviewState, Status
from applications.models import Call, Review
from applications.notices import Telling, to
from portal import clock

REVIEWS_DUE = "reviews-due"


def add_kinds() -> None:
    """Put the kind beside the others; called before they are made known to the outbox."""
    notices.KINDS.update(KINDS)


def owes_reviews(person: Any, call: Call) -> bool:
    """Whether this person has not sent every review asked of them, conflicts aside."""
    sent = Review.objects.filter(
        assignment__application=OuterRef("pk"),
        assignment__reviewer=person.pk,
        assignment__ended_at__isnull=True,
        state=ReviewState.SUBMITTED,
    )
    return assigned_to(person).filter(~Exists(sent), call=call, status=Status.UNDER_REVIEW).exists()


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
