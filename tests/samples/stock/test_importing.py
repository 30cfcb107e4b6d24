"""The import of catalogues: what is accepted, unchanged and refused, row by row, and that nothing else changes."""

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.errors import Invalid
from samples import ledger
from samples.enums import Preparation
from samples.models import Movement, Sample
from samples.stock.importing import Outcome, Totals, load
from samples.stock.mapping import Mapping, read_mapping
from tests.factories.accounts import UserFactory
from tests.factories.samples import known, mission, powder

pytestmark = pytest.mark.django_db

HEADER = "catalogue_number,mission,preparation,mass,description"
GOOD = ["A-1,CE-5,powder,100,Soil", "A-2,CE-5,clast,36.2,"]


def bring(lines: list[str], *, header: str = HEADER, **options: Any) -> tuple[Totals, list[tuple[int, str, str]]]:
    """Load lines and return the totals and what was told: row, result, reason."""
    mission()
    mission("CE-6")
    mapping = options.pop("mapping", Mapping())
    told: list[Outcome] = []
    text = options.pop("text", "\n".join([header, *lines]) + "\n")
    data = text if isinstance(text, bytes) else text.encode()
    totals = load(io.BytesIO(data), mapping, by=options.pop("by", None), tell=told.append, **options)
    return totals, [(one.row, one.result, str(one.reason)) for one in told]


def test_good_rows_become_samples_with_their_mass_in_the_ledger() -> None:
    totals, told = bring(GOOD)
    assert (totals, told) == (Totals(2, 0, 0, True), [(2, "accepted", ""), (3, "accepted", "")])
    rows = Sample.objects.values_list("catalogue_number", "preparation", "initial_mg", "free_mg")
    assert list(rows) == [
        ("A-1", "powder", Decimal(100), Decimal(100)),
        ("A-2", "clast", Decimal("36.2"), Decimal("36.2")),
    ]
    assert ledger.faults() == []


def test_the_same_file_twice_changes_nothing() -> None:
    bring(GOOD)
    before = list(Sample.objects.values()), list(Movement.objects.values())
    totals, told = bring(GOOD)
    assert (totals, [result for _row, result, _reason in told]) == (Totals(0, 2, 0, False), ["unchanged"] * 2)
    assert (list(Sample.objects.values()), list(Movement.objects.values())) == before


def test_a_changed_mass_does_not_rewrite_the_ledger() -> None:
    bring(GOOD)
    totals, told = bring(["A-1,CE-5,powder,101,Soil"])
    assert (totals.refused, told) == (1, [(2, "refused", "The mass differs from the ledger; use a correction.")])
    assert Sample.objects.get(catalogue_number="A-1").initial_mg == 100


def test_a_changed_description_is_refused_by_name() -> None:
    bring(GOOD)
    _totals, told = bring(["A-1,CE-6,clast,100,Dust"])
    assert told == [(2, "refused", "In the catalogue with another mission, preparation, description.")]


def test_one_refused_row_keeps_everything_out() -> None:
    totals, _told = bring([*GOOD, "A-3,CE-5,powder,-1,"])
    assert (totals, Sample.objects.count(), Movement.objects.count()) == (Totals(2, 0, 1, False), 0, 0)


def test_keep_good_imports_the_rest() -> None:
    totals, _told = bring(["A-0,CE-5,powder,0,", *GOOD], keep_good=True)
    assert (totals, Sample.objects.count()) == (Totals(2, 0, 1, True), 2)


