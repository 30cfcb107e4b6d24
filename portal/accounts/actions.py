"""What people do with their own account beside signing in: make it, change what they say of themselves.

Roles: `people.py`; invitations: `invitations.py`; tokens: `tokens.py`; institutions: `institutions.py`; second
addresses: `addresses.py`; passkeys: `passkeys.py`; ORCID: `orcid.py`.
"""

from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from portal import clock, zones
from portal.accounts import identity
from portal.accounts.institutions import one_line
from portal.accounts.models import Affiliation, Institution, User
from portal.audit.trail import record
from portal.errors import Invalid

# A line break in a name could write sentences of its own into letters that name somebody.
ONE_LINE = ("name", "native_name", "department")


def register(email: str, name: str, *, password: str | None = None, by: User | None = None, **profile: Any) -> User:
    """Make an account whose address is taken as confirmed: for commands and the demonstration, not for visitors.

    Raises:
        Invalid: the address belongs to somebody already.
    """
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, name=name, **profile)
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
            record("user.create", user, by=by)
            if user.institution:
                affiliate(user, user.institution)
    except IntegrityError:
        raise Invalid(_("This address is already in use."), field="email") from None
    return user


def change_profile(user: User, *, by: User, **changes: Any) -> User:
    """Change what somebody says of themselves; the event names the fields, the old values stand beside it.

    Raises:
        Invalid: an unknown time zone, or no name.
    """
    changes |= {field: one_line(changes[field]) for field in ONE_LINE if field in changes}
    if not changes.get("name", user.name).strip():
        raise Invalid(_("Enter your name."), field="name")
    if not zones.is_known(changes.get("zone", user.zone)):
        raise Invalid(_("Choose a time zone from the list."), field="zone")
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)  # rows that name them are written meanwhile
        old = {field: _plain(getattr(user, field)) for field in changes if getattr(user, field) != changes[field]}
        if "institution" in old:
            affiliate(user, changes["institution"])
            places = {"from": old["institution"] or "", "to": _plain(changes["institution"]) or ""}
            record("user.change-institution", user, by=by, old=_where(user), facts=places)
        for field in old:
            setattr(user, field, changes[field])
        if old:
            user.save(update_fields=list(old))
            record("user.change-profile", user, by=by, old=old, facts={"fields": sorted(old)})
        if "institution" in old:
            identity.changed(user)
    return user


def affiliate(user: User, institution: Institution | None) -> None:
    """Write down where somebody works from now on; before the first change, where they worked until then."""
    before = user.affiliations.exists()
    if not before and user.institution_id and user.institution != institution:
        Affiliation.objects.create(user=user, institution_id=user.institution_id, since=user.created_at)
    Affiliation.objects.create(user=user, institution=institution, since=clock.now())


def _where(user: User) -> dict[str, str]:
    """Name the place somebody leaves, in words that erasure may blank."""
    return {"institution": user.institution.name if user.institution else "", "department": user.department}


def _plain(value: Any) -> Any:
    return str(value.key) if isinstance(value, Institution) else value
