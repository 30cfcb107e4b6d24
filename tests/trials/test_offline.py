"""200 damaged offline files: no fault of the portal, and the good row beside each is kept.

Each figure has the control that must fire: without the fences around what is read, and with one bad file as the end.
"""

import io
import os
import time
from typing import Any

import pytest

from applications.offline import received, sheet
from tests.applications.offline.trial import Trial

pytestmark = pytest.mark.django_db(transaction=True)
FILES = int(os.environ.get("OFFLINE_FILES", "200"))
SHORT = 27


def say(text: str) -> None:
    """Print a figure of the trial."""
    print(f"  {text}", flush=True)


def test_damaged_offline_files_are_no_fault_and_good_rows_are_kept() -> None:
    trial, begun = Trial(), time.monotonic()
    wrong = trial.run(FILES)
    say(f"{FILES} damaged files alone, answered with {dict(trial.answers)}; {time.monotonic() - begun:.0f} s")
    say(f"beside a good form: {trial.saved} good rows saved of {FILES}; went wrong: {len(wrong)}")
    assert wrong == []
    assert trial.saved == FILES


def test_control_without_the_fences_damaged_files_are_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    def unfenced(name: str, content: bytes) -> Any:
        return sheet.read(content, name) if content.startswith(received.ZIPPED) else received._plain(name, content)

    def unguarded(content: bytes, file: str) -> Any:
        rows = sheet._cells(sheet.load_workbook(io.BytesIO(content), read_only=True))
        return [], [rows]

    monkeypatch.setattr(received, "_opened", unfenced)
    monkeypatch.setattr(sheet, "read", unguarded)
    trial = Trial()
    faults = [fault for fault in trial.run(SHORT) if "answered with 500" in fault]
    say(f"control: without the fences {len(faults)} faults of {SHORT}")
    assert len(faults) >= 3


def test_control_where_one_bad_file_ends_everything_good_rows_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    read = received.read

    def strict(files: Any) -> Any:
        entries, faults = read(files)
        return ([], faults) if faults else (entries, faults)

    monkeypatch.setattr(received, "read", strict)
    trial = Trial()
    lost = [fault for fault in trial.run(SHORT) if "the good row is lost" in fault]
    say(f"control: where one bad file ends everything {len(lost)} good rows lost of {SHORT}")
    assert len(lost) >= SHORT / 3
