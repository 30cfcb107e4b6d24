"""`decisions/` and one's own decision: what was released, in the contract's words, and nothing else."""

import pytest
from django.test import Client

from applications import record
from applications.models import PublicEntry
from tests.factories.applications import decision_of
from tests.factories.decisions import closed_call, decided, released, review_of
from tests.programs import API, assert_problem, program

pytestmark = pytest.mark.django_db
FIELDS = {
    *("reference", "call", "outcome", "title", "summary", "principal_investigator", "institution", "awards"),
    *("decided_at", "published_at", "publication", "entry_hash", "origin"),
}


def test_a_selection_is_what_was_released(client: Client) -> None:
    call = closed_call()
    given = decided(call, "1.25", names_principal_investigator=True)
    released(call)
    [found] = client.get(f"{API}decisions/?origin=portal").json()["results"]
    entry = PublicEntry.objects.get(kind="selection")
    assert found == entry.document | {"entry_hash": entry.entry_hash}
    assert set(found) == FIELDS
    assert found["awards"][0]["mass_mg"] == "1.250"
    assert (found["reference"], found["principal_investigator"]) == (
        given.reference,
        given.principal_investigator.name,
    )
    assert found["published_at"].endswith("Z")


def test_an_earlier_round_has_null_where_no_report_says_anything(client: Client) -> None:
    record.load()
    rows = client.get(f"{API}decisions/?origin=public-record&call=ce5-international-1").json()["results"]
    assert len(rows) == 7
    for row in rows:
        assert set(row) == FIELDS
        assert {name for name in FIELDS if row[name] is not None} - {"awards"} == {
            "call",
            "outcome",
            "institution",
            "origin",
        }
        assert set(row["institution"]) == {"name", "ror", "country"}


def test_entries_that_are_no_selections_are_not_listed(client: Client) -> None:
    call = closed_call(announces_shortlist=True)
    decided(call)
    released(call, "shortlist")
    released(call)
    assert PublicEntry.objects.count() >= 2
    assert client.get(f"{API}decisions/").json() == {"results": [], "next": None, "previous": None}


def test_lists_longer_than_a_page_are_read_to_their_end_and_unchanged_pages_stay_so(client: Client) -> None:
    call = closed_call()
    references = sorted(decided(call, 1).reference for _ in range(5))
    released(call)
    found, url = [], f"{API}decisions/?page_size=2"
    while url:
        page = client.get(url)
        assert client.get(url, headers={"If-None-Match": page["ETag"]}).status_code == 304
        found += [row["reference"] for row in page.json()["results"]]
        url = page.json()["next"]
    assert found == references


def test_an_applicant_reads_their_own_decision_once_it_is_released() -> None:
    call = closed_call()
    refused, reserve = decided(call), decided(call, reserve=2)
    decision_of(refused.submission.requests.first(), reason="Not enough of it.")
    review_of(refused, "Clear, but early.")
    address = f"{API}applications/{refused.reference}/decision/"
    own = program(refused.principal_investigator)
    assert_problem(own.get(address), 404, "not-found")
    released(call)
    told = own.get(address).json()
    assert (told["outcome"], told["awards"], told["entry_hash"]) == ("not_selected", [], None)
    assert set(told) >= FIELDS
    assert told["panel"] == [{"label": "K7", "text": "Clear, but early."}]
    assert "Not enough of it." in [one["reason"] for one in told["requests"]]
    other = program(reserve.principal_investigator)
    assert other.get(f"{API}applications/{reserve.reference}/decision/").json()["outcome"] == "reserve"
    assert_problem(other.get(address), 404, "not-found")
