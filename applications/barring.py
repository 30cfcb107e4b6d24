"""What a conflict takes from administrators and auditors in the portal's own tables and in the audit trail.

Whoever has a conflict with an application learns nothing of it there either: no status, no time, no verdict. The
conflicts themselves are computed by `applications/rules/conflicts.py`. Who asked a question on a call is the auditor's
to know alone.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet

from applications.models import (
    Advice,
    ApplicantDocument,
    Application,
    Assignment,
    AuthorisationRecord,
    Award,
    Bid,
    CallQuestion,
    ChangeReport,
    Clarification,
    Conflict,
    Decision,
    DiscussionPost,
    Interview,
    InvitedFor,
    NameScan,
    NamingChoice,
    PanelAnswer,
    Party,
    Proposal,
    Redeclaration,
    Review,
    ReviewTally,
    ReviewVersion,
    Ruling,
    SampleRequest,
    SampleRequestGroup,
    Screening,
    Shortlisting,
    Standing,
    Submission,
    Suspension,
    TeamMember,
    Waiver,
)
from applications.rules.conflicts import conflicted_for
from portal.audit.models import Event
from portal.audit.trail import kind_of
from portal.barred import bar
from portal.notifications.models import Notice
from portal.roles import Permission
from samples.models import Hold, Movement

# Each model with the way from a row to its application.
PATHS: dict[type[models.Model], str] = {
    Application: "pk",
    Submission: "application",
    AuthorisationRecord: "application",
    Clarification: "application",
    ChangeReport: "application",
    Redeclaration: "application",
    Standing: "submission__application",
    NamingChoice: "submission__application",
    Party: "submission__application",
    SampleRequestGroup: "submission__application",
    SampleRequest: "submission__application",
    Screening: "submission__application",
    Advice: "request__submission__application",
    Assignment: "application",
    Review: "assignment__application",
    ReviewVersion: "review__assignment__application",
    ReviewTally: "application",
    DiscussionPost: "application",
    PanelAnswer: "application",
    Ruling: "application",
    Suspension: "application",
    Waiver: "application",
    InvitedFor: "application",
    Bid: "application",
    Proposal: "application",
    NameScan: "submission__application",
    Conflict: "application",
    Shortlisting: "application",
    Interview: "application",
    Decision: "request__submission__application",
    Award: "decision__request__submission__application",
    ApplicantDocument: "application",
    Hold: "award__decision__request__submission__application",
    Movement: "hold__award__decision__request__submission__application",
}
ASKING = "call.ask"
# What the trail and the notices name by kind and id.
NAMED = (Application, TeamMember, Assignment, Review, Interview, Clarification, ChangeReport, DiscussionPost)


def register_bars() -> None:
    """Make the rows known that a conflict takes away; called when the app is ready."""
    for model, path in PATHS.items():
        bar(model, partial(_reached_by, path))
    bar(Event, lambda user: _named(user) | _asking(user, Q(verb=ASKING)))
    bar(Notice, lambda user: _named(user) | _asking(user, Q(about_type=kind_of(CallQuestion))))


def _asking(user: Any, rows: Q) -> Q:
    """The rows that would say who asked a question on a call: the auditor alone may know."""
    return Q(pk__in=[]) if user.may(Permission.READ_AUDIT) else rows


def _barred(user: Any) -> QuerySet[Any, Any]:
    return Application.objects.filter(conflicted_for(user)).values("pk")


def _reached_by(path: str, user: Any) -> Q:
    return Q(**{f"{path}__in": _barred(user)})


def _named(user: Any) -> Q:
    """The rows about a conflicted application or about a part of one."""
    barred = Q()
    for model in NAMED:
        of_it: Callable[..., QuerySet[Any, Any]] = model._base_manager.filter
        path = "pk" if model is Application else PATHS.get(model, "application")
        ids = of_it(**{f"{path}__in": _barred(user)}).values("pk")
        barred |= Q(about_type=kind_of(model), about_id__in=ids)
    return barred
