"""A shelf of kept files that only one test uses, with files as old as it wants, and people who keep and sweep them."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import connection

from applications.models import Application
from portal import clock, orphans, shelf
from tests.factories.contention import somebody_waits

DAY = timedelta(days=1)
SECONDS = 20  # within which a thread has come to where it waits


class ObjectStore(Storage):
    """A storage without paths or directories, which writes over what lies there, as an object store does."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, datetime]] = {}

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File) -> str:
        self.objects[name] = (content.read(), clock.now())
        return name

    def _open(self, name: str, mode: str = "rb") -> File:
        return ContentFile(self._found(name)[0])

    def delete(self, name: str) -> None:
        self.objects.pop(name, None)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        return [], [name.rpartition("/")[2] for name in list(self.objects) if name.startswith(f"{path}/")]

    def size(self, name: str) -> int:
        return len(self._found(name)[0])

    def get_modified_time(self, name: str) -> datetime:
        return self._found(name)[1]

    def _found(self, name: str) -> tuple[bytes, datetime]:
        if name not in self.objects:
            raise FileNotFoundError(name)
        return self.objects[name]


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
    store = storages["default"]
    if isinstance(store, ObjectStore):
        store.objects[name] = (store.objects[name][0], moment)
    else:
        os.utime(store.path(name), (moment.timestamp(), moment.timestamp()))


def lying() -> set[str]:
    """Return the hashes of everything that lies there."""
    return {sha256 for place in range(shelf.PLACES) for sha256 in shelf.digests(place)}


def refer(application: Application, sha256: str) -> None:
    """Let a draft refer to a file, or to none; committed at once."""
    Application.objects.filter(pk=application.pk).update(file_sha256=sha256)


class Beside(threading.Thread):
    """Somebody who does something meanwhile, on a connection of their own."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.act = act
        self.fault: Exception | None = None

    def run(self) -> None:
        try:
            with connection.cursor() as cursor:  # who waits here waits for as long as the test needs, not for 5 s
                cursor.execute("SET lock_timeout = 0; SET statement_timeout = 0")
            self.act()
        except Exception as fault:  # noqa: BLE001 -- whatever it is, the test says it
            self.fault = fault
        finally:
            connection.close()

    def start_until_done_or_waiting(self) -> None:
        """Start, and return when everything is done or a lock is waited for."""
        self.start()
        for _look in range(SECONDS * 100):
            self.join(0.01)
            if not self.is_alive() or somebody_waits():
                return
        raise AssertionError("They neither come to an end nor wait.")

    def end(self) -> None:
        """Wait for the end, which must be a good one."""
        self.join()
        assert self.fault is None, self.fault


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
