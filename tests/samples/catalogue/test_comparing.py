"""Up to six samples side by side: which ones stands in the address; only what everybody may see; public masses."""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from samples import ledger
from samples.models import Dataset, Treatment
from tests.counting import queries_of
from tests.factories.accounts import UserFactory
from tests.factories.applications import call_of
from tests.factories.samples import clast, known, powder, section

pytestmark = pytest.mark.django_db


@pytest.fixture
def four() -> None:
    """Have a powder, a clast, a section and a number from a paper."""
    powder(100, catalogue_number="A-1", description="Soil", mission="CE-6")
    clast("36.2", catalogue_number="B-2")
    section("21.4", catalogue_number="C/3 x")
    known(catalogue_number="PAPER", stated_mass_mg=500)


def compared(client: Client, query: str) -> Any:
    return client.get(f"/compare/?{query}")


def test_samples_stand_in_the_order_of_the_address_each_once(four: None, client: Client) -> None:
    context = compared(client, "sample=C/3+x&sample=A-1&sample=C/3+x&sample=PAPER").context
    assert [str(column["sample"]) for column in context["columns"]] == ["C/3 x", "A-1", "PAPER"]
    assert [column["without"] for column in context["columns"]] == [
        "sample=A-1&sample=PAPER",
        "sample=C%2F3+x&sample=PAPER",
        "sample=C%2F3+x&sample=A-1",
    ]


def test_hidden_and_absent_are_the_same(four: None, client: Client) -> None:
    powder(9, catalogue_number="SECRET", published_at=None, description="hidden words")
    client.force_login(UserFactory())
    pages = [
        compared(client, f"sample=A-1&sample={name}").content.decode().replace(name, "…")
        for name in ("SECRET", "NOTHING")
    ]
    assert pages[0] == pages[1]
    assert "Not in the catalogue: …." in pages[0]


def test_nothing_to_compare_leads_to_the_catalogue(client: Client) -> None:
    page = compared(client, "").content.decode()
    assert "Nothing has been put aside to be compared." in page
    assert 'href="/samples/"' in page


@pytest.mark.parametrize(
    "query",
    [
        "&".join(f"sample={n}" for n in range(7)),
        "colour=red",
        "sample=A-1&format=exe",
        f"sample={'x' * 61}",
        "sample=%00",
    ],
)
def test_what_a_comparison_does_not_know_is_a_400(four: None, client: Client, query: str) -> None:
    assert compared(client, query).status_code == 400


def test_history_data_calls_and_parents_stand_below_each_other(four: None, client: Client) -> None:
    hidden = powder(9, catalogue_number="SECRET", published_at=None)
    one = clast(3, catalogue_number="D-4", parent=hidden)
    Treatment.objects.create(sample=one, day=date(2024, 3, 2), kind="coating", description="Gold", source="log")
    Treatment.objects.create(sample=one, kind="beam", description="Electrons", source="log")
    Dataset.objects.create(sample=one, measured="Pores", technique="XCT", published_in="a paper")
    call = call_of(samples=[one])
    page = compared(client, "sample=A-1&sample=D-4").content.decode()
    assert "<b>Beam</b>: Electrons<br><b>Coating</b>: Gold" in page
    assert 'Pores <span class="hint">X-ray computed tomography</span>' in page
    assert f'<a href="/calls/{call.slug}/">' in page
    assert "SECRET" not in page


def test_a_number_from_a_paper_shows_no_balance(four: None, client: Client) -> None:
    page = compared(client, "sample=PAPER").content.decode()
    assert "massbar" not in page
    assert 'No balance: a paper speaks of <b><span class="nowrap">500 mg</span></b>' in page


def test_files_hold_the_compared_samples_in_their_order(four: None, client: Client) -> None:
    query = "sample=PAPER&sample=A-1"
    rows = list(csv.DictReader(io.StringIO(compared(client, f"{query}&format=csv").content.decode("utf-8-sig"))))
    items = json.loads(compared(client, f"{query}&format=json").content)["results"]
    assert [row["catalogue_number"] for row in rows] == [item["catalogue_number"] for item in items] == ["PAPER", "A-1"]
    assert [row["free_mg"] for row in rows] == ["", "100.000"]


def test_a_hold_moves_no_byte_of_a_comparison(four: None, client: Client) -> None:
    soil, piece = powder(100, catalogue_number="H-1"), clast(5, catalogue_number="H-2")
    queries = [f"sample=H-1&sample=H-2{kind}" for kind in ("", "&format=csv", "&format=json")]
    before = [compared(client, query).content for query in queries]
    held = [ledger.hold(soil, Decimal(60), by=UserFactory()), ledger.hold(piece, None, by=UserFactory())]
    assert [compared(client, query).content for query in queries] == before
    ledger.allocate(held, by=None)
    assert [compared(client, query).content for query in queries] != before


def test_one_sample_costs_as_many_queries_as_six(client: Client) -> None:
    parent = powder(90, catalogue_number="P")
    for number in range(6):
        one = clast(3, catalogue_number=f"Q-{number}", parent=parent)
        for _ in range(number + 1):
            Treatment.objects.create(sample=one, kind="gas", description="Nitrogen", source="log")
            Dataset.objects.create(sample=one, measured="Pores", technique="XCT", published_in="a paper")
    call_of(samples=[one])
    one_query, all_queries = "sample=Q-0", "&".join(f"sample=Q-{n}" for n in range(6))
    assert len(queries_of(client, f"/compare/?{one_query}")) == len(queries_of(client, f"/compare/?{all_queries}")) <= 6


# --- The tray of the catalogue --------------------------------------------------------------------------


def test_the_tray_keeps_numbers_in_the_address_beside_the_filters(four: None, client: Client) -> None:
    context = client.get("/samples/?kind=clast&view=table&compare=A-1&compare=C/3+x").context
    assert [(chip.label, chip.query) for chip in context["tray"]] == [
        ("A-1", "kind=clast&view=table&compare=C%2F3+x"),
        ("C/3 x", "kind=clast&view=table&compare=A-1"),
    ]
    assert context["comparison"] == "sample=A-1&sample=C%2F3+x"
    assert context["kept"] == [("kind", "clast"), ("view", "table"), ("compare", "A-1"), ("compare", "C/3 x")]


def test_filtering_and_leafing_keep_the_tray(four: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("samples.catalogue.views.SIZE", 1)
    page = client.get("/samples/?compare=A-1").content.decode()
    assert '<input type="hidden" name="compare" value="A-1">' in page
    assert "compare=A-1&amp;cursor=" in page


def test_removing_every_filter_keeps_the_tray(four: None, client: Client) -> None:
    page = client.get("/samples/?q=nothing&compare=A-1").content.decode()
    assert '<a href="/samples/?compare=A-1">Remove all filters</a>' in page


def test_a_full_tray_offers_no_seventh(four: None, client: Client) -> None:
    query = "&".join(f"compare=N-{number}" for number in range(6))
    page = client.get(f"/samples/?{query}").content.decode()
    assert "Six stand side by side at most." in page
    assert '<button class="btn btn--second btn--small" name="compare"' not in page
    assert client.get(f"/samples/?{query}&compare=N-6").status_code == 400


def test_the_tray_changes_neither_list_nor_file(four: None, client: Client) -> None:
    assert client.get("/samples/?format=csv&compare=A-1").content == client.get("/samples/?format=csv").content
