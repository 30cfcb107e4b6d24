"""Lists as files: CSV that a spreadsheet shows and never calculates, JSON in the API's words."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else


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


def as_file(kind: str, name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """Return rows as a file to save: `kind` is csv or json, `name` what it is called without its ending."""
    if kind == "csv":
        response = HttpResponse(csv_text(columns, rows), content_type="text/csv; charset=utf-8")
    else:
        listed = [{column: row[column] for column in columns} for row in rows]
        text = json.dumps({"results": listed}, ensure_ascii=False, indent=1)
        response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response
