"""Writes what a notice says, at the moment it is sent or shown: in the recipient's language, zone and rights."""

import re
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template import Context, Engine
from django.utils import timezone, translation

from portal import zones
from portal.notifications import kinds
from portal.notifications.kinds import Kind
from portal.notifications.models import Notice, host


class NotToBeSent(Exception):
    """The notice must not leave any more; the message says why in one code."""


@dataclass(frozen=True)
class Letter:
    """A mail to one address. `thread` is the Message-ID that the mails about one object refer to."""

    address: str
    subject: str
    body: str
    thread: str | None = None


@dataclass(frozen=True)
class Line:
    """A notice as one sentence of a list, with the path of the page to open; empty where it may not be opened now."""

    notice: Notice
    sentence: str
    url: str


def write(notice: Notice) -> Letter:
    """Return the mail of a notice as it holds now.

    Raises:
        NotToBeSent: the object is gone, the recipient may not receive it, or it is out of date.
    """
    if notice.account:
        return Letter(notice.address, notice.subject, notice.body)
    kind = kinds.kind(notice.kind)
    recipient = notice.recipient or notice.address
    with transaction.atomic():
        about = kind.about_model._base_manager.filter(pk=notice.about_id).first()
        if about is None:
            raise NotToBeSent("object gone")
        if not may_receive(kind, recipient, about, notice):
            raise NotToBeSent("no right to it")
        if not kind.current(about, notice):
            raise NotToBeSent("out of date")
        return _letter(kind, recipient, about, notice)


def preview(code: str, recipient: Any, about: Any, context: Mapping[str, Any]) -> Letter:
    """Return the mail that a kind would be for somebody, before anything is written; `context` is what its words name.

    Whether they may have it is asked when it is sent.
    """
    notice = Notice(kind=code, recipient=recipient, language=recipient.language)
    return _letter(kinds.kind(code), recipient, about, notice, context)


def may_receive(kind: Kind, recipient: Any, about: Any, notice: Notice) -> bool:
    """Tell whether a recipient may have a notice now; a closed account receives nothing."""
    if not isinstance(recipient, str) and not recipient.is_active:
        return False
    return kind.may_receive(recipient, about, notice)


def lines(user: Any, notices: Iterable[Notice]) -> list[Line]:
    """Return the sentences of a user's list, without those the user may not see any more."""
    notices = list(notices)
    ids: dict[str, set[int]] = {}
    for notice in notices:
        ids.setdefault(notice.kind, set()).add(notice.about_id or 0)
    abouts = {code: kinds.kind(code).fetch(user, wanted) for code, wanted in ids.items()}
    opened = {code: kinds.kind(code).opened(user, rows) for code, rows in abouts.items()}
    found = []
    for notice in notices:
        kind, about = kinds.kind(notice.kind), abouts[notice.kind].get(notice.about_id or 0)
        if about is not None and (kind.abouts or may_receive(kind, user, about, notice)):
            url = kind.url(about) if about.pk in opened[notice.kind] else ""
            found.append(Line(notice, _render(kind, "line", _context(kind, user, about, notice)), url))
    return found


def _letter(kind: Kind, recipient: Any, about: Any, notice: Notice, named: Mapping[str, Any] | None = None) -> Letter:
    address = _address(kind, recipient, notice)
    reference = kind.thread(about)
    with _their_words(recipient, notice.language):
        context = _context(kind, recipient, about, notice, named)
        subject = _one_line(_render(kind, "subject", context))
        words = _render(kind, "body", context)
        body = _text("notifications/_mail.txt", {**context, "words": words})
    mark = f"[Lunar {reference}]" if reference else "[Lunar]"
    return Letter(address, f"{mark} {subject}"[:250], body + "\n", _thread(reference) if reference else None)


def _address(kind: Kind, recipient: Any, notice: Notice) -> str:
    """Return where the mail goes, as it holds now; a copy goes nowhere once its address was removed.

    Raises:
        NotToBeSent: the recipient wants no copy any more.
    """
    if isinstance(recipient, str):
        return recipient
    if not notice.copy:
        return recipient.email
    if address := kind.copy(recipient):
        return address
    raise NotToBeSent("no copy wanted")


@contextmanager
def _their_words(recipient: Any, language: str) -> Iterator[None]:
    """Write in the language and zone of the recipient's profile; to a plain address, as it was when written."""
    zone = "UTC"
    if not isinstance(recipient, str):
        language, zone = recipient.language, recipient.zone if zones.is_known(recipient.zone) else zone
    with translation.override(language), timezone.override(zoneinfo.ZoneInfo(zone)):
        yield


def _context(
    kind: Kind, recipient: Any, about: Any, notice: Notice, named: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "about": about,
        "notice": notice,
        "recipient": None if isinstance(recipient, str) else recipient,
        "url": f"{settings.SITE_URL}{kind.url(about)}",
        "site_url": settings.SITE_URL,
        **(kind.context(about, notice) if named is None else named),
    }


def _render(kind: Kind, part: str, context: Mapping[str, Any]) -> str:
    return _text(f"notifications/{kind.code}/{part}.txt", context)


def _text(template: str, context: Mapping[str, Any]) -> str:
    """Render plain text: nothing is escaped here; the page that shows a line escapes it."""
    return Engine.get_default().get_template(template).render(Context(dict(context), autoescape=False)).strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _thread(reference: str) -> str:
    return f"<{re.sub(r'[^A-Za-z0-9._-]', '-', reference)}@{host()}>"
