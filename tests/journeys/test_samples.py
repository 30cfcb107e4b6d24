"""The catalogue and the stock in a real browser: accessible in both themes and widths, usable without a script."""

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from samples.stock import seeds
from tests.accessibility import assert_accessible, assert_no_overflow
from tests.factories.accounts import UserFactory
from tests.factories.samples import mission

PUBLIC = (
    "/samples/",
    "/samples/?view=table&hemisphere=far",
    "/samples/?hemisphere=far&kind=grain",
    "/samples/?least=1,250",
    "/samples/DEMO-CE5-FM-002/",
    "/samples/CE5C0400YJFM00505/",
    "/zh-hans/samples/?kind=powder",
)
STAFF = (
    "/manage/stock/",
    "/manage/stock/new/",
    "/manage/stock/samples/DEMO-CE5-CORE/",
    "/manage/stock/edit/DEMO-CE5-CORE/",
    "/manage/stock/split/DEMO-CE5-CORE/",
    "/manage/stock/correct/1/DEMO-CE5-CORE/",
    "/manage/stock/withdraw/DEMO-CE5-CORE/",
)


@pytest.fixture
def stocked(transactional_db: None) -> None:
    """Have the demonstration's stock and what publications name."""
    mission()
    mission("CE-6")
    seeds.load_known()
    seeds.load_demonstration()


def look(page: Page, server: LiveServer, paths: tuple[str, ...]) -> None:
    for theme in ("light", "dark"):
        page.context.add_cookies([{"name": "theme", "value": theme, "url": server.url}])
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 800})
            for path in paths:
                page.goto(server.url + path)
                expect(page.locator("h1")).to_have_count(1)
                assert_accessible(page)
                assert_no_overflow(page)


def test_public_pages_are_accessible(stocked: None, live_server: LiveServer, page: Page) -> None:
    look(page, live_server, PUBLIC)


def test_pages_of_the_stock_are_accessible(stocked: None, live_server: LiveServer, page: Page) -> None:
    client = Client()
    client.force_login(UserFactory(roles=["curator"]))
    page.context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])
    look(page, live_server, STAFF)


def test_a_side_is_chosen_on_the_moon_without_a_script(
    stocked: None, live_server: LiveServer, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/samples/")
    page.get_by_role("link", name="Show far side only").click()
    expect(page.get_by_role("status")).to_contain_text("22 samples")
    page.get_by_label("Rock clast").check()
    page.get_by_role("button", name="Apply filters").click()
    expect(page.get_by_role("status")).to_contain_text("12 samples, 523.4 mg free to ask for")
    page.get_by_role("link", name="Remove filter: Far side").click()
    expect(page.get_by_role("status")).to_contain_text("31 samples")
    page.get_by_role("link", name="Table").click()
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="Previous page").click()
    expect(page.get_by_role("row")).to_have_count(31)
    context.close()
