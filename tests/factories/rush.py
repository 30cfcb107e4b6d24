"""Many submissions around one deadline, sent as browsers do: each worker its connection, each moment its own.

Used in short by `tests/applications/apply/test_deadline.py` and in full by `tests/trials/test_deadline.py`.
"""

import http.client
import random
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client
from django.utils import timezone

from applications.models import Application, Call
from tests.factories.accounts import UserFactory
from tests.factories.applications import draft_of

TOKEN = "c" * 32  # the cookie and the field of a form say the same
# What a sender may say of the time, and nobody believes.
FORGED = (
    {},
    {"Date": "Mon, 01 Jan 2001 00:00:00 GMT"},
    {"Date": "Fri, 01 Jan 2100 00:00:00 GMT", "X-Request-Start": "t=1000000000.000"},
    {"If-Unmodified-Since": "Mon, 01 Jan 2001 00:00:00 GMT", "X-Forwarded-For": "127.0.0.1"},
)


@dataclass
class Sent:
    """One submission: when it was sent and answered by this machine's clock, and what became of it.

    `arrival` is what the server says of its arrival, where it says it.
    """

    reference: str
    at: datetime
    answered: datetime
    status: int
    arrival: datetime | None


def drafts(call: Call, count: int, people: int) -> list[tuple[Application, str]]:
    """Make complete drafts with the cookies of who submits them."""
    cookies = []
    users = [UserFactory() for _ in range(people)]
    for user in users:
        client = Client()
        client.force_login(user)
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")
    return [(draft_of(call, users[number % people]), cookies[number % people]) for number in range(count)]


def submit_around(deadline: datetime, waiting: list[tuple[Application, str]], port: int, spread: float) -> list[Sent]:
    """Submit each draft once, evenly over `spread` seconds before and after the deadline; each on its own connection.

    Nobody waits for another one's answer, so that all are sent in this time, however long the server is busy.
    """
    found: list[Sent] = []
    chance = random.Random(7)
    step = 2 * spread / len(waiting)

    def work(number: int, application: Application, cookie: str) -> None:
        moment = deadline + timedelta(seconds=-spread + step * (number + chance.random()))
        time.sleep(max(0.0, (moment - timezone.now()).total_seconds()))
        found.append(_send(application, cookie, port, FORGED[number % len(FORGED)]))

    threads = [threading.Thread(target=work, args=(number, *one)) for number, one in enumerate(waiting)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def misjudged(sent: list[Sent], deadline: datetime) -> list[Sent]:
    """Return what was taken though it arrived too late, or refused though it arrived in time.

    Where the server does not say the arrival, it lies between sending and answer.
    """
    wrong = []
    for one in sent:
        taken = one.status == http.client.SEE_OTHER
        received = Application.objects.get(reference=one.reference).submission
        assert (received is not None) == taken, one
        arrival = one.arrival or (received.received_at if received else max(one.at, min(one.answered, deadline)))
        if received is not None and received.received_at != arrival:
            wrong.append(one)
        if taken != (arrival < deadline) or not one.at <= arrival <= one.answered:
            wrong.append(one)
    return wrong


def _send(application: Application, cookie: str, port: int, headers: dict[str, str]) -> Sent:
    body = urlencode(
        {"csrfmiddlewaretoken": TOKEN, "_once": uuid.uuid4(), "version": 1, "received_at": "2001-01-01T00:00:00Z"}
    )
    connection = http.client.HTTPConnection("localhost", port, timeout=120)
    at = timezone.now()
    connection.request(
        "POST",
        f"/my/applications/{application.reference}/check/",
        body,
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"{cookie}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
            **headers,
        },
    )
    answer = connection.getresponse()
    answer.read()
    arrival = answer.headers.get("X-Arrival")
    connection.close()
    moment = datetime.fromisoformat(arrival) if arrival else None
    return Sent(application.reference, at, timezone.now(), answer.status, moment)
