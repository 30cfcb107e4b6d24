"""What people do with their own account beside signing in, and the institutions they name.

Roles: `portal/accounts/people.py`; invitations: `portal/accounts/invitations.py`; tokens: `portal/accounts/tokens.py`.
"""

from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal import countries, zones
from portal.accounts.models import Institution, User
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
    except IntegrityError:
        raise Invalid(_("This address is already in use."), field="email") from None
    return user


def change_profile(user: User, *, by: User, **changes: Any) -> User:
    """Change what somebody says of themselves; the event names the fields, the old values stand beside it.

    Raises:
        Invalid: an unknown time zone, or no name.
    """
    changes |= {field: " ".join(changes[field].split()) for field in ONE_LINE if field in changes}
    if not changes.get("name", user.name).strip():
        raise Invalid(_("Enter your name."), field="name")
    if not zones.is_known(changes.get("zone", user.zone)):
        raise Invalid(_("Choose a time zone from the list."), field="zone")
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        old = {field: _plain(getattr(user, field)) for field in changes if getattr(user, field) != changes[field]}
        for field in old:
            setattr(user, field, changes[field])
        if old:
            user.save(update_fields=list(old))
            record("user.change-profile", user, by=by, old=old, facts={"fields": sorted(old)})
    return user


def institution_named(name: str, country_or_region: str) -> Institution:
    """Return the institution of that name, in either language, or make one that nobody has verified yet.

    Raises:
        Invalid: there is no such country or region.
    """
    if not countries.is_known(country_or_region):
        raise Invalid(_("Choose the country or region of the institution."), field="country_or_region")
    name = " ".join(name.split())
    found = _institution(name, country_or_region)
    if found:
        return found
    try:
        with transaction.atomic():
            return Institution.objects.create(name=name, country_or_region=country_or_region)
    except IntegrityError:  # somebody else named it at the same moment
        return Institution.objects.get(name__iexact=name, country_or_region=country_or_region)


def _institution(name: str, country_or_region: str) -> Institution | None:
    there = Institution.objects.filter(country_or_region=country_or_region).order_by("-verified", "pk")
    return there.filter(Q(name__iexact=name) | Q(name_zh=name)).first()


def _plain(value: Any) -> Any:
    return str(value.key) if isinstance(value, Institution) else value
