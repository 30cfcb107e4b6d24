"""What was sent of a review, version by version, with what differs: for its writer, the chair and the auditor.

The rows are written by `applications/reviewing.py`; the private note is in none of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.differences import Piece, compared
from applications.enums import Confidence
from applications.models import Criterion, Review
from applications.reviewing import SCIENCE, SENT
from portal.words import MARKS


@dataclass(frozen=True)
class Line:
    """One part of a review as this version says it, and as the version before it said."""

    label: Any
    before: list[Piece]
    now: list[Piece]


@dataclass(frozen=True)
class Version:
    """One version that was kept: `lines` is all of the first one, then what differs from the one before."""

    number: int
    sent_at: datetime
    is_sent: bool
    lines: list[Line]


def versions_of(review: Review, criteria: Iterable[Criterion]) -> list[Version]:
    """Return the versions of a review that was sent, the earliest first; nothing of one that never was.

    `review.versions` may be fetched before.
    """
    rows = list(review.versions.all())
    last = max((row.number for row in rows if row.document["stage"] == SENT), default=0)
    found, names = [], {one.code: one.local_name for one in criteria}
    former: dict[Any, str] = {}
    for row in rows:
        if row.number > last:
            continue
        said = _said(row.document, names)
        labels = dict.fromkeys([*former, *said])
        lines = [_line(label, former, said) for label in labels if former.get(label, "") != said.get(label, "")]
        found.append(Version(row.number, row.sent_at, row.document["stage"] != SCIENCE, lines))
        former = said
    return found


def _line(label: Any, former: Mapping[Any, str], said: Mapping[Any, str]) -> Line:
    if not former:
        return Line(label, [], [Piece(said[label], False)])
    return Line(label, *compared(former.get(label, ""), said.get(label, "")))


def _said(document: Mapping[str, Any], names: Mapping[str, Any]) -> dict[Any, str]:
    """Return what a version says, line by line."""
    said: dict[Any, str] = {
        str(names.get(code, code)): str(_("does not apply")) if value is None else str(value)
        for code, value in document.get("scores", {}).items()
    }
    if "mean" in document:
        said[_("Mean")] = document["mean"]
    if document.get("confidence"):
        said[_("How sure")] = str(Confidence(document["confidence"]).label)
    for one in document.get("opinions", []):
        mass = f"{one['would_give_mg']} mg" if one["would_give_mg"] else ""
        said[one["sample"]] = MARKS["comma"].join(part for part in (mass, one["because"]) if part)
    for name, label in (("for_applicant", _("To the applicant")), ("for_panel", _("To the panel"))):
        if document.get(name):
            said[label] = document[name]
    return said
