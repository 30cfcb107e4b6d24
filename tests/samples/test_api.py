"""`missions/`, `samples/` and one sample: public figures alone, opaque numbers, no hold to be seen."""

from urllib.parse import quote

import pytest
from django.test import Client

from samples import ledger
from samples.models import Mission
from tests.factories.accounts import UserFactory
from tests.factories.samples import clast, known, mission, powder, section
from tests.programs import API, assert_problem

pytestmark = pytest.mark.django_db
NUMBERS = ["CE5C0000,YJYX03501GP", "a b/c d", "50%", "Ünïcode 月", "x//y", "a?b#c", "..", "+1"]


def test_missions_are_told_with_decimal_strings(client: Client) -> None:
    mission("CE-5")
    rows = client.get(f"{API}missions/").json()["results"]
    assert [row["code"] for row in rows] == list(
        Mission.objects.order_by("landed_on", "code").values_list("code", flat=True)
    )
    first = rows[0]
    assert (first["hemisphere"], first["returned_mg"], first["landed_on"]) == ("near", "1731000.000", "2020-12-01")


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_opaque_and_percent_encoded(client: Client, number: str) -> None:
    made = powder("1.25", catalogue_number=number)
    for safe in ("", "/"):
        found = client.get(f"{API}samples/{quote(number, safe=safe)}/")
        assert (found.status_code, found.json()["catalogue_number"]) == (200, made.catalogue_number)
    assert found.json()["initial_mg"] == "1.250"


def test_a_hold_moves_no_byte(client: Client) -> None:
    stock, piece, holder = powder(100), clast(), UserFactory()
    paths = [f"{API}samples/", *(f"{API}samples/{one.catalogue_number}/" for one in (stock, piece))]
    before = [(client.get(path).content, client.get(path)["ETag"]) for path in paths]
    for one, mass in ((stock, 40), (piece, None)):
        ledger.hold(one, mass, by=holder)
    assert [(client.get(path).content, client.get(path)["ETag"]) for path in paths] == before


def test_what_is_known_from_publications_has_no_balance(client: Client) -> None:
    found = client.get(f"{API}samples/{known(stated_mass_mg='12.5').catalogue_number}/").json()
    assert [found[name] for name in ("initial_mg", "allocated_mg", "free_mg", "requestable")] == [None] * 3 + [False]
    assert (found["stated_mass_mg"], found["known_from"]) == ("12.500", "publications")


def test_an_unpublished_sample_is_absent_and_unnamed(client: Client) -> None:
    parent = powder(10, catalogue_number="SECRET", published_at=None)
    child = powder(5, parent=parent)
    assert_problem(client.get(f"{API}samples/SECRET/"), 404, "not-found")
    assert client.get(f"{API}samples/{child.catalogue_number}/").json()["parent"] is None
    assert b"SECRET" not in client.get(f"{API}samples/").content


def test_lists_are_narrowed_by_their_parameters(client: Client) -> None:
    one, two, three = powder(1), section(), clast(mission="CE-6")

    def found(query: str) -> set[str]:
        return {row["catalogue_number"] for row in client.get(f"{API}samples/?{query}").json()["results"]}

    assert found("kind=powder") == {one.catalogue_number}
    assert found("hemisphere=far") == found("mission=CE-6") == {three.catalogue_number}
    assert found("hemisphere=near&kind=polished-section") == {two.catalogue_number}
    assert found("mission=none") == found("call=none") == set()
    assert found("kind=") == {one.catalogue_number, two.catalogue_number, three.catalogue_number}
