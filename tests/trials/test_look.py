"""Every page of the applicant’s journey in the demonstration: axe, overflow, size and requests, in four languages.

The controls: a planted image without words is found by axe, and a planted wide block by the measure of overflow.
"""

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as portal_settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from portal.demonstration import loading
from tests import pseudo
from tests.accessibility import assert_accessible, assert_no_overflow

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = ("", "applicant@example.org", "colleague@example.org")
STARTS = ("/", "/calls/", "/samples/", "/decisions/", "/my/", "/accounts/profile/", "/accounts/login/")
PREFIXES = ("", "/zh-hans", f"/{pseudo.LONGER}", f"/{pseudo.FROM_THE_RIGHT}")
LEFT_OUT = re.compile(r"^/(admin|api|static|manage|panel|review|files|health|theme|zone|styleguide)\b|logout")
EACH = 2  # pages of one kind that are looked at
MOST_HTML, MOST_STYLE, MOST_SCRIPT, MOST_REQUESTS = 60_000, 14_000, 12_000, 12


class Links(HTMLParser):
    """The addresses that a page leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href") if tag == "a" else None
        if href and href.startswith("/"):
            self.found.append(href.partition("#")[0])


def crawl(email: str) -> Iterator[str]:
    """Yield the address of each kind of page that somebody reaches by links, at most `EACH` of a kind."""
    client, kinds, seen = Client(), Counter[str](), set(STARTS)
    if email:
        client.force_login(get_user_model().objects.get(email=email))
    waiting = list(STARTS)
    while waiting:
        url = waiting.pop(0)
        path = urlsplit(url).path
        try:
            kind = resolve(path).view_name
        except Resolver404:
            continue
        if LEFT_OUT.search(path) or path.startswith("/zh-hans") or kinds[kind] >= EACH:
            continue
        answer = client.get(url)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        kinds[kind] += 1
        links = Links()
        links.feed(answer.content.decode())
        waiting += [link for link in links.found if link not in seen]
        seen.update(links.found)
        yield url


def look(page: Page, address: str) -> list[str]:
    """Return what is wrong with a page in both themes and widths."""
    wrong = []
    for theme in ("light", "dark"):
        page.context.add_cookies([{"name": "theme", "value": theme, "url": address.partition("?")[0]}])
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 800})
            answer = page.goto(address)
            assert answer is not None
            if answer.status != 200:
                wrong.append(f"{address}: {answer.status}")
            for check in (assert_accessible, assert_no_overflow):
                try:
                    check(page)
                except AssertionError as problem:
                    wrong.append(f"{address} {theme} {width}: {str(problem)[:600]}")
    return wrong


def weigh(page: Page, address: str, host: str) -> list[str]:
    """Return what is too heavy in a page, and what it asks of another host. Sizes in bytes."""
    asked: list[Any] = []

    def heard(request: Any) -> None:
        asked.append(request)

    page.on("requestfinished", heard)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.remove_listener("requestfinished", heard)
    html = len(page.content().encode())
    wrong = [f"{address} asks {one.url}" for one in asked if not one.url.startswith((host, "data:"))]
    if html > MOST_HTML:
        wrong.append(f"{address}: {html} bytes of HTML")
    if len(asked) > MOST_REQUESTS:
        wrong.append(f"{address}: {len(asked)} requests")
    return wrong


def test_every_page_of_the_journey(live_server: Any, page: Page, settings: Any, tmp_path: Path) -> None:
    loading.load(reset=False)
    pseudo.speak(settings, tmp_path / "locale")
    wrong, visits, kinds = [], 0, 0
    for email in PEOPLE:
        page.context.clear_cookies()
        if email:
            client = Client()
            client.force_login(get_user_model().objects.get(email=email))
            name = portal_settings.SESSION_COOKIE_NAME
            page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        for url in list(crawl(email)):
            kinds += 1
            wrong += weigh(page, live_server.url + url, live_server.url)
            for prefix in PREFIXES:
                wrong += look(page, f"{live_server.url}{prefix}{url}")
                visits += 4
    print(f"  {kinds} pages, {visits} visits, {len(wrong)} violations", flush=True)
    for line in wrong[:200]:
        print(f"    {line}", flush=True)
    page.goto(live_server.url)
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/x.png\">')")
    with pytest.raises(AssertionError):
        assert_accessible(page)
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<pre>' + 'x'.repeat(9999) + '</pre>')"
    )
    with pytest.raises(AssertionError):
        assert_no_overflow(page)
    print("  control: an image without words and a wide block are found", flush=True)
    assert wrong == []
