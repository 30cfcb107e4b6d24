"""Form and sheet: what is written is read back whole, and every mistake is named with its place and field."""

import io
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from applications.offline import fields, sheet, text_form
from applications.offline.fields import Asked, Entry, understood
from tests.applications.offline.desks import Desk, filled, typed_into
from tests.factories.review import opinion_of, review_of

pytestmark = pytest.mark.django_db
SAID = "Sound.\n\n== a line\n\\== another\n=HYPERLINK(1)\n==*== score significance\nEnd; “月壤”"


@pytest.fixture
def desk() -> Desk:
    made = Desk(2)
    review = review_of(made.assignments[0], 4, None, sent=False, for_panel=SAID, for_applicant="=1+1")
    opinion_of(review, "12.5", "Ten runs\r\nsuffice.")
    return made


def values_of(entry: Entry) -> dict[str, str]:
    return {key: typed.text for key, typed in entry.values.items()}


def read_form(text: str) -> tuple[Entry, list[str]]:
    entry, faults = text_form.read(text, "a.txt")
    assert entry is not None
    return entry, [f"{fault.place} {fault.field}: {fault.reason}" for fault in faults]


def test_form_says_what_is_saved_and_is_read_back_whole(desk: Desk) -> None:
    line = desk.lines()[0]
    entry, faults = read_form(desk.form())
    assert faults == []
    assert (entry.reference, entry.version) == (desk.applications[0].reference, line.version)
    assert values_of(entry) == line.values
    assert line.values["text for_panel"] == SAID and line.values["score feasibility"] == "NA"
    assert understood(line.held, entry) == (line.values, [])


def test_form_explains_itself_in_the_language_of_the_reader(desk: Desk) -> None:
    said = [line for line in desk.form().splitlines() if line.startswith("==-== ")]
    for words in ("3 = point 3", "NA = Does not apply", "asked 50 mg, least useful 30 mg", "Only you ever read this."):
        assert any(words in line for line in said), words
    with translation.override("zh-hans"):
        form = desk.form()
    assert "==-== 3 = 分值 3" in form and "==*== score significance" in form


@given(st.text(max_size=300))
def test_any_text_comes_back_from_a_form_as_it_was_saved(text: str) -> None:
    said = fields.plain(text)
    known = {"text for_panel": Asked("text for_panel", "To the panel", ("Said",), str)}
    form = text_form.written(
        "LSA-2026-1", "==*== Title\nof two lines", "0-000000000000", known, {"text for_panel": said}
    )
    for sent in (form, form.replace("\n", "\r\n")):
        entry, faults = read_form(sent)
        assert (values_of(entry), faults) == ({"text for_panel": said}, [])


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("==*== score feasibility", "==*== score nonsense", "score nonsense: This review does not ask for that."),
        (
            "==*== score feasibility",
            "==*== score significance",
            "score significance: This field stands in the form twice.",
        ),
        ("==*== text for_panel", "==*= text for_panel", "A line that begins with == is not read. Write \\== instead."),
        ("==+== Review", "Hello\n==+== Review", "line 1 : These words stand before the first field."),
    ],
)
def test_mistake_in_a_form_is_named_with_its_line(desk: Desk, old: str, new: str, complaint: str) -> None:
    form = filled(desk.form(), {"score feasibility": "3"}).replace(old, new)
    entry, faults = text_form.read(form, "a.txt")
    assert entry is not None
    found = [*faults, *understood(desk.lines()[0].held, entry)[1]]
    assert any(complaint in f"{one.place} {one.field}: {one.reason}" for one in found), found
    assert all(one.file == "a.txt" and one.place.startswith("line ") for one in found)


