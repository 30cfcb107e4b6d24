"""Passkeys: made, named, removed, and used to sign in. The ceremonies are allauth's; what comes back is checked here.

A passkey opens the account by itself, so it must be kept on the device and check its owner (a finger, a PIN). Whoever
loses it signs in by a code to the e-mail address. Browsers allow passkeys for names only, never for an IP address.
"""

import ipaddress
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as ceremony
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from fido2.utils import websafe_decode

from portal.accounts import mail
from portal.accounts.institutions import one_line
from portal.accounts.models import User
from portal.audit.trail import record
from portal.errors import Invalid, NotNow, Refused

MOST = 10


def domain(request: HttpRequest) -> str:
    """Return the name that passkeys of this portal belong to."""
    return (urlsplit(settings.SITE_URL).hostname if settings.SECURE_SITE else _host(request)) or ""


def work_here(request: HttpRequest) -> bool:
    """Tell whether browsers allow passkeys at this address: over https or at localhost, and for a name."""
    try:
        ipaddress.ip_address(_host(request).strip("[]"))
    except ValueError:
        return settings.SECURE_SITE or _host(request) == "localhost"
    return False


def address_that_works(request: HttpRequest) -> str:
    """Return the same portal at localhost, where it is open at 127.0.0.1; nothing elsewhere."""
    host, _colon, port = request.get_host().partition(":")
    return f"http://localhost:{port or 80}" if host == "127.0.0.1" else ""


def of(user: User) -> QuerySet[Authenticator]:
    """Return somebody's passkeys, oldest first."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("created_at", "pk")


def check_may_add(user: User) -> None:
    """Refuse more passkeys than anybody needs.

    Raises:
        NotNow: there are ten.
    """
    if of(user).count() >= MOST:
        raise NotNow(_("Ten passkeys are enough. Remove one first."), code="enough-passkeys")


def owner_of(request: HttpRequest, credential: Any) -> Authenticator:
    """Return the passkey that has just signed in.

    Raises:
        Invalid: it is unknown, the answer is damaged, or it belongs to another question.
    """
    with _damage_is_wrong():
        handle = websafe_decode(credential["response"]["userHandle"])
        user = User.objects.get(uid=uuid.UUID(bytes=handle))
        return _checked(request, user, credential)


def check_is_owner(request: HttpRequest, user: User, credential: Any) -> Authenticator:
    """Return the passkey by which somebody signed in has just proved it again.

    Raises:
        Invalid: it is not theirs, the answer is damaged, or it belongs to another question.
    """
    with _damage_is_wrong():
        return _checked(request, user, credential)


def add(request: HttpRequest, user: User, name: str, credential: Any, *, by: User, ip: str = "") -> Authenticator:
    """Keep a passkey that the device has just made for this account; the owner is told.

    Raises:
        Invalid: the answer is damaged, belongs to another question, or the device did not check its owner.
        NotNow: there are ten.
    """
    with _damage_is_wrong():
        client = ceremony.parse_registration_response(credential).response.client_data
        made = ceremony.complete_registration(credential)
        if client.origin != _origin(request) or not made.is_user_verified():
            raise ValueError
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        check_may_add(user)
        kept = Authenticator.objects.create(
            user=user,
            type=Authenticator.Type.WEBAUTHN,
            data={"name": _name(name, user), "credential": credential, "uid": str(uuid.uuid4())},
        )
        record("user.add-passkey", user, by=by, facts={"passkey": kept.data["uid"]})
        mail.write("passkey_added", user.email, user=user, context={"name": kept.data["name"], "ip": ip})
    return kept


def rename(passkey: Authenticator, name: str, *, by: User) -> None:
    """Call a passkey by another name."""
    with transaction.atomic():
        passkey = Authenticator.objects.select_for_update().get(pk=passkey.pk)
        passkey.data["name"] = _name(name, by)
        passkey.save(update_fields=["data"])
        record("user.rename-passkey", by, by=by, facts={"passkey": passkey.data["uid"]})


def remove(passkey: Authenticator, *, by: User, ip: str = "") -> None:
    """Let a passkey sign in no more; the owner is told."""
    with transaction.atomic():
        gone = Authenticator.objects.select_for_update().filter(pk=passkey.pk).first()
        if gone is None:
            return
        gone.delete()
        record("user.remove-passkey", by, by=by, facts={"passkey": passkey.data["uid"]})
        mail.write("passkey_removed", by.email, user=by, context={"name": passkey.data["name"], "ip": ip})


def _checked(request: HttpRequest, user: User, credential: Any) -> Authenticator:
    client = ceremony.parse_authentication_response(credential).response.client_data
    if client.origin != _origin(request):
        raise ValueError
    return ceremony.complete_authentication(user, credential)


@contextmanager
def _damage_is_wrong() -> Iterator[None]:
    """Take whatever goes wrong with the bytes a visitor sent as one refusal: their readers promise no kind of error."""
    try:
        yield
    except (Refused, DatabaseError):
        raise
    except (Exception, ValidationError):
        words = _("This passkey was not accepted. Try once more, or sign in by e-mail.")
        raise Invalid(words, code="passkey-refused", field="credential") from None


def _name(name: str, user: User) -> str:
    return one_line(name)[:100] or str(_("Passkey %(number)s") % {"number": of(user).count() + 1})


def _host(request: HttpRequest) -> str:
    return urlsplit(f"//{request.get_host()}").hostname or ""


def _origin(request: HttpRequest) -> str:
    if settings.SECURE_SITE:
        return "{0.scheme}://{0.netloc}".format(urlsplit(settings.SITE_URL))
    return f"{request.scheme}://{request.get_host()}"
