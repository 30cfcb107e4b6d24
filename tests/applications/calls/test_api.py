"""`calls/` and one call: what was announced, and never a draft."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client

from applications import record
from applications.calls import actions
from applications.enums import CallStatus
from tests.factories.accounts import administrator
from tests.factories.applications import call_of
from tests.factories.samples import clast, powder
from tests.programs import API, assert_problem, program

pytestmark = pytest.mark.django_db
LISTED = (
    *("slug", "origin", "status", "title", "title_zh", "summary", "summary_zh", "zone", "results_on"),
    *("opens_at", "closes_at", "demonstration"),
)


def test_a_call_says_what_it_offers_and_how_it_judges(client: Client) -> None:
    call = call_of(samples=[powder(100, catalogue_number="A 1/2"), clast(catalogue_number="B")])
    found = client.get(f"{API}calls/{call.slug}/").json()
    assert found["offers"] == [
        {"sample": "A 1/2", "whole": False, "offered_mg": "50.000"},
        {"sample": "B", "whole": True, "offered_mg": None},
    ]
    assert [(one["code"], one["weight_percent"], len(one["words"])) for one in found["criteria"]] == [
        ("significance", "60.00", 5),
        ("feasibility", "40.00", 5),
    ]
    assert (found["status"], found["origin"], found["opens_at"][-1]) == ("announced", "portal", "Z")
    listed = client.get(f"{API}calls/").json()["results"]
    assert listed == [{name: found[name] for name in LISTED}]


def test_a_call_says_its_limits_and_where_its_papers_are(client: Client) -> None:
    call = call_of(
        slug="one", closes_at=datetime(2026, 12, 18, 15, 59, tzinfo=UTC), opens_at=datetime(2026, 11, 1, tzinfo=UTC)
    )
    found = client.get(f"{API}calls/one/").json()
    assert {name: found[name] for name in found if name not in (*LISTED, "offers", "criteria", "limits")} == {
        "practice": False,
        "anonymity": "reviewers-hidden",
        "questions_close_at": "2026-12-15T15:59:00Z",
        "file_page_limit": 10,
        "agreement_url": f"{settings.SITE_URL}/calls/one/agreement/",
        "dates_url": f"{settings.SITE_URL}/calls/one/dates.ics",
        "form_url": f"{settings.SITE_URL}/calls/one/form.pdf",
        "questions_url": f"{settings.SITE_URL}/calls/one/questions/",
    }
    assert {one["text"]: (one["words"], one["characters"]) for one in found["limits"]} == {
        name: (limits["words"], limits["characters"]) for name, limits in call.text_limits.items()
    }


def test_a_practice_call_is_in_no_list_and_says_what_it_is(client: Client) -> None:
    call_of(slug="real")
    call_of(slug="try", is_practice=True)
    assert [one["slug"] for one in client.get(f"{API}calls/").json()["results"]] == ["real"]
    assert client.get(f"{API}calls/try/").json()["practice"] is True


def test_an_offer_of_an_unpublished_sample_is_not_named(client: Client) -> None:
    call = call_of(samples=[powder(100), powder(100, catalogue_number="SECRET", published_at=None)])
    assert b"SECRET" not in client.get(f"{API}calls/{call.slug}/").content


def test_what_was_never_announced_is_absent_for_everybody(client: Client) -> None:
    office = administrator()
    draft = call_of(status=CallStatus.DRAFT, slug="draft-call")
    cancelled = call_of(status=CallStatus.DRAFT, slug="never-call")
    actions.cancel(cancelled, by=office, reason="Not this year.")
    for asks in (client, program(office), program(draft.created_by)):
        assert asks.get(f"{API}calls/").json()["results"] == []
        for slug in ("draft-call", "never-call", "no-such-call"):
            assert_problem(asks.get(f"{API}calls/{slug}/"), 404, "not-found")
    assert client.get("/calls/never-call/").status_code == 404


def test_a_cancelled_call_stays_readable(client: Client) -> None:
    call = call_of()
    actions.cancel(call, by=administrator(), reason="Not this year.")
    assert client.get(f"{API}calls/{call.slug}/").json()["status"] == "cancelled"


def test_an_earlier_round_has_no_times_offers_or_criteria(client: Client) -> None:
    record.load()
    found = client.get(f"{API}calls/ce5-international-1/").json()
    assert [found[name] for name in ("opens_at", "closes_at", "offers", "criteria")] == [None, None, [], []]
    rounds = client.get(f"{API}calls/?origin=public-record").json()["results"]
    assert {one["origin"] for one in rounds} == {"public-record"}
    assert client.get(f"{API}calls/?origin=portal").json()["results"] == []
