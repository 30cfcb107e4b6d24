"""Proving again that one is the owner of the account, before something delicate; and codes sent by mail for that.

A proof counts for five minutes. Whoever has no password proves it by a passkey or by a code to the address of the
account: nobody is let through for want of a password.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.core.exceptions import ReauthenticationRequired
from allauth.core.internal.cryptokit import compare_user_code
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.accounts import mail
from portal.accounts.models import User
from portal.errors import Invalid, NotNow

MAILED = "mailed_code"
PROOF = "proof_code"  # what a code is for that proves who sits here
LASTS_SECONDS, MOST_TRIES = 15 * 60, 3


def is_recent(request: HttpRequest) -> bool:
    """Tell whether this session's owner has proved within five minutes that it is theirs."""
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    earliest = clock.now().timestamp() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(record.get("reauthenticated") and record["at"] > earliest for record in records)


def demand(request: HttpRequest) -> None:
    """Go on only with a recent proof; otherwise allauth's middleware asks for one and comes back to this request.

    Raises:
        ReauthenticationRequired: there is none.
    """
    if not is_recent(request):
        raise ReauthenticationRequired


def given(request: HttpRequest, method: str, **about: Any) -> HttpResponse | None:
    """Note a proof and return the answer of the request that had to wait for it, if one did."""
    record_authentication(request, request.user, method, reauthenticated=True, **about)
    return resume_request(request)


def send_code(request: HttpRequest, purpose: str, address: str, *, user: User, known: bool = True) -> None:
    """Mail a code for a purpose. With `known` False nothing is sent and no code is right, which looks the same."""
    code = get_adapter().generate_login_code()
    request.session[MAILED] = {
        "purpose": purpose,
        "address": address,
        "code": code if known else "",
        "at": clock.now().timestamp(),
        "tries": 0,
    }
    if known:
        mail.write(purpose, address, user=user, context={"code": code})


def address_waiting(request: HttpRequest, purpose: str) -> str:
    """Return the address to which a code for a purpose went that is still good, or nothing."""
    waiting = request.session.get(MAILED) or {}
    fresh = clock.now().timestamp() - waiting.get("at", 0) < LASTS_SECONDS
    return waiting["address"] if fresh and waiting.get("purpose") == purpose else ""


def check_code(request: HttpRequest, purpose: str, typed: str) -> str:
    """Return the address that a right code proves; the code is used up, and after three wrong ones it is void.

    Raises:
        Invalid: the code is wrong.
        NotNow: there is no code for this purpose, or not any more.
    """
    address = address_waiting(request, purpose)
    if not address:
        raise NotNow(_("This code is no longer good. Ask for a new one."), code="no-code", field="code")
    waiting = request.session.pop(MAILED)
    if waiting["code"] and compare_user_code(actual=typed, expected=waiting["code"]):
        return address
    waiting["tries"] += 1
    if waiting["tries"] < MOST_TRIES:
        request.session[MAILED] = waiting
        raise Invalid(_("This code is wrong. Look at the latest mail."), field="code")
    raise NotNow(_("Too many wrong codes. Ask for a new one."), code="no-code", field="code")
