"""What every page must pass in a browser: axe's rules for WCAG 2.2 AA and good practice, and no sideways scrolling."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALLEST_TARGET = 24
_axe = Axe()

# Links inside a sentence are excepted by WCAG 2.2, 2.5.8.
_SENTENCES = "p, dd, td, th, label, li:not(.masthead li, .colophon li, .crumbs li), .skip, [aria-hidden=true]"
_SMALL_TARGETS = """([least, sentences]) =>
  [...document.querySelectorAll('a, button, input, select, textarea, summary')]
  .filter((element) => element.checkVisibility() && !element.closest(sentences))
  .filter((element) => { const box = element.getBoundingClientRect();
    return box.width && (box.width < least || box.height < least); })
  .map((element) => element.outerHTML.slice(0, 120))"""

_LINKS_TO_NOWHERE = """() => [...document.querySelectorAll('a[href=""]')].map((link) => link.outerHTML.slice(0, 120))"""


def assert_accessible(page: Page) -> None:
    """Assert that axe finds nothing on the page as it is now, that links lead somewhere and targets can be hit."""
    found = _axe.run(page, options={"runOnly": RULES}).response["violations"]
    problems = [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]
    assert problems == [], problems
    nowhere = page.evaluate(_LINKS_TO_NOWHERE)
    assert nowhere == [], nowhere
    small = page.evaluate(_SMALL_TARGETS, [SMALLEST_TARGET, _SENTENCES])
    assert small == [], small


def assert_no_overflow(page: Page) -> None:
    """Assert that the page scrolls in one direction only; wide tables scroll inside themselves."""
    root = "document.documentElement"
    widths = page.evaluate(f"[{root}.scrollWidth, {root}.clientWidth]")
    assert widths[0] <= widths[1], f"{page.url} is {widths[0]} px wide in a window of {widths[1]} px"
