"""The bytes of files on their way: written where they belong, private, and forgotten."""

import os
import time
from uuid import uuid4

import pytest
from django.conf import settings

from portal import parts


@pytest.fixture(autouse=True)
def _empty() -> None:
    for path in (settings.DATA_DIR / "parts").glob("*.part"):
        path.unlink()


def test_write_puts_bytes_in_their_place_and_nothing_behind_them() -> None:
    name = uuid4()
    parts.write(name, 0, b"abcdef")
    parts.write(name, 3, b"xy")
    with parts.opened(name) as found:
        assert found.read() == b"abcxy"
    path = settings.DATA_DIR / "parts" / f"{name.hex}.part"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    parts.drop(name)
    parts.drop(name)
    assert not path.exists()
    with pytest.raises(FileNotFoundError):
        parts.opened(name)


def test_write_follows_no_link() -> None:
    name = uuid4()
    parts.sweep()
    target = settings.DATA_DIR / "target.txt"
    target.write_text("kept")
    (settings.DATA_DIR / "parts" / f"{name.hex}.part").symlink_to(target)
    with pytest.raises(OSError, match="link"):
        parts.write(name, 0, b"x")
    parts.drop(name)
    assert target.read_text() == "kept"


def test_sweep_takes_what_is_old_and_not_kept() -> None:
    old, kept, young = uuid4(), uuid4(), uuid4()
    for name in (old, kept, young):
        parts.write(name, 0, b"x")
    before = time.time() - parts.FORGOTTEN_AFTER - 60
    for name in (old, kept):
        os.utime(settings.DATA_DIR / "parts" / f"{name.hex}.part", (before, before))
    assert parts.sweep(keep=[kept]) == 1
    assert sorted(path.stem for path in (settings.DATA_DIR / "parts").glob("*.part")) == sorted([kept.hex, young.hex])
    for name in (kept, young):
        parts.drop(name)
