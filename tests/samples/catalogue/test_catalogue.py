"""The public catalogue: filters with honest counts, pages that miss nobody, files of exactly what is shown."""

import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from openpyxl import load_workbook

from portal.units import format_mass
from samples import ledger
from samples.catalogue import items, queries, shown
from samples.catalogue.forms import FilterForm
from samples.catalogue.queries import SORTS, Filters
from samples.enums import SampleStatus, UseClass
from samples.models import Sample
from tests.counting import queries_of
from tests.factories.accounts import UserFactory
from tests.factories.samples import clast, known, mission, powder, section

pytestmark = pytest.mark.django_db
MOST_QUERIES = 8


@pytest.fixture
def five() -> None:
    """Have two powders, a clast and a section of both sides, and one sample known from publications."""
    powder(100, catalogue_number="N-POWDER", mission="CE-5", acquisition="scooped", description="Soil")
    powder(50, catalogue_number="F-POWDER", mission="CE-6", acquisition="drilled", description_zh="岩芯粉末")
    clast("36.2", catalogue_number="F-CLAST", mission="CE-6", acquisition="scooped")
    section("21.4", catalogue_number="N-SECTION", mission="CE-5", acquisition="scooped")
    known(catalogue_number="PAPER", mission=mission(), stated_mass_mg=500)


def numbers(client: Client, query: str = "") -> list[str]:
    """Return the catalogue numbers that a page of the catalogue shows, in their order."""
    return [sample.catalogue_number for sample in client.get(f"/samples/?{query}").context["page"].rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["F-CLAST", "F-POWDER", "N-POWDER", "N-SECTION", "PAPER"]),
        ("hemisphere=far", ["F-CLAST", "F-POWDER"]),
        ("mission=CE-5", ["N-POWDER", "N-SECTION", "PAPER"]),
        ("kind=powder", ["F-POWDER", "N-POWDER", "PAPER"]),
        ("kind=powder&kind=clast&hemisphere=far", ["F-CLAST", "F-POWDER"]),
        ("acquisition=drilled", ["F-POWDER"]),
        ("known_from=publications", ["PAPER"]),
        ("least=36.2", ["F-CLAST", "F-POWDER", "N-POWDER"]),
        ("least=36,3", ["F-POWDER", "N-POWDER"]),
        ("q=soil", ["N-POWDER"]),
        ("q=岩芯", ["F-POWDER"]),
        ("q=n-s", ["N-SECTION"]),
        ("sort=number", ["F-CLAST", "F-POWDER", "N-POWDER", "N-SECTION", "PAPER"]),
        ("sort=initial", ["N-POWDER", "F-POWDER", "F-CLAST", "N-SECTION", "PAPER"]),
        ("call=none&call=no-such-call", []),
        ("sort=free", ["N-POWDER", "F-POWDER", "F-CLAST", "N-SECTION", "PAPER"]),
        ("call=no-such-call", []),
    ],
)
def test_a_filter_shows_what_matches_and_nothing_else(five: None, client: Client, query: str, found: list[str]) -> None:
    assert numbers(client, query) == found


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "kind=soil",
        "hemisphere=left",
        "mission=CE-9",
        "sort=mass",
        "view=map",
        "cursor=x",
        "format=exe",
        "call=a b",
    ],
)
def test_what_the_catalogue_does_not_know_is_a_400(five: None, client: Client, query: str) -> None:
    answer = client.get(f"/samples/?{query}")
    assert answer.status_code == 400
    assert "<title>The request cannot be read" in answer.content.decode()


@pytest.mark.parametrize("query", ["least=1,250", "least=-1", "least=x", "q=%00", f"q={'x' * 61}"])
def test_what_is_typed_wrong_is_said_at_its_field(five: None, client: Client, query: str) -> None:
    answer = client.get("/samples/?" + query)
    assert answer.status_code == 400
    assert '<ul class="grid">' in answer.content.decode()
    assert "There is a problem" in answer.content.decode()


