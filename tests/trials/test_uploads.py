"""Malformed uploads in numbers: none is a fault, none is served as anything but a download, none leaves a trace.

Each figure has the control that must fire: without the check, without the clearing away, and with other headers.
"""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import FileResponse

from portal import files, parts
from tests.applications.attachments.uploading import Desk
from tests.factories.accounts import UserFactory
from tests.factories.applications import call_of, draft_of

pytestmark = pytest.mark.django_db(transaction=True)
UPLOADS = int(os.environ.get("UPLOADS", "1000"))
SHORT = 40


def say(text: str) -> None:
    """Print a figure of the trial."""
    print(f"  {text}", flush=True)


@pytest.fixture
def desk() -> Desk:
    call = call_of()
    return Desk(draft_of(call, UserFactory()), draft_of(call, UserFactory()))


def test_a_thousand_malformed_uploads_are_no_fault(desk: Desk) -> None:
    begun = time.monotonic()
    desk.send(UPLOADS, bombs=6)
    say(f"{sum(desk.tries.values())} uploads in {time.monotonic() - begun:.0f} s: {dict(desk.tries)}")
    say(f"kept after cleaning: {dict(desk.kept)}; violations: {len(desk.wrong)}")
    assert desk.wrong == []


def test_control_without_the_check_what_must_not_be_kept_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def unchecked(source: Path, target: Path) -> tuple[int, tuple[str, ...]]:
        target.write_bytes(source.read_bytes())
        return 1, ()

    monkeypatch.setattr(files, "_checked", unchecked)
    monkeypatch.setattr(files, "_write", lambda upload, source: source.write_bytes(b"".join(upload.chunks())))
    desk.send(SHORT, bombs=1)
    say(f"control: without the check {len(desk.wrong)} violations in {SHORT}")
    assert any(fault.endswith(": kept") for fault in desk.wrong) and any("still holds" in one for one in desk.wrong)


def test_control_without_clearing_away_parts_are_left(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "drop", lambda name: None)
    desk.send(SHORT, bombs=1)
    left = [fault for fault in desk.wrong if fault.startswith("temporary file left")]
    say(f"control: without clearing away {len(left)} files left of {SHORT}")
    monkeypatch.undo()
    for path in (settings.DATA_DIR / "parts").glob("*.part"):
        path.unlink()
    assert len(left) > SHORT / 4


def test_control_a_file_served_inline_is_found(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def inline(response: Any) -> FileResponse:
        response["Content-Disposition"] = "inline"
        found: FileResponse = response
        return found

    monkeypatch.setattr(files, "_guarded", inline)
    desk.send(SHORT, bombs=1)
    found = [fault for fault in desk.wrong if "served with Content-Disposition" in fault]
    say(f"control: served inline {len(found)} times, and found")
    assert len(found) == sum(desk.kept.values()) > 0
