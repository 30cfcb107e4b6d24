"""A call in a real browser: its papers, a question asked and answered, practice; accessible, and without a script."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from applications import record
from applications.models import CallQuestion
from tests.browsing import come_in, look_at, page_of
from tests.factories import applications as rows
from tests.factories.accounts import UserFactory, administrator

PUBLIC = ("/calls/", "/calls/one/", "/calls/one/agreement/?text=zh-hans", "/calls/one/questions/", "/calls/try/")
STAFF = (
    "/manage/calls/",
    "/manage/calls/one/questions/",
    "/manage/calls/draft/",
    "/manage/calls/draft/limits/",
    "/manage/calls/draft/declarations/",
    "/manage/calls/draft/announce/",
)


@pytest.fixture
def calls(transactional_db: None) -> None:
    """Have an open call with questions, a practice call and a draft, beside the earlier rounds."""
    record.load()
    call = rows.call_of(slug="one", title="The open call", eligibility="Everybody.")
    rows.call_question_of(call)
    rows.call_question_of(call, answered=False)
    rows.call_question_of(call, answered=False, answer="", answer_zh="")
    rows.call_of(slug="try", is_practice=True)
    rows.call_of(slug="draft", status="draft", holidays=[call.closes_at.date()], closes_at=call.closes_at)


@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
def test_public_pages_are_accessible(calls: None, live_server: LiveServer, page: Page, prefix: str) -> None:
    assert look_at(page, live_server.url, [prefix + path for path in PUBLIC]) == []


def test_pages_of_the_office_are_accessible(calls: None, live_server: LiveServer, page: Page) -> None:
    come_in(page.context, live_server.url, administrator())
    question = CallQuestion.objects.get(answer="")
    assert look_at(page, live_server.url, [*STAFF, f"/manage/calls/one/questions/{question.uid}/"]) == []


def test_a_question_is_asked_and_answered_for_everybody_without_a_script(
    calls: None, live_server: LiveServer, browser: Browser
) -> None:
    CallQuestion.objects.filter(answered_at=None).delete()
    asking, office = (
        page_of(browser.new_context(java_script_enabled=False), live_server.url, user)
        for user in (UserFactory(), administrator())
    )

    asking.goto(f"{live_server.url}/calls/one/")
    asking.get_by_role("link", name="All questions, and ask one").click()
    asking.get_by_label("Your question").fill("May both sides be asked for?")
    asking.get_by_role("button", name="Send the question").click()
    expect(asking.locator("section", has=asking.locator("#mine"))).to_contain_text("May both sides be asked for?")

    office.goto(f"{live_server.url}/manage/calls/")
    office.get_by_role("link", name=re.compile("^1.*The open call$")).click()
    office.get_by_role("link", name="May both sides be asked for?").click()
    for label, words in (
        ("Question as published", "May an application ask for both sides?"),
        ("Question as published, in Chinese", "一份申请可以请求两面吗？"),
        ("Answer", "Yes."),
        ("Answer in Chinese", "可以。"),
    ):
        office.get_by_label(label, exact=True).fill(words)
    office.get_by_role("button", name="Save").click()
    office.get_by_role("button", name="Publish the chosen answers").click()
    expect(office.locator("section", has=office.locator("#done-h"))).to_contain_text("ask for both sides?")

    asking.goto(f"{live_server.url}/zh-hans/calls/one/questions/")
    expect(asking.locator("main")).to_contain_text("一份申请可以请求两面吗？")
    expect(asking.locator("#mine")).to_have_count(0)
    for page in (asking, office):
        page.context.close()


def test_the_agreement_is_read_in_both_languages_without_a_script(
    calls: None, live_server: LiveServer, browser: Browser
) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/calls/one/")
    page.get_by_role("link", name="Read the agreement text").click()
    expect(page.locator("article")).to_have_text("Keep the samples safe.")
    page.get_by_role("link", name="中文").last.click()
    expect(page.locator("article")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("article")).to_have_text("妥善保管样品。")
    page.context.close()
