"""What differs: between two texts word by word, and between a draft and what was submitted last, part by part."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from applications import documents
from applications.models import Application, Submission
from applications.rules.lengths import pieces
from applications.sections import SECTIONS, Section

# Beyond this many words a comparison would take seconds: the texts are shown without marks.
MOST_PIECES = 24_000

# The parts of a submission's document by the section of the draft in which they are written.
PARTS: Mapping[str, tuple[str, ...]] = {
    "eligibility": ("language",),
    "samples": ("requests", "groups"),
    "science": ("title", "question", "plan", "what_changed"),
    "methods": ("methods",),
    "laboratory": ("institution", "laboratory", "custody"),
    "places": ("places",),
    "team": ("principal_investigator", "team"),
    "file": ("file",),
    "summary": ("public_title", "public_summary"),
    "declarations": ("declarations", "names_principal_investigator"),
    "authorisations": ("authorisations",),
}
# What changes with every submission, or with the hour, says nothing about the application.
PASSING = frozenset({"uid", "confirmed_at", "orcid", "position"})


@dataclass(frozen=True)
class Piece:
    """Words of a text; `marked` where the other text does not say them."""

    words: str
    marked: bool


def compared(theirs: str, mine: str) -> tuple[list[Piece], list[Piece]]:
    """Return both texts in pieces, in each marked what the other does not say."""
    left, right = pieces(theirs), pieces(mine)
    if len(left) + len(right) > MOST_PIECES:
        return [Piece(theirs, False)], [Piece(mine, False)]
    matcher = SequenceMatcher(None, left, right)
    both: tuple[list[Piece], list[Piece]] = ([], [])
    for what, begin, end, other_begin, other_end in matcher.get_opcodes():
        for side, words in ((0, left[begin:end]), (1, right[other_begin:other_end])):
            if words:
                both[side].append(Piece("".join(words), what != "equal"))
    return both


def changed_parts(application: Application, now: Mapping[str, Any] | None = None) -> list[str]:
    """Return the parts of the document in which the draft says something else than what was submitted last.

    `now` is the document of the draft, where whoever calls has written it already.
    """
    submission = application.submission
    if submission is None:
        return []
    return _changed(submission, as_if_submitted(application, submission) if now is None else now)


def as_if_submitted(application: Application, submission: Submission) -> dict[str, Any]:
    """Return what a draft says now as the document that would replace a submission."""
    requests = documents.lines(application)
    return documents.snapshot(application, requests, number=submission.number, received_at=submission.received_at)


def sections_of(parts: Iterable[str]) -> list[Section]:
    """Return the sections in which these parts of a document are written."""
    wanted = set(parts)
    return [section for section in SECTIONS if wanted & set(PARTS[section.code])]


def _changed(submission: Submission, now: Mapping[str, Any]) -> list[str]:
    """Compare part by part; a document of an earlier format is compared in what it knows."""
    sent = submission.document
    names = {part: _names(document.get("groups") or []) for part, document in (("sent", sent), ("now", now))}
    return [
        part
        for parts in PARTS.values()
        for part in parts
        if part in sent and _plain(sent[part], names["sent"]) != _plain(now[part], names["now"])
    ]


def _names(groups: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {group["uid"]: group["name"] for group in groups}


def _plain(value: Any, groups: Mapping[str, str]) -> Any:
    """Leave out what is passing, and call groups by their names: a submission gives them ids of its own."""
    if isinstance(value, Mapping):
        return {
            key: groups.get(one, one) if key == "group" else _plain(one, groups)
            for key, one in value.items()
            if key not in PASSING
        }
    if isinstance(value, list):
        return sorted((_plain(one, groups) for one in value), key=repr)
    return value
