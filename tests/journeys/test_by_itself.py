"""Saving by itself in a real browser: while typing, without a network, without a sign-in, with somebody in the way."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from applications.apply import actions
from applications.models import Application
from portal.audit.models import Event
from tests.accessibility import assert_accessible
from tests.browsing import sign_in
from tests.factories.accounts import UserFactory
from tests.factories.applications import draft_of, member_of

pytestmark = pytest.mark.django_db(transaction=True)
SAVED = re.compile(r"Saved \d{4}-\d\d-\d\d \d\d:\d\d \(UTC\) by you")


@pytest.fixture
def draft() -> Application:
    return draft_of(by=UserFactory())


@pytest.fixture
def typing(live_server: LiveServer, page: Page, draft: Application) -> Callable[[str], None]:
    """Open the methods, signed in, and return how to write them anew."""
    sign_in(page, live_server.url, draft.principal_investigator)
    page.goto(f"{live_server.url}/my/applications/{draft.reference}/methods/")
    field = page.get_by_label("Methods and least mass")
    return lambda text: field.fill(text)


def said(page: Page) -> str:
    return page.locator("[data-state]").inner_text()


def methods(draft: Application) -> str:
    return Application.objects.get(pk=draft.pk).methods


def test_what_is_typed_is_saved_by_itself_and_counted(
    page: Page, draft: Application, typing: Callable[[str], None]
) -> None:
    typing("One two three")
    expect(page.locator("[data-count]")).to_have_text("3 of 1000 words")
    expect(page.locator("[data-state]")).to_have_text("Not saved yet")
    expect(page.locator("[data-state]")).to_have_text(SAVED)
    assert methods(draft) == "One two three"
    typing("One two three " + "more " * 1000)
    expect(page.locator("[data-count]")).to_have_text("1003 of 1000 words: 3 too many")
    expect(page.locator("[name=version]")).to_have_value("3")
    assert len(methods(draft).split()) == 1003
    assert_accessible(page)
    stored = "[localStorage.length, sessionStorage.length]"
    assert page.evaluate(stored) == [0, 0] and page.evaluate("indexedDB.databases()") == []
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/tasks/")
    assert Event.objects.filter(verb="application.save").count() == 2


def test_without_a_network_nothing_is_lost_and_saving_goes_on_by_itself(
    page: Page, draft: Application, typing: Callable[[str], None]
) -> None:
    page.context.set_offline(True)
    typing("Written on a train")
    expect(page.locator("[data-state]")).to_contain_text("Not saved: the portal cannot be reached")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_label("Methods and least mass")).to_have_value("Written on a train")
    assert methods(draft) == "Eight runs of 4 mg."
    page.context.set_offline(False)
    expect(page.locator("[data-state]")).to_have_text(SAVED)
    assert methods(draft) == "Written on a train"


def test_an_answer_lost_on_the_way_neither_saves_twice_nor_blocks(
    page: Page, draft: Application, typing: Callable[[str], None]
) -> None:
    lost = []

    def lose(route: Route) -> None:
        """Let the first request act and lose its answer."""
        if route.request.method == "POST" and not lost:
            route.fetch(max_redirects=0)
            lost.append(route.request.post_data)
            route.abort()
        else:
            route.continue_()

    page.route("**/methods/", lose)
    typing("Arrived, but nobody said so")
    expect(page.locator("[data-state]")).to_contain_text("Not saved: the portal")
    typing("Arrived, but nobody said so; and more")
    expect(page.locator("[name=version]")).to_have_value("3")
    assert methods(draft) == "Arrived, but nobody said so; and more"
    assert len(lost) == 1 and Event.objects.filter(verb="application.save").count() == 2


def test_after_a_session_has_ended_one_signs_in_beside_and_goes_on(
    live_server: LiveServer, page: Page, draft: Application, typing: Callable[[str], None]
) -> None:
    Session.objects.all().delete()
    typing("Written after midnight")
    expect(page.locator("[data-state]")).to_contain_text("Not saved: your sign-in has ended")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in again, in a new tab").click()
    beside = opened.value
    sign_in(beside, live_server.url, draft.principal_investigator)
    beside.close()
    page.bring_to_front()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator("[data-state]")).to_have_text(SAVED)
    assert methods(draft) == "Written after midnight"
    assert settings.CSRF_COOKIE_HTTPONLY
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/tasks/")


def test_somebody_in_the_way_is_shown_side_by_side_and_never_written_over(
    page: Page, draft: Application, typing: Callable[[str], None]
) -> None:
    colleague = member_of(draft).user
    actions.save(draft, by=colleague, version=draft.version, methods="Ten runs of 4 mg.")
    typing("Nine runs of 4 mg.")
    expect(page.locator("[data-state]")).to_contain_text(f"{colleague} saved this part meanwhile")
    assert methods(draft) == "Ten runs of 4 mg."
    page.get_by_role("button", name="Compare both texts").click()
    expect(page.locator("#meanwhile")).to_contain_text(f"{colleague} saved this part meanwhile")
    expect(page.locator(".versus del")).to_have_text("Ten")
    expect(page.locator(".versus ins")).to_have_text("Nine")
    expect(page.locator(".problem")).to_be_focused()
    assert_accessible(page)
    assert methods(draft) == "Ten runs of 4 mg."
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/tasks/")
    assert methods(draft) == "Nine runs of 4 mg."


def test_leaving_asks_only_while_something_is_not_saved(
    page: Page, draft: Application, typing: Callable[[str], None]
) -> None:
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append("asked")
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    page.get_by_label("Methods and least mass").press_sequentially("More. ")
    page.get_by_role("link", name="Back to the tasks").click()
    page.wait_for_timeout(300)
    assert asked == ["asked"] and page.url.endswith("/methods/")
    expect(page.locator("[data-state]")).to_have_text(SAVED)
    page.get_by_role("link", name="Back to the tasks").click()
    page.wait_for_url("**/tasks/")
    assert asked == ["asked"]
