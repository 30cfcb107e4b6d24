"""Laws of templates, stylesheets and scripts: nothing inline, nothing from elsewhere, both directions of writing."""

import gzip
import re
from pathlib import Path

import pytest
from django.template import engines

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(path.relative_to(ROOT) for path in (ROOT / "templates").rglob("*.html"))
# Pages of our own; those below admin/ only change a block of Django's.
PAGES = [
    path
    for path in TEMPLATES
    if "{% extends" in (ROOT / path).read_text() and not path.name.startswith("_") and path.parts[1] != "admin"
]
STYLES = sorted((ROOT / "static").rglob("*.css"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))

INLINE = re.compile(r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE)
LOADED = re.compile(
    r"<(?:script|link|img|iframe|source|use)\b[^>]*?\b(?:src|href)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE
)
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right|top|bottom)|(?:left|right|top|bottom)\s*:"
    r"|(?:float|text-align)\s*:\s*(?:left|right))"
)
MARK = re.compile(r"\{%\s*(.*?)\s*%\}|\{\{\s*(.*?)\s*\}\}")
CSS_LIMIT, SCRIPT_LIMIT = 14_000, 12_000


def read(path: Path) -> str:
    return (ROOT / path).read_text()


def read_with_parents(path: Path) -> str:
    """Return a page and what it extends, the frame of all pages excepted."""
    source = read(path)
    parent = re.search(r'{% extends "([^"]+)" %}', source)
    if parent and parent[1] != "base.html":
        return source + read_with_parents(Path("templates") / parent[1])
    return source


def with_parts(source: str) -> str:
    """Return markup with the text of the parts that it includes by name."""
    return source + "".join(read(Path("templates") / name) for name in re.findall(r'{% include "([^"]+)"', source))


def in_place(source: str, above: tuple[str, ...] = ()) -> str:
    """Return markup in which the parts that it includes by name stand where they are included."""

    def part(include: re.Match[str]) -> str:
        name = include[1]
        inner = "" if name in above else in_place(read(Path("templates") / name), (*above, name))
        return include[0] + inner

    return re.sub(r'\{% include "([^"]+)"[^%]*%\}', part, source)


def lineage(source: str) -> list[str]:
    """Return what a page extends, the oldest first, and the page, each with its parts in place."""
    parent = re.search(r'{% extends "([^"]+)" %}', source)
    return [*(lineage(read(Path("templates") / parent[1])) if parent else []), in_place(source)]


def addresses_lost_between_blocks(source: str) -> list[tuple[str, str]]:
    """Return each block with the address it uses though another block made it: there it is empty."""
    outer, urls, made, used = {"": ""}, set[str](), set[tuple[str, str]](), set[tuple[str, str]]()
    bound: set[str] = set()
    for text in lineage(source):
        block = ""
        for mark in MARK.finditer(text):
            words = mark[1] or mark[2] or ""
            verb, *rest = words.split() or [""]
            if verb == "block":
                outer.setdefault(rest[0], block)
                block = rest[0]
            elif verb == "endblock":
                block = outer[block]
            elif len(rest) > 1 and rest[-2] == "as":
                made.add((block, rest[-1]))
                urls |= {rest[-1]} if verb == "url" else set()
            elif verb == "for":
                bound.update(re.findall(r"\w+", words.partition(" in ")[0]))
            else:
                bound.update(re.findall(r"(\w+)=", words) if verb in ("include", "with") else [])
                bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", words)
                used |= {(block, name) for name in re.findall(r"(?<![\w.])[a-z_]\w*", bare)}

    def reach(block: str) -> set[str]:
        return {block} | (reach(outer[block]) if block else set())

    return sorted(
        (block, name)
        for block, name in used
        if block and name in urls - bound and not any((near, name) in made for near in reach(block))
    )


def ids(paths: list[Path]) -> list[str]:
    return [str(path) for path in paths]


