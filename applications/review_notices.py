"""Who is told of reviews that were sent or reopened, and of discussions. No mail holds the words of somebody else."""

from typing import Any

from applications import notices
from applications.access import fields
from applications.models import Application, Assignment, ReviewVersion
from applications.notice_pages import to
from applications.notices import Telling, about_application, about_assignment, is_assigned


def add_kinds() -> None:
    """Put these kinds beside the others; called before they are made known to the outbox."""
    notices.KINDS.update(KINDS)


def about_own_review(assignment: Assignment, notice: Any) -> dict[str, Any]:
    """What the receipt of a review says: the own words as they were sent last, and never the private note."""
    version = ReviewVersion.objects.filter(review__assignment=assignment, document__stage="sent").last()
    said = version.document if version else {}
    names = {one.code: one.local_name for one in assignment.application.call.criteria.all()}
    scores = [(names.get(code, code), value) for code, value in said.get("scores", {}).items()]
    return about_assignment(assignment, notice) | {"said": said, "scores": scores}


def _discusses(person: Any, application: Application, notice: Any) -> bool:
    return "discussion" in fields(person, application)


KINDS: dict[str, Telling] = {
    "review-sent": Telling(
        Assignment,
        lambda assignment: [assignment.reviewer],
        is_assigned,
        about_own_review,
        to("review-write", "application.call.slug", "application.reference"),
        ("assignment.end",),
    ),
    "review-reopened": Telling(
        Assignment,
        lambda assignment: [assignment.reviewer],
        is_assigned,
        about_assignment,
        to("review-write", "application.call.slug", "application.reference"),
        ("assignment.end",),
    ),
    "discussion-continued": Telling(
        Application,
        lambda application: [],
        _discusses,
        about_application,
        to("discussion-read", "call.slug", "reference"),
    ),
}
