"""Lists as files: no cell is calculated, no character is lost."""

import csv
import io
import json

import pytest
from openpyxl import load_workbook

from portal.sheets import as_file, csv_text, safe_cell


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta", "\ra", '=HYPERLINK("http://example.org")'])
def test_what_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(("value", "text"), [(None, ""), ("a=b", "a=b"), (5, "5"), (False, "False"), ("月壤", "月壤")])
def test_anything_else_is_written_as_it_is(value: object, text: str) -> None:
    assert safe_cell(value) == text


def test_csv_is_read_back_whole() -> None:
    row = {"a": 'quotes " and, commas', "b": "two\nlines"}
    text = csv_text(["a", "b"], [row])
    assert text.startswith("\ufeffa,b\r\n")
    assert list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))) == [row]


def test_json_holds_the_named_columns_alone() -> None:
    answer = as_file("json", "list", ["a"], [{"a": None, "secret": 1}])
    assert json.loads(answer.content) == {"results": [{"a": None}]}
    assert answer["Content-Disposition"] == 'attachment; filename="list.json"'


def cells_of(row: dict[str, object]) -> list[object]:
    """Return the cells of one row as a workbook keeps them."""
    answer = as_file("xlsx", "list", list(row), [row])
    assert answer["Content-Disposition"] == 'attachment; filename="list.xlsx"'
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert [cell.value for cell in sheet[1]] == list(row)
    return list(sheet[2])


def test_a_workbook_has_masses_as_numbers_and_words_as_they_are() -> None:
    cells = cells_of({"free_mg": "1.250", "stated_mg": None, "whole": True, "number": "00012", "name": "月壤\x00"})
    assert [cell.value for cell in cells] == [1.25, None, True, "00012", "月壤"]
    assert [cell.data_type for cell in cells] == ["n", "n", "b", "s", "s"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\ta", '=HYPERLINK("http://example.org")'])
def test_a_workbook_calculates_nothing(text: str) -> None:
    (cell,) = cells_of({"a": text})
    assert (cell.value, cell.data_type, bool(cell.quotePrefix)) == (text, "s", True)
