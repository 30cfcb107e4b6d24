"""The pages around the API in a real browser: the reference draws itself, the tables break no policy."""

from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.browsing import come_in
from tests.factories.accounts import UserFactory
from tests.factories.samples import powder

OWN = "http://127.0.0.1"


@pytest.fixture
def heard(page: Page) -> dict[str, list[str]]:
    """Collect what the browser complains about and every host it asks."""
    found: dict[str, list[str]] = {"complaints": [], "elsewhere": []}

    def listen(request: Any) -> None:
        if not request.url.startswith((OWN, "http://localhost", "data:")):
            found["elsewhere"].append(request.url)

    def complain(line: Any) -> None:
        # A browser asks for this by itself, before it has read which sign a page names.
        if line.type == "error" and not line.location["url"].endswith("/favicon.ico"):
            found["complaints"].append(f"{line.text} {line.location['url']}")

    page.on("console", complain)
    page.on("pageerror", lambda error: found["complaints"].append(str(error)))
    page.on("request", listen)
    return found


def test_the_reference_is_drawn_from_the_portal_alone_and_asks_it(
    live_server: LiveServer, page: Page, heard: dict[str, list[str]]
) -> None:
    powder(100, catalogue_number="TEST 1/a")
    page.goto(f"{live_server.url}/api/v1/docs/")
    page.wait_for_selector("#reference .opblock")
    assert page.locator("#reference .opblock").count() == 11
    page.locator("#operations-samples-samples .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.wait_for_selector(".live-responses-table .response-col_status")
    assert "TEST 1/a" in page.locator(".live-responses-table").inner_text()
    assert heard == {"complaints": [], "elsewhere": []}


def test_the_reference_says_where_its_words_are_without_scripts(live_server: LiveServer, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/api/v1/docs/")
    assert "This page needs JavaScript" in page.locator("main").inner_text()
    page.get_by_role("link", name="The same as OpenAPI 3.1").click()
    assert '"openapi": "3.1.0"' in page.content()
    context.close()


def test_the_tables_break_no_policy(live_server: LiveServer, page: Page, heard: dict[str, list[str]]) -> None:
    user = UserFactory(roles=["administrator"])
    powder(100)
    come_in(page.context, live_server.url, user)
    for address in ("", "accounts/user/", f"accounts/user/{user.pk}/change/", "samples/sample/", "audit/event/"):
        page.goto(f"{live_server.url}/admin/{address}")
        assert page.locator("#site-name").inner_text() == "Tables of the portal, read-only"
    assert heard == {"complaints": [], "elsewhere": []}
