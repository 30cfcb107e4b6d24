"""Roles and what each permits, as code: the table from which `docs/roles.md` is written.

Who may see or do what to a certain object is decided in `applications/access.py` and `samples/access.py`;
they ask here what a role permits.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """A right, named after what it lets a person do."""

    APPLY = "apply"
    REVIEW = "review"
    SCORE_ASSIGNED = "score-assigned"
    ASSIGN_REVIEWERS = "assign-reviewers"
    SHORTLIST = "shortlist"
    HOLD_INTERVIEWS = "hold-interviews"
    DECIDE = "decide"
    ADVISE = "advise"
    MANAGE_STOCK = "manage-stock"
    MANAGE_CALLS = "manage-calls"
    SCREEN = "screen"
    PUBLISH = "publish"
    MANAGE_PEOPLE = "manage-people"
    SEE_MAIL = "see-mail"
    READ_AUDIT = "read-audit"
    READ_APPLICATIONS = "read-applications"
    READ_DECISIONS = "read-decisions"
    READ_STOCK = "read-stock"


class Scope(StrEnum):
    """Where a role is held."""

    EVERYBODY = "everybody"
    CALL = "call"
    PORTAL = "portal"


@dataclass(frozen=True)
class Role:
    """A role: where it is held, a sentence on what it is for, and its permissions."""

    code: str
    name: Any
    scope: Scope
    sentence: Any
    permissions: frozenset[Permission]


APPLICANT = Role(
    "applicant",
    _("Applicant"),
    Scope.EVERYBODY,
    _("Anyone signed in may apply and follow their own applications."),
    frozenset({Permission.APPLY}),
)
REVIEWER = Role(
    "reviewer",
    _("Reviewer"),
    Scope.CALL,
    _("Scores the applications assigned to them in one call, unless a conflict bars them."),
    frozenset({Permission.REVIEW, Permission.SCORE_ASSIGNED}),
)
CHAIR = Role(
    "chair",
    _("Chair"),
    Scope.CALL,
    _("Assigns reviewers, shortlists, invites to interviews and decides in one call."),
    frozenset(
        {
            Permission.REVIEW,
            Permission.ASSIGN_REVIEWERS,
            Permission.SHORTLIST,
            Permission.HOLD_INTERVIEWS,
            Permission.DECIDE,
        }
    ),
)
CURATOR = Role(
    "curator",
    _("Curator"),
    Scope.PORTAL,
    _("Guards the samples, keeps the ledger and advises on each sample request."),
    frozenset({Permission.ADVISE, Permission.MANAGE_STOCK, Permission.READ_STOCK}),
)
ADMINISTRATOR = Role(
    "administrator",
    _("Administrator"),
    Scope.PORTAL,
    _("Makes and announces calls, screens applications, signs and releases publications."),
    frozenset(
        {
            Permission.MANAGE_CALLS,
            Permission.SCREEN,
            Permission.PUBLISH,
            Permission.MANAGE_PEOPLE,
            Permission.SEE_MAIL,
            Permission.READ_STOCK,
            Permission.READ_APPLICATIONS,
            Permission.READ_DECISIONS,
        }
    ),
)
AUDITOR = Role(
    "auditor",
    _("Auditor"),
    Scope.PORTAL,
    _("Reads what was submitted or decided, and the audit trail; never drafts or private notes. Each read is logged."),
    frozenset({Permission.READ_AUDIT, Permission.READ_APPLICATIONS, Permission.READ_DECISIONS, Permission.READ_STOCK}),
)

ROLES: dict[str, Role] = {role.code: role for role in (APPLICANT, REVIEWER, CHAIR, CURATOR, ADMINISTRATOR, AUDITOR)}
PORTAL_ROLES = [role for role in ROLES.values() if role.scope is Scope.PORTAL]


def permissions_of(codes: Any) -> frozenset[Permission]:
    """Return everything that the roles with these codes permit together."""
    return frozenset().union(*(ROLES[code].permissions for code in codes))
