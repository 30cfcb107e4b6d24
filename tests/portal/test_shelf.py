"""Where kept PDFs lie: each under its hash, whole, young when it is kept again, in a directory or an object store."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from portal import clock, shelf
from tests.factories.kept import DAY, ObjectStore, lay, lying, use_directory, use_object_store

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["directory", "object store"], autouse=True)
def _storage(request: Any, settings: Any, tmp_path: Path) -> None:
    if request.param == "directory":
        use_directory(settings, tmp_path)
    else:
        use_object_store(settings)


def test_what_is_kept_lies_under_its_hash(tmp_path: Path) -> None:
    sha256 = lay(tmp_path, "plan")
    with shelf.opened(sha256) as content:
        assert content.read() == b"plan"
    found = shelf.facts(sha256)
    assert found is not None and found[0] == 4 and abs(found[1] - clock.now()) < DAY / 24
    assert (shelf.digests(int(sha256[:2], 16)), lying()) == ([sha256], {sha256})


def test_what_is_kept_again_is_young_again_and_there_once(tmp_path: Path) -> None:
    sha256 = lay(tmp_path, "plan", days=40)
    assert shelf.facts(sha256)[1] < clock.now() - 39 * DAY  # type: ignore[index]
    lay(tmp_path, "plan")
    assert shelf.facts(sha256)[1] > clock.now() - DAY / 24  # type: ignore[index]
    assert default_storage.listdir(f"pdf/{sha256[:2]}")[1] == [f"{sha256}.pdf"]


def test_half_of_a_file_is_written_anew(tmp_path: Path) -> None:
    sha256 = lay(tmp_path, "plan")
    shelf.delete(sha256)
    default_storage.save(shelf.name_of(sha256), ContentFile(b"pl"))
    lay(tmp_path, "plan")
    with shelf.opened(sha256) as content:
        assert content.read() == b"plan"


def test_what_is_gone_has_no_facts_and_is_deleted_without_a_word() -> None:
    shelf.delete("a" * 64)
    assert shelf.facts("a" * 64) is None
    assert lying() == set()


def test_names_that_are_not_ours_are_not_listed(tmp_path: Path) -> None:
    sha256 = lay(tmp_path, "plan")
    place = sha256[:2]
    other = f"{int(place, 16) ^ 1:02x}{sha256[2:]}"
    for name in (f"{sha256}_a1B2c3D.pdf", f"{sha256}.txt", f"{other}.pdf", "notes.pdf", f"{sha256.upper()}x.pdf"):
        default_storage.save(f"pdf/{place}/{name}", ContentFile(b"x"))
    assert lying() == {sha256}


def test_storage_that_writes_beside_instead_of_over_is_refused(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_object_store(settings)
    sha256 = lay(tmp_path, "plan", days=3)
    monkeypatch.setattr(ObjectStore, "get_available_name", lambda self, name, max_length=None: f"{name}.1")
    with pytest.raises(ImproperlyConfigured):
        lay(tmp_path, "plan")
    assert default_storage.listdir(f"pdf/{sha256[:2]}")[1] == [f"{sha256}.pdf"]


def test_disk_has_the_file_and_the_way_to_it(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    use_directory(settings, tmp_path)
    settled, usual = [], os.fsync

    def watched(handle: int) -> None:
        settled.append(Path(f"/proc/self/fd/{handle}").resolve())
        usual(handle)

    monkeypatch.setattr(os, "fsync", watched)
    path = Path(default_storage.path(shelf.name_of(lay(tmp_path, "plan"))))
    assert settled == [path.resolve(), path.parent.resolve(), path.parent.parent.resolve()]


def test_age_is_told_by_the_clock_of_the_portal(tmp_path: Path, settings: Any) -> None:
    use_directory(settings, tmp_path)
    moment = clock.now() - 9 * DAY
    with clock.set_to(moment):
        sha256 = lay(tmp_path, "plan")
    assert abs(shelf.facts(sha256)[1] - moment) < DAY / 86400  # type: ignore[index]
