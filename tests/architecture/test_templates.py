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
