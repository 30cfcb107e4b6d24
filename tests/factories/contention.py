"""Many clients at one scarce sample, and the control: the same attempts without the guard, on a scratch table.

Used in short by `tests/samples/test_ledger.py` and in full by `tests/trials/test_awards.py`.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from applications.conflicts.actions import declare_conflict
from applications.models import Application
from portal.accounts.models import User
from portal.errors import NotNow, Refused
from samples import ledger
from samples.models import Movement, Sample

LARGEST_UG = 20_000
MOST_SECONDS = 10


@dataclass
class Outcome:
    """What became of all attempts."""

    taken: int = 0
    refused: int = 0
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def tries(self) -> int:
        return self.taken + self.refused + len(self.errors)


def race(*acts: Callable[[], Any]) -> list[str]:
    """Let acts happen at the same moment, each on its own connection; say what became of each: done, or why not."""
    outcomes: list[str] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        try:
            start.wait()
            act()
            outcomes.append("done")
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def somebody_waits() -> bool:
    """Tell whether anybody waits for a lock of this database at this moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # within a transaction it would show the first look for ever
        cursor.execute(
            "SELECT EXISTS(SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


def declared_while(application: Application, reader: User, act: Callable[[], Any]) -> Any:
    """Let somebody declare a conflict while they do something else with the application; return what came of that."""
    is_locked, came = threading.Event(), []

    def declare() -> None:
        with transaction.atomic():
            Application.objects.select_for_update(no_key=True).get(pk=application.pk)
            is_locked.set()
            until = time.monotonic() + MOST_SECONDS
            while not somebody_waits() and time.monotonic() < until:
                time.sleep(0.01)
            declare_conflict(application, by=reader)

    def other() -> None:
        is_locked.wait(MOST_SECONDS)
        came.append(act())

    assert race(declare, other) == ["done", "done"]
    return came[0]


def at_once(clients: int, attempts: int, attempt: Callable[[random.Random], bool]) -> Outcome:
    """Let `clients` connections make `attempts` attempts together; `attempt` says whether it took something."""
    outcome, start = Outcome(), threading.Barrier(clients)

    def client(number: int) -> None:
        chance = random.Random(number)
        try:
            start.wait()
            for _ in range(attempts // clients):
                one(chance)
        finally:
            connection.close()

    def one(chance: random.Random) -> None:
        try:
            took = attempt(chance)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the trial counts it
            with outcome.lock:
                outcome.errors.append(f"{type(error).__name__}: {error}"[:200])
            return
        with outcome.lock:
            outcome.taken += took
            outcome.refused += not took

    threads = [threading.Thread(target=client, args=[number]) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def some_mass(chance: random.Random) -> Decimal:
    """Return up to 20 mg, to the microgram."""
    return Decimal(chance.randint(1, LARGEST_UG)) / 1000


def hold_some(samples: list[Sample], by: Any) -> Callable[[random.Random], bool]:
    """Return an attempt to hold some mass of one of the samples, or the whole piece, through the ledger."""

    def attempt(chance: random.Random) -> bool:
        sample = chance.choice(samples)
        try:
            ledger.hold(sample, some_mass(chance) if sample.is_divisible else None, by=by)
        except NotNow:
            return False
        return True

    return attempt


# --- The control: read, check, write, and nothing that guards it ---------------------------------------------

CONTROL = "control_of_the_ledger"


def unguarded(free_mg: Decimal, stocks: int = 1) -> None:
    """Make the scratch tables of the control: counters without a check, and what was given of them."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {CONTROL}_given, {CONTROL}")
        cursor.execute(f"CREATE TABLE {CONTROL} (id int PRIMARY KEY, free_mg numeric(12,3) NOT NULL)")
        cursor.execute(f"CREATE TABLE {CONTROL}_given (of int NOT NULL, mass_mg numeric(12,3) NOT NULL)")
        cursor.execute(f"INSERT INTO {CONTROL} SELECT n, %s FROM generate_series(1, %s) n", [free_mg, stocks])


def take_unguarded(stocks: int = 1) -> Callable[[random.Random], bool]:
    """Return an attempt that reads what is free, checks it and writes: what an application without a ledger does."""

    def attempt(chance: random.Random) -> bool:
        mass_mg, which = some_mass(chance), chance.randint(1, stocks)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT free_mg FROM {CONTROL} WHERE id = %s", [which])
            free_mg = cursor.fetchone()[0]
            if free_mg < mass_mg:
                return False
            cursor.execute(f"UPDATE {CONTROL} SET free_mg = %s WHERE id = %s", [free_mg - mass_mg, which])
            cursor.execute(f"INSERT INTO {CONTROL}_given VALUES (%s, %s)", [which, mass_mg])
        return True

    return attempt


def over_unguarded(free_mg: Decimal) -> Decimal:
    """Return how much more than there was the control gave away (mg), and clear it away."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COALESCE(SUM(GREATEST(total - %s, 0)), 0) FROM "
            f"(SELECT SUM(mass_mg) AS total FROM {CONTROL}_given GROUP BY of) AS given",
            [free_mg],
        )
        over = cursor.fetchone()[0]
        cursor.execute(f"DROP TABLE {CONTROL}_given, {CONTROL}")
    return over


# --- What must hold of the ledger ---------------------------------------------------------------------------------


def given_mg(sample: Sample) -> Decimal:
    """Return what movements took out of free by holds, less what came back (mg)."""
    out = sum((m.mass_mg for m in Movement.objects.filter(sample=sample, from_account="free")), Decimal(0))
    back = sum(
        (m.mass_mg for m in Movement.objects.filter(sample=sample, to_account="free").exclude(from_account="outside")),
        Decimal(0),
    )
    return out - back


def over_mg(samples: list[Sample]) -> Decimal:
    """Return how much more than there was above the floor the ledger gave away (mg), by its movements."""
    over = Decimal(0)
    for sample in samples:
        over += max(given_mg(sample) - (sample.initial_mg - sample.reserve_floor_mg), Decimal(0))
    return over