def test_samples_that_are_not_published_are_in_no_figure(client: Client, five: None) -> None:
    before = client.get("/samples/").content
    powder(77, catalogue_number="HIDDEN", published_at=None)
    clast(88, catalogue_number="GONE", status=SampleStatus.WITHDRAWN)
    clast(99, catalogue_number="LOST", status=SampleStatus.LOST)
    assert client.get("/samples/").content == before


def test_counts_of_a_facet_stand_beside_the_other_filters(five: None) -> None:
    filters = Filters(hemisphere=("far",), kind=("clast",))
    cells = queries.cube(filters)
    kinds = {option.value: option.number for option in shown.options(cells, filters, "kind", shown.labels([])["kind"])}
    sides = shown.options(cells, filters, "hemisphere", shown.labels([])["hemisphere"])
    assert {kind: number for kind, number in kinds.items() if number} == {"powder": 1, "clast": 1}
    assert [(side.value, side.number, side.checked) for side in sides] == [("near", 0, False), ("far", 1, True)]


def test_counts_agree_with_what_is_shown(five: None, client: Client) -> None:
    page = client.get("/samples/")
    for facet in page.context["facets"]:
        for option in facet.options:
            assert len(numbers(client, f"{facet.name}={option.value}")) == option.number


def test_known_from_publications_is_in_no_total(five: None, client: Client) -> None:
    context = client.get("/samples/").context
    assert (context["number"], context["free_mg"]) == (5, Decimal("207.6"))
    page = client.get("/samples/?known_from=publications").content.decode()
    assert "massbar" not in page
    assert "Not requestable, in no total." in page


def test_permanent_and_backup_storage_are_free_to_nobody(client: Client) -> None:
    powder(100, use_class=UseClass.PERMANENT)
    powder(50, use_class=UseClass.BACKUP)
    assert client.get("/samples/").context["free_mg"] == 0


def test_an_empty_list_says_which_filter_removed_what(five: None, client: Client) -> None:
    context = client.get(
        "/samples/?hemisphere=far&kind=section&kind=polished-section".replace("kind=section&", "")
    ).context
    assert [(way.label, way.number, way.query) for way in context["ways_out"]] == [
        ("Polished section", 2, "hemisphere=far"),
        ("Far side", 1, "kind=polished-section"),
    ]
    context = client.get("/samples/?q=nothing&least=1000").context
    assert [(way.label, way.number) for way in context["ways_out"]] == [("“nothing”", 0), ("at least 1000 mg free", 0)]


def test_what_each_filter_removed_is_counted_as_it_would_be_shown(five: None, client: Client) -> None:
    query = "q=f-&kind=section&kind=polished-section&least=20&hemisphere=far&call=none".replace("kind=section&", "")
    context = client.get(f"/samples/?{query}").context
    assert [way.label for way in context["ways_out"]] == [
        "Far side",
        "Polished section",
        "offered in none",
        "“f-”",
        "at least 20 mg free",
    ]
    for way in context["ways_out"]:
        assert len(numbers(client, way.query)) == way.number


def test_more_filters_cost_one_query_more_at_most(five: None, client: Client) -> None:
    one = queries_of(client, "/samples/?q=nothing")
    many = queries_of(client, "/samples/?q=nothing&least=9&call=none&kind=grain&hemisphere=far&mission=CE-5")
    assert len(one) == len(many)


def test_each_chip_drops_one_value(five: None) -> None:
    query = QueryDict("kind=powder&kind=clast&least=1&cursor=abc")
    form = FilterForm(query, [])
    chips = shown.chips(query, form.filters(), {**shown.labels([]), "call": {}})
    assert [(chip.label, chip.query) for chip in chips] == [
        ("Powder", "least=1&kind=clast"),
        ("Rock clast", "least=1&kind=powder"),
        ("at least 1 mg free", "kind=powder&kind=clast"),
    ]


