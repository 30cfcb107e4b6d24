"""A shelf of kept files that only one test uses, with files as old as it wants, and people who keep and sweep them."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.storage import InMemoryStorage, default_storage
from django.db import connection

from applications.models import Application
from portal import clock, orphans, shelf

DAY = timedelta(days=1)
SECONDS = 20  # within which a thread has come to where it waits


class ObjectStore(InMemoryStorage):
    """A storage without paths that writes over what lies there, as an object store does."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name


def use_directory(settings: Any, place: Path) -> None:
    """Let files lie in a directory of their own."""
    _use(settings, "django.core.files.storage.FileSystemStorage", {"location": place / "files"})


def use_object_store(settings: Any) -> None:
    """Let files lie in an object store, empty now."""
    _use(settings, "tests.factories.kept.ObjectStore", {})


def _use(settings: Any, backend: str, options: dict[str, Any]) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": backend, "OPTIONS": options}}


def lay(place: Path, content: str, days: float = 0) -> str:
    """Keep a file of so many days and return its hash."""
    source = place / f"{content}.source"
    source.write_text(content)
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    shelf.keep(sha256, source)
    if days:
        age(sha256, days)
    return sha256


def age(sha256: str, days: float) -> None:
    """Let a file be so many days old."""
    moment, name = clock.now() - days * DAY, shelf.name_of(sha256)
    if isinstance(default_storage._wrapped, ObjectStore):  # type: ignore[attr-defined]
        default_storage._resolve(name).modified_time = moment
    else:
        os.utime(default_storage.path(name), (moment.timestamp(), moment.timestamp()))


def lying() -> set[str]:
    """Return the hashes of everything that lies there."""
    return {sha256 for place in range(shelf.PLACES) for sha256 in shelf.digests(place)}


def refer(application: Application, sha256: str) -> None:
    """Let a draft refer to a file, or to none; committed at once."""
    Application.objects.filter(pk=application.pk).update(file_sha256=sha256)


class Keeper(threading.Thread):
    """Somebody who keeps a file again and lets a draft refer to it, on a connection of their own."""

    def __init__(self, application: Application, place: Path, content: str) -> None:
        super().__init__()
        self.application, self.place, self.content = application, place, content
        self.fault: Exception | None = None

    def run(self) -> None:
        try:
            refer(self.application, lay(self.place, self.content))
        except Exception as fault:  # noqa: BLE001 -- whatever it is, the test says it
            self.fault = fault
        finally:
            connection.close()

    def start_until_done_or_waiting(self) -> None:
        """Start, and return when everything is committed or the lock of the file is waited for."""
        self.start()
        for _look in range(SECONDS * 100):
            self.join(0.01)
            if not self.is_alive() or _somebody_waits():
                return
        raise AssertionError("The keeper neither came to an end nor waits.")


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS(SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
        )
        return bool(cursor.fetchone()[0])


def without_locks(monkeypatch: Any) -> None:
    """Take the guard away: whoever keeps does not wait, and whoever sweeps locks nothing."""

    def all_of_them(wanted: Iterable[str]) -> list[str]:
        return list(wanted)

    monkeypatch.setattr(shelf, "_lock", lambda sha256: None)
    monkeypatch.setattr(shelf, "locked", all_of_them)


def sweep_until(done: Callable[[], bool]) -> None:
    """Sweep again and again, on a connection of one's own."""
    try:
        while not done():
            orphans.sweep(whole=True)
    finally:
        connection.close()
