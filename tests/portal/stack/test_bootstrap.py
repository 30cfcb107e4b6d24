"""What is installed when, and how pip's settings reach uv."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from portal.stack import bootstrap, testing


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A clone with two locks and nothing installed; returns the list of what gets installed."""
    for name in ("VENV", "TOOLS"):
        monkeypatch.setattr(bootstrap, name, tmp_path / name.lower())
        (tmp_path / name.lower()).mkdir()
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "venv" / "installed.json")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / "venv" / "python")
    for name in ("RUNTIME", "DEVELOPMENT"):
        lock = tmp_path / f"{name.lower()}.lock"
        lock.write_text(name)
        monkeypatch.setattr(bootstrap, name, lock)
    done: list[str] = []

    def install(lock: Path) -> None:
        done.append(lock.name)
        (tmp_path / "venv").mkdir(exist_ok=True)
        (tmp_path / "venv" / "python").touch()

    monkeypatch.setattr(bootstrap, "install_with_uv", install)
    return done


def test_ensure_installs_once(installed: list[str]) -> None:
    bootstrap.ensure(bootstrap.RUNTIME)
    bootstrap.ensure(bootstrap.RUNTIME)
    assert installed == ["runtime.lock"]


def test_ensure_leaves_the_larger_installation_alone(installed: list[str]) -> None:
    bootstrap.ensure(bootstrap.DEVELOPMENT)
    bootstrap.ensure(bootstrap.RUNTIME)
    assert installed == ["development.lock"]


def test_ensure_installs_again_when_the_lock_changed(installed: list[str]) -> None:
    bootstrap.ensure(bootstrap.RUNTIME)
    bootstrap.RUNTIME.write_text("changed")
    bootstrap.ensure(bootstrap.RUNTIME)
    assert installed == ["runtime.lock", "runtime.lock"]


def test_ensure_makes_a_new_environment_when_the_clone_was_moved(
    installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.ensure(bootstrap.RUNTIME)
    left = bootstrap.VENV / "left-behind"
    left.touch()
    original = bootstrap.stamp_for
    monkeypatch.setattr(bootstrap, "stamp_for", lambda lock: {**original(lock), "place": "/elsewhere"})
    bootstrap.ensure(bootstrap.RUNTIME)
    assert (installed, left.exists()) == (["runtime.lock", "runtime.lock"], False)


def test_ensure_falls_back_to_pip(installed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(lock: Path) -> None:
        raise subprocess.CalledProcessError(1, "uv")

    monkeypatch.setattr(bootstrap, "install_with_pip", bootstrap.install_with_uv)
    monkeypatch.setattr(bootstrap, "install_with_uv", fails)
    bootstrap.ensure(bootstrap.RUNTIME)
    assert installed == ["runtime.lock"]


def test_the_settings_of_pip_reach_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = (
        "global.index-url='https://one.invalid/simple'\nglobal.extra-index-url='https://a.invalid https://b.invalid'"
    )

    def answer(*words: Any, **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(words, 0, stdout=listed)

    for name in ("UV_DEFAULT_INDEX", "UV_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(bootstrap.subprocess, "run", answer)
    environment = bootstrap.uv_environment()
    assert environment["UV_DEFAULT_INDEX"] == "https://one.invalid/simple"
    assert environment["UV_INDEX"] == "https://a.invalid https://b.invalid"
    assert environment["UV_SYSTEM_CERTS"] == "1"


def test_uv_itself_is_pinned_by_hash() -> None:
    entry = bootstrap.locked_entry("uv").splitlines()
    assert entry[0].startswith("uv==")
    assert all(line.strip().startswith("--hash=sha256:") for line in entry[1:])
    assert len(entry) > 5


@pytest.mark.parametrize(
    "words, cores_are_used",
    [([], True), (["-k", "ledger"], True), (["tests/portal"], False), (["tests/portal", "-k", "x"], False)],
)
def test_only_the_whole_suite_pays_for_several_processes(words: list[str], cores_are_used: bool) -> None:
    assert ("-n" in testing.test_arguments(words)) == cores_are_used


def test_a_trial_is_chosen_by_name() -> None:
    assert testing.trial_arguments(["races"]) == ["-s", "tests/trials", "-k", "races"]
