"""Who holds which role for the whole portal, and whose account is open."""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.accounts.models import RoleGrant, User
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow
from portal.roles import ADMINISTRATOR, PORTAL_ROLES, Permission


def grant(user: User, role: str, *, by: User | None) -> RoleGrant:
    """Give somebody a role for the whole portal. `by` is None where the portal acts by itself.

    Raises:
        Denied: `by` may not manage people.
        Invalid: the role is not held for the whole portal.
        NotNow: it is held already, or the account is closed.
    """
    check_can_manage(by)
    check_is_portal_role(role)
    if not user.is_active:
        raise NotNow(_("This account is closed."), code="account-closed")
    try:
        with transaction.atomic():
            given = RoleGrant.objects.create(user=user, role=role, granted_by=by, at=clock.now())
            record("user.grant", user, by=by, facts={"role": role})
    except IntegrityError:
        raise NotNow(_("This role is held already."), code="role-held", field="role") from None
    user.__dict__.pop("portal_roles", None)
    return given


def revoke(user: User, role: str, *, by: User | None, reason: str = "") -> None:
    """Take a role from somebody; it is gone with their next request.

    Raises:
        Denied: `by` may not manage people.
        NotNow: it is not held, or nobody would be left to manage people.
    """
    check_can_manage(by)
    with transaction.atomic():
        if role == ADMINISTRATOR.code:
            _check_another_administrator_than(user)
        ended = RoleGrant.objects.filter(user=user, role=role, revoked_at=None)
        if not ended.update(revoked_at=clock.now(), revoked_by=by):
            raise NotNow(_("This role is not held."), code="role-not-held", field="role")
        record("user.revoke", user, by=by, reason=reason, facts={"role": role})
    user.__dict__.pop("portal_roles", None)


def close(user: User, *, by: User, reason: str = "") -> None:
    """Close an account: its sessions and tokens are refused from the next request on.

    Raises:
        Denied: `by` may not manage people.
        NotNow: it is closed already, or nobody would be left to manage people.
    """
    _open_or_close(user, False, by=by, reason=reason)


def reopen(user: User, *, by: User, reason: str = "") -> None:
    """Open a closed account again, with the roles it had.

    Raises:
        Denied: `by` may not manage people.
        NotNow: it is open.
    """
    _open_or_close(user, True, by=by, reason=reason)


def check_can_manage(by: User | None) -> None:
    """Refuse who may not manage people; the portal itself may.

    Raises:
        Denied: `by` has no such permission.
    """
    if by is not None and not by.may(Permission.MANAGE_PEOPLE):
        raise Denied(_("Only administrators may do this."))


def check_is_portal_role(role: str) -> None:
    """Refuse a role that is held in a call or by everybody.

    Raises:
        Invalid: the role is not held for the whole portal.
    """
    if role not in {known.code for known in PORTAL_ROLES}:
        raise Invalid(_("Choose a role from the list."), field="role")


def has_administrator() -> bool:
    """Tell whether somebody with an open account manages the portal."""
    return _administrators().exists()


def _administrators() -> QuerySet[RoleGrant]:
    return RoleGrant.objects.filter(role=ADMINISTRATOR.code, revoked_at=None, user__is_active=True)


def _check_another_administrator_than(user: User) -> None:
    """Lock all administrators' grants, so that two cannot remove each other at the same moment."""
    locked = _administrators().select_related("user").select_for_update(of=("self", "user")).order_by("pk")
    if {grant.user_id for grant in locked} == {user.pk}:
        raise NotNow(_("The portal needs an administrator: name another one first."), code="last-administrator")


def _open_or_close(user: User, is_active: bool, *, by: User, reason: str) -> None:
    check_can_manage(by)
    with transaction.atomic():
        if not is_active:
            _check_another_administrator_than(user)
        if not User.objects.filter(pk=user.pk, is_active=not is_active).update(is_active=is_active):
            raise NotNow(_("This account is open.") if is_active else _("This account is closed."), code="wrong-status")
        record("user.reopen" if is_active else "user.close", user, by=by, reason=reason)
    user.refresh_from_db()
    user.__dict__.pop("portal_roles", None)
