"""Files of history and of data: all rows or none, told row by row, twice the same changes nothing."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.errors import Denied, Invalid
from samples.models import Dataset, Sample, Treatment
from samples.stock.entry_files import Headings, load
from samples.stock.importing import Outcome, Totals
from tests.factories.accounts import UserFactory
from tests.factories.samples import powder

pytestmark = pytest.mark.django_db
HISTORY = "catalogue_number,day,kind,description,description_zh,source"
DATA = "catalogue_number,measured,technique,published_in,doi"
GOOD = ["A-1,2024-03-02,Coating,Gold,镀金,log", " A-1 ,,BEAM,Electrons,,log"]


def bring(
    lines: list[str], *, header: str = HISTORY, sort: str = "history", **options: Any
) -> tuple[Totals, list[Any]]:
    """Load lines about A-1 and return the totals and what was told: row, number, result, reason."""
    if not Sample.objects.filter(catalogue_number="A-1").exists():
        powder(catalogue_number="A-1")
    told: list[Outcome] = []
    file = io.BytesIO("\n".join([header, *lines]).encode())
    totals = load(file, Headings(sort=sort), by=options.pop("by", None), tell=told.append, **options)
    return totals, [(one.row, one.result, str(one.reason)) for one in told]


def test_rows_become_entries_of_their_sample() -> None:
    assert bring(GOOD) == (Totals(2, 0, 0, True), [(2, "accepted", ""), (3, "accepted", "")])
    assert list(Treatment.objects.order_by("pk").values_list("day", "kind", "description", "description_zh")) == [
        (date(2024, 3, 2), "coating", "Gold", "镀金"),
        (None, "beam", "Electrons", ""),
    ]


def test_the_same_file_twice_changes_nothing() -> None:
    bring(GOOD)
    totals, told = bring([*GOOD, GOOD[0]])
    assert (totals, [result for _row, result, _reason in told]) == (Totals(0, 3, 0, False), ["unchanged"] * 3)
    assert Treatment.objects.count() == 2


def test_one_refused_row_keeps_everything_out_unless_the_good_ones_are_kept() -> None:
    lines = [*GOOD, "A-9,,gas,Nitrogen,,log"]
    assert bring(lines)[0] == Totals(2, 0, 1, False)
    assert Treatment.objects.count() == 0
    assert bring(lines, dry_run=True, keep_good=True)[0].written is False
    assert bring(lines, keep_good=True)[0] == Totals(2, 0, 1, True)
    assert Treatment.objects.count() == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("A-9,,gas,Nitrogen,,log", "A-9 is not in the catalogue."),
        ("A-1,,,Nitrogen,,log", "kind is empty."),
        ("A-1,,gas,,,", "description, source is empty."),
        ("A-1,2.3.2024,gas,Nitrogen,,log", "day is written as 2026-01-31, not “2.3.2024”."),
        ("A-1,9999-01-01,gas,Nitrogen,,log", "This day has not come yet."),
        ("A-1,,gas,=1+1,,log", "description is a formula; save the file with its values."),
        ("A-1,,gas,Nitrogen,,log,more", "7 cells under 6 headings."),
        (
            "A-1,,air,Nitrogen,,log",
            "kind “air” is unknown; known are gas, tool, cutting, mount, coating, beam, cleaning, heating, other.",
        ),
    ],
)
def test_a_dirty_row_is_refused_with_its_reason(line: str, reason: str) -> None:
    assert bring([line])[1] == [(2, "refused", reason)]


@pytest.mark.parametrize(
    ("typed", "kept"), [("XCT", "XCT"), ("x-ray computed tomography", "XCT"), ("X射线衍射", "XRD"), ("ours", "ours")]
)
def test_a_technique_is_known_by_its_code_or_its_name(typed: str, kept: str) -> None:
    bring([f"A-1,Pores,{typed},A paper,doi:10.1000/x"], header=DATA, sort="data")
    assert list(Dataset.objects.values_list("technique", "doi")) == [(kept, "10.1000/x")]
    assert bring([f"A-1,Pores,{typed},A paper,10.1000/x"], header=DATA, sort="data")[0].unchanged == 1


@pytest.mark.parametrize(
    "header", ["catalogue_number,kind,description", HISTORY + ",colour", HISTORY + ",kind", DATA, "", "a,b"]
)
def test_a_file_with_other_headings_is_refused_as_a_whole(header: str) -> None:
    with pytest.raises(Invalid) as refusal:
        bring(GOOD, header=header)
    assert refusal.value.code in ("header", "file")


def test_only_keepers_of_the_stock_import() -> None:
    with pytest.raises(Denied):
        bring(GOOD, by=UserFactory())


def test_the_command_prints_each_row_and_the_sum(tmp_path: Path) -> None:
    powder(catalogue_number="A-1")
    path, output = tmp_path / "history.csv", io.StringIO()
    path.write_text("\n".join([HISTORY, *GOOD]), encoding="utf-8")
    call_command("import_records", "history", str(path), stdout=output)
    assert "row 2: accepted A-1" in output.getvalue()
    assert "2 accepted, 0 unchanged, 0 refused." in output.getvalue()
    path.write_text("\n".join([HISTORY, "A-9,,gas,Nitrogen,,log"]), encoding="utf-8")
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_records", "history", str(path), stdout=output)
