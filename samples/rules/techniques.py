"""The vocabulary of analytical techniques: what a measurement may be called. Its rows: `samples/data/techniques.csv`.

A code is what stands behind `antech:` in the source. What no code names stays the words somebody wrote.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

ROWS = Path(__file__).resolve().parents[1] / "data" / "techniques.csv"
PREFIX = "antech:"


@dataclass(frozen=True)
class Technique:
    """A concept of the vocabulary; `broader` is the code of the concept above it, empty at the top."""

    code: str
    label: str
    label_zh: str
    broader: str
    definition: str

    def label_in(self, language: str) -> str:
        """Return the label in a language."""
        return self.label_zh if language.startswith("zh") else self.label


@cache
def techniques() -> tuple[Technique, ...]:
    """Return every concept, by code.

    Source: OSIRIS-REx sample information system (usgin/excel2rdf-template, BSD-3-Clause).
    """
    with ROWS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Technique(
            row["concept"].removeprefix(PREFIX),
            row["label"],
            row["label_zh"],
            row["broader"].removeprefix(PREFIX),
            row["definition"],
        )
        for row in rows
    )


def technique(code: str) -> Technique | None:
    """Return the concept of a code, or None."""
    return _by_code().get(code)


def label_of(code_or_text: str, language: str | None = None) -> str:
    """Return what a technique is called in a language (that of the page); other words come back as they are."""
    found = technique(code_or_text)
    return found.label_in(language or get_language() or "en") if found else code_or_text


def code_of(words: str) -> str:
    """Return the code of what somebody calls a technique, in either language; other words come back as they are."""
    plain = " ".join(words.split())
    return _by_name().get(plain.casefold(), plain)


def is_leaf(code: str) -> bool:
    """Tell whether a code names a technique somebody can use, not a group of them."""
    return code in _by_code() and code not in {one.broader for one in techniques()}


@cache
def choices(language: str) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return the techniques for a choice field, each under the concept above it, both by label."""
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in techniques():
        if is_leaf(one.code):
            groups[label_of(one.broader, language)].append((one.code, one.label_in(language)))
    return tuple((name, tuple(sorted(groups[name], key=lambda pair: pair[1].casefold()))) for name in sorted(groups))


@cache
def _by_code() -> dict[str, Technique]:
    return {one.code: one for one in techniques()}


@cache
def _by_name() -> dict[str, str]:
    return {name.casefold(): one.code for one in techniques() for name in (one.code, one.label, one.label_zh)}