def test_a_dry_run_reports_the_same_and_writes_nothing() -> None:
    totals, told = bring(GOOD, dry_run=True)
    assert ([result for _row, result, _reason in told], totals.written) == (["accepted", "accepted"], False)
    assert (Sample.objects.count(), Movement.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A-1,CE-5,powder,0,", "mass is zero."),
        ("A-1,CE-5,powder,-1,", "mass is below zero: -1."),
        ("A-1,CE-5,powder,−1,", "mass is below zero: −1."),
        ("A-1,CE-5,powder,,", "There is no mass; a sample in stock has one."),
        ("A-1,CE-5,powder,about 5,", "mass: Enter a mass in mg with at most three decimals, such as 1.25."),
        ("A-1,CE-5,powder,1e3,", "mass: Enter a mass in mg with at most three decimals, such as 1.25."),
        ("A-1,CE-5,powder,0.0001,", "mass: Enter a mass in mg with at most three decimals, such as 1.25."),
        (
            'A-1,CE-5,powder,"1,250",',
            "mass: “1,250” can be read in two ways. Write 1.250 or 1250, without separators of thousands.",
        ),
        ("A-1,CE-5,powder,=SUM(A1),", "mass is a formula; save the file with its values."),
        ("A-1,CE-5,powder,5,=cmd()", "description is a formula; save the file with its values."),
        ("+1,CE-5,powder,5,", "“+1” begins like a formula."),
        ("@A,CE-5,powder,5,", "“@A” begins like a formula."),
        (",CE-5,powder,5,", "There is no catalogue number."),
        ("../x,CE-5,powder,5,", "“../x” cannot be part of an address."),
        ("a//b,CE-5,powder,5,", "“a//b” cannot be part of an address."),
        (f"{'A' * 61},CE-5,powder,5,", "A catalogue number has at most 60 characters."),
        ("A  1,CE-5,powder,5,", "“A  1” holds characters that nobody sees."),
        ("A\u200b1,CE-5,powder,5,", "“A\u200b1” holds characters that nobody sees."),
        ("A-1,CE-5,powder,5,a\x00b", "description holds control characters."),
        ("A-1,CE-9,powder,5,", "mission “CE-9” is unknown; known are CE-5, CE-6."),
        ("A-1,CE-5,soil,5,", None),
        ("A-1,CE-5,powder,5", "4 cells under 5 headings."),
        ("A-1,CE-5,powder,5,,more", "6 cells under 5 headings."),
        (f"A-1,CE-5,powder,5,{'x' * 5001}", "description is longer than 5000 characters."),
    ],
)
def test_a_dirty_row_is_refused_with_its_reason(row: str, reason: str | None) -> None:
    totals, told = bring([row])
    assert (totals.refused, Sample.objects.count(), told[0][0]) == (1, 0, 2)
    if reason is None:
        reason = "preparation “soil” is unknown; known are powder, clast, polished-section, grain, fib-section, other."
    assert told[0][2] == reason


@pytest.mark.parametrize("word", ["Powder", "POWDER", " powder ", "polished section", "Polished_Section", "SECTION"])
def test_words_are_known_in_any_case(word: str) -> None:
    totals, _told = bring([f"A-1,CE-5,{word},5,"])
    assert totals.accepted == 1


@pytest.mark.parametrize(("typed", "mg"), [("1.25", "1.25"), ('"1,25"', "1.25"), ("0.001", "0.001"), ("5 mg", "5")])
def test_a_mass_is_read_as_people_write_it(typed: str, mg: str) -> None:
    bring([f"A-1,CE-5,powder,{typed},"])
    assert Sample.objects.get().initial_mg == Decimal(mg)


@pytest.mark.parametrize(
    ("grams", "mg"), [("1.73125", "1731.25"), ("0.000001", "0.001"), ('"0,5"', "500"), ("2 g", "2000"), ("55", "55000")]
)
def test_grams_become_milligrams_exactly(grams: str, mg: str) -> None:
    totals, told = bring([f"A-1,CE-5,powder,{grams},"], mapping=read_mapping('{"mass_unit": "g"}'))
    assert (totals.accepted, told[0][2], Sample.objects.get().initial_mg) == (1, "", Decimal(mg))


@pytest.mark.parametrize("grams", ["0.0000001", '"1,250"', "1e-3"])
def test_grams_that_are_too_fine_or_unclear_are_refused(grams: str) -> None:
    totals, _told = bring([f"A-1,CE-5,powder,{grams},"], mapping=read_mapping('{"mass_unit": "g"}'))
    assert totals.refused == 1


def test_a_number_that_stands_twice_is_refused_the_second_time() -> None:
    totals, told = bring(["A-1,CE-5,powder,5,", "A-1,CE-5,powder,6,"], keep_good=True)
    assert (totals, told[1]) == (Totals(1, 0, 1, True), (3, "refused", "This number stands in row 2 already."))
    assert Sample.objects.get().initial_mg == 5


def test_empty_rows_are_passed_over_and_counted() -> None:
    _totals, told = bring(["", ",,,,", "A-1,CE-5,powder,5,"])
    assert told == [(4, "accepted", "")]


def test_a_parent_stands_in_a_row_before_or_in_the_catalogue() -> None:
    powder(catalogue_number="OLD")
    header = "catalogue_number,mission,preparation,mass,parent"
    totals, told = bring(
        ["P,CE-5,powder,9,", "C,CE-5,powder,3,P", "D,CE-5,clast,2,OLD", "E,CE-5,clast,2,LATER"],
        header=header,
        keep_good=True,
    )
    assert (totals.accepted, totals.refused) == (3, 1)
    assert told[3][2] == "The parent LATER is neither in the catalogue nor in a row before."
    child = Sample.objects.get(catalogue_number="C")
    assert child.parent.catalogue_number == "P"  # type: ignore[union-attr]


