"""Lists as files: CSV and XLSX that a spreadsheet shows and never calculates, JSON in the API's words."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else
MASS = "_mg"  # how the names of columns that hold masses end
KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def safe_cell(value: Any) -> str:
    """Return a cell as text; what a spreadsheet would take for a formula gets an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as CSV (RFC 4180) with a heading and a byte order mark."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([safe_cell(row[name]) for name in columns] for row in rows)
    return BYTE_ORDER_MARK + file.getvalue()


def json_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as JSON in the API's words."""
    listed = [{column: row[column] for column in columns} for row in rows]
    return json.dumps({"results": listed}, ensure_ascii=False, indent=1)


def xlsx_bytes(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return rows as a workbook of one sheet: masses as numbers, all else as text, nothing as a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    sheet.append(list(columns))
    for row in rows:
        sheet.append(list(_cells(sheet, columns, row)))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cells(sheet: Any, columns: Sequence[str], row: Mapping[str, Any]) -> Iterator[Any]:
    for name in columns:
        value = row[name]
        if value is None or isinstance(value, bool | int | float):
            yield value
        elif name.endswith(MASS):
            cell = WriteOnlyCell(sheet, Decimal(str(value)))
            cell.number_format = "0.000"
            yield cell
        else:
            yield text_cell(sheet, str(value))


def text_cell(sheet: Any, value: str) -> Any:
    """Return a cell that stays text, also when somebody edits it in a spreadsheet."""
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    cell.quotePrefix = value.startswith(FORMULA_SIGNS)
    return cell


def as_file(kind: str, name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """Return rows as a file to save: `kind` is one of `KINDS`, `name` what it is called without its ending."""
    if kind == "csv":
        response = HttpResponse(csv_text(columns, rows), content_type="text/csv; charset=utf-8")
    elif kind == "xlsx":
        response = HttpResponse(xlsx_bytes(name, columns, rows), content_type=KINDS["xlsx"])
    else:
        response = HttpResponse(json_text(columns, rows), content_type=KINDS["json"])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response
