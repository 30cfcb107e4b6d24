"""Writes notices, in the transaction of what they report: both exist or neither. `delivery.py` sends them."""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit.models import Event
from portal.audit.trail import record
from portal.errors import Denied, NotNow
from portal.notifications import kinds
from portal.notifications.models import Notice, State
from portal.notifications.wake import wake
from portal.roles import Permission

_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


def notify(
    kind: str,
    recipients: Iterable[Any],
    *,
    about: models.Model,
    event: Event,
    context: Mapping[str, Any] | None = None,
) -> None:
    """Write one notice of a kind to each recipient (a user, or a plain address); the same one twice is one.

    `context` holds ids and codes only: what the mail says is looked up when it is sent, with the rights of then.

    Raises:
        KeyError: the kind is not registered.
        TypeError: the kind is about another model.
    """
    known = kinds.kind(kind)
    if not isinstance(about, known.about_model):
        raise TypeError(f"Notices of kind {kind} are about {known.about_type}")
    moment = clock.now()
    rows = [
        Notice(
            kind=kind,
            about_type=known.about_type,
            about_id=about.pk,
            event=event,
            event_version=event.version,
            context=dict(context or {}),
            created_at=moment,
            next_attempt_at=moment,
            **columns,
        )
        for recipient in recipients
        if not (_quiet.get() and isinstance(recipient, str))
        for columns in _channels(known, recipient, f"{kind}:{event.uid}")
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    if any(row.state == State.PENDING for row in rows):
        _wake_once()


def notify_account(kind: str, address: str, *, user: Any, subject: str, body: str, language: str = "") -> None:
    """Write a mail about somebody's account (a code, a link). Nobody else sees it; sending blanks its words."""
    if _quiet.get():
        return
    moment = clock.now()
    Notice.objects.create(
        kind=kind,
        account=True,
        recipient=user,
        address=address,
        language=_offered(language or get_language()),
        subject=subject[:250],
        body=body,
        dedupe_key=f"{kind}:{uuid.uuid4()}",
        created_at=moment,
        next_attempt_at=moment,
    )
    _wake_once()


def send_again(notice: Notice, *, by: Any) -> None:
    """Let a mail that was given up be tried again from the beginning.

    Raises:
        Denied: `by` may not see mail.
        NotNow: it was not given up, or it is account mail, whose words are gone.
    """
    if not by.may(Permission.SEE_MAIL):
        raise Denied(_("Only administrators may do this."))
    with transaction.atomic():
        moment = clock.now()
        given_up = Notice.objects.filter(pk=notice.pk, state=State.DEAD, account=False)
        if not given_up.update(state=State.PENDING, attempts=0, next_attempt_at=moment):
            raise NotNow(_("Only a mail that was given up can be sent again."), code="not-given-up")
        record("notice.send_again", notice, by=by)
        _wake_once()


@contextmanager
def quietly() -> Iterator[None]:
    """Let notices of the block stand in the lists of the portal and never be mailed (load of the demonstration)."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def _channels(kind: kinds.Kind, recipient: Any, event_key: str) -> Iterator[dict[str, Any]]:
    """The columns of each row for one recipient: the notice itself and, where they want it, a copy to another address.

    A copy is a row of its own, tried and sent by itself, so that one address that fails holds up no other.
    """
    to = _to(recipient, event_key)
    yield to
    if not isinstance(recipient, str) and not _quiet.get() and kind.copy(recipient):
        yield {**to, "in_app": False, "copy": True, "dedupe_key": f"{to['dedupe_key']}:copy"}


def _to(recipient: Any, event_key: str) -> dict[str, Any]:
    """The columns that say to whom. The address of a person is looked up when the mail is sent."""
    if isinstance(recipient, str):
        hashed = hashlib.sha256(recipient.strip().lower().encode()).hexdigest()[:32]
        return {
            "address": recipient.strip(),
            "language": _offered(get_language()),
            "dedupe_key": f"{event_key}:{hashed}",
        }
    return {
        "recipient": recipient,
        "language": _offered(recipient.language),
        "in_app": True,
        "state": State.IN_APP if _quiet.get() else State.PENDING,
        "dedupe_key": f"{event_key}:{recipient.uid}",
    }


def _offered(language: str | None) -> str:
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _wake_once() -> None:
    """Wake the delivery after the commit, once for a transaction with many notices."""
    if all(wake not in call for call in connection.run_on_commit):
        transaction.on_commit(wake, robust=True)
