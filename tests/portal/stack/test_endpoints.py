"""Where a process finds its servers."""

import fcntl
import json
from pathlib import Path

import pytest

from portal.stack import endpoints
from portal.stack.endpoints import Servers


def write_state(data_dir: Path) -> None:
    (data_dir / "run.lock").touch()
    state = {"database_url": "postgres://a/b", "redis_url": "redis://c/0", "site_url": "http://127.0.0.1:1"}
    (data_dir / "run.json").write_text(json.dumps(state))


def test_find_returns_given_addresses(tmp_path: Path) -> None:
    found = endpoints.find(tmp_path, database_url="postgres://x/y", redis_url="redis://z/1")
    assert found == Servers("postgres://x/y", "redis://z/1")


def test_find_returns_those_of_the_running_portal(tmp_path: Path) -> None:
    write_state(tmp_path)
    with (tmp_path / "run.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert endpoints.find(tmp_path) == Servers("postgres://a/b", "redis://c/0", "http://127.0.0.1:1")


def test_find_returns_none_when_the_portal_left_its_state_but_runs_no_more(tmp_path: Path) -> None:
    write_state(tmp_path)
    assert endpoints.find(tmp_path) == Servers()


def test_find_returns_none_where_nothing_ever_ran(tmp_path: Path) -> None:
    assert endpoints.find(tmp_path / "absent") == Servers()


@pytest.mark.parametrize(
    "given, read",
    [
        ("postgres://u:p@%2Ftmp%2Fx/db", "postgres://u:p@/db?host=/tmp/x"),
        ("postgres://u@%2ftmp%2fx/db?sslmode=disable", "postgres://u@/db?sslmode=disable&host=/tmp/x"),
        ("postgres://u:p@host:5432/db", "postgres://u:p@host:5432/db"),
        ("", ""),
    ],
)
def test_a_socket_directory_as_host_is_read(given: str, read: str) -> None:
    assert endpoints.with_socket_as_option(given) == read
