"""What the pages of accounts and people read."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db.models import Prefetch, QuerySet

from portal import clock
from portal.accounts.institutions import names_offered
from portal.accounts.models import ApiToken, Institution, Invitation, RoleGrant, User
from portal.roles import PORTAL_ROLES, ROLES, Role


def live_grants() -> QuerySet[RoleGrant]:
    """Return the roles held now, in the order of `portal/roles.py`'s codes."""
    return RoleGrant.objects.filter(revoked_at=None).order_by("role")


def people() -> QuerySet[User]:
    """Return everybody with an account, with institution and live roles (as `live_roles`)."""
    grants = Prefetch("role_grants", queryset=live_grants(), to_attr="live_roles")
    return User.objects.select_related("institution").prefetch_related(grants)


def roles_to_grant(person: User) -> list[Role]:
    """Return the roles somebody does not hold yet."""
    held = set(live_grants().filter(user=person).values_list("role", flat=True))
    return [role for role in PORTAL_ROLES if role.code not in held]


def open_invitations() -> QuerySet[Invitation]:
    """Return the invitations that can still be accepted, newest first."""
    return Invitation.objects.filter(used_at=None, expires_at__gt=clock.now()).order_by("-at", "uid")


def invitation_behind(token: str) -> Invitation | None:
    """Return the invitation that a link names, used or not."""
    return Invitation.objects.filter(token_hash=hash_of(token)).first()


def hash_of(token: str) -> str:
    """Return what is stored of a secret: of a link, of an API token."""
    return hashlib.sha256(token.encode()).hexdigest()


def role_name(code: str) -> str:
    """Return what people call a role."""
    return str(ROLES[code].name)


def has_confirmed(user: User, address: str) -> bool:
    """Tell whether somebody has proved that an address is theirs."""
    return EmailAddress.objects.filter(user=user, email=address.lower(), verified=True).exists()


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Return somebody's tokens that were not revoked, newest first."""
    return ApiToken.objects.filter(user=user, revoked_at=None).order_by("-created_at", "uid")


def institutions_offered() -> list[str]:
    """Return the names a form proposes at once: verified ones only, since a typed one may tell who works there."""
    return names_offered()


def second_address(user: User) -> str:
    """Return somebody's second confirmed address, or nothing."""
    second = EmailAddress.objects.filter(user=user, verified=True).exclude(email=user.email).order_by("pk").first()
    return second.email if second else ""


def decision_copy(user: User) -> str:
    """Return where a decision goes beside the address of the account, if the person said so; else nothing."""
    return second_address(user) if user.decisions_to_second else ""


@dataclass(frozen=True)
class Worked:
    """A place where somebody worked, from a moment until another; `until` is None where they still do."""

    institution: Institution
    since: datetime
    until: datetime | None


def affiliations(user: User) -> list[Worked]:
    """Return where somebody has worked as far as the portal was told, oldest first."""
    rows = list(user.affiliations.select_related("institution").order_by("since", "pk"))
    ends: list[datetime | None] = [*(row.since for row in rows[1:]), None]
    return [Worked(row.institution, row.since, end) for row, end in zip(rows, ends) if row.institution]  # noqa: B905
