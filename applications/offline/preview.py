"""What would become of each row that was uploaded, against what is saved now: to show it, and again to save it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from applications.differences import Piece, compared
from applications.enums import ReviewState, Status
from applications.models import Call, OfflineUpload
from applications.offline import fields
from applications.offline.fields import Entry, Fault
from applications.offline.queries import Held, held

NOT_BEFORE_YOU = _("%(reference)s is not before you.")


class Outcome(TextChoices):
    """What a row would do."""

    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    CONFLICTING = "conflicting", _("saved on the web meanwhile")
    UNCHANGED = "unchanged", _("unchanged")
    WRONG = "wrong", _("cannot be saved")


@dataclass(frozen=True)
class Difference:
    """One field in which the file says something else than what is saved: both, in pieces."""

    heading: str
    saved: list[Piece]
    typed: list[Piece]


@dataclass(frozen=True)
class Row:
    """One uploaded review beside what is saved of it; `held` is None where it is not before this person any more."""

    reference: str
    file: str
    outcome: Outcome
    reason: Any = ""
    held: Held | None = None
    values: Mapping[str, str] | None = None

    @property
    def title(self) -> str:
        """The title of the application."""
        submission = self.held.application.submission if self.held else None
        return submission.title if submission else ""

    @property
    def version(self) -> int:
        """The version that is saved now, 0 before any."""
        return self.held.version if self.held else 0

    @cached_property
    def differences(self) -> list[Difference]:
        """The fields that would change, in the order of the form."""
        if self.held is None or self.values is None or self.outcome not in SAVABLE:
            return []
        known, now = fields.asked(self.held), fields.saved(self.held)
        return [
            Difference(known[key].heading, *compared(now[key], value))
            for key, value in self.values.items()
            if value != now[key]
        ]


SAVABLE = (Outcome.NEW, Outcome.CHANGED, Outcome.CONFLICTING)


def rows_of(user: Any, upload: OfflineUpload) -> list[Row]:
    """Return what would become of each uploaded row, by reference."""
    mine = held(user, upload.call, [row["reference"] for row in upload.rows])
    return [_row(row, mine.get(row["reference"])) for row in sorted(upload.rows, key=lambda row: row["reference"])]


def _row(row: Mapping[str, Any], one: Held | None) -> Row:
    reference, file = row["reference"], row["file"]
    if one is None:
        return Row(reference, file, Outcome.WRONG, NOT_BEFORE_YOU % {"reference": reference})
    now = fields.saved(one)
    merged = now | {key: value for key, value in row["values"].items() if key in now}
    if row["is_untouched"] or merged == now:
        return Row(reference, file, Outcome.UNCHANGED, "", one, merged)
    if one.application.status != Status.UNDER_REVIEW:
        return Row(reference, file, Outcome.WRONG, _("The review of this application is concluded."), one)
    if one.review is not None and one.review.state == ReviewState.SUBMITTED:
        return Row(
            reference,
            file,
            Outcome.WRONG,
            _("You have sent this review. It changes only where the chair reopens it."),
            one,
        )
    if row["version"] != one.version:
        return Row(reference, file, Outcome.CONFLICTING, "", one, merged)
    return Row(reference, file, Outcome.CHANGED if one.version else Outcome.NEW, "", one, merged)


# --- From what files say to rows --------------------------------------------------------------------------


def sifted(user: Any, call: Call, entries: Iterable[Entry]) -> tuple[list[dict[str, Any]], list[Fault]]:
    """Return the rows that can be kept, one of each application, and what is wrong with the others.

    Of what is not assigned to this person nothing is said but that, whether it exists or not.
    """
    entries = list(entries)
    mine = held(user, call, {entry.reference for entry in entries})
    rows: dict[str, list[dict[str, Any]]] = {}
    faults: list[Fault] = []
    for entry in entries:
        row, wrong = _kept(mine.get(entry.reference), entry)
        faults += wrong
        if row:
            rows.setdefault(entry.reference, []).append(row)
    return _one_of_each(rows, faults), faults


def _kept(one: Held | None, entry: Entry) -> tuple[dict[str, Any] | None, list[Fault]]:
    if one is None:
        shown = fields.shortened(entry.reference) or "?"
        return None, [Fault(entry.file, entry.place, "", str(NOT_BEFORE_YOU % {"reference": shown}))]
    values, wrong = fields.understood(one, entry)
    match = fields.VERSION.fullmatch(entry.version.strip())
    if wrong or match is None:
        return None, wrong
    began = {
        "reference": entry.reference,
        "file": entry.file,
        "version": int(match[1]),
        "is_untouched": fields.fingerprint(values) == match[2],
    }
    return began | {"values": values}, []


def _one_of_each(rows: Mapping[str, list[dict[str, Any]]], faults: list[Fault]) -> list[dict[str, Any]]:
    """Return a row of each application: the one that was filled in; two that say different things are a fault."""
    found = []
    for reference, each in rows.items():
        touched = [row for row in each if not row["is_untouched"]]
        if any(row["values"] != touched[0]["values"] for row in touched):
            files = ", ".join(dict.fromkeys(row["file"] for row in touched))
            words = _("%(reference)s is filled in more than once, and differently. Upload the one that is meant.")
            faults.append(Fault(files, "", "", str(words % {"reference": reference})))
        else:
            found.append((touched or each)[0])
    return found
