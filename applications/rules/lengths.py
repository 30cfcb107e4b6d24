"""How long a text of an application is: words in English, characters in Chinese; the limits are the call's.

`static/portal/js/counts.js` counts the same while somebody types, with the same two patterns; a test runs both over
the same texts. A text that is too long may be saved: it only cannot be submitted (`rules/eligibility.py`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from applications.enums import ApplicationLanguage
from applications.models import Application, Call

# Every code point that Unicode calls white space, and two that part words without being seen. Written out, because
# the `\s` of Python and of browsers are not the same set.
WHITESPACE = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)
# Scripts written without spaces: in a count of words each of their characters is one, so that nobody is counted
# shorter for a sentence in Chinese.
UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"

_WORD = re.compile(f"[{UNSPACED}]|[^{WHITESPACE}{UNSPACED}]+")
_CHARACTER = re.compile(f"[^{WHITESPACE}]")
_PIECE = re.compile(f"[{UNSPACED}]|[^{WHITESPACE}{UNSPACED}]+|[{WHITESPACE}]+")

WORDS, CHARACTERS = "words", "characters"
UNITS = {ApplicationLanguage.ENGLISH: WORDS, ApplicationLanguage.CHINESE: CHARACTERS}


@dataclass(frozen=True)
class Length:
    """How long a text is, and how long it may be; `unit` is words or characters."""

    count: int
    limit: int
    unit: str

    @property
    def over(self) -> int:
        """By how much it is too long; 0 where it fits."""
        return max(0, self.count - self.limit)

    @property
    def said(self) -> Promise:
        """The line beside the field: `210 of 400 words`."""
        return format_lazy(sentences(self.unit)[bool(self.over)], n=self.count, limit=self.limit, over=self.over)


def sentences(unit: str) -> tuple[Any, Any]:
    """Return the line of a text that fits and of one that is too long, with places for n, limit and over."""
    if unit == WORDS:
        return _("{n} of {limit} words"), _("{n} of {limit} words: {over} too many")
    return _("{n} of {limit} characters"), _("{n} of {limit} characters: {over} too many")


def normalised(text: str) -> str:
    """Return a text with one kind of line break, as it is kept. Source: portal policy."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def words_in(text: str) -> int:
    """Count words: runs between white space; in scripts without spaces each character is one.

    Source: portal policy.
    """
    return len(_WORD.findall(text))


def characters_in(text: str) -> int:
    """Count characters as Unicode code points, white space left out. Source: portal policy."""
    return len(_CHARACTER.findall(text))


def pieces(text: str) -> list[str]:
    """Cut a text into the words that are counted and the white space between; joined they are the text again."""
    return _PIECE.findall(text)


def length_of(text: str, *, limits: Mapping[str, int], language: str) -> Length | None:
    """Measure a text against its limits `{"words", "characters"}`; None where its language has no limit."""
    unit = UNITS[ApplicationLanguage(language)]
    if not limits.get(unit):
        return None
    return Length(words_in(text) if unit == WORDS else characters_in(text), limits[unit], unit)


def limits_of(call: Call, name: str) -> Mapping[str, int]:
    """Return the limits that a call sets for a text; none where it sets none."""
    return (call.text_limits or {}).get(name) or {}


def length(application: Application, name: str) -> Length | None:
    """Measure one text of a draft against the limit of its call; None where there is none."""
    return length_of(
        getattr(application, name), limits=limits_of(application.call, name), language=application.language
    )


def label_of(name: str) -> Any:
    """Return what a text or another column of the draft is called."""
    column: Any = Application._meta.get_field(name)
    return column.verbose_name


def complaint(application: Application, name: str) -> Any:
    """Return why a text of the draft is too long to be submitted; None where it fits."""
    measured = length(application, name)
    if measured is None or not measured.over:
        return None
    return _("Shorten: %(field)s, %(length)s.") % {"field": label_of(name), "length": measured.said}
