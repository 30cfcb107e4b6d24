"""Reads a foreign catalogue into the stock: row by row, reported row by row, all of it or nothing.

A row is accepted (a new sample), unchanged (the same is in the catalogue) or refused. What is in the catalogue is
never changed by a file: the ledger by a correction, the description in the stock's pages.
Cells are read in `samples/stock/rows.py`, samples made by `samples/stock/actions.py`.
"""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO, Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.errors import Invalid, Refused
from samples.enums import Origin
from samples.models import Mission, Sample
from samples.stock import actions
from samples.stock.mapping import Mapping
from samples.stock.rows import Facts, differences, facts_of

ROWS_AT_ONCE = 500
OTHER_FILES = {
    b"PK\x03\x04": "XLSX",
    b"\xd0\xcf\x11\xe0": "XLS",
    b"%PDF": "PDF",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


@dataclass(frozen=True)
class Outcome:
    """What became of one row. The header is row 1, as a spreadsheet counts."""

    row: int
    number: str
    result: Literal["accepted", "unchanged", "refused"]
    reason: Any = ""


@dataclass
class Totals:
    """How many rows had which outcome, and whether anything was written."""

    accepted: int = 0
    unchanged: int = 0
    refused: int = 0
    written: bool = False


@dataclass
class Row:
    """A row as it stands in the file, and what was read of it."""

    number: int
    cells: list[str]
    facts: Facts | None = None
    refusal: Any = ""


@dataclass
class _Seen:
    """What the rows before this one said: numbers with their row, and missions by their code."""

    missions: dict[str, Mission]
    rows: dict[str, int] = field(default_factory=dict)


def load(
    file: BinaryIO,
    mapping: Mapping,
    *,
    by: Any,
    dry_run: bool = False,
    keep_good: bool = False,
    tell: Callable[[Outcome], None] = lambda outcome: None,
) -> Totals:
    """Take the samples of a CSV file into the stock and `tell` what became of each row.

    Writes all rows or none; with `keep_good`, all that are not refused. A second time the same file changes nothing.

    Raises:
        Denied: by is no keeper of the stock.
        Invalid: this is no such file: another format or encoding, no header, broken quotes.
    """
    totals = Totals()
    with transaction.atomic():
        with rows_of(file, mapping) as (places, width, rows):
            seen = _Seen({mission.code: mission for mission in Mission.objects.all()})
            while batch := list(islice(rows, ROWS_AT_ONCE)):
                for outcome in _take(batch, places, width, mapping, seen, by):
                    setattr(totals, outcome.result, getattr(totals, outcome.result) + 1)
                    tell(outcome)
        totals.written = bool(totals.accepted) and not dry_run and (keep_good or not totals.refused)
        transaction.set_rollback(not totals.written)
    return totals


@contextmanager
def rows_of(file: BinaryIO, mapping: Mapping) -> Iterator[tuple[dict[str, int], int, Iterator[Row]]]:
    """Open a CSV file: the places of the mapped fields, the width of a row, and the rows as they are read.

    Raises:
        Invalid: this is no such file: another format or encoding, no header, broken quotes.
    """
    _check_kind(file)
    text = io.TextIOWrapper(file, encoding="utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding, newline="")
    reader = csv.reader(text, delimiter=mapping.delimiter, strict=True)
    try:
        header = [name.strip().removeprefix("\ufeff") for name in next(reader, [])]
        if not any(header):
            raise Invalid(_("The file is empty: its first line names the columns."), code="file")
        yield mapping.places(header), len(header), _numbered(reader)
    except UnicodeDecodeError:
        raise Invalid(
            _("The file is not written in %(encoding)s (row %(row)s or later). Name its encoding, such as gb18030.")
            % {"encoding": mapping.encoding, "row": reader.line_num},
            code="file",
        ) from None
    except csv.Error as error:
        raise Invalid(
            _("The file cannot be read as CSV in line %(line)s: %(error)s.")
            % {"line": reader.line_num, "error": error},
            code="file",
        ) from None
    finally:
        text.detach()


def _check_kind(file: BinaryIO) -> None:
    start = file.read(8)
    file.seek(0)
    for signature, name in OTHER_FILES.items():
        if start.startswith(signature):
            raise Invalid(_("This is %(format)s. Save it as CSV in UTF-8.") % {"format": name}, code="file")


def _numbered(reader: Any) -> Iterator[Row]:
    for number, cells in enumerate(reader, start=2):
        if any(cell.strip() for cell in cells):
            yield Row(number, cells)


def _take(
    batch: list[Row], places: dict[str, int], width: int, mapping: Mapping, seen: _Seen, by: Any
) -> Iterator[Outcome]:
    """Read a batch, fetch what the catalogue has under its numbers, and settle each row."""
    for row in batch:
        try:
            row.facts = facts_of(row.cells, places, width, mapping)
        except Invalid as refusal:
            row.refusal = refusal.message
    readable = [row.facts for row in batch if row.facts]
    numbers = {facts.number for facts in readable} | {facts.parent for facts in readable}
    rows = Sample.objects.filter(catalogue_number__in=numbers).select_related("mission", "parent")
    present = {sample.catalogue_number: sample for sample in rows}
    for row in batch:
        if row.facts is None:
            yield Outcome(row.number, name_of(row, places), "refused", row.refusal)
            continue
        yield _settle(row, row.facts, present, seen, by)


def _settle(row: Row, facts: Facts, present: dict[str, Sample], seen: _Seen, by: Any) -> Outcome:
    if facts.number in seen.rows:
        reason = _("This number stands in row %(row)s already.") % {"row": seen.rows[facts.number]}
        return Outcome(row.number, facts.number, "refused", reason)
    try:
        is_new = _keep(facts, present, seen, by)
    except Refused as refusal:
        return Outcome(row.number, facts.number, "refused", refusal.message)
    seen.rows[facts.number] = row.number
    return Outcome(row.number, facts.number, "accepted" if is_new else "unchanged")


def _keep(facts: Facts, present: dict[str, Sample], seen: _Seen, by: Any) -> bool:
    """Make the sample of a row, or find the same one in the catalogue (False).

    Raises:
        Refused: the catalogue says something else, or knows no such mission or parent.
    """
    mission = seen.missions.get(facts.mission)
    if mission is None:
        known = ", ".join(seen.missions) or "–"
        raise Invalid(
            _("mission “%(code)s” is unknown; known are %(known)s.") % {"code": facts.mission, "known": known}
        )
    parent = present.get(facts.parent)
    if facts.parent and parent is None:
        raise Invalid(
            _("The parent %(number)s is neither in the catalogue nor in a row before.") % {"number": facts.parent}
        )
    found = present.get(facts.number)
    if found is None:
        present[facts.number] = actions.accession(
            by=by,
            mass_mg=facts.mass_mg,
            publish=facts.publish,
            catalogue_number=facts.number,
            mission=mission,
            parent=parent,
            **facts.fields,
        )
        return True
    _check_same(facts, found)
    return False


def _check_same(facts: Facts, found: Sample) -> None:
    if names := differences(facts, found):
        raise Invalid(_("In the catalogue with another %(names)s.") % {"names": ", ".join(names)}, code="differs")
    if found.origin == Origin.STOCK and facts.mass_mg != found.initial_mg:
        raise Invalid(_("The mass differs from the ledger; use a correction."), code="mass-differs")


def name_of(row: Row, places: dict[str, int]) -> str:
    """Return what stands where the number should, for the report alone."""
    place = places.get("catalogue_number", -1)
    text = row.cells[place] if 0 <= place < len(row.cells) else ""
    return "".join(letter for letter in text if letter.isprintable())[:60]
