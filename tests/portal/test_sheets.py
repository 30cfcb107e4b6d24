"""Lists as files: no cell is calculated, no character is lost."""

import csv
import io
import json

import pytest

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
