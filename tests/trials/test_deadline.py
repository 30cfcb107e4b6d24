"""400 submissions over 4 seconds around a deadline, each on its own connection, at the real server: none is misjudged.

What counts is the arrival by the database's clock, whatever senders say of the time. The control, the same with the
guard off, takes submissions that arrived too late.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from django.db import connection
from django.utils import timezone

from applications.models import Application, Call, Submission
from portal.stack import commands, place
from portal.stack.valkey import free_port
from tests.factories.applications import call_of
from tests.factories.rush import Sent, drafts, misjudged, submit_around

pytestmark = pytest.mark.django_db(transaction=True)
SUBMISSIONS, PEOPLE, SPREAD, AHEAD = 400, 20, 2.0, 6.0


@contextlib.contextmanager
def server(**environment: str) -> Iterator[int]:
    """Run the portal's own web server on this process's database; yield its port."""
    port = free_port()
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    settings = {"DJANGO_SETTINGS_MODULE": "tests.trials.stand.arrival", "DATABASE_URL": database}
    words = commands.web([f"127.0.0.1:{port}"])
    process = subprocess.Popen(
        [sys.executable, *words[1:]],
        env={**os.environ, **settings, **environment},
        cwd=place.ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{port}/health/ready") as answer:
                if answer.status == 200:
                    break
            assert time.monotonic() < deadline and process.poll() is None, "The server did not start."
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def rush(call: Call, waiting: list[tuple[Application, str]], port: int) -> list[Sent]:
    """Let the call close in some seconds and submit everything around that moment."""
    call.closes_at = timezone.now() + timedelta(seconds=AHEAD)
    Call.objects.filter(pk=call.pk).update(closes_at=call.closes_at)
    assert call.closes_at is not None
    return submit_around(call.closes_at, waiting, port, SPREAD)


def say(title: str, sent: list[Sent], deadline: datetime, wrong: int, seconds: float) -> None:
    taken = sum(one.status == 303 for one in sent)
    in_time = sum(one.at < deadline for one in sent)
    slowest = max((one.answered - one.at).total_seconds() for one in sent)
    print(
        f"  {title}: {len(sent)} submissions in {seconds:.1f} s, {in_time} sent before the deadline, "
        f"{taken} taken, {len(sent) - taken} refused, "
        f"slowest answer {slowest:.1f} s, {wrong} misjudged",
        flush=True,
    )


def test_no_submission_around_the_deadline_is_misjudged() -> None:
    call = call_of()
    waiting = drafts(call, SUBMISSIONS, PEOPLE)
    with server() as port:
        began = time.monotonic()
        sent = rush(call, waiting, port)
        seconds = time.monotonic() - began
    assert call.closes_at is not None
    wrong = misjudged(sent, call.closes_at)
    say("400 around the deadline, three of four with forged clocks", sent, call.closes_at, len(wrong), seconds)
    assert (len(sent), wrong) == (SUBMISSIONS, [])
    taken = Submission.objects.filter(application__call=call)
    assert 0 < taken.count() < SUBMISSIONS and not taken.filter(received_at__gte=call.closes_at).exists()
    assert {one.status for one in sent} == {303, 409}

    control = drafts(call, SUBMISSIONS // 4, PEOPLE)
    with server(GUARD="off") as port:
        began = time.monotonic()
        sent = rush(call, control, port)
        seconds = time.monotonic() - began
    late = misjudged(sent, call.closes_at)
    say("control, without the guard", sent, call.closes_at, len(late), seconds)
    assert late
