"""Where checked PDFs lie: in the storage of the settings, each under its SHA-256. What they are: `portal/files.py`.

Keeping a file and sweeping it (`portal/orphans.py`) exclude each other by a lock on its hash in the database. A row
takes a hash from `keep`, which makes the file young, or from a row that it locks or that never changes; so there is no
moment at which a file is old, nothing refers to it, and something is about to.
"""

import os
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction

from portal import clock

PLACES = 256  # by the first two digits of the hash
NAME = re.compile(r"([0-9a-f]{64})\.pdf")


def keep(sha256: str, source: Path) -> None:
    """Keep a file whose hash this is, or make the one that lies there young again; on return the disk has it.

    Raises:
        OperationalError: somebody kept or swept the same file for longer than a lock may be waited for (503).
    """
    name = name_of(sha256)
    with transaction.atomic():
        _lock(sha256)
        path = _path(name)
        if path is None:  # in an object store writing once more renews the age, and nobody ever sees half of it
            _write(name, source)
            return
        if not _is_whole(path, source):
            path.unlink(missing_ok=True)
            _write(name, source)
        moment = clock.now().timestamp()  # by the clock that the sweep asks
        os.utime(path, (moment, moment))
        _settle(path)


def opened(sha256: str) -> File:
    """Open a file for reading.

    Raises:
        FileNotFoundError: it is not kept here.
    """
    return default_storage.open(name_of(sha256))


def digests(place: int) -> list[str]:
    """Return the hashes of what lies at one of the `PLACES`; what has no name of ours is left alone."""
    prefix = f"{place:02x}"
    try:
        names = default_storage.listdir(f"pdf/{prefix}")[1]
    except FileNotFoundError:
        return []
    found = [match[1] for name in names if (match := NAME.fullmatch(name))]
    return sorted(sha256 for sha256 in found if sha256.startswith(prefix))


def facts(sha256: str) -> tuple[int, datetime] | None:
    """Return the size of a file in bytes and when it was kept last; None where it is gone."""
    name = name_of(sha256)
    try:
        return default_storage.size(name), default_storage.get_modified_time(name)
    except FileNotFoundError:
        return None


def delete(sha256: str) -> None:
    """Delete a file that was locked by `locked`; nothing happens where there is none."""
    default_storage.delete(name_of(sha256))


def locked(wanted: Iterable[str]) -> list[str]:
    """Lock files until the transaction ends, without waiting; return those that nobody else keeps just now."""
    keys = {_key(sha256): sha256 for sha256 in wanted}
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM unnest(%s::bigint[]) key WHERE pg_try_advisory_xact_lock(key)", [list(keys)])
        return [keys[key] for (key,) in cursor.fetchall()]


def name_of(sha256: str) -> str:
    """Return what the storage calls a file."""
    return f"pdf/{sha256[:2]}/{sha256}.pdf"


def _lock(sha256: str) -> None:
    with connection.cursor() as cursor:
        # An object store may take longer than the database lets a transaction idle.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '60s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_key(sha256)])


def _key(sha256: str) -> int:
    return int.from_bytes(bytes.fromhex(sha256)[:8], signed=True)


def _path(name: str) -> Path | None:
    """Return where a file lies in a directory of this machine; None in an object store."""
    try:
        return Path(default_storage.path(name))
    except NotImplementedError:
        return None


def _is_whole(path: Path, source: Path) -> bool:
    """Tell whether a file lies there, and not half of it, left by a process that died while it wrote."""
    return path.exists() and path.stat().st_size == source.stat().st_size


def _write(name: str, source: Path) -> None:
    with source.open("rb") as content:
        written = default_storage.save(name, File(content))
    if written != name:
        default_storage.delete(written)
        raise ImproperlyConfigured("The storage must write a file over the one of the same name.")


def _settle(path: Path) -> None:
    """Be sure that the disk has a file and the way to it, before any row refers to it."""
    for place in (path, path.parent, path.parent.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
