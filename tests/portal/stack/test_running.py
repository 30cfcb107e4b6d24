"""`make run` as a person has it: real servers, a real web server, a real worker, in a directory of its own."""

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from portal.stack import place
from portal.stack.endpoints import NO_PORTAL
from portal.stack.valkey import free_port
from portal.stack.watchdog import lives

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("run")]
START_SECONDS = 90
RESTART_SECONDS = 30


def surroundings(data_dir: Path, port: int) -> dict[str, str]:
    """What a person's shell has: nothing of the suite's own servers."""
    ours = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "MAKELEVEL", "MAKEFLAGS")
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    return {**environment, "DATA_DIR": str(data_dir), "PORT": str(port), "DEMO": "0", "SITE_URL": ""}


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def page(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status


@dataclass
class Run:
    """One `make run`."""

    data_dir: Path
    port: int
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def state(self) -> dict:
        return json.loads((self.data_dir / "run.json").read_text())

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return page(f"http://127.0.0.1:{self.port}/health/live") == 200
        return False

    def wait_until_started(self) -> None:
        def started() -> bool:
            assert self.process.poll() is None, self.output.read_text()
            return "Ctrl-C stops everything." in self.output.read_text()

        wait_until(started, START_SECONDS)

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        return call(["manage.py", *words], self.data_dir, self.port)


def call(words: list[str], data_dir: Path, port: int) -> subprocess.CompletedProcess[str]:
    environment = surroundings(data_dir, port)
    return subprocess.run([sys.executable, *words], env=environment, cwd=place.ROOT, capture_output=True, text=True)


def ask(run: Run, statement: str) -> object:
    """Send one statement to the run's database, with the address that its state names."""
    try:
        with psycopg.connect(run.state["database_url"], autocommit=True) as connection:
            cursor = connection.execute(statement)
            row = cursor.fetchone() if cursor.description else None
    except psycopg.OperationalError:
        return None
    return row[0] if row else None


def start(data_dir: Path, port: int) -> Run:
    output = data_dir.parent / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.stack", "run"],
            env=surroundings(data_dir, port),
            cwd=place.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    run = Run(data_dir, port, process, output)
    run.wait_until_started()
    return run


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    directory = place.temporary_directory("portal-run-test-")
    yield directory / "var"
    subprocess.run(["rm", "-rf", str(directory)], check=True)


@pytest.fixture(scope="module")
def run(data_dir: Path) -> Iterator[Run]:
    run = start(data_dir, free_port())
    yield run
    run.process.terminate()
    run.process.wait(30)


def test_both_names_of_this_machine_answer(run: Run) -> None:
    assert page(f"http://127.0.0.1:{run.port}/health/live") == 200
    assert page(f"http://localhost:{run.port}/health/live") == 200


def test_what_is_secret_is_readable_by_its_owner_only(run: Run) -> None:
    for name in ("run.json", "servers.json", "secret_key"):
        assert stat.S_IMODE((run.data_dir / name).stat().st_mode) == 0o600, name
    assert stat.S_IMODE((Path(run.state["socket_dir"]) / "s").stat().st_mode) == 0o700
    words = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    secrets = json.loads((run.data_dir / "servers.json").read_text())
    assert [name for name in ("postgres", "postgres_superuser", "valkey") if secrets[name] in words] == []


def test_a_command_finds_the_running_servers(run: Run) -> None:
    shown = run.manage("showmigrations", "portal")
    assert (shown.returncode, "[X] 0001_initial" in shown.stdout) == (0, True)


def test_a_command_without_a_portal_says_so(tmp_path: Path) -> None:
    shown = call(["manage.py", "showmigrations"], tmp_path, 8000)
    assert (shown.returncode, shown.stderr) == (2, NO_PORTAL + "\n")


def test_a_command_that_needs_no_database_works_without_a_portal(tmp_path: Path) -> None:
    assert call(["manage.py", "check"], tmp_path, 8000).returncode == 0


def test_a_second_run_says_that_one_runs(run: Run) -> None:
    second = call(["-m", "portal.stack", "run"], run.data_dir, free_port())
    assert second.returncode == 1
    assert second.stderr.startswith(f"A portal is already running here at http://127.0.0.1:{run.port}")


def test_a_used_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = call(["-m", "portal.stack", "run"], tmp_path / "var", port)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"Port {port} is already used by another program")
    assert sorted(path.name for path in (tmp_path / "var").iterdir()) == ["run.lock"]


@pytest.mark.parametrize("name", ["postgres", "valkey", "web", "worker", "beat"])
def test_a_killed_child_starts_again_at_the_same_address(run: Run, name: str) -> None:
    before = run.state
    os.kill(before["processes"][name], signal.SIGKILL)
    wait_until(lambda: run.state["processes"][name] != before["processes"][name], RESTART_SECONDS)
    wait_until(run.answers, RESTART_SECONDS)
    after = run.state
    wait_until(lambda: not lives(before["processes"][name]), 5)
    assert {key: after[key] for key in ("database_url", "redis_url", "site_url", "socket_dir")} == {
        key: before[key] for key in ("database_url", "redis_url", "site_url", "socket_dir")
    }
    wait_until(lambda: ask(run, "select 1") == 1, RESTART_SECONDS)


def test_nothing_outlives_a_killed_supervisor_and_the_next_start_keeps_the_data(data_dir: Path) -> None:
    run = start(data_dir.with_name("killed"), free_port())
    ask(run, "create table kept (what text)")
    ask(run, "insert into kept values ('a row') returning what")
    before, passwords = run.state, (run.data_dir / "servers.json").read_text()
    os.kill(run.process.pid, signal.SIGKILL)
    run.process.wait()
    for group in before["processes"].values():
        wait_until(lambda group=group: not lives(group), 15)

    again = start(run.data_dir, run.port)
    try:
        assert ask(again, "select what from kept") == "a row"
        assert (run.data_dir / "servers.json").read_text() == passwords
        assert not Path(before["socket_dir"]).exists()
        groups = again.state["processes"].values()
    finally:
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(30) == 0
    assert [group for group in groups if lives(group)] == []
    assert not (run.data_dir / "run.json").exists()
