"""The chair's acts before interviews: assign, shortlist, conclude. Writing reviews: `applications/reviewing.py`."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import notices
from applications.access import CHAIR, relations, seated_for
from applications.enums import AssignmentEnd, ReviewState, Status
from applications.models import Application, Assignment, Review, Shortlisting
from applications.panel import queries
from applications.rules.conflicts import conflicts_of
from applications.rules.hints import check_has_no_open_hint
from applications.tallying import recount
from applications.workflow import APPLICATION
from portal import clock
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow
from portal.words import listed


@transaction.atomic
def assign(application: Application, *, by: Any, reviewer: Any, leads: bool = False) -> Assignment:
    """Ask a member of the panel to review an application; with `leads`, as a lead reader in place of one who left.

    Raises:
        Denied: `by` does not chair the call, or has a conflict.
        NotNow: not under review, assigned already, a hint about the two waits for a ruling, or no lead reader is
            lacking.
        Invalid: the reviewer has no seat on the panel, or a conflict with the application.
    """
    locked = _locked(application, by)
    if not reviewer.is_active or not seated_for(locked).filter(user=reviewer).exists():
        raise Invalid(_("This person has no seat on the panel."), code="not-seated", field="reviewer")
    if kinds := conflicts_of(reviewer, locked):
        raise Invalid(
            _("%(name)s has a conflict: %(kinds)s.")
            % {"name": reviewer.name, "kinds": listed(kind.label for kind in kinds)},
            code="conflict",
            field="reviewer",
        )
    if locked.assignments.filter(reviewer=reviewer, ended_at__isnull=True).exists():
        raise NotNow(_("This person is assigned already."), code="assigned", field="reviewer")
    check_has_no_open_hint(reviewer, locked)
    if leads:
        _check_lacks_a_lead(locked)
    assignment = Assignment.objects.create(application=locked, reviewer=reviewer, by=by, at=clock.now(), is_lead=leads)
    facts = {"reviewer": str(reviewer.uid)} | ({"leads": True} if leads else {})
    event = record("assignment.make", assignment, by=by, facts=facts)
    notices.tell("review-assigned", assignment, event)
    return assignment


@transaction.atomic
def mark_lead(assignment: Assignment, *, by: Any) -> Assignment:
    """Make somebody who is assigned a lead reader, in place of one who left.

    Raises:
        Denied: `by` does not chair the call, or has a conflict.
        NotNow: not under review, the assignment has ended, they lead already, or no lead reader is lacking.
    """
    locked = _locked(assignment.application, by)
    current = Assignment.objects.select_for_update(of=("self",)).select_related("reviewer").get(pk=assignment.pk)
    if current.ended_at is not None:
        raise NotNow(_("This assignment has ended already."), code="ended")
    if current.is_lead:
        raise NotNow(_("This person is a lead reader already."), code="leads")
    _check_lacks_a_lead(locked)
    current.is_lead = True
    current.save(update_fields=["is_lead"])
    record("assignment.mark-lead", current, by=by, facts={"reviewer": str(current.reviewer.uid)})
    return current


@transaction.atomic
def unassign(assignment: Assignment, *, by: Any, reason: str) -> Assignment:
    """Take an application off a reviewer, who loses sight of it at once. A draft is kept, and nobody reads it.

    Raises:
        Denied: `by` does not chair the call, or has a conflict.
        NotNow: not under review, ended already, or the review was submitted: no review is removed for what it says.
        Invalid: no reason.
    """
    _locked(assignment.application, by)
    current = Assignment.objects.select_for_update(of=("self",)).get(pk=assignment.pk)
    if not reason.strip():
        raise Invalid(_("Give a reason."), code="reason-missing", field="reason")
    if current.ended_at is not None:
        raise NotNow(_("This assignment has ended already."), code="ended")
    if Review.objects.filter(assignment=current, state=ReviewState.SUBMITTED).exists():
        raise NotNow(_("The review was submitted; a review is not removed."), code="submitted")
    current.ended_at, current.ended_because = clock.now(), AssignmentEnd.TAKEN_OFF
    current.save(update_fields=["ended_at", "ended_because"])
    record("assignment.end", current, by=by, reason=reason.strip(), facts={"reviewer": str(current.reviewer.uid)})
    return current


@transaction.atomic
def reopen(review: Review, *, by: Any, reason: str) -> Review:
    """Give a review back to its writer to be changed. It leaves the tally until it is sent again; what was sent stays.

    Raises:
        Denied: `by` does not chair the call, or has a conflict.
        NotNow: not under review, the assignment has ended, or the review is not submitted.
        Invalid: no reason.
    """
    application = _locked(review.assignment.application, by)
    assignment = Assignment.objects.select_for_update(of=("self",)).get(pk=review.assignment_id)
    current = Review.objects.select_for_update(of=("self",)).get(pk=review.pk)
    if not reason.strip():
        raise Invalid(_("Give a reason."), code="reason-missing", field="reason")
    if assignment.ended_at is not None or current.state != ReviewState.SUBMITTED:
        raise NotNow(_("Only a review that was sent, of somebody still assigned, can be reopened."), code="not-sent")
    current.state, current.submitted_at, current.weighted_mean = ReviewState.DRAFT, None, None
    current.reopened_at, current.reopened_because = clock.now(), reason.strip()
    current.version += 1  # a page that was opened before says so
    current.save()
    event = record("review.reopen", current, by=by, reason=reason.strip(), facts={"version": current.version})
    recount(application)
    notices.tell("review-reopened", assignment, event)
    return current


@transaction.atomic
def shortlist(
    application: Application, *, by: Any, invited: bool, reason: str = "", seen: str | None = None
) -> Shortlisting:
    """Say whether an application is invited to an interview; it can be changed until its review is concluded.

    `seen` is the moment of the entry that was read (ISO format, empty for none).

    Raises:
        Denied: `by` does not chair the call, or has a conflict.
        NotNow: not under review, or changed since it was read (code `stale`).
        Invalid: not invited, without a reason.
    """
    locked = _locked(application, by)
    if not invited and not reason.strip():
        raise Invalid(_("Say why the application is not invited."), code="reason-missing", field="reason")
    former = Shortlisting.objects.filter(application=locked).first()
    if seen is not None and seen != version_of(former):
        raise NotNow(_("Somebody changed this in the meantime. Both versions are shown."), code="stale")
    old = {"invited": former.invited, "reason": former.reason} if former else {}
    entry, _made = Shortlisting.objects.update_or_create(
        application=locked, defaults={"invited": invited, "reason": reason.strip(), "by": by, "at": clock.now()}
    )
    record("application.shortlist", locked, by=by, reason=reason.strip(), old=old, facts={"invited": invited})
    return entry


def version_of(entry: Shortlisting | None) -> str:
    """Return what names this state of a shortlist entry: the moment it was written, empty where there is none."""
    return entry.at.isoformat() if entry else ""


def conclude_review(application: Application, *, by: Any) -> None:
    """Close the review of an application; invited or not, it goes on to interviewing.

    Raises:
        Denied: `by` does not chair the call, or has a conflict.
        NotNow: not under review, not shortlisted either way, or without any review.
    """
    APPLICATION.advance(application, "conclude-review", by=by)


@transaction.atomic
def conclude_reviews(applications: Iterable[Application], *, by: Any) -> int:
    """Close the review of several applications, of all or of none, and return how many.

    Raises:
        Denied, NotNow: as `conclude_review`, for the first one that is not ready.
    """
    ordered = sorted(applications, key=lambda application: application.pk)  # one order, so that nobody deadlocks
    for application in ordered:
        conclude_review(application, by=by)
    return len(ordered)


def _locked(application: Application, by: Any) -> Application:
    """Lock the application and return it, if this person chairs its call without a conflict and it is under review."""
    locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if CHAIR not in relations(by, locked):
        raise Denied(_("Only the chair of the call may do this, and not with a conflict."))
    check_is_under_review(locked)
    return locked


def _check_lacks_a_lead(application: Application) -> None:
    if not queries.lacking_leads(application):
        raise NotNow(_("No lead reader is lacking."), code="no-lead-lacking")


def check_is_under_review(application: Application) -> None:
    """Reviewers are assigned and the shortlist is written while an application is under review."""
    if application.status != Status.UNDER_REVIEW:
        raise NotNow(
            _("This is not possible while the status is “%(status)s”.") % {"status": application.get_status_display()},
            code="wrong-status",
        )
