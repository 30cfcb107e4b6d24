"""Mails about somebody's account, written into the outbox; their words are in `templates/account/email/`."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from portal import clock, zones
from portal.accounts.models import User
from portal.notifications.outbox import notify_account


def write(name: str, address: str, *, user: User | None, context: Mapping[str, Any] | None = None) -> None:
    """Write the mail `name` to an address, in the person's language or else in the page's.

    Its kind in the outbox is the name with hyphens. The words leave the database once they are sent.
    """
    language = user.language if user else translation.get_language() or settings.LANGUAGE_CODE
    with translation.override(language):
        known = {"site_url": settings.SITE_URL, "email": address, "person": user, "at": _moment(user)}
        known.update(context or {})
        subject = render_to_string(f"account/email/{name}_subject.txt", known)
        body = render_to_string(f"account/email/{name}_message.txt", known)
    notify_account(
        name.replace("_", "-"),
        address,
        user=user,
        subject=" ".join(subject.split()),
        body=body.strip() + "\n",
        language=language,
    )


def _moment(user: User | None) -> str:
    """Write the present moment in the person's zone: 2026-11-22 18:40 (UTC+08:00, Beijing)."""
    zone = user.zone if user and zones.is_known(user.zone) else "UTC"
    local = clock.now().astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d %H:%M} ({zones.label(local, zone)})"