@pytest.mark.parametrize(
    ("key", "value", "field", "reason"),
    [
        ("score significance", "6", "Significance", "“6” is no point of the scale."),
        ("score significance", "good", "Significance", "“good” is no point of the scale."),
        ("confidence", "9", "How sure you are", "Write 1, 2 or 3, or nothing."),
        ("give", "60", "I would give, in mg", "50 mg were asked; give no more."),
        ("give", "1,250", "I would give, in mg", "can be read in two ways"),
        ("give", "-5", "I would give, in mg", "Enter a mass in mg"),
        ("text private_note", "x" * 8001, "Private note", "8001 characters are too many: at most 8000."),
        ("version", "7", "Version", "The version was changed."),
    ],
)
def test_wrong_value_is_named_with_its_field(desk: Desk, key: str, value: str, field: str, reason: str) -> None:
    number = desk.applications[0].submission.requests.get(whole=False).sample.catalogue_number
    entry, _faults = read_form(filled(desk.form(), {f"give {number}" if key == "give" else key: value}))
    found = understood(desk.lines()[0].held, entry)[1]
    assert [(one.field, one.place.startswith("line ")) for one in found] == [(field, True)]
    assert reason in found[0].reason


@pytest.mark.parametrize(("typed", "read"), [("na", "NA"), (" n/a ", "NA"), ("5", "5"), ("", "")])
def test_score_is_read_as_people_write_it(desk: Desk, typed: str, read: str) -> None:
    entry, _faults = read_form(filled(desk.form(), {"score significance": typed}))
    assert understood(desk.lines()[0].held, entry)[0]["score significance"] == read


def test_what_is_no_form_says_so() -> None:
    entry, faults = text_form.read("Dear chair,\nI like it.", "letter.txt")
    assert entry is None
    assert "This is no review form of this portal" in faults[0].reason


# --- The sheet --------------------------------------------------------------------------------------------


def read_sheet(content: bytes) -> tuple[list[Entry], list[str]]:
    entries, faults = sheet.read(content, "reviews.xlsx")
    return entries, [f"{fault.place} {fault.field}: {fault.reason}" for fault in faults]


def test_sheet_says_what_is_saved_and_is_read_back_whole(desk: Desk) -> None:
    entries, faults = read_sheet(desk.workbook())
    assert faults == []
    for entry, line in zip(entries, desk.lines(), strict=True):
        assert understood(line.held, entry) == (line.values, [])
        assert (entry.reference, entry.version) == (line.held.application.reference, line.version)


def test_no_cell_of_a_sheet_is_a_formula_or_names_anybody(desk: Desk) -> None:
    book = load_workbook(io.BytesIO(desk.workbook()))
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row if cell.value is not None]
    assert any(cell.value == "=1+1" for cell in cells)
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert (book.properties.creator, book.properties.lastModifiedBy) == ("openpyxl", None)


def test_sheet_takes_numbers_as_a_spreadsheet_types_them(desk: Desk) -> None:
    content = typed_into(desk.workbook(), 3, {"score significance": 5.0, "give 1": 7.25, "because 1": "Less will do."})
    entries, _faults = read_sheet(content)
    values, wrong = understood(desk.lines()[1].held, entries[1])
    number = desk.applications[1].submission.requests.get(whole=False).sample.catalogue_number
    assert wrong == []
    assert (values["score significance"], values[f"give {number}"]) == ("5", "7.25")


def test_mistake_in_a_sheet_is_named_with_its_cell(desk: Desk) -> None:
    typed: dict[str, Any] = {"score significance": 9, "confidence": "sure"}
    entries, faults = read_sheet(typed_into(desk.workbook(), 2, typed))
    found = understood(desk.lines()[0].held, entries[0])[1]
    assert faults == []
    assert [(one.place, one.field) for one in found] == [("cell D2", "Significance"), ("cell F2", "How sure you are")]


def test_formula_is_not_read_and_the_other_rows_are(desk: Desk) -> None:
    entries, faults = read_sheet(typed_into(desk.workbook(), 2, {"text for_panel": "=SUM(A1:A9)"}))
    assert [entry.reference for entry in entries] == [desk.applications[1].reference]
    assert len(faults) == 1 and "text for_panel: A formula is not read. Write its value." in faults[0]


def test_heading_that_was_changed_is_named_and_the_rest_is_read(desk: Desk) -> None:
    book = load_workbook(io.BytesIO(desk.workbook()))
    book["Reviews"]["D1"].value = "Significance"
    written = io.BytesIO()
    book.save(written)
    entries, faults = read_sheet(written.getvalue())
    assert len(entries) == 2 and faults == [
        "cell D1 Significance: This heading is none of the pack. Leave the headings as they are."
    ]
    assert "score significance" not in understood(desk.lines()[0].held, entries[0])[0]
