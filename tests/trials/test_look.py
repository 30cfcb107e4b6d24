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
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from portal.demonstration import loading
from tests import pseudo
from tests.accessibility import assert_accessible, assert_no_overflow
from tests.browsing import EVERY, come_in, look_at, weigh

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = ("", "applicant@example.org", "colleague@example.org")
STARTS = ("/", "/calls/", "/samples/", "/decisions/", "/my/", "/accounts/profile/", "/accounts/login/")
WEIGHED = ("", "/zh-hans")
PREFIXES = (*WEIGHED, f"/{pseudo.LONGER}", f"/{pseudo.FROM_THE_RIGHT}")
LEFT_OUT = re.compile(r"^/(admin|api|static|manage|panel|review|files|health|theme|zone|styleguide)\b|logout")
EACH = 2  # pages of one kind that are looked at
ROOMS = {
    *("applications:apply", "applications:requests", "applications:team", "applications:attachments"),
    *("applications:declarations", "applications:following", "applications:questions", "applications:calls"),
    *("samples:catalogue", "accounts"),
}


class Links(HTMLParser):
    """The addresses that a page leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href") if tag == "a" else None
        if href and href.startswith("/"):
            self.found.append(href.partition("#")[0])


def crawl(email: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the address of each kind of page that somebody reaches by links, at most `EACH` of a kind."""
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
        yield kind, url


def room(kind: str) -> str:
    """Return the room that a kind of page belongs to: `applications:apply` of `applications:apply-tasks`."""
    space, _colon, name = kind.rpartition(":")
    return space if space == "accounts" else f"{space}:{name.partition('-')[0]}"


def test_every_page_of_the_journey(live_server: LiveServer, page: Page, settings: Any, tmp_path: Path) -> None:
    loading.load(reset=False)
    pseudo.speak(settings, tmp_path / "locale")
    wrong, visits, seen = [], 0, list[str]()
    for email in PEOPLE:
        page.context.clear_cookies()
        if email:
            come_in(page.context, live_server.url, get_user_model().objects.get(email=email))
        for kind, url in list(crawl(email)):
            seen.append(kind)
            for prefix in WEIGHED:
                wrong += weigh(page, live_server.url, prefix + url)
            wrong += look_at(page, live_server.url, [prefix + url for prefix in PREFIXES])
            visits += len(PREFIXES) * len(EVERY)
        print(f"  {email or 'nobody'}: {visits} visits so far, {len(wrong)} violations", flush=True)
    print(f"  {len(seen)} pages of {len(set(seen))} kinds, {visits} visits, {len(wrong)} violations", flush=True)
    for line in wrong[:200]:
        print(f"    {line}", flush=True)
    assert sorted(ROOMS - {room(kind) for kind in seen}) == []
    assert wrong == []


def test_control_an_image_without_words_and_a_wide_block_are_found(live_server: LiveServer, page: Page) -> None:
    page.goto(live_server.url)
    page.evaluate(
        "document.querySelector('main').append(Object.assign(document.createElement('img'), {src: '/x.png'}))"
    )
    with pytest.raises(AssertionError):
        assert_accessible(page)
    page.evaluate(
        "const block = document.createElement('pre'); block.textContent = 'x'.repeat(9999);"
        "document.querySelector('main').append(block)"
    )
    with pytest.raises(AssertionError):
        assert_no_overflow(page)
    print("  control: an image without words and a wide block are found", flush=True)
