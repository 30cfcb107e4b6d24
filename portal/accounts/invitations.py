"""Invitations to a role: bound to one address, good once and for a short time; opening the link does nothing."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.accounts import mail, people
from portal.accounts.models import Invitation, User
from portal.accounts.queries import has_confirmed, hash_of, live_grants, role_name
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow
from portal.roles import ADMINISTRATOR

LASTS = timedelta(hours=72)
FIRST_LASTS = timedelta(hours=24)


def invite(email: str, role: str, *, by: User) -> Invitation:
    """Offer a role to an address and mail the link there; earlier offers of the same end.

    Raises:
        Denied: `by` may not manage people.
        Invalid: no address, or no role of the whole portal.
        NotNow: somebody with that address holds the role already.
    """
    people.check_can_manage(by)
    with transaction.atomic():
        invitation, link = _make(email, role, by=by, lasts=LASTS, facts={})
        user = User.objects.filter(email=invitation.email).first()
        mail.write(
            "staff_invitation",
            invitation.email,
            user=user,
            context={"link": link, "role": role_name(role), "hours": int(LASTS.total_seconds() // 3600)},
        )
    return invitation


def invite_first_administrator(email: str, *, force: bool = False) -> str:
    """Return a link, good for 24 hours, that makes the owner of an address an administrator.

    Raises:
        NotNow: there is an active administrator, who can invite others; unless `force`.
        Invalid: no address.
    """
    with transaction.atomic():
        if people.has_administrator() and not force:
            raise NotNow(_("There is an active administrator, who can invite others."), code="administrator-exists")
        _invitation, link = _make(email, ADMINISTRATOR.code, by=None, lasts=FIRST_LASTS, facts={"forced": force})
    return link


def accept(invitation: Invitation, *, by: User) -> None:
    """Take the role that was offered.

    Raises:
        Denied: the invitation is for another address, or `by` has not confirmed theirs.
        NotNow: it was used, or it has expired.
    """
    with transaction.atomic():
        invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
        check_is_open(invitation)
        check_is_for(invitation, by)
        invitation.used_at, invitation.used_by = clock.now(), by
        invitation.save(update_fields=["used_at", "used_by"])
        record("invitation.accept", invitation, by=by, facts={"role": invitation.role})
        if not live_grants().filter(user=by, role=invitation.role).exists():
            people.grant(by, invitation.role, by=_still_entitled(invitation))


def check_is_open(invitation: Invitation) -> None:
    """Refuse an invitation that was used or has expired.

    Raises:
        NotNow: it cannot be accepted any more.
    """
    if invitation.used_at or invitation.expires_at <= clock.now():
        raise NotNow(_("This invitation was used or has expired. Ask for a new one."), code="invitation-closed")


def check_is_for(invitation: Invitation, user: User) -> None:
    """Refuse anybody but the owner of the address that was invited.

    Raises:
        Denied: another address, or one that is not confirmed.
    """
    if user.email.lower() != invitation.email or not has_confirmed(user, invitation.email):
        raise Denied(
            _("This invitation is for %(address)s. Sign in with that address.") % {"address": invitation.email},
            code="another-address",
        )


def _still_entitled(invitation: Invitation) -> User | None:
    """Return who invited; an offer is worth nothing once they may not manage people any more."""
    inviter = invitation.invited_by
    try:
        people.check_can_manage(inviter)
    except Denied:
        raise NotNow(_("This invitation was withdrawn."), code="invitation-closed") from None
    return inviter


def _make(
    email: str, role: str, *, by: User | None, lasts: timedelta, facts: dict[str, bool]
) -> tuple[Invitation, str]:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid(error.message, field="email") from None
    people.check_is_portal_role(role)
    if live_grants().filter(user__email=email, user__is_active=True, role=role).exists():
        raise NotNow(_("This person holds the role already."), code="role-held", field="email")
    moment = clock.now()
    earlier = Invitation.objects.filter(email=email, role=role, used_at=None, expires_at__gt=moment, at__lt=moment)
    earlier.update(expires_at=moment)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email, role=role, invited_by=by, token_hash=hash_of(token), at=moment, expires_at=moment + lasts
    )
    record("invitation.create", invitation, by=by, facts={"role": role, **facts})
    return invitation, settings.SITE_URL + reverse("accounts:invitation", args=[token])
