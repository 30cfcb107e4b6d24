"""Files on their way in parts: what has arrived lies in the data directory, outside the web root, and is never served.

How far a file is, and whose it is, is a row of the domain that takes it; here are only the bytes. A whole file goes
through `portal/files.py` like any other.
"""

import os
import time
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings

PART_BYTES = 512 * 1024  # what the script sends at once
LARGEST_PART = 1024 * 1024
FORGOTTEN_AFTER = 24 * 60 * 60  # seconds


def write(name: UUID, offset: int, content: bytes) -> None:
    """Put `content` at `offset` of a file, and be sure that the disk has it; what lay there is written over."""
    handle = os.open(_path(name), os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        os.pwrite(handle, content, offset)
        os.ftruncate(handle, offset + len(content))
        os.fsync(handle)
    finally:
        os.close(handle)


def opened(name: UUID) -> BinaryIO:
    """Open a file for reading.

    Raises:
        FileNotFoundError: nothing of it has arrived, or it was forgotten.
    """
    return _path(name).open("rb")


def drop(name: UUID) -> None:
    """Delete what has arrived of a file; nothing happens where nothing has."""
    _path(name).unlink(missing_ok=True)


def sweep(keep: Collection[UUID] = ()) -> int:
    """Delete every file that has not grown for a day and is not one of `keep`; return how many."""
    names, oldest, swept = {one.hex for one in keep}, time.time() - FORGOTTEN_AFTER, 0
    for path in _place().glob("*.part"):
        if path.stem not in names and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            swept += 1
    return swept


def _place() -> Path:
    place = settings.DATA_DIR / "parts"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def _path(name: UUID) -> Path:
    return _place() / f"{name.hex}.part"
