"""Files kept again and again while the sweep runs: none to which a row refers is lost; without the lock some are."""

import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from applications.models import Application
from portal import shelf
from tests.factories.accounts import UserFactory
from tests.factories.applications import call_of, draft_of
from tests.factories.kept import age, lay, refer, sweep_until, use_directory, without_locks

pytestmark = pytest.mark.django_db(transaction=True)
KEEPERS, SWEEPERS = 4, 2
ROUNDS = int(os.environ.get("ROUNDS", "500"))


@dataclass
class Outcome:
    """What became of the files of all keepers."""

    kept: int = 0
    lost: int = 0
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def keep_again_and_again(draft: Application, place: Path, outcome: Outcome) -> None:
    """Do many rounds, on a connection of one's own."""
    try:
        for _round in range(ROUNDS):
            try:
                keep_once(draft, place, outcome)
            except Exception as fault:  # noqa: BLE001 -- whatever it is, the trial counts it
                outcome.errors.append(f"{type(fault).__name__}: {fault}"[:200])
    finally:
        connection.close()


def keep_once(draft: Application, place: Path, outcome: Outcome) -> None:
    """Keep a file, let a row refer to it, look whether it is there, and leave it behind as an old orphan."""
    content = f"file of {draft.reference}"
    sha256 = lay(place, content)
    refer(draft, sha256)
    lost = shelf.facts(sha256) is None
    with outcome.lock:
        outcome.kept += 1
        outcome.lost += lost
    if lost:
        lay(place, content)
    age(sha256, 2)
    refer(draft, "")


def run(place: Path) -> Outcome:
    """Let everybody keep and sweep at once."""
    outcome, call = Outcome(), call_of()
    refer(draft_of(call, UserFactory()), lay(place, "of somebody else"))
    drafts = [draft_of(call, UserFactory()) for _keeper in range(KEEPERS)]
    keepers = [threading.Thread(target=keep_again_and_again, args=[draft, place, outcome]) for draft in drafts]
    done = threading.Event()
    sweepers = [threading.Thread(target=sweep_until, args=[done.is_set]) for _sweeper in range(SWEEPERS)]
    for thread in (*sweepers, *keepers):
        thread.start()
    for thread in keepers:
        thread.join()
    done.set()
    for thread in sweepers:
        thread.join()
    return outcome


def test_nothing_that_a_row_refers_to_is_lost(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_directory(settings, tmp_path)
    began = time.monotonic()
    outcome = run(tmp_path)
    print(f"\n  {outcome.kept} files kept while swept in {time.monotonic() - began:.0f} s: {outcome.lost} lost")
    assert (outcome.lost, outcome.errors) == (0, [])

    without_locks(monkeypatch)
    control = run(tmp_path)
    print(f"  control, without the lock: {control.kept} kept, {control.lost} lost, {len(control.errors)} errors")
    assert control.lost > 0