@pytest.mark.parametrize("path", TEMPLATES, ids=ids(TEMPLATES))
def test_template_is_well_formed_and_short(path: Path) -> None:
    engines["django"].get_template(str(path.relative_to("templates")))
    assert len(read(path).splitlines()) <= 150


@pytest.mark.parametrize("path", TEMPLATES, ids=ids(TEMPLATES))
def test_template_holds_nothing_inline_and_loads_nothing_from_elsewhere(path: Path) -> None:
    source = read(path)
    assert INLINE.findall(source) == []
    assert LOADED.findall(source) == []
    assert re.findall(r"<script\b(?![^>]*\bsrc=)", source) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=ids(TEMPLATES))
def test_every_form_that_writes_checks_on_the_server_and_acts_once(path: Path) -> None:
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", read(path), re.DOTALL | re.IGNORECASE):
        assert "{% csrf_token %}" in with_parts(form)
        assert "{% once %}" in with_parts(form)
        if re.search(r"\{% (?:field|scale) |\{\{ form", form):
            assert "novalidate" in form.partition(">")[0]


@pytest.mark.parametrize("path", PAGES, ids=ids(PAGES))
def test_no_page_uses_an_address_that_another_block_made(path: Path) -> None:
    assert addresses_lost_between_blocks(read(path)) == []


def test_an_address_from_another_block_is_found() -> None:
    """The control of the test above, for a page of its own and for one that extends another."""
    lost = '{% extends "base.html" %}{% block breadcrumb %}{% url "x" as home_url %}{% block trail %}'
    lost += (
        '{% crumbs home_url %}{% endblock %}{% endblock %}{% block content %}<a href="{{ home_url }}">{% endblock %}'
    )
    draft = '{% extends "applications/_draft.html" %}{% block trail %}{% crumbs home_url %}{% endblock %}'
    draft += '{% block part %}{% include "applications/_save.html" %}{% endblock %}'
    assert addresses_lost_between_blocks(lost) == [("content", "home_url")]
    assert addresses_lost_between_blocks(draft) == [("part", "home_url")]


@pytest.mark.parametrize("path", PAGES, ids=ids(PAGES))
def test_page_names_itself(path: Path) -> None:
    source = read_with_parents(path)
    assert "{% block title %}" in source
    assert len(re.findall(r"<h1\b", source)) <= 1


@pytest.mark.parametrize("path", TEMPLATES, ids=ids(TEMPLATES))
def test_no_positive_tabindex_and_no_number_type(path: Path) -> None:
    assert re.findall(r"tabindex=\"[1-9]", read(path)) == []
    assert re.findall(r"type=\"number\"", read(path)) == []


def test_stylesheets_know_no_left_and_right() -> None:
    found = {
        path.name: PHYSICAL.findall(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)) for path in STYLES
    }
    assert {name: words for name, words in found.items() if words} == {}


def test_stylesheets_and_scripts_load_nothing_from_elsewhere() -> None:
    found = {
        path.name: re.findall(r"url\(\s*['\"]?(?:https?:)?//|@import|from\s+['\"]https?:", path.read_text())
        for path in STYLES + SCRIPTS
    }
    assert {name: words for name, words in found.items() if words} == {}


def test_stylesheets_and_scripts_stay_small() -> None:
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in STYLES) <= CSS_LIMIT
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in SCRIPTS) <= SCRIPT_LIMIT


def test_stylesheets_hold_no_colour_outside_the_tokens() -> None:
    """Charts, themes and print change with the tokens; `#0000` is no colour, `.sky` is night in either theme."""
    allowed = {"#0000", "#000", "#fff", "#090c11"}
    found = {
        path.name: sorted(set(re.findall(r"#[0-9a-fA-F]{3,8}\b", path.read_text())) - allowed)
        for path in STYLES
        if path.name != "tokens.css"
    }
    assert {name: words for name, words in found.items() if words} == {}
