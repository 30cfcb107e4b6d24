"""How a browser comes to a page and looks at it: signed in or not, in both themes and widths, and on a scale.

What a page must pass is in `accessibility.py`; the walks through pages are in `journeys` and `trials`.
"""

import gzip
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from portal.accounts.models import User
from tests.accessibility import assert_accessible, assert_no_overflow
from tests.factories.accounts import PASSWORD

LOOKS = (("light", 1280), ("dark", 320))
EVERY = (*LOOKS, ("light", 320), ("dark", 1280))
HEIGHT = 900
SHOTS = os.environ.get("SHOTS", "")  # a directory: keep a picture of every page

# Bytes, styles and scripts compressed; Source: portal policy, for lines of 1 Mbit/s.
MOST_HTML, MOST_STYLE, MOST_SCRIPT, MOST_REQUESTS = 60_000, 14_000, 12_000, 12


def come_in(context: BrowserContext, url: str, user: User) -> None:
    """Let everything that a context opens be somebody's who is signed in, without the form."""
    client, name = Client(), settings.SESSION_COOKIE_NAME
    client.force_login(user)
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


def page_of(context: BrowserContext, url: str, user: User) -> Page:
    """Return a page of somebody who is signed in."""
    come_in(context, url, user)
    return context.new_page()


def sign_in(page: Page, url: str, user: User) -> None:
    """Sign in through the form, by password."""
    page.goto(f"{url}/accounts/login/")
    page.locator("[name=login]").fill(user.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda address: "/login/" not in address)


def look(page: Page, name: str, looks: Sequence[tuple[str, int]] = LOOKS) -> list[str]:
    """Return what is wrong with a page as it stands now: light on a desk, dark on a telephone."""
    found = []
    for theme, width in looks:
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found += _complaints(page, name, theme, width)
    page.set_viewport_size({"width": LOOKS[0][1], "height": HEIGHT})
    return found


def look_at(
    page: Page,
    url: str,
    paths: Sequence[str],
    looks: Sequence[tuple[str, int]] = EVERY,
    *,
    refused: Sequence[str] = (),
) -> list[str]:
    """Return what is wrong with pages, each opened anew in every look as somebody who has chosen the theme.

    Those in `refused` are asked for something that cannot be, and answer with 400.
    """
    found = []
    for theme, width in looks:
        page.context.add_cookies([{"name": "theme", "value": theme, "url": url}])
        page.set_viewport_size({"width": width, "height": HEIGHT})
        for path in paths:
            answer = page.goto(url + path)
            headings = page.locator("h1").count()
            if answer is None or answer.status != (400 if path in refused else 200) or headings != 1:
                status = answer.status if answer else "nothing"
                found.append(f"{path} {width} {theme}: answered with {status} and {headings} h1")
            found += _complaints(page, path, theme, width)
    return found


def _complaints(page: Page, name: str, theme: str, width: int) -> list[str]:
    """Return what a page breaks as it stands, and keep a picture if pictures are wanted."""
    if SHOTS:
        file = f"{name.strip('/').replace('/', '-') or 'home'}-{width}-{theme}.png"
        page.screenshot(path=str(Path(SHOTS) / file), full_page=True)
    found = []
    for check in (assert_accessible, assert_no_overflow):
        try:
            check(page)
        except AssertionError as failure:
            found.append(f"{name} {width} {theme}: {str(failure)[:600]}")
    return found


def weigh(page: Page, host: str, path: str) -> list[str]:
    """Open a page and return what is too heavy in it, in bytes, and what it asks of another host."""
    asked: list[Any] = []

    def note(request: Any) -> None:
        asked.append(request)

    page.on("request", note)
    answer = page.goto(host + path, wait_until="networkidle")
    page.remove_listener("request", note)
    assert answer is not None
    sizes = {
        "HTML": (max(len(answer.body()), len(page.content().encode())), MOST_HTML),
        "style": (_compressed(page, asked, "stylesheet"), MOST_STYLE),
        "script": (_compressed(page, asked, "script"), MOST_SCRIPT),
        "requests": (len(asked), MOST_REQUESTS),
    }
    found = [f"{path}: {size} of {what}" for what, (size, most) in sizes.items() if size > most]
    return found + [f"{path} asks {one.url}" for one in asked if not one.url.startswith((f"{host}/", "data:"))]


def _compressed(page: Page, asked: list[Any], kind: str) -> int:
    """Return the bytes of what was asked of a kind, each file compressed.

    They are fetched again: an answer that only says "not modified" has no body.
    """
    files = [page.request.get(one.url).body() for one in asked if one.resource_type == kind]
    return sum(len(gzip.compress(file, 9)) for file in files)