def test_what_publications_state_never_becomes_a_movement() -> None:
    mapping = read_mapping('{"constants": {"origin": "publications", "source": "a paper"}}')
    totals, _told = bring(["A-1,CE-5,powder,500,"], mapping=mapping)
    again, _told = bring(["A-1,CE-5,powder,500,"], mapping=mapping)
    found = Sample.objects.get()
    assert (totals.accepted, again.unchanged, found.stated_mass_mg, found.initial_mg) == (1, 1, 500, 0)
    assert Movement.objects.count() == 0


def test_what_publications_state_needs_its_source() -> None:
    _totals, told = bring(["A-1,CE-5,powder,500,"], mapping=read_mapping('{"constants": {"origin": "publications"}}'))
    assert told[0][2] == "What is known from publications needs its source."


def test_a_catalogue_in_its_own_words_is_mapped() -> None:
    mapping = read_mapping(
        json.dumps(
            {
                "columns": {
                    "catalogue_number": "Sample",
                    "preparation": "Type",
                    "mass": "Weight (g)",
                    "remaining_percent": "Pristine",
                },
                "constants": {"mission": "CE-5"},
                "values": {"preparation": {"Basalt": "clast", "soil": "powder", "*": "other"}},
                "mass_unit": "g",
                "delimiter": ";",
            }
        )
    )
    lines = ["10001;BASALT;1.5;50;x", "10002;Soil;2;100;", "10003;breccia;3;104.2;", "10004;;3;0;", "10005;odd;3;10;"]
    totals, told = bring(lines, header="Sample;Type;Weight (g);Pristine;ignored", mapping=mapping, keep_good=True)
    assert [(row, result) for row, result, _reason in told] == [
        (2, "accepted"),
        (3, "accepted"),
        (4, "refused"),
        (5, "refused"),
        (6, "accepted"),
    ]
    assert told[2][2] == "remaining_percent is 104.2, not above 0 and at most 100."
    rows = Sample.objects.values_list("catalogue_number", "preparation", "initial_mg").order_by("catalogue_number")
    assert list(rows) == [
        ("10001", Preparation.CLAST, Decimal(750)),
        ("10002", Preparation.POWDER, Decimal(2000)),
        ("10005", Preparation.OTHER, Decimal(300)),
    ]
    assert totals.written


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "The file is empty: its first line names the columns."),
        (b"PK\x03\x04rest", "This is XLSX. Save it as CSV in UTF-8."),
        (b"%PDF-1.7", "This is PDF. Save it as CSV in UTF-8."),
        (b"\xff\xfea\x00", "This is UTF-16. Save it as CSV in UTF-8."),
        (
            b"number,mission\n",
            "Nothing says where catalogue_number, preparation is read from: name a column or a constant.",
        ),
        (b"mission,mission\n", "These columns stand twice: mission."),
        ("catalogue_number,mission,preparation\n粉末,,".encode("gb18030"), None),
        (f'{HEADER}\n"A-1,CE-5,powder,5,'.encode(), None),
        (f"{HEADER}\nA-1,CE-5,powder,5,{'x' * 140_000}".encode(), None),
    ],
)
def test_a_file_that_is_no_such_file_is_refused_as_a_whole(text: bytes, words: str | None) -> None:
    with pytest.raises(Invalid) as refusal:
        bring([], text=text)
    assert words is None or str(refusal.value.message) == words
    assert Sample.objects.count() == 0


def test_a_byte_order_mark_and_gb18030_are_read() -> None:
    text = f"{HEADER}\nA-1,CE-5,powder,5,月壤\n"
    bring([], text=("\ufeff" + text).encode())
    bring([], text=text.replace("A-1", "A-2").encode("gb18030"), mapping=read_mapping('{"encoding": "gb18030"}'))
    assert list(Sample.objects.values_list("description", flat=True)) == ["月壤", "月壤"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "The mapping is not JSON"),
        ("[]", "The mapping is one JSON object."),
        ('{"unit": "g"}', "The mapping has unknown parts: unit."),
        ('{"mass_unit": "kg"}', "“kg” is unknown here; there are 'mg', 'g'."),
        ('{"columns": {"colour": "c"}}', "There is no field colour"),
        ('{"columns": {"mass": 5}}', "“columns” gives each field one text."),
        ('{"columns": {"mass": "m"}, "constants": {"mass": "5"}}', "Both a column and a constant: mass."),
        ('{"values": {"mission": "x"}}', "“values” gives each field an object of words."),
    ],
)
def test_a_wrong_mapping_is_refused(text: str, words: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_mapping(text)
    assert str(refusal.value.message).startswith(words)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(Invalid) as refusal:
        bring(GOOD, mapping=read_mapping('{"columns": {"mass": "Weight"}}'))
    assert str(refusal.value.message) == "The file has no column Weight."


def test_only_keepers_of_the_stock_import() -> None:
    totals, told = bring(GOOD, by=UserFactory())
    assert (totals.accepted, told[0]) == (0, (2, "refused", "Only curators change the stock."))
    totals, _told = bring(GOOD, by=UserFactory(roles=["curator"]))
    assert totals.accepted == 2


def test_a_sample_known_from_publications_is_not_overwritten_by_stock() -> None:
    known(catalogue_number="A-1")
    _totals, told = bring(["A-1,CE-5,powder,100,"], header=HEADER)
    assert told[0][1] == "refused"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=12), min_size=5, max_size=5))
