"""Tags of the frame around a page: languages, the way here, lists in pages. A builtin, as `instruments.py`."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils import translation

from portal import words
from portal.countries import name_of

register = template.Library()

NATIVE_NAMES = {"en": "English", "zh-hans": "中文"}
SUBTAGS = {"zh-hans": "zh-Hans"}  # as the registry of language tags writes it


@register.simple_tag
def language_tag() -> str:
    """Return the language of the page as `lang` wants it: en, zh-Hans."""
    current = translation.get_language() or settings.LANGUAGE_CODE
    return SUBTAGS.get(current, current)


@register.simple_tag
def reading_direction() -> str:
    """Return ltr or rtl."""
    return "rtl" if translation.get_language_bidi() else "ltr"


@register.simple_tag(takes_context=True)
def other_languages(context: template.Context) -> list[dict[str, str]]:
    """Return tag, name and address of this page in every other language of the portal."""
    request, current = context.get("request"), translation.get_language()
    if request is None:
        return []
    return [
        {"tag": SUBTAGS.get(code, code), "name": NATIVE_NAMES.get(code, str(name)), "url": _address(request, code)}
        for code, name in settings.LANGUAGES
        if code != current
    ]


def _address(request: HttpRequest, code: str) -> str:
    here = request.get_full_path()
    there = translate_url(here, code)
    if there != here:
        return there
    # A page that does not exist: the home page in the other language.
    return "/" if code == settings.LANGUAGE_CODE else f"/{code}/"


@register.simple_tag
def mark(name: str) -> str:
    """Write a mark between two things, as the language does: `comma`, `colon`, `stop`."""
    return str(words.MARKS[name])


@register.filter
def listed(things: Iterable[Any]) -> str:
    """Write things one after the other, with the mark the language puts between them."""
    return words.listed(things)


@register.filter
def country(code: str | None) -> str:
    """Name a country or region by its two letters, in the language of the page; a dash for none."""
    return name_of(code) if code else "–"


@register.inclusion_tag("_parts/crumbs.html")
def crumbs(*trail: Any) -> dict[str, Any]:
    """Show the way here: url, word, url, word, …, word of this page. Home stands first by itself."""
    return {"links": list(zip(trail[:-1:2], trail[1:-1:2], strict=True)), "here": trail[-1]}


@register.inclusion_tag("_parts/pages.html", takes_context=True)
def pages(context: template.Context, page: Any, label: str = "") -> dict[str, Any]:
    """Link the next and the previous page of a keyset-paged list, filters kept."""
    return {"page": page, "label": label, "request": context.get("request")}


@register.inclusion_tag("_parts/exports.html", takes_context=True)
def exports(context: template.Context, *formats: str) -> dict[str, Any]:
    """Link this list as files: `csv`, `json`, …; the address is the page's own with `format` added."""
    return {"formats": formats, "request": context.get("request")}


@register.inclusion_tag("_parts/empty.html")
def empty(text: str, url: str = "", label: str = "") -> dict[str, str]:
    """Say that a list is empty and why, with one way on."""
    return {"text": text, "url": url, "label": label}
