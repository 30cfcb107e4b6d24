"""The catalogue and the stock in a real browser: accessible in both themes and widths, usable without a script."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from samples.models import Dataset, Treatment
from samples.stock import seeds
from tests.browsing import come_in, look_at, weigh
from tests.factories.accounts import UserFactory
from tests.factories.samples import mission

SIX = (
    "DEMO-CE5-FM-001",
    "DEMO-CE6-FM-001",
    "DEMO-CE5-GP-001",
    "DEMO-CE6-YX-003",
    "CE5C0600YJFM00304",
    "DEMO-CE5-CORE",
)
QUESTIONED = "/samples/?least=1,250"  # 1.25 mg, or 1250? The page asks
PUBLIC = (
    "/samples/",
    "/samples/?hemisphere=far&kind=grain&q=basalt&least=5",
    "/samples/?view=table&compare=DEMO-CE5-FM-001&compare=DEMO-CE6-FM-001&q=powder",
    f"/samples/?{'&'.join(f'compare={number}' for number in SIX)}",
    "/compare/?sample=DEMO-CE5-FM-001&sample=NOTHING",
    f"/compare/?{'&'.join(f'sample={number}' for number in SIX)}",
    f"/zh-hans/compare/?{'&'.join(f'sample={number}' for number in SIX)}",
    QUESTIONED,
    "/samples/CE5C0400YJFM00505/",
    "/samples/DEMO-CE5-CORE/",
    "/zh-hans/samples/DEMO-CE5-FM-002/",
    "/zh-hans/samples/?kind=powder",
    "/zh-hans/samples/?view=table&q=光片&sort=initial",
    "/zh-hans/samples/?hemisphere=far&kind=grain&q=玄武岩",
)
STAFF = (
    "/manage/stock/",
    "/manage/stock/new/",
    "/manage/stock/samples/DEMO-CE5-CORE/",
    "/manage/stock/edit/DEMO-CE5-CORE/",
    "/manage/stock/split/DEMO-CE5-CORE/",
    "/manage/stock/correct/1/DEMO-CE5-CORE/",
    "/manage/stock/withdraw/DEMO-CE5-CORE/",
    "/manage/stock/history/DEMO-CE5-CORE/",
    "/manage/stock/data/DEMO-CE5-CORE/",
    "/zh-hans/manage/stock/data/DEMO-CE5-CORE/",
)


@pytest.fixture
def stocked(transactional_db: None) -> None:
    """Have the demonstration's stock and what publications name."""
    mission()
    mission("CE-6")
    seeds.load_known()
    seeds.load_demonstration()


def test_public_pages_are_accessible(stocked: None, live_server: LiveServer, page: Page) -> None:
    assert look_at(page, live_server.url, PUBLIC, refused=[QUESTIONED]) == []


def test_pages_of_the_stock_are_accessible(stocked: None, live_server: LiveServer, page: Page) -> None:
    come_in(page.context, live_server.url, UserFactory(roles=["curator"]))
    step, data = Treatment.objects.first(), Dataset.objects.first()
    entries = (f"/manage/stock/entries/history/{step.uid}/", f"/manage/stock/entries/data/{data.uid}/remove/")
    assert look_at(page, live_server.url, (*STAFF, *entries)) == []


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


def test_samples_are_put_aside_and_compared_without_a_script(
    stocked: None, live_server: LiveServer, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/samples/?kind=powder")
    page.get_by_role("button", name="Compare DEMO-CE5-FM-001").click()
    page.get_by_label("Scoop").check()
    page.get_by_role("button", name="Apply filters").click()
    page.get_by_role("link", name="Table").click()
    page.get_by_role("button", name="Compare DEMO-CE6-FM-001").click()
    expect(page.get_by_role("heading", name="2 samples to compare")).to_be_visible()
    page.get_by_role("link", name="Compare side by side").click()
    expect(page.get_by_role("columnheader")).to_have_text(["DEMO-CE5-FM-001", "DEMO-CE6-FM-001"])
    expect(page.get_by_role("row", name="Free 40 000 mg")).to_contain_text("320 mg")
    page.get_by_role("link", name="Take out DEMO-CE5-FM-001").click()
    expect(page.get_by_role("columnheader")).to_have_text(["DEMO-CE6-FM-001"])
    page.get_by_role("link", name="Add another sample").click()
    expect(page.get_by_role("heading", name="1 sample to compare")).to_be_visible()
    context.close()


def test_the_side_is_chosen_with_the_keyboard_alone(stocked: None, live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/samples/")
    page.get_by_role("link", name="Show far side only").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("22 samples")
    page.get_by_label("Chang’e-6, Southern Apollo basin").focus()
    page.keyboard.press("Space")
    page.get_by_role("searchbox").focus()
    page.keyboard.type("norite")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("3 samples")


def test_what_machines_read_breaks_no_policy_of_the_page(stocked: None, live_server: LiveServer, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    for path in ("/samples/", "/samples/DEMO-CE5-GP-003/"):
        page.goto(live_server.url + path)
        block = page.locator("script[type='application/ld+json']")
        expect(block).to_have_count(1)
        assert page.evaluate(
            "JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').text)['@context']"
        )
    assert said == []


def test_what_is_loaded_stays_within_the_budget(stocked: None, live_server: LiveServer, page: Page) -> None:
    wrong = []
    for path in ("/samples/", f"/compare/?{'&'.join(f'sample={number}' for number in SIX)}", "/samples/DEMO-CE5-CORE/"):
        wrong += weigh(page, live_server.url, path)
    assert wrong == []
