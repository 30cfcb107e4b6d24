"""The stock's pages: who opens them, what they do, and that a hold shows on none of them."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from samples import ledger
from samples.models import Sample
from samples.stock.actions import version_of
from tests.factories.accounts import UserFactory
from tests.factories.samples import mission, powder, section

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(client: Client) -> Client:
    """Return a client signed in as curator."""
    client.force_login(UserFactory(roles=["curator"]))
    return client


def address(name: str, sample: Sample, *before: Any) -> str:
    return reverse(f"samples:stock-{name}", args=[*before, sample.catalogue_number])


DOINGS = ["edit", "split", "lose", "publish", "withdraw"]


@pytest.mark.parametrize(
    ("roles", "reads", "writes"),
    [([], 404, 404), (["administrator"], 200, 404), (["auditor"], 200, 404), (["curator"], 200, 200)],
)
def test_who_reads_the_stock_and_who_writes_it(client: Client, roles: list[str], reads: int, writes: int) -> None:
    sample = powder(100, published_at=None)
    client.force_login(UserFactory(roles=roles))
    assert client.get("/manage/stock/").status_code == reads
    assert client.get(address("detail", sample)).status_code == reads
    assert client.get("/manage/stock/new/").status_code == writes
    assert [client.get(address(name, sample)).status_code for name in DOINGS] == [writes] * len(DOINGS)
    assert client.get(address("correct", sample, 1)).status_code == writes


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    assert client.get("/manage/stock/")["Location"].startswith("/accounts/login/")


def test_a_sample_is_taken_in_and_published(keeper: Client) -> None:
    mission()
    typed = {
        "catalogue_number": "N/1",
        "mission": "CE-5",
        "acquisition": "scooped",
        "preparation": "powder",
        "use_class": "research",
        "mass_mg": "1,25",
        "publish": "on",
    }
    answer = keeper.post("/manage/stock/new/", typed)
    assert (answer.status_code, answer["Location"]) == (303, "/manage/stock/samples/N/1/")
    assert Sample.objects.get().initial_mg == Decimal("1.25")
    assert Client().get("/samples/N/1/").status_code == 200


@pytest.mark.parametrize("mass", ["1,250", "-1", "0", "x"])
def test_an_unclear_mass_is_refused_at_its_field(keeper: Client, mass: str) -> None:
    sample = powder(100)
    answer = keeper.post(address("lose", sample), {"mass_mg": mass, "reason": "sieved"})
    assert answer.status_code == 422
    assert 'id="id_mass_mg_error"' in answer.content.decode()
    sample.refresh_from_db()
    assert sample.free_mg == 100


def test_a_split_of_too_much_is_said_on_the_page(keeper: Client) -> None:
    sample = powder(100)
    typed = {"catalogue_number": "C-1", "mass_mg": "101", "preparation": "powder", "use_class": "research"}
    answer = keeper.post(address("split", sample), typed)
    assert (answer.status_code, Sample.objects.count()) == (409, 1)
    assert 'value="C-1"' in answer.content.decode()


def test_every_doing_leads_back_to_the_sample(keeper: Client) -> None:
    sample = powder(100, published_at=None)
    forms: list[tuple[str, dict[str, str]]] = [
        ("publish", {}),
        ("lose", {"mass_mg": "1", "reason": "sieved"}),
        ("split", {"catalogue_number": "C", "mass_mg": "2", "preparation": "powder", "use_class": "research"}),
        ("withdraw", {"reason": "wrong label"}),
    ]
    for name, typed in forms:
        assert keeper.post(address(name, sample), typed).status_code == 303, name
    assert keeper.post(address("correct", sample, 2), {"reason": "mistyped"}).status_code == 303
    assert keeper.get(address("correct", sample, 9)).status_code == 404
    sample.refresh_from_db()
    assert (sample.free_mg, ledger.faults()) == (98, [])


def test_a_stale_description_shows_both_texts_and_can_be_saved_from_there(keeper: Client) -> None:
    sample = powder(100, description="Soil")
    typed = {
        "version": version_of(sample),
        "acquisition": "scooped",
        "use_class": "research",
        "description": "Mine",
        "description_zh": "",
        "location": "",
        "source": "",
        "reserve_floor_mg": "0",
    }
    Sample.objects.update(description="Theirs")
    answer = keeper.post(address("edit", sample), typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "<dd>Theirs</dd>" in page
    assert "Mine</textarea>" in page
    sample.refresh_from_db()
    assert f'value="{version_of(sample)}"' in page
    assert keeper.post(address("edit", sample), {**typed, "version": version_of(sample)}).status_code == 303
    sample.refresh_from_db()
    assert sample.description == "Mine"


def test_a_hold_shows_on_no_page_of_the_stock(keeper: Client) -> None:
    soil, piece = powder(100), section()
    pages = ["/manage/stock/", "/manage/stock/?format=csv", "/manage/stock/?format=json"]
    pages += [address("detail", soil), address("detail", piece)]
    before = [keeper.get(page).content for page in pages]
    decider = UserFactory()
    ledger.hold(soil, Decimal(40), by=decider)
    held = ledger.hold(piece, None, by=decider)
    ledger.release(held, by=decider)
    ledger.hold(piece, None, by=decider)
    assert [keeper.get(page).content for page in pages] == before


def test_the_stock_is_found_by_number_place_and_state(keeper: Client) -> None:
    powder(1, catalogue_number="A-1", location="Box 7")
    powder(1, catalogue_number="B-1", published_at=None)
    rows = {
        query: keeper.get(f"/manage/stock/?{query}").context["page"].rows
        for query in ("q=box", "only=unpublished", "only=x")
    }
    assert {query: [str(row) for row in found] for query, found in rows.items()} == {
        "q=box": ["A-1"],
        "only=unpublished": ["B-1"],
        "only=x": ["A-1", "B-1"],
    }