def test_no_row_whatever_it_holds_breaks_the_import(cells: list[str]) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.encode("utf-8", "ignore").decode().replace('"', '""') + '"'

    totals, told = bring([",".join(map(quoted, cells))], dry_run=True)
    assert totals.accepted + totals.unchanged + totals.refused == len(told)
    assert all(reason for _row, result, reason in told if result == "refused")


def test_an_igsn_comes_in_plainly_or_not_at_all() -> None:
    header = f"{HEADER},igsn"
    rows = ["A-1,CE-5,powder,100,Soil,https://doi.org/10.12345/abc", "A-2,CE-5,clast,36.2,,"]
    assert bring(rows, header=header)[0] == Totals(2, 0, 0, True)
    assert list(Sample.objects.values_list("igsn", flat=True)) == ["10.12345/ABC", ""]
    assert bring(rows, header=header)[0] == Totals(0, 2, 0, False)
    _totals, told = bring(["A-3,CE-5,powder,1,,ABC", "A-4,CE-5,powder,1,,10.12345/ABC"], header=header)
    assert told == [
        (2, "refused", "An IGSN is a DOI such as 10.12345/ABC001."),
        (3, "refused", "Another sample has this IGSN."),
    ]
    _totals, told = bring(["A-1,CE-5,powder,100,Soil,10.12345/OTHER"], header=header)
    assert told == [(2, "refused", "In the catalogue with another igsn.")]


class TestCommand:
    """The command prints what became of each row."""

    def run(self, path: Path, *words: str) -> str:
        output = io.StringIO()
        call_command("import_samples", str(path), *words, stdout=output)
        return output.getvalue()

    def file(self, directory: Path, lines: list[str]) -> Path:
        mission()
        path = directory / "catalogue.csv"
        path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
        return path

    def test_each_row_and_the_sum_are_printed(self, tmp_path: Path) -> None:
        printed = self.run(self.file(tmp_path, GOOD))
        assert printed.splitlines() == [
            "row 2: accepted A-1",
            "row 3: accepted A-2",
            "2 accepted, 0 unchanged, 0 refused.",
        ]

    def test_a_refused_row_fails_the_command_and_keeps_everything_out(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="2 accepted, 0 unchanged, 1 refused. Nothing was imported"):
            self.run(self.file(tmp_path, [*GOOD, "A-3,CE-5,powder,0,"]))
        assert Sample.objects.count() == 0

    def test_keep_good_succeeds(self, tmp_path: Path) -> None:
        printed = self.run(self.file(tmp_path, [*GOOD, "A-3,CE-5,powder,0,"]), "--keep-good")
        assert "row 4: refused A-3: mass is zero." in printed
        assert Sample.objects.count() == 2

    def test_a_dry_run_says_so(self, tmp_path: Path) -> None:
        printed = self.run(self.file(tmp_path, GOOD), "--dry-run")
        assert (
            printed.splitlines()[-1] == "2 accepted, 0 unchanged, 0 refused. Nothing was imported: this was a dry run."
        )
        assert Sample.objects.count() == 0

    def test_a_mapping_and_an_encoding_are_taken(self, tmp_path: Path) -> None:
        mission()
        path, mapping = tmp_path / "c.csv", tmp_path / "m.json"
        path.write_bytes("编号,质量\nA-1,1.5\n".encode("gb18030"))
        columns = {"catalogue_number": "编号", "mass": "质量"}
        constants = {"mission": "CE-5", "preparation": "powder"}
        mapping.write_text(json.dumps({"columns": columns, "constants": constants, "mass_unit": "g"}), encoding="utf-8")
        self.run(path, "--mapping", str(mapping), "--encoding", "gb18030")
        assert Sample.objects.get().initial_mg == 1500

    def test_the_movement_names_who_imported(self, tmp_path: Path) -> None:
        keeper = UserFactory(roles=["curator"])
        self.run(self.file(tmp_path, GOOD), "--by", keeper.email)
        assert {movement.by for movement in Movement.objects.all()} == {keeper}

    @pytest.mark.parametrize("words", [("--by", "nobody@example.org"), ("--mapping", "/no/such/file")])
    def test_what_is_not_there_is_a_plain_sentence(self, tmp_path: Path, words: tuple[str, ...]) -> None:
        with pytest.raises(CommandError):
            self.run(self.file(tmp_path, GOOD), *words)
