"""A reviewer offline in a real browser: takes the pack along, fills it in, brings it back, looks and saves."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from applications import reviewing
from applications.enums import PackState
from applications.models import OfflinePack, Review
from tests.applications.offline.desks import Desk, filled, typed_into
from tests.browsing import LOOKS, come_in, look, look_at
from tests.factories.applications import chair_of

pytestmark = pytest.mark.django_db(transaction=True)
SCORES = {"score significance": "4", "score feasibility": "NA"}


def to(name: str, *arguments: Any) -> str:
    return reverse(f"applications:{name}", args=arguments)


def fetched(page: Page, click: Callable[[], None], place: Path) -> Path:
    """Return what a click downloads."""
    with page.expect_download() as download:
        click()
    target = place / download.value.suggested_filename
    download.value.save_as(target)
    return target


def test_a_reviewer_works_offline_and_brings_it_back_without_a_script(
    live_server: LiveServer, browser: Browser, worker: Any, tmp_path: Path
) -> None:
    desk = Desk(4)
    first, second, third, _fourth = (one.reference for one in desk.applications)
    context = browser.new_context(java_script_enabled=False)
    come_in(context, live_server.url, desk.reviewer)
    page = context.new_page()
    page.goto(live_server.url + to("review-queue", desk.call.slug))
    page.get_by_role("link", name="Work offline").click()
    page.get_by_role("button", name="Make my pack").click()
    worker.wait_until_idle(60)
    page.reload()
    pack = fetched(page, lambda: page.get_by_role("link", name="Download").click(), tmp_path)
    assert pack.name == f"{desk.call.slug}-reviews.zip"

    # On the train: one form, two rows of the sheet, one of them wrong; at home meanwhile one is written on the web.
    with zipfile.ZipFile(io.BytesIO(pack.read_bytes())) as archive:
        form = archive.read(f"{first}-review.txt").decode().replace("\r\n", "\n")
        book = archive.read("reviews.xlsx")
        assert len([name for name in archive.namelist() if name.endswith(".pdf")]) == 4
    rows = {
        reference: sorted(one.reference for one in desk.applications).index(reference) + 2
        for reference in (second, third)
    }
    book = typed_into(book, rows[second], {"text for_panel": "From the train.", "score significance": 2})
    book = typed_into(book, rows[third], {"score feasibility": 8})
    reviewing.save(desk.assignments[1], by=desk.reviewer, version=0, scores={}, for_panel="From home.")
    (tmp_path / "form.txt").write_text(filled(form, SCORES | {"text for_panel": "A sound plan."}))
    (tmp_path / "reviews.xlsx").write_bytes(book)

    page.get_by_label("Files").set_input_files([tmp_path / "form.txt", tmp_path / "reviews.xlsx"])
    page.get_by_role("button", name="Upload and look").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What you uploaded")
    expect(page.get_by_role("row", name="“8” is no point of the scale.")).to_contain_text("Feasibility")
    expect(page.get_by_text("From home.")).to_have_count(1)
    assert Review.objects.count() == 1
    page.get_by_role("group", name="Which one stays?").get_by_label("What I uploaded").check()
    page.get_by_label("Send those that are complete").check()
    page.get_by_role("button", name="Save this review and what I chose").click()
    expect(page.get_by_text("2 reviews are saved. 1 of them is sent.")).to_have_count(1)
    expect(page.get_by_text("“8” is no point of the scale.")).to_have_count(1)
    found = {one.reference: (one.state, one.for_panel) for one in Review.objects.all()}
    assert found == {first: ("submitted", "A sound plan."), second: ("draft", "From the train.")}
    page.get_by_role("button", name="Drop what I uploaded").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Work offline")
    context.close()


def test_a_chair_takes_a_booklet_along(live_server: LiveServer, page: Page, worker: Any, tmp_path: Path) -> None:
    desk = Desk(2)
    come_in(page.context, live_server.url, chair_of(desk.call))
    page.goto(live_server.url + to("panel-overview", desk.call.slug))
    page.get_by_role("link", name="Booklet").click()
    page.get_by_role("button", name="Make my booklet").click()
    worker.wait_until_idle(60)
    page.reload()
    booklet = fetched(page, lambda: page.get_by_role("link", name="Download").click(), tmp_path)
    assert booklet.name == f"{desk.call.slug}-booklet.pdf"
    assert booklet.read_bytes().startswith(b"%PDF")


def test_pages_of_offline_work_are_accessible(live_server: LiveServer, page: Page, tmp_path: Path) -> None:
    desk = Desk(3)
    come_in(page.context, live_server.url, desk.reviewer)
    paths = [to("offline-pack", desk.call.slug), to("offline-booklet", desk.call.slug)]
    found = look_at(page, live_server.url, paths, LOOKS)
    OfflinePack.objects.create(user=desk.reviewer, call=desk.call, kind="reviews", asked_at=desk.assignments[0].at)
    OfflinePack.objects.update(state=PackState.FAILED)
    book = typed_into(desk.workbook(), 2, {"text for_panel": "From the train. " * 40, "score significance": 3})
    reviewing.save(desk.assignments[0], by=desk.reviewer, version=0, scores={}, for_panel="From home. " * 30)
    desk.send(("reviews.xlsx", typed_into(book, 3, {"score significance": 9})), ("x" * 80, "Dear chair"))
    found += look_at(page, live_server.url, [to("offline-preview", desk.call.slug)], LOOKS)
    page.goto(live_server.url + to("offline-fetch", desk.call.slug, "00000000-0000-4000-8000-000000000000"))
    found += look(page, "gone")
    assert found == []
