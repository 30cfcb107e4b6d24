"""No notification is lost, whatever is killed: 60 rounds of kill -9 during 20 acknowledged actions each.

In each round one of worker, broker, web server and database is killed at a random moment. Each action also tells by
the control, which publishes straight to the broker after the commit: that must lose some, or the trial proves nothing.
"""

import contextlib
import http.client
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path

import psycopg
import pytest
import redis

from portal.stack import commands, place, processes
from portal.stack.postgres import Postgres
from portal.stack.processes import Program, Watchdog
from portal.stack.valkey import Valkey, free_port

ROUNDS = int(os.environ.get("ROUNDS", "60"))
ACTIONS = 20
VICTIMS = tuple(os.environ.get("VICTIMS", "worker broker web database").split())
LONGEST_ROUND = 60.0
LONGEST_DRAIN = 180.0  # seconds: a lease, a pause of the beat, and a slow machine


@dataclass
class Stand:
    """Every process of the portal, each started again after it was killed."""

    directory: Path
    watchdog: Watchdog
    port: int = field(default_factory=free_port)
    programs: dict[str, Program] = field(default_factory=dict)
    running: dict[str, subprocess.Popen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        logs = self.directory / "logs"
        self.postgres = Postgres(
            self.directory / "postgres", self.directory / "s", "trial", "trial", True, logs / "database.log"
        )
        self.valkey = Valkey(self.directory / "valkey", free_port(), "trial", True, logs / "broker.log")
        self.data = self.directory / "data"
        self.data.mkdir(mode=0o700)
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.trials.stand.settings",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "DATA_DIR": str(self.data),
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "PORT": str(self.port),
        }

    def start_everything(self) -> None:
        for server in (self.postgres, self.valkey):
            server.prepare()
        self.programs = {"database": self.postgres.program(), "broker": self.valkey.program()}
        self.start("database")
        self.start("broker")
        self.wait(lambda: self.postgres.answers() and self.valkey.answers())
        self.postgres.create_database()
        self.manage("migrate", "--verbosity", "0")
        self.manage("shell", "-c", PERSON)
        web = commands.web([f"127.0.0.1:{self.port}"])
        for name, words in (
            ("web", web),
            ("worker", commands.worker()),
            ("beat", commands.beat(str(self.data))),
        ):
            self.programs[name] = Program(
                name,
                [sys.executable, *words[1:]],
                self.environment,
                log=self.directory / "logs" / f"{name}.log",
                directory=place.ROOT,
            )
            self.start(name)
        self.wait(lambda: self.act(0) is not None)

    def manage(self, *words: str) -> None:
        command = [sys.executable, str(place.ROOT / "manage.py"), *words]
        subprocess.run(command, env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def start(self, name: str) -> None:
        self.running[name] = processes.start(self.programs[name], self.watchdog)

    def kill(self, name: str) -> None:
        """Kill -9 a process with everything it started."""
        process = self.running[name]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.watchdog.forget(process.pid)

    def revive(self) -> None:
        """Start again what has ended, such as a database that still waited for its killed predecessor."""
        for name, process in self.running.items():
            if process.poll() is not None:
                processes.end_group(process, self.watchdog)
                self.start(name)

    def wait(self, holds: object, seconds: float = LONGEST_ROUND) -> None:
        deadline = time.monotonic() + seconds
        while not holds():  # type: ignore[operator]
            if time.monotonic() > deadline:
                logs = "\n".join(f"{p.name}: {processes.tail(p, 5)}" for p in (self.directory / "logs").iterdir())
                pytest.fail(f"The stand did not come up.\n{logs}", pytrace=False)
            self.revive()
            time.sleep(0.1)

    def act(self, number: int) -> float | None:
        """Do an action; return the seconds until it was acknowledged, or None where it was not."""
        started = time.monotonic()
        web = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            web.request("POST", f"/act/{number}/")
            answer = web.getresponse()
            answer.read()
        except OSError:
            return None
        except http.client.HTTPException:
            return None
        finally:
            web.close()
        return time.monotonic() - started if answer.status == 200 else None

    def unfinished(self) -> int:
        """Count the notices that are still to be sent, and the tasks the broker still holds."""
        try:
            with psycopg.connect(self.postgres.url) as connection:
                row = connection.execute(
                    "SELECT count(*) FROM notifications_notice WHERE state IN ('pending', 'sending')"
                ).fetchone()
            with redis.Redis.from_url(self.valkey.url) as broker:
                return int(row[0] if row else 0) + int(broker.llen("celery"))
        except (psycopg.OperationalError, redis.RedisError):
            return 1

    def mails(self) -> tuple[Counter[tuple[int, str]], Counter[int]]:
        """Return how often each (action, Message-ID) of the outbox, and each action of the control, was mailed."""
        outbox: Counter[tuple[int, str]] = Counter()
        control: Counter[int] = Counter()
        for file in (self.data / "mail").glob("*.eml"):
            mail = message_from_bytes(file.read_bytes())
            way, number = re.search(r"(trial|control) (\d+)$", mail["Subject"]).groups()  # type: ignore[union-attr]
            if way == "trial":
                outbox[int(number), mail["Message-ID"]] += 1
            else:
                control[int(number)] += 1
        return outbox, control

    def stop(self) -> None:
        for name in ("beat", "worker", "web", "broker", "database"):
            if name in self.running:
                self.kill(name)
        self.watchdog.close()
        shutil.rmtree(self.directory, ignore_errors=True)


PERSON = (
    "from django.contrib.auth import get_user_model as m;"
    "m().objects.create_user(email='about@example.org', name='Somebody')"
)


@pytest.fixture
def stand() -> Iterator[Stand]:
    directory = place.temporary_directory("portal-trial-")
    watchdog = Watchdog()
    watchdog.remove(directory)
    stand = Stand(directory, watchdog)
    try:
        stand.start_everything()
        yield stand
    finally:
        stand.stop()


def one_round(stand: Stand, numbers: Iterator[int], victim: str) -> dict[int, float]:
    """Kill the victim while actions come in; return the seconds of each acknowledged action."""
    acknowledged: dict[int, float] = {}
    over = threading.Event()

    def act() -> None:
        while len(acknowledged) < ACTIONS and not over.is_set():
            number = next(numbers)
            seconds = stand.act(number)
            if seconds is not None:
                acknowledged[number] = seconds
            time.sleep(random.uniform(0, 0.06))

    visitor = threading.Thread(target=act)
    visitor.start()
    time.sleep(random.uniform(0, 0.6))
    stand.kill(victim)
    time.sleep(random.uniform(0, 1.5))
    deadline = time.monotonic() + LONGEST_ROUND
    while visitor.is_alive() and time.monotonic() < deadline:
        stand.revive()
        visitor.join(0.1)
    over.set()
    visitor.join()
    stand.revive()
    return acknowledged


def test_delivery_loses_nothing_whatever_is_killed(stand: Stand) -> None:
    """Kill -9 at random; count every acknowledged action by Message-ID."""
    began, numbers = time.monotonic(), iter(range(1, 10**9))
    victims = (VICTIMS * (ROUNDS // len(VICTIMS) + 1))[:ROUNDS]
    seconds: dict[str, dict[int, float]] = {victim: {} for victim in VICTIMS}
    for victim in random.sample(victims, len(victims)):
        seconds[victim] |= one_round(stand, numbers, victim)
    acknowledged = {number for answers in seconds.values() for number in answers}
    slowest = {victim: round(max(answers.values(), default=0), 2) for victim, answers in seconds.items()}
    stand.wait(lambda: stand.unfinished() == 0, LONGEST_DRAIN)
    time.sleep(2)  # a control task that a worker has taken
    outbox, control = stand.mails()
    told = Counter(number for number, _message_id in outbox)
    lost = sorted(acknowledged - set(told))
    twice = [number for number in told if told[number] > 1]
    repeats = sum(times - 1 for times in outbox.values())
    lost_by_control = acknowledged - set(control)
    print(
        f"\n{ROUNDS} rounds, kills {dict(Counter(victims))}, {time.monotonic() - began:.0f} s"
        f"\nacknowledged actions: {len(acknowledged)}; slowest answer by what was killed, s: {slowest}"
        f"\noutbox: {len(lost)} without a notification, {len(twice)} with two Message-IDs, {repeats} raw repeats"
        f"\ncontrol (published after the commit): {len(lost_by_control)} without a notification"
    )
    assert len(acknowledged) == ROUNDS * ACTIONS
    assert (lost, twice) == ([], [])
    assert repeats <= ROUNDS * commands.WORKER_PROCESSES  # at most what was being sent at a kill
    assert lost_by_control, "the control lost nothing: this trial would not have noticed a loss"
