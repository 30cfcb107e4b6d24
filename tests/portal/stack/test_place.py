"""Where the servers' files lie."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.stack import place
from portal.stack.postgres import Postgres

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the database server to another user")


@pytest.fixture
def passable() -> Iterator[Path]:
    """A directory that the database server's user can pass through, as /var/lib is; pytest's own it cannot."""
    directory = place.temporary_directory("portal-place-")
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, passable: Path) -> Path:
    """A directory that only its owner can enter, beside a stand-in for /var/lib."""
    monkeypatch.setattr(place, "SHARED_HOME", passable / "lunar-portal")
    directory = tmp_path / "closed"
    directory.mkdir(mode=0o700)
    return directory


def test_the_data_directory_is_closed_to_others(tmp_path: Path) -> None:
    place.make_data_dir(tmp_path / "a" / "var")
    assert stat.S_IMODE((tmp_path / "a" / "var").stat().st_mode) == (0o711 if os.geteuid() == 0 else 0o700)


def test_a_data_directory_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o750)
    place.make_data_dir(tmp_path / "var")
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o750


@only_root
def test_an_unreachable_data_directory_gets_a_random_place_that_is_kept(closed: Path) -> None:
    place.make_data_dir(closed / "var")
    home = place.server_home(closed / "var")
    assert home.parent == place.SHARED_HOME
    assert (closed / "var" / "place").read_text() == home.name
    assert len(home.name) == 32
    assert place.server_home(closed / "var") == home
    assert place.reaches(home)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@only_root
def test_data_that_can_no_longer_be_reached_are_not_forgotten(closed: Path) -> None:
    (closed / "var" / "postgres").mkdir(parents=True)
    with pytest.raises(SystemExit) as caught:
        place.server_home(closed / "var")
    assert str(caught.value).startswith(f"The database in {closed / 'var' / 'postgres'} can no longer be reached")


@only_root
def test_programs_that_cannot_be_reached_are_copied(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "ROOT", closed)
    monkeypatch.setattr(place, "_runs_as_nobody", lambda programs: False)
    programs = place.postgres_programs()
    assert programs.is_relative_to(place.SHARED_HOME)
    monkeypatch.undo()
    assert place._runs_as_nobody(programs)


def test_a_private_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    place.write_private(tmp_path / "secret", "word")
    assert (tmp_path / "secret").read_text() == "word"
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_cluster_of_another_major_version_is_refused(tmp_path: Path, passable: Path) -> None:
    cluster = tmp_path / "postgres"
    cluster.mkdir()
    place.give(cluster)
    (cluster / "PG_VERSION").write_text("15\n")
    postgres = Postgres(cluster, passable / "s", "a", "b", durable=True, log=tmp_path / "log")
    with pytest.raises(SystemExit) as caught:
        postgres.prepare()
    assert str(caught.value).startswith(f"The data in {cluster} were written by PostgreSQL 15; this is PostgreSQL 18.")
    assert [path.name for path in cluster.iterdir()] == ["PG_VERSION"]
