"""The sweep: it deletes what nothing refers to and is a day old, never anything else, whatever happens beside it."""

import logging
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from applications.models import Application
from portal import orphans, shelf
from portal.orphans import Swept
from portal.tasks import sweep_files
from tests.factories.accounts import UserFactory
from tests.factories.applications import call_of, draft_of, submission_of
from tests.factories.exchanges import change_of, question_of
from tests.factories.kept import Beside, age, lay, lying, refer, use_directory, use_object_store, without_locks

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["directory", "object store"])
def storage(request: Any, settings: Any, tmp_path: Path) -> None:
    if request.param == "directory":
        use_directory(settings, tmp_path)
    else:
        use_object_store(settings)


@pytest.fixture
def directory(settings: Any, tmp_path: Path) -> None:
    use_directory(settings, tmp_path)


@pytest.fixture
def draft() -> Application:
    return draft_of(call_of(), UserFactory())


# --- What is deleted and what is not --------------------------------------------------------------------------


def test_only_what_is_old_and_nobodys_is_deleted(
    storage: None, draft: Application, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    orphan, other = (lay(tmp_path, name, days=1.01) for name in ("orphan", "another orphan"))
    young, own = lay(tmp_path, "young", days=0.99), lay(tmp_path, "own", days=400)
    refer(draft, own)
    with caplog.at_level(logging.INFO, logger="portal.orphans"):
        assert orphans.sweep(dry_run=True) == Swept(seen=4, files=2, bytes=6 + 14)
        assert lying() == {orphan, other, young, own}
        sweep_files()
    assert lying() == {young, own}
    told = [(line.getMessage(), line.seen, line.files, line.bytes, line.dry_run) for line in caplog.records]  # type: ignore[attr-defined]
    assert told == [("files swept", 4, 2, 20, True), ("files swept", 4, 2, 20, False)]
    assert orphans.sweep() == Swept(seen=2, files=0, bytes=0)


def test_every_reference_keeps_its_file(directory: None, draft: Application, tmp_path: Path) -> None:
    names = ("draft", "submission", "evidence then", "evidence now", "answer", "change")
    lain = {name: lay(tmp_path, name, days=9) for name in (*names, "nobody's")}
    refer(draft, lain["submission"])
    draft.draft_authorisations.update(evidence_sha256=lain["evidence then"])
    draft.refresh_from_db()
    draft.submission = submission_of(draft)
    draft.save()
    refer(draft, lain["draft"])
    draft.draft_authorisations.update(evidence_sha256=lain["evidence now"])
    question_of(draft, answer="Yes.", file_sha256=lain["answer"])
    change_of(draft, facts={"plan": [{"file": f"/files/{draft.reference}/{lain['change']}/"}]})
    assert orphans.referred_among(lain.values()) == {lain[name] for name in names}
    orphans.sweep()
    assert lying() == {lain[name] for name in names}


def test_every_column_is_asked_in_one_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        orphans.referred_among(["a" * 64])


def test_nothing_is_deleted_while_a_column_has_no_name(
    directory: None, draft: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refer(draft, lay(tmp_path, "own", days=9))
    lay(tmp_path, "orphan", days=9)
    forgotten = orphans._refers - {"applications.Application.file_sha256"}
    monkeypatch.setattr(orphans, "_refers", forgotten)
    with pytest.raises(ImproperlyConfigured, match=r"applications\.Application\.file_sha256"):
        orphans.sweep()
    assert len(lying()) == 2


def test_an_empty_database_deletes_nothing(directory: None, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    orphan = lay(tmp_path, "orphan", days=9)
    with caplog.at_level(logging.WARNING, logger="portal.orphans"):
        assert orphans.sweep() == Swept(seen=1)
    assert (lying(), len(caplog.records)) == ({orphan}, 1)


def test_a_run_is_bounded_and_the_next_goes_on_there(
    directory: None, draft: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "SHARE", 4)
    monkeypatch.setattr(orphans, "BATCH", 3)
    refer(draft, lay(tmp_path, "own"))
    for number in range(30):
        lay(tmp_path, f"orphan {number}", days=2)
    monkeypatch.setattr(orphans, "MOST_SWEPT", 10)
    assert (orphans.sweep().files, len(lying())) == (10, 21)
    monkeypatch.setattr(orphans, "MOST_SWEPT", 1000)
    monkeypatch.setattr(orphans, "MOST_SEEN", 8)
    runs = [orphans.sweep() for _run in range(3)]
    assert max(run.seen for run in runs) < 8 + 4
    assert (sum(run.files for run in runs), len(lying())) == (20, 1)


# --- Somebody keeps the same file while it is swept ---------------------------------------------------------------


def kept_again_before(monkeypatch: pytest.MonkeyPatch, name: str, draft: Application, place: Path) -> list[Beside]:
    """Let somebody keep the orphan again just before the sweep calls a function of the shelf, once."""
    usual, keepers = getattr(shelf, name), []

    def watched(asked: Any) -> Any:
        if not keepers:
            keepers.append(Beside(lambda: refer(draft, lay(place, "plan"))))
            keepers[0].start_until_done_or_waiting()
        return usual(asked)

    monkeypatch.setattr(shelf, name, watched)
    return keepers


def swept_beside_a_keeper(monkeypatch: pytest.MonkeyPatch, before: str, draft: Application, place: Path) -> bool:
    """Sweep an orphan that somebody keeps again just before; return whether the file to which they refer is there."""
    other = draft_of(draft.call, UserFactory())
    refer(other, lay(place, "own"))
    sha256 = lay(place, "plan", days=2)
    keepers = kept_again_before(monkeypatch, before, draft, place)
    orphans.sweep(whole=True)
    keepers[0].end()
    draft.refresh_from_db()
    assert draft.file_sha256 == sha256
    return sha256 in lying()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", ["locked", "delete"])
def test_what_is_kept_while_it_is_swept_is_not_lost(
    storage: None, draft: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    assert swept_beside_a_keeper(monkeypatch, before, draft, tmp_path)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_it_is_lost(
    storage: None, draft: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_locks(monkeypatch)
    assert not swept_beside_a_keeper(monkeypatch, "delete", draft, tmp_path)


@pytest.mark.django_db(transaction=True)
def test_control_without_asking_again_it_is_lost(
    storage: None, draft: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, usually_old, asked = orphans.referred_among, orphans._old_bytes, []

    def once(digests: Any) -> set[str]:
        asked.append(digests)
        return usual(digests) if len(asked) == 1 else set()

    monkeypatch.setattr(orphans, "referred_among", once)
    monkeypatch.setattr(orphans, "_old_bytes", lambda sha256: usually_old(sha256) if len(asked) == 1 else 4)
    assert not swept_beside_a_keeper(monkeypatch, "locked", draft, tmp_path)


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_and_not_referred_to_yet_is_young(
    storage: None, draft: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between keeping and committing the row nothing but the age speaks for the file."""
    refer(draft, lay(tmp_path, "own"))
    sha256 = lay(tmp_path, "plan", days=2)
    usual = shelf.locked

    def watched(wanted: Any) -> list[str]:
        keeper = Beside(lambda: lay(tmp_path, "plan"))
        keeper.start()
        keeper.end()
        return usual(wanted)

    monkeypatch.setattr(shelf, "locked", watched)
    orphans.sweep(whole=True)
    assert sha256 in lying()


@pytest.mark.django_db(transaction=True)
def test_what_somebody_keeps_just_now_is_passed_over(directory: None, draft: Application, tmp_path: Path) -> None:
    """The sweep waits for nobody: what is locked elsewhere is left to the next run."""
    refer(draft, lay(tmp_path, "own"))
    sha256 = lay(tmp_path, "plan", days=2)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            shelf.locked([sha256])
            held.set()
            done.wait(20)

    holder = Beside(hold)
    holder.start()
    assert held.wait(20)
    swept = orphans.sweep(whole=True)
    done.set()
    holder.end()
    assert (swept.files, sha256 in lying()) == (0, True)
    age(sha256, 2)
    assert orphans.sweep(whole=True).files == 1
