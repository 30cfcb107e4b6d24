"""Which browser the journeys run in."""

from pathlib import Path

import pytest

from portal.stack import browser
from portal.stack.browser import Browser


def test_find_returns_the_machines_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "google-chrome"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.find() == Browser(program)


def test_find_returns_none_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.find() is None


def test_bring_refuses_what_was_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser.sys, "platform", "darwin")
    assert browser.bring() is None
