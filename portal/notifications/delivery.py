"""Sends what is due: claim rows, commit, ask again whether each still holds, send, write down what became of it.

Rows are claimed with SKIP LOCKED and a lease, so that any number of workers may run this at any time, and whoever
is killed loses nothing: the lease runs out and the row is due again, with the same Message-ID. `tasks.py` calls it.
"""

import logging
import time
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F, Q, QuerySet

from portal import clock
from portal.notifications import letters
from portal.notifications.letters import Letter
from portal.notifications.models import Notice, State

logger = logging.getLogger(__name__)

BATCH = 20
LEASE = timedelta(seconds=60)
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=12)
MOST_ATTEMPTS = 12
SERVER_DOWN_PAUSE = timedelta(seconds=30)
LONGEST_RUN = 90.0  # seconds; the task itself is stopped at settings.CELERY_TASK_TIME_LIMIT


class ServerDown(Exception):
    """The mail server cannot be reached, which is no message's fault."""


class NotTaken(Exception):
    """The mail server answered, and did not take the message."""


def deliver_due() -> int:
    """Send everything that is due, in batches, each over one connection; return how many mails left."""
    sent, started = 0, time.monotonic()
    while time.monotonic() - started < LONGEST_RUN and (batch := claim()):
        try:
            sent += _send_batch(batch)
        except ServerDown as error:
            logger.warning("The mail server cannot be reached: %s", error)
            for notice in batch:  # those that were finished before are no longer held
                _wait(notice, SERVER_DOWN_PAUSE, f"mail server: {error}"[:120])
            break
    return sent


def claim(most: int = BATCH) -> list[Notice]:
    """Take up to `most` due rows for this worker and commit: account mails first, then the longest due."""
    moment = clock.now()
    lease = moment + LEASE
    due = Q(state=State.PENDING, next_attempt_at__lte=moment) | Q(state=State.SENDING, lease_until__lte=moment)
    with transaction.atomic():
        rows = Notice.objects.select_for_update(skip_locked=True, of=("self",)).filter(due)
        batch = list(rows.order_by("-account", "next_attempt_at", "id")[:most])
        Notice.objects.filter(pk__in=[notice.pk for notice in batch]).update(state=State.SENDING, lease_until=lease)
    for notice in batch:
        notice.state, notice.lease_until = State.SENDING, lease
    return batch


def _send_batch(batch: list[Notice]) -> int:
    with ExitStack() as stack:
        connection = get_connection()
        stack.callback(_close, connection)
        sent = 0
        for notice in batch:
            _open(connection)
            sent += _begin(notice) and _send(notice, connection)
        return sent


def _open(connection: Any) -> None:
    """Open the connection unless it is open already, before an attempt is counted."""
    try:
        connection.open()
    except Exception as error:
        raise ServerDown(type(error).__name__) from error


def _begin(notice: Notice) -> bool:
    """Count the attempt and take the lease anew; tell whether the row is still ours and worth an attempt."""
    if notice.attempts >= MOST_ATTEMPTS:  # every attempt took its worker along
        _finish(notice, State.DEAD, failure="no attempt came to an end")
        return False
    until = clock.now() + LEASE
    ours = _held(notice).update(lease_until=until, attempts=F("attempts") + 1) == 1
    notice.lease_until, notice.attempts = until, notice.attempts + 1
    return ours


def _send(notice: Notice, connection: Any) -> bool:
    """Send one notice; whatever goes wrong with it stays with it. Tell whether it left."""
    try:
        letter = letters.write(notice)
        if connection.send_messages([_message(notice, letter, connection)]) != 1:
            raise NotTaken
    except letters.NotToBeSent as reason:
        _finish(notice, State.CANCELLED, failure=str(reason))
        return False
    except Exception as error:
        _close(connection)  # nobody knows what the server still expects
        _fail(notice, error)
        return False
    _finish(notice, State.SENT, address=letter.address, sent_at=clock.now())
    return True


def _message(notice: Notice, letter: Letter, connection: Any) -> EmailMessage:
    """The mail: plain text, one recipient, the same Message-ID at every attempt."""
    headers = {"Message-ID": notice.message_id, "Auto-Submitted": "auto-generated"}
    if letter.thread:
        headers |= {"References": letter.thread, "In-Reply-To": letter.thread}
    return EmailMessage(
        letter.subject,
        letter.body,
        settings.DEFAULT_FROM_EMAIL,
        [letter.address],
        headers=headers,
        connection=connection,
    )


def _held(notice: Notice) -> QuerySet[Notice]:
    """The row as long as it is ours: another worker that took it over changed the lease."""
    return Notice.objects.filter(pk=notice.pk, state=State.SENDING, lease_until=notice.lease_until)


def _finish(notice: Notice, state: State, **columns: Any) -> None:
    """End the life of a notice's mail; the words of an account mail go with it."""
    _held(notice).update(state=state, lease_until=None, **({"failure": "", "subject": "", "body": ""} | columns))


def _fail(notice: Notice, error: Exception) -> None:
    """Try again later, each time after twice the pause; after `MOST_ATTEMPTS` give up and let people look."""
    failure = _name(error)
    logger.warning("Notice %s could not be sent (attempt %s): %s", notice.uid, notice.attempts, failure)
    if notice.attempts >= MOST_ATTEMPTS:
        _finish(notice, State.DEAD, failure=failure)
        return
    _wait(notice, min(FIRST_PAUSE * 2 ** (notice.attempts - 1), LONGEST_PAUSE), failure)


def _wait(notice: Notice, pause: timedelta, failure: str) -> None:
    until = clock.now() + pause
    _held(notice).update(state=State.PENDING, lease_until=None, next_attempt_at=until, failure=failure)


def _name(error: Exception) -> str:
    """The class of an error and the server's number; its words may repeat the address."""
    refusals = getattr(error, "recipients", None) or {}
    code = getattr(error, "smtp_code", "") or next((refusal[0] for refusal in refusals.values()), "")
    return f"{type(error).__name__} {code}".strip()[:120]


def _close(connection: Any) -> None:
    with suppress(Exception):
        connection.close()
