"""Large booklets are set in turns, survive a worker that is killed, and keep everything by which one reads them."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile

from applications.enums import PackState
from applications.models import OfflinePack
from applications.offline import actions, making, packs
from applications.offline.binding import Binder
from applications.offline.queries import BOOKLET, REVIEWS
from portal import files, shelf
from portal.celery import app as celery_app
from tests.applications.offline.desks import Desk
from tests.conftest import Worker
from tests.factories.applications import chair_of
from tests.factories.files import pdf

SECONDS = 60  # until a worker has done its next step, on a busy machine


def asked(desk: Desk, kind: str = BOOKLET, user: Any = None) -> OfflinePack:
    return actions.ask(desk.call, by=user or desk.reviewer, kind=kind, language="en")


def booklet_of(pack: OfflinePack) -> pikepdf.Pdf:
    pack.refresh_from_db()
    return pikepdf.open(shelf.opened(pack.file_sha256))


# --- Turns ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_papers_are_set_in_turns_and_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, set_papers = Desk(3), []
    set_one = packs.paper_of
    monkeypatch.setattr(making, "TURN", -1)
    monkeypatch.setattr(packs, "paper_of", lambda pack, one: (set_papers.append(one.reference), set_one(pack, one))[1])
    pack = asked(desk)
    for number in (1, 2, 3):
        assert making.make_next() is True
        pack.refresh_from_db()
        assert (pack.done, pack.state, pack.begun_at) == (number, PackState.ASKED, None)
    assert making.make_next() is True
    assert making.make_next() is False
    assert sorted(set_papers) == sorted(one.reference for one in desk.applications)
    pack.refresh_from_db()
    assert (pack.state, pack.references) == (PackState.READY, sorted(set_papers))


@pytest.mark.django_db
def test_a_small_pack_is_made_between_the_turns_of_a_large_one(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(3)
    monkeypatch.setattr(making, "TURN", -1)
    large = asked(desk)
    making.make_next()
    making.make_next()
    small = asked(Desk(1), REVIEWS)
    making.make_next()
    making.make_next()
    for pack in (large, small):
        pack.refresh_from_db()
    assert (small.state, large.state) == (PackState.READY, PackState.ASKED)


@pytest.mark.django_db
def test_what_was_set_and_is_forgotten_or_lost_is_set_again(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(2)
    monkeypatch.setattr(making, "TURN", -1)
    pack = asked(desk)
    making.make_next()
    cache.clear()
    making.make_next()
    assert OfflinePack.objects.get().done == 1
    making.make_next()
    for sha256 in cache.get(f"pack-papers-{pack.uid}").values():
        Path(shelf.opened(sha256).name).unlink()
    making.make_next()
    with booklet_of(pack) as booklet:
        assert len(booklet.pages) >= 3


def waited(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not reached():
        assert time.monotonic() < deadline, OfflinePack.objects.values("state", "done", "begun_at").get()
        time.sleep(0.01)


@pytest.mark.slow
def test_a_worker_that_is_killed_is_followed_by_one_that_goes_on_behind_it(worker: Worker) -> None:
    desk = Desk(8)
    pids = next(iter(celery_app.control.inspect(timeout=5).stats().values()))["pool"]["processes"]
    pack = asked(desk)  # its task is sent at once
    waited(lambda: OfflinePack.objects.get().done >= 2)
    os.kill(pids[0], signal.SIGKILL)
    killed = OfflinePack.objects.get()
    assert killed.state == PackState.ASKED
    assert 2 <= killed.done < 8
    lying = {sha256: os.stat(shelf.opened(sha256).name).st_mtime for sha256 in kept_of(pack)}
    assert len(lying) == killed.done

    OfflinePack.objects.update(begun_at=killed.begun_at - making.TAKEN_UP_AGAIN)  # type: ignore[operator]
    actions.wake_worker()
    waited(lambda: OfflinePack.objects.get().state == PackState.READY)

    assert {sha256: os.stat(shelf.opened(sha256).name).st_mtime for sha256 in lying} == lying
    assert OfflinePack.objects.get().references == sorted(one.reference for one in desk.applications)
    with booklet_of(pack) as booklet, booklet.open_outline() as outline:
        assert len(outline.root) == 8


def kept_of(pack: OfflinePack) -> list[str]:
    return list(cache.get(f"pack-papers-{pack.uid}", {}).values())


# --- Binding -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_booklet_keeps_title_language_bookmarks_and_tags() -> None:
    attached = files.keep_pdf(ContentFile(pdf(pages=2), "figures.pdf"))
    desk = Desk(2)
    desk.add(file_sha256=attached.sha256, file_pages=2)
    pack = asked(desk)
    while making.make_next():
        pass
    with booklet_of(pack) as booklet, booklet.open_outline() as outline:
        assert str(booklet.docinfo["/Title"]) == f"Booklet: {desk.call.title}"
        assert str(booklet.Root.Lang) == "en-GB"
        assert booklet.Root.ViewerPreferences.DisplayDocTitle
        assert [str(one.title).split()[0] for one in outline.root] == sorted(x.reference for x in desk.applications)
        assert booklet.Root.MarkInfo.Marked
        whole = booklet.Root.StructTreeRoot.K[0]
        assert [str(part.S) for part in whole.K] == ["/Part"] * 4  # its front and three papers
        check_tags(booklet, untagged=2)


@pytest.mark.django_db
def test_a_booklet_without_conflicted_pages_has_none_of_their_tags() -> None:
    desk = Desk(1)
    pack = asked(desk, user=chair_of(desk.call))
    while making.make_next():
        pass
    with booklet_of(pack) as booklet:
        assert len(booklet.Root.StructTreeRoot.K[0].K) == 2


def check_tags(booklet: pikepdf.Pdf, untagged: int) -> None:
    """Check that the tags of each page lead to it, and that names of cells are names of one table each."""
    tags = booklet.Root.StructTreeRoot
    numbers = list(tags.ParentTree.Nums)
    leads = {int(numbers[at]): numbers[at + 1] for at in range(0, len(numbers), 2)}
    assert len(leads) * 2 == len(numbers)
    tagged = [page.obj for page in booklet.pages if "/StructParents" in page.obj]
    assert len(booklet.pages) - len(tagged) == untagged
    assert len({int(page.StructParents) for page in tagged}) == len(tagged)
    for page in tagged:
        for tag in leads[int(page.StructParents)]:
            while "/Pg" not in tag and "/P" in tag:
                tag = tag.P
            assert tag.Pg.objgen == page.objgen
    names = [bytes(name) for name in list(tags.IDTree.Names)[::2]]
    assert names == sorted(set(names))
    assert len(names) > 4


def test_what_has_no_tags_is_bound_without(tmp_path: Path) -> None:
    with Binder() as binder:
        assert (binder.add(pdf(pages=2)), binder.add(pdf())) == (0, 2)
        binder.save(tmp_path / "bound.pdf", "A title", "en-GB", [("First", 0), ("Second", 2)])
    with pikepdf.open(tmp_path / "bound.pdf") as bound:
        assert (len(bound.pages), "/StructTreeRoot" in bound.Root) == (3, False)