@pytest.mark.parametrize("sort", SORTS)
def test_pages_show_every_row_once_forwards_and_back(
    client: Client, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samples.catalogue.views.SIZE", 4)
    for mass in (5, 5, 5, 20, 20, 1, 7, 7, 7, 7, 3):
        powder(mass)
    known()
    known()
    whole = list(queries.catalogue(Filters()).order_by(*SORTS[sort]).values_list("catalogue_number", flat=True))
    forwards, pages, cursor = [], [], ""
    while True:
        page = client.get("/samples/", {"sort": sort, **({"cursor": cursor} if cursor else {})}).context["page"]
        pages.append([row.catalogue_number for row in page.rows])
        forwards += pages[-1]
        if not page.next:
            break
        cursor = page.next
    assert (forwards, len(forwards)) == (whole, 13)
    backwards = []
    while page.previous:
        page = client.get("/samples/", {"sort": sort, "cursor": page.previous}).context["page"]
        backwards.insert(0, [row.catalogue_number for row in page.rows])
    assert backwards == pages[:-1]


def test_a_page_costs_the_same_for_one_row_and_for_thirty(client: Client) -> None:
    counts = []
    for more in (1, 29):
        for _ in range(more):
            powder(5)
            parent = powder(5)
            Sample.objects.filter(pk=clast(3).pk).update(parent=parent)
            known()
        for query in ("", "view=table", "q=TEST&kind=powder&sort=free"):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                assert client.get(f"/samples/?{query}").status_code == 200
            counts.append(len(captured))
    assert counts[:3] == counts[3:]
    assert max(counts) <= MOST_QUERIES


@pytest.mark.parametrize(
    "query",
    [
        "",
        "kind=powder",
        "hemisphere=far&sort=free",
        "known_from=publications",
        "q=soil",
        "least=30&sort=initial",
        "kind=grain",
    ],
)
def test_files_hold_exactly_what_is_shown(five: None, client: Client, query: str) -> None:
    shown_numbers = numbers(client, query)
    book = load_workbook(io.BytesIO(client.get(f"/samples/?{query}&format=xlsx").content)).active
    heading, *cells = book.iter_rows(values_only=True)
    assert [row[0] for row in cells] == shown_numbers
    assert heading == items.ITEM
    sheet = client.get(f"/samples/?{query}&format=csv")
    listed = client.get(f"/samples/?{query}&format=json")
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert [row["catalogue_number"] for row in rows] == shown_numbers
    listed_items = json.loads(listed.content)["results"]
    assert [item["catalogue_number"] for item in listed_items] == shown_numbers
    assert [list(row) for row in rows] == [list(item) for item in listed_items]
    assert sheet["Content-Disposition"] == 'attachment; filename="samples.csv"'


def test_files_have_the_columns_of_the_table_first_and_its_figures(five: None, client: Client) -> None:
    assert items.ITEM[:9] == (
        "catalogue_number",
        "mission",
        "hemisphere",
        "kind",
        "acquisition",
        "initial_mg",
        "allocated_mg",
        "free_mg",
        "standing",
    )
    rows = client.get("/samples/?view=table").context["page"].rows
    found = json.loads(client.get("/samples/?format=json").content)["results"]
    assert [(one.catalogue_number, one.standing.code) for one in rows] == [
        (one["catalogue_number"], one["standing"]) for one in found
    ]
    page = client.get("/samples/?view=table").content.decode()
    for one in found:
        if one["free_mg"]:
            assert format_mass(Decimal(one["free_mg"])) in page


def test_the_table_leads_back_to_the_cards_and_keeps_the_question(client: Client) -> None:
    powder(9)
    page = client.get("/samples/?view=table").content.decode()
    assert any(f'<a href="{way}">Cards</a>' in page for way in ("/samples/", "/samples/?"))
    page = client.get("/samples/?q=moon&view=table").content.decode()
    assert '<a href="/samples/?q=moon">Cards</a>' in page


def test_a_file_names_no_parent_that_nobody_may_see(client: Client) -> None:
    hidden = powder(9, catalogue_number="SECRET", published_at=None)
    clast(3, catalogue_number="CHILD", parent=hidden)
    for kind in ("csv", "json"):
        assert b"SECRET" not in client.get(f"/samples/?format={kind}").content
    assert b"SECRET" not in client.get("/samples/CHILD/").content


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_spreadsheet_calculates_nothing(client: Client, text: str) -> None:
    powder(1, description=text)
    sheet = client.get("/samples/?format=csv").content.decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(sheet, newline="")))
    assert (row["description"], row["free_mg"]) == (f"'{text}", "1.000")


