"""The frame of every page in a real browser: both themes, both widths, both languages, with and without a script."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.accessibility import assert_accessible, assert_no_overflow

WIDTHS = (1280, 320)
PAGES = ("/", "/styleguide/", "/zone/", "/no-such-page/")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
def test_page_is_accessible_in_both_themes_and_widths(
    live_server: LiveServer, page: Page, prefix: str, path: str
) -> None:
    for theme in ("light", "dark"):
        page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{live_server.url}{prefix}{path}")
            expect(page.locator("html")).to_have_attribute("data-theme", theme)
            expect(page.locator("html")).to_have_attribute("lang", "zh-Hans" if prefix else "en")
            expect(page.locator("h1")).to_have_count(1)
            assert_accessible(page)
            assert_no_overflow(page)


def test_no_page_asks_another_host_or_offends_its_own_policy(live_server: LiveServer, page: Page) -> None:
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for path in ("/", "/styleguide/"):
        page.goto(live_server.url + path)
    assert [url for url in asked if not url.startswith(live_server.url + "/")] == []
    assert complaints == []


def test_theme_and_zone_are_chosen_without_a_script(live_server: LiveServer, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/styleguide/?view=table")
    page.get_by_role("link", name="Dark").click()
    assert page.url == f"{live_server.url}/styleguide/?view=table"
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("link", name="System").click()
    assert page.locator("html").get_attribute("data-theme") is None
    page.get_by_role("link", name="Change time zone").click()
    page.get_by_label("Time zone").select_option("Asia/Kolkata")
    page.get_by_role("button", name="Use this zone").click()
    assert page.url == f"{live_server.url}/styleguide/?view=table"
    expect(page.locator(".colophon")).to_contain_text("Times in Kolkata (UTC+05:30).")
    context.close()


def test_the_other_language_is_the_same_page(live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/styleguide/?view=table")
    page.get_by_role("link", name="中文").click()
    assert page.url == f"{live_server.url}/zh-hans/styleguide/?view=table"
    page.get_by_role("link", name="English").click()
    assert page.url == f"{live_server.url}/styleguide/?view=table"


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(live_server: LiveServer, page: Page) -> None:
    page.goto(live_server.url)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_class("skip")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_id("main")


def test_the_error_summary_takes_the_focus(live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/styleguide/")
    expect(page.locator(":focus")).to_have_class("problem")


def test_a_wrong_choice_is_said_above_and_at_the_field(live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/zone/")
    page.locator("#id_zone").evaluate("select => select.options[0].value = 'Mars/Olympus'")
    page.locator("#id_zone").select_option("Mars/Olympus")
    page.get_by_role("button", name="Use this zone").click()
    expect(page).to_have_title(re.compile("^Error: "))
    words = page.locator(".problem li").inner_text()
    assert page.locator(".wrong").text_content() == f"Error: {words}"
    page.locator(".problem a").click()
    expect(page.locator(":focus")).to_have_id("id_zone")
    assert_accessible(page)
