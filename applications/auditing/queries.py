"""What an auditor reads of an application: everything but drafts and private notes, and nothing where a conflict bars.

The parts are those that `applications/access.py` gives to auditors; each page fetches its own in fixed SQL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from applications.access import submitted_for
from applications.enums import Outcome, ReviewState
from applications.models import (
    Advice,
    ApplicantDocument,
    Application,
    Assignment,
    Conflict,
    Decision,
    DiscussionPost,
    Interview,
    MassOpinion,
    Review,
    Score,
    Submission,
)
from applications.suspending import is_suspended
from portal import paging
from portal.audit.trail import trail
from portal.roles import Permission

ORDER = ("-submission__received_at", "reference")
TRAIL_ORDER = ("-version",)
SIZE = 30


@dataclass(frozen=True)
class Letter:
    """What one publication told the applicant."""

    row: ApplicantDocument

    @property
    def word(self) -> Any:
        """What the letter says as a whole."""
        said = self.row.document
        if "outcome" in said:
            return Outcome(said["outcome"]).label
        return _("Invited to an interview") if said["invited"] else _("Not invited to an interview")


def audited(user: Any) -> QuerySet[Application]:
    """Return every application an auditor may read, with what the head of a page names; the draft is not fetched."""
    rows = submitted_for(user, Permission.READ_APPLICATIONS)
    rows = rows.select_related("call", "submission", "principal_investigator", "tally", "shortlisting__by")
    return rows.defer("title", "question", "plan", "methods", "public_summary", "declared", "submission__document")


def audited_page(user: Any, filters: Mapping[str, Any], cursor: str | None) -> paging.Page:
    """Return a page of what was submitted, the newest first, narrowed by call or status."""
    rows = audited(user)
    if filters.get("call"):
        rows = rows.filter(call__slug=filters["call"])
    if filters.get("status"):
        rows = rows.filter(status=filters["status"])
    return paging.page(rows, order=ORDER, cursor=cursor, size=SIZE)


def submissions(application: Application) -> list[Submission]:
    """Return every submission of an application with its screening, the first one first."""
    rows = application.submissions.select_related("by", "screening__by", "standing__by")
    return list(rows.order_by("number"))


def advice(submission: Submission) -> list[Advice]:
    """Return the curator's advice and the waivers on the requests of a submission."""
    rows = Advice.objects.filter(request__submission=submission).select_related("by", "request__sample")
    return list(rows.order_by("request__sample__catalogue_number"))


def conflicts(application: Application) -> list[Conflict]:
    """Return the declared conflicts; the computed ones follow from people and institutions."""
    return list(application.conflicts.select_related("user", "by").order_by("at", "user__uid"))


def since(application: Application) -> dict[str, Any]:
    """Return what team and office told each other since: questions, changes, declarations."""
    return {
        "questions": list(application.clarifications.select_related("asked_by", "answered_by")),
        "changes": list(application.changes.select_related("by", "answered_by", "redeclaration__by")),
    }


def assignments(application: Application) -> list[Assignment]:
    """Return everybody who was ever assigned; of their reviews nothing but the state."""
    rows = application.assignments.select_related("reviewer", "by").annotate(review_state=F("review__state"))
    return list(rows.order_by("at", "reviewer__uid"))


def reviews(application: Application) -> list[Review]:
    """Return the submitted reviews with scores and opinions; never a draft, never a private note."""
    rows = Review.objects.filter(assignment__application=application, state=ReviewState.SUBMITTED)
    scores = Prefetch("scores", Score.objects.select_related("criterion"))
    opinions = Prefetch("mass_opinions", MassOpinion.objects.select_related("request__sample"))
    rows = rows.defer("private_note").select_related("assignment__reviewer").prefetch_related(scores, opinions)
    return list(rows.prefetch_related("versions").order_by("submitted_at", "uid"))


def reopened(application: Application) -> list[Review]:
    """Return the reviews that the chair gave back and that were not sent again: what was sent, never the draft."""
    rows = Review.objects.filter(assignment__application=application, state=ReviewState.DRAFT)
    rows = rows.filter(reopened_at__isnull=False).select_related("assignment__reviewer")
    named = ("uid", "state", "label", "reopened_at", "reopened_because", "assignment__reviewer__name")
    return list(rows.only(*named).prefetch_related("versions").order_by("reopened_at", "uid"))


def discussion(application: Application) -> list[DiscussionPost]:
    """Return what those who had reviewed it said to each other, the earliest first, suspended posts marked."""
    rows = application.discussion.select_related("author").annotate(suspended=is_suspended())
    return list(rows.order_by("at", "uid"))


def standings(application: Application) -> dict[str, Any]:
    """Return who was let in or kept out by a person's word: rulings of the chair and waivers, with their reasons."""
    return {
        "rulings": list(application.rulings.select_related("user", "by").order_by("at", "user__uid")),
        "waivers": list(application.waivers.select_related("user", "by").order_by("at", "user__uid")),
    }


def interviews(application: Application) -> list[Interview]:
    """Return every interview that was ever proposed, cancelled ones included."""
    return list(application.interviews.select_related("by").order_by("at", "uid"))


def decisions(application: Application) -> list[Decision]:
    """Return every decision by sample, superseded ones included, the earliest first."""
    rows = Decision.objects.filter(request__submission__application=application)
    rows = rows.select_related("request__sample", "award", "by")
    return list(rows.order_by("request__sample__catalogue_number", "request__submission__number", "at", "uid"))


def letters(application: Application) -> list[Letter]:
    """Return what released publications told the applicant."""
    rows = ApplicantDocument.objects.filter(application=application).select_related("publication").order_by("at", "pk")
    return [Letter(row) for row in rows]


def events(application: Application, cursor: str | None) -> paging.Page:
    """Return a page of what happened to an application, the newest first, with actors, facts and reasons.

    Raises:
        Invalid: the cursor is not one of this list's.
    """
    return paging.page(trail(application), order=TRAIL_ORDER, cursor=cursor, size=SIZE)