def test_the_list_speaks_both_languages(five: None, client: Client) -> None:
    with translation.override("en"):  # put back afterwards what the request leaves behind
        page = client.get("/zh-hans/samples/?q=岩芯").content.decode()
    assert "岩芯粉末" in page
    assert "嫦娥六号" in page


def every_surface(client: Client) -> dict[str, Any]:
    """Return everything the public reads of the samples."""
    queries_ = ["", "view=table", "sort=free", "least=60", "format=csv", "format=json", "sort=free&format=json"]
    queries_ += ["sort=initial", "q=soil", "kind=clast&least=36.2", "compare=N-POWDER", "kind=grain&q=soil&least=1000"]
    paths = [f"/samples/?{query}" for query in queries_]
    paths += [f"/compare/?sample=N-POWDER&sample=F-CLAST{kind}" for kind in ("", "&format=csv", "&format=json")]
    paths += [f"/samples/{number}/" for number in Sample.objects.values_list("catalogue_number", flat=True)]
    answers = {path: client.get(path) for path in paths}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {path: (answer.content, answer.headers.get("ETag")) for path, answer in answers.items()}


def test_a_hold_moves_no_byte_of_what_the_public_reads(five: None, client: Client) -> None:
    before = every_surface(client)
    decider = UserFactory()
    soil, piece = (Sample.objects.get(catalogue_number=number) for number in ("N-POWDER", "F-CLAST"))
    held = [ledger.hold(soil, Decimal(60), by=decider), ledger.hold(piece, None, by=decider)]
    assert every_surface(client) == before
    ledger.release(held[1], by=decider)
    assert every_surface(client) == before
    ledger.allocate(held[:1], by=decider)
    after = every_surface(client)
    assert after["/samples/N-POWDER/"] != before["/samples/N-POWDER/"]
    assert after["/samples/F-CLAST/"] == before["/samples/F-CLAST/"]


def test_a_hold_moves_no_cell_of_a_workbook(five: None, client: Client) -> None:
    """Bytes of a workbook hold the moment it was made; its cells are what is read."""

    def cells() -> list[Any]:
        book = load_workbook(io.BytesIO(client.get("/samples/?format=xlsx&sort=free").content)).active
        return list(book.iter_rows(values_only=True))

    before, soil = cells(), Sample.objects.get(catalogue_number="N-POWDER")
    held = ledger.hold(soil, Decimal(60), by=UserFactory())
    assert cells() == before
    ledger.allocate([held], by=None)
    assert cells() != before


def test_twins_of_which_one_is_held_stand_in_the_same_order(client: Client) -> None:
    """Two samples that differ in nothing but a hold: no order, filter, count or page tells which one it is."""
    first, second = powder(100, catalogue_number="T-1"), powder(100, catalogue_number="T-2")
    powder(60, catalogue_number="T-3")
    queries_ = ["", "sort=free", "sort=initial", "sort=newest", "least=70", "least=100", "view=table&sort=free"]

    def read() -> list[Any]:
        return [client.get(f"/samples/?{query}").content for query in queries_] + [
            client.get(f"/samples/?{query}&format=csv").content for query in queries_
        ]

    before = read()
    held = ledger.hold(first, Decimal(60), by=UserFactory())
    assert read() == before
    ledger.release(held, by=UserFactory())
    ledger.hold(second, Decimal(60), by=UserFactory())
    assert read() == before


def test_a_page_of_thirty_cards_in_either_language_stays_below_sixty_kilobytes(client: Client) -> None:
    for number in range(40):
        clast(
            "36.2",
            catalogue_number=f"DEMO-CE5-YX-{number:03}-{'X' * 20}",
            description="Polished section of a glass-bearing regolith breccia with clasts of basalt, whole only",
            description_zh="含玄武岩岩屑的玻璃质表土角砾岩光片，仅整件出借",
        )
    tray = "&".join(f"compare=DEMO-CE5-YX-{number:03}-{'X' * 20}" for number in range(5))
    for path in (f"/samples/?{tray}", f"/samples/?view=table&{tray}", f"/zh-hans/samples/?{tray}"):
        with translation.override("en"):
            assert len(client.get(path).content) <= 60_000
