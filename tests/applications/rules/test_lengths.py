"""Counting texts: words in English, characters in Chinese; the browser counts the same as the server."""

import random
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from applications.enums import ApplicationLanguage
from applications.models import Application
from applications.rules import eligibility, lengths
from portal.errors import Invalid
from tests.factories.applications import call_of, draft_of

EN, ZH = ApplicationLanguage.ENGLISH, ApplicationLanguage.CHINESE
TEXTS = 700
# What people paste: scripts with and without spaces, marks that combine, signs of several code points, odd spaces.
ALPHABETS = (
    "abcdefghij",
    "ÄéñøŁß",
    "月球样品岩石粉末",
    "𠀀𠮷𫝀𰻝",
    "ひらがなカタカナ",
    "한국어",
    "ءآأؤإئابة",
    "שלום",
    "กขฃคฅ",
    "e\u0301o\u0308n\u0303a\u20d7",
    "👩‍🔬👨‍👩‍👧‍👦🏳️‍🌈🚀🌕",
    "0123456789.,;:-–—…",
    "αβγ∑∫√≠",
    "\u200d\u200c\u2060\u00ad\ufe0f",
    "\u202a\u202b\u202c\u2066\u2069\u200e\u200f",
    "\ud7ff\ue000\uf8ff\ufffd\U0010fffd",
)
SPACES = tuple(lengths.WHITESPACE) + ("\r\n", "\n\n", "  ", "\u3000\u3000", "\xa0", "\x1c", "\x1f", "\u180e")


def texts() -> list[str]:
    """Make texts up: the same ones each time, each of several scripts and spaces in a row."""
    chance = random.Random(20261222)
    made = ["", " ", "\r\n", "a", "月", "👩‍🔬", "a\r\nb\rc\nd", "one\xa0two\u3000three", "\u200b", "\ufeffword"]
    while len(made) < TEXTS:
        pieces = []
        for _ in range(chance.randrange(1, 30)):
            alphabet = chance.choice(ALPHABETS)
            pieces.append("".join(chance.choice(alphabet) for _ in range(chance.randrange(0, 9))))
            pieces.append(chance.choice(SPACES) if chance.random() < 0.7 else "")
        made.append("".join(pieces))
    return made


@pytest.mark.parametrize(
    ("text", "words", "characters"),
    [
        ("", 0, 0),
        ("  \r\n\t ", 0, 0),
        ("Eight runs of 4 mg.", 5, 15),
        ("one\xa0two\u3000three\u200bfour", 4, 15),
        ("a\r\nb\nc\rd", 4, 4),
        ("月球 样品", 4, 4),
        ("The 嫦娥 sample", 4, 11),
        ("👩‍🔬", 1, 3),
        ("e\u0301te\u0301", 1, 5),
        ("مرحبا بالعالم", 2, 12),
        ("\U00020000\U000323af", 2, 2),
    ],
)
def test_words_and_characters_are_counted_by_code_points(text: str, words: int, characters: int) -> None:
    assert (lengths.words_in(text), lengths.characters_in(text)) == (words, characters)
    assert "".join(lengths.pieces(text)) == text


@pytest.mark.django_db(transaction=True)
def test_the_browser_counts_as_the_server_does(live_server: LiveServer, page: Page) -> None:
    made = texts()
    page.goto(f"{live_server.url}/styleguide/")
    counted: list[list[int]] = page.evaluate(
        """async (texts) => {
            const { length } = await import("/static/portal/js/counts.js");
            return texts.map((text) => [length(text, "words"), length(text, "characters")]);
        }""",
        made,
    )
    here = [[lengths.words_in(text), lengths.characters_in(text)] for text in made]
    wrong = [(text, mine, theirs) for text, mine, theirs in zip(made, here, counted, strict=True) if mine != theirs]
    assert (len(made), wrong) == (TEXTS, [])
    control: list[int] = page.evaluate("texts => texts.map((text) => text.split(/\\s+/).length)", made)
    assert control != [words for words, _characters in here]


def test_a_limit_is_in_the_unit_of_the_language() -> None:
    limits = {"words": 2, "characters": 3}
    english = lengths.length_of("one two three", limits=limits, language=EN)
    chinese = lengths.length_of("月球样品", limits=limits, language=ZH)
    assert english and chinese
    assert (english.count, english.over, str(english.said)) == (3, 1, "3 of 2 words: 1 too many")
    assert (chinese.count, chinese.over, str(chinese.said)) == (4, 1, "4 of 3 characters: 1 too many")
    assert lengths.length_of("x", limits={}, language=EN) is None
    fits = lengths.length_of("one", limits=limits, language=EN)
    assert fits and str(fits.said) == "1 of 2 words"


def long_draft(**fields: Any) -> Application:
    call = call_of(text_limits={"plan": {"words": 3, "characters": 5}})
    return draft_of(call, **fields)


@pytest.mark.django_db
def test_a_text_that_is_too_long_keeps_the_draft_from_being_submitted() -> None:
    assert eligibility.missing(long_draft(plan="one two three")) == {}
    draft = long_draft(plan="one two three four")
    assert eligibility.missing(draft) == {"plan": ["Shorten: research plan, 4 of 3 words: 1 too many."]}
    with pytest.raises(Invalid) as refused:
        eligibility.check_is_complete(draft)
    assert refused.value.code == "incomplete"
    chinese = long_draft(plan="月球样品六字", language=ZH)
    assert eligibility.missing(chinese) == {"plan": ["Shorten: research plan, 6 of 5 characters: 1 too many."]}
