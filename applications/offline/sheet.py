"""The same reviews as one sheet: a row for each application, a column for each field, a second sheet with the words.

Headings end with the key of their column in square brackets; it is all that is read of them. Nothing in a cell is ever
a formula (`portal/sheets.py`). The samples of an application stand in columns of their own, numbered.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from applications.offline.fields import Asked, Entry, Fault, Typed, plain, shortened
from applications.offline.queries import Held
from portal.sheets import text_cell

KEY = re.compile(r"\[([^\[\]]{1,80})\]\s*$")
REFERENCE, TITLE, VERSION = "application", "title", "version"
OF_A_SAMPLE = ("sample", "asked", "give", "because")
MOST_ROWS, MOST_COLUMNS = 2000, 300
NUMBER = re.compile(r"\d{1,9}(\.\d{1,3})?")


@dataclass(frozen=True)
class Line:
    """What one row is written from."""

    held: Held
    title: str
    version: str
    known: Mapping[str, Asked]
    values: Mapping[str, str]


# --- Writing --------------------------------------------------------------------------------------------


def written(lines: Sequence[Line]) -> bytes:
    """Return the workbook of these reviews, in the language that is set."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Reviews")
    sheet.freeze_panes = "B2"
    columns = _columns(lines)
    sheet.append([text_cell(sheet, f"{heading} [{key}]") for key, heading in columns.items()])
    for line in lines:
        cells = _row(line)
        sheet.append([_cell(sheet, key, cells.get(key, "")) for key in columns])
    words = book.create_sheet("Words")
    for heading, said in _words(lines):
        words.append([text_cell(words, heading), text_cell(words, said)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _columns(lines: Sequence[Line]) -> dict[str, str]:
    """Return the heading of each column by key: what every row has first, then as many samples as one row has."""
    found = {REFERENCE: _("Application"), TITLE: _("Title"), VERSION: _("Version: leave it as it is")}
    for line in lines:
        found |= {key: one.heading for key, one in line.known.items() if not key.startswith(("give ", "because "))}
    headings = (_("Sample"), _("Asked, in mg"), _("I would give, in mg"), _("Because"))
    for number in range(1, max((len(line.held.requests) for line in lines), default=0) + 1):
        found |= {f"{key} {number}": f"{word} {number}" for key, word in zip(OF_A_SAMPLE, headings, strict=True)}
    return found


def _row(line: Line) -> dict[str, str]:
    cells = {REFERENCE: line.held.application.reference, TITLE: line.title, VERSION: line.version, **line.values}
    for position, request in enumerate(line.held.requests, start=1):
        number = request.sample.catalogue_number
        asked = _("whole piece") if request.whole else str(request.asked_mg)
        said = (number, asked, line.values.get(f"give {number}", ""), line.values[f"because {number}"])
        cells |= {f"{key} {position}": value for key, value in zip(OF_A_SAMPLE, said, strict=True)}
    return cells


def _cell(sheet: Any, key: str, value: str) -> Any:
    """Return a number where a person would calculate with it, else text that stays text."""
    if key.startswith(("score ", "confidence", "asked ", "give ")) and NUMBER.fullmatch(value):
        return Decimal(value)
    return text_cell(sheet, value) if value else None


def _words(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """Return what is said about each field, once."""
    found: dict[str, tuple[str, str]] = {}
    for line in lines:
        for key, one in line.known.items():
            if not key.startswith(("give ", "because ")):
                found.setdefault(key, (one.heading, "\n".join(one.hints)))
    return list(found.values())


# --- Reading --------------------------------------------------------------------------------------------


def read(content: bytes, file: str) -> tuple[list[Entry], list[Fault]]:
    """Return what each row says, and what is wrong with the sheet. The file was checked as an archive before."""
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        rows = _cells(book)
    except Exception:  # whatever a broken file does to the reader, it is a broken file
        return [], [Fault(file, "", "", _("This workbook cannot be opened. Save it again as XLSX."))]
    if not rows:
        return [], [Fault(file, "", "", _("The first sheet of this workbook is empty."))]
    keys, faults = _headings(rows[0], file)
    if REFERENCE not in keys.values():
        return [], [Fault(file, "", "", _("No column is headed “[application]”. Leave the headings as they are."))]
    entries = [_entry(row, keys, file, faults) for row in rows[1:] if any(cell.text for cell in row.values())]
    return [entry for entry in entries if entry], faults


@dataclass(frozen=True)
class Cell:
    """What stands in a cell as text, where, and whether it is a formula."""

    text: str
    place: str
    is_formula: bool


def _cells(book: Any) -> list[dict[int, Cell]]:
    sheet = book["Reviews"] if "Reviews" in book.sheetnames else book.worksheets[0]
    sheet.reset_dimensions()
    found: list[dict[int, Cell]] = []
    for row in sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS):
        cells = {}
        for column, cell in enumerate(row, start=1):
            if cell.value is not None:
                place = _("cell %(cell)s") % {"cell": f"{get_column_letter(column)}{len(found) + 1}"}
                cells[column] = Cell(_shown(cell.value), place, cell.data_type == "f")
        found.append(cells)
    while found and not found[-1]:
        found.pop()
    return found


def _shown(value: Any) -> str:
    """Return a value as a person typed it: 4 where the sheet has 4.0."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return plain(str(value))


def _headings(row: Mapping[int, Cell], file: str) -> tuple[dict[int, str], list[Fault]]:
    keys: dict[int, str] = {}
    faults = []
    for column, cell in row.items():
        match = KEY.search(cell.text)
        key = " ".join(match[1].split()) if match else ""
        if not key:
            words = _("This heading is none of the pack. Leave the headings as they are.")
        elif key in keys.values():
            words = _("Two columns have this heading.")
        else:
            keys[column] = key
            continue
        faults.append(Fault(file, cell.place, shortened(cell.text), words))
    return keys, faults


def _entry(row: Mapping[int, Cell], keys: Mapping[int, str], file: str, faults: list[Fault]) -> Entry | None:
    """Return what a row says, or None where it has a formula: what it shows is not what it says."""
    formulas = [(column, cell) for column, cell in row.items() if cell.is_formula]
    if formulas:
        words = _("A formula is not read. Write its value.")
        faults += [Fault(file, cell.place, keys.get(column, ""), words) for column, cell in formulas]
        return None
    found = {key: Typed(row[column].text if column in row else "", "") for column, key in keys.items()}
    places = {key: row[column].place for column, key in keys.items() if column in row}
    values = {key: Typed(typed.text, places.get(key, "")) for key, typed in found.items()}
    nothing = Typed("", next(iter(row.values())).place)
    reference, version = values.pop(REFERENCE, nothing), values.pop(VERSION, nothing)
    values.pop(TITLE, None)
    return Entry(file, reference.text, version.text, reference.place or nothing.place, _by_sample(values))


def _by_sample(values: Mapping[str, Typed]) -> dict[str, Typed]:
    """Return the values of a row by their keys, those of its samples by the samples' numbers."""
    found: dict[str, Typed] = {}
    for key, typed in values.items():
        kind, _space, position = key.rpartition(" ")
        if kind not in OF_A_SAMPLE:
            found[key] = typed
        elif kind in ("give", "because"):
            sample = values.get(f"sample {position}", Typed("", ""))
            if sample.text or typed.text:
                found[f"{kind} {sample.text}".strip()] = typed
    return found
