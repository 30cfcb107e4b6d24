"""The PDF in a real browser: progress, a line that is lost and comes back, refusals beside the field, no script."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from applications.enums import Status
from applications.models import Application, PartialUpload
from portal import files, parts
from tests.applications.test_papers import rich
from tests.browsing import look, page_of
from tests.factories.accounts import UserFactory
from tests.factories.applications import call_of, draft_of
from tests.factories.files import pdf

pytestmark = pytest.mark.django_db(transaction=True)


def large(path: Path) -> Path:
    """Write a PDF of three pages that is sent in six parts."""
    noise = os.urandom(5 * parts.PART_BYTES + 1000)
    path.write_bytes(pdf(3, lambda document: setattr(document.pages[0], "Contents", document.make_stream(noise))))
    return path


def opened(browser: Browser, url: str, draft: Application, **how: bool) -> Page:
    """Open the page of the file as its principal investigator."""
    page = page_of(browser.new_context(**how), url, draft.principal_investigator)
    page.goto(f"{url}/my/applications/{draft.reference}/file/")
    return page


@pytest.fixture
def draft() -> Application:
    return draft_of(call_of(), UserFactory(), file_sha256="", file_bytes=0, file_pages=0)


@pytest.fixture
def upload(live_server: LiveServer, browser: Browser, draft: Application) -> Page:
    """The page of the file, opened by the principal investigator."""
    return opened(browser, live_server.url, draft)


def kept(page: Page) -> None:
    expect(page.locator("#kept")).to_be_visible(timeout=20_000)


def test_upload_survives_a_lost_line_and_says_so(upload: Page, draft: Application, tmp_path: Path) -> None:
    path, lost, offsets = large(tmp_path / "figures.pdf"), [], []

    def watch(route: Route) -> None:
        offset = route.request.headers.get("upload-offset")
        if offset is not None:
            offsets.append(int(offset))
            if int(offset) == 2 * parts.PART_BYTES and len(lost) < 2:
                lost.append(offset)
                route.abort("internetdisconnected")
                return
        route.continue_()

    upload.route("**/file/parts/**", watch)
    upload.locator("[name=file]").set_input_files(path)
    upload.locator("form[data-parts] button").click()
    expect(upload.get_by_role("status").filter(has_text="The connection was lost.")).to_be_visible()
    kept(upload)
    size = parts.PART_BYTES
    assert offsets == [0, size, 2 * size, 2 * size, 2 * size, 3 * size, 4 * size, 5 * size]
    expect(upload.get_by_role("status").filter(has_text="The file is kept: 3 pages")).to_be_visible()
    draft.refresh_from_db()
    with path.open("rb") as content:
        assert draft.file_sha256 == files.keep_pdf(files.File(content)).sha256
    assert PartialUpload.objects.count() == 0


def test_part_that_arrived_though_its_answer_was_lost_is_not_sent_twice(
    upload: Page, draft: Application, tmp_path: Path
) -> None:
    path, lost = large(tmp_path / "figures.pdf"), []

    def watch(route: Route) -> None:
        if route.request.headers.get("upload-offset") == str(parts.PART_BYTES) and not lost:
            lost.append(route.fetch())
            route.abort("connectionreset")
            return
        route.continue_()

    upload.route("**/file/parts/**", watch)
    upload.locator("[name=file]").set_input_files(path)
    upload.locator("form[data-parts] button").click()
    kept(upload)
    draft.refresh_from_db()
    with path.open("rb") as content:
        assert (draft.file_sha256, len(lost)) == (files.keep_pdf(files.File(content)).sha256, 1)


def test_file_that_is_no_pdf_is_refused_beside_the_field(upload: Page, draft: Application, tmp_path: Path) -> None:
    path = tmp_path / "page.pdf"
    path.write_bytes(b"<html><script>alert(1)</script>")
    upload.locator("[name=file]").set_input_files(path)
    upload.locator("form[data-parts] button").click()
    expect(upload.locator(".problem")).to_contain_text("This is not a PDF that can be opened.")
    path.write_bytes(b"%PDF-" + b"0" * (20 * 1024 * 1024))
    upload.locator("[name=file]").set_input_files(path)
    upload.locator("form[data-parts] button").click()
    expect(upload.get_by_role("status").filter(has_text="The file is larger than 20 MB.")).to_be_visible()
    draft.refresh_from_db()
    assert (draft.file_sha256, PartialUpload.objects.count()) == ("", 0)


def test_page_of_the_file_is_accessible_in_all_its_states(upload: Page, draft: Application, tmp_path: Path) -> None:
    path = large(tmp_path / "figures.pdf")
    wrong = look(upload, "file-empty")
    upload.route("**/file/parts/*/", lambda route: route.abort("internetdisconnected"))
    upload.locator("[name=file]").set_input_files(path)
    upload.locator("form[data-parts] button").click()
    expect(upload.get_by_role("status").filter(has_text="The connection was lost.")).to_be_visible()
    wrong += look(upload, "file-waiting")
    upload.unroute_all()
    kept(upload)
    wrong += look(upload, "file-kept")
    upload.goto(upload.url.replace("/my/", "/zh-hans/my/"))
    wrong += look(upload, "file-kept-zh")
    assert wrong == []


def test_file_is_uploaded_without_a_script(
    live_server: LiveServer, browser: Browser, draft: Application, tmp_path: Path
) -> None:
    path = large(tmp_path / "figures.pdf")
    page = opened(browser, live_server.url, draft, java_script_enabled=False)
    page.locator("[name=file]").set_input_files(path)
    page.locator("form[data-parts] button").click()
    kept(page)
    draft.refresh_from_db()
    assert draft.file_pages == 3


def test_text_of_a_submission_is_accessible_with_groups_runs_and_places(
    live_server: LiveServer, browser: Browser
) -> None:
    submission = rich()
    application = submission.application
    application.submission, application.status = submission, Status.SUBMITTED
    application.save()
    page = opened(browser, live_server.url, application)
    page.goto(f"{live_server.url}/my/applications/{application.reference}/sent/")
    wrong = look(page, "sent")
    page.goto(f"{live_server.url}/zh-hans/my/applications/{application.reference}/sent/")
    wrong += look(page, "sent-zh")
    assert wrong == []
    with page.expect_download() as saved:
        page.locator("a[href$='/application.pdf']").click()
    assert saved.value.suggested_filename == f"{application.reference}-application.pdf"
