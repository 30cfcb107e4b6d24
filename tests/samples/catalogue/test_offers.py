"""What calls offer, in the catalogue: open calls as a filter and a word; a draft of a call shows nowhere."""

from datetime import timedelta

import pytest
from django.test import Client

from applications.enums import CallStatus
from applications.models import Call
from portal import clock
from samples.models import Sample
from tests.factories.applications import call_of
from tests.factories.samples import clast, powder

pytestmark = pytest.mark.django_db


@pytest.fixture
def offered() -> Sample:
    """Return a sample that stands after another one by its number."""
    powder(5, catalogue_number="A-NOT-OFFERED")
    return clast(3, catalogue_number="Z-OFFERED")


def test_an_open_call_is_a_filter_with_its_count(client: Client, offered: Sample) -> None:
    call = call_of(samples=[offered])
    context = client.get("/samples/").context
    assert [(found["slug"], found["number"], found["checked"]) for found in context["calls"]] == [(call.slug, 1, False)]
    context = client.get(f"/samples/?call={call.slug}").context
    assert [str(row) for row in context["page"].rows] == ["Z-OFFERED"]
    assert [chip.label for chip in context["chips"]] == [f"offered in {call.title}"]


def test_what_is_offered_stands_first_and_is_called_so(client: Client, offered: Sample) -> None:
    call_of(samples=[offered])
    rows = client.get("/samples/").context["page"].rows
    assert [(str(row), str(row.standing.word)) for row in rows] == [
        ("Z-OFFERED", "Offered"),
        ("A-NOT-OFFERED", "In stock"),
    ]


def test_a_draft_of_a_call_changes_no_byte(client: Client, offered: Sample) -> None:
    pages = ["/samples/", "/samples/Z-OFFERED/", "/samples/?format=json", "/samples/?call=secret"]
    before = [client.get(page).content for page in pages]
    call = call_of(samples=[offered])
    Call.objects.filter(pk=call.pk).update(slug="secret", status=CallStatus.DRAFT, announced_at=None, announced_by=None)
    assert [client.get(page).content for page in pages] == before


def test_a_closed_call_offers_nothing_more_but_is_remembered(client: Client, offered: Sample) -> None:
    call = call_of(samples=[offered])
    Call.objects.filter(pk=call.pk).update(
        opens_at=clock.now() - timedelta(days=9), closes_at=clock.now() - timedelta(days=1)
    )
    assert client.get("/samples/").context["calls"] == []
    page = client.get("/samples/Z-OFFERED/").content.decode()
    assert f'href="/calls/{call.slug}/"' in page
    assert "closed</span>" in page
    assert [str(row) for row in client.get(f"/samples/?call={call.slug}").context["page"].rows] == ["Z-OFFERED"]


def test_a_card_says_how_much_an_open_call_offers_and_no_draft(client: Client) -> None:
    soil = powder(5, catalogue_number="OFFERED-SOIL")
    call, other = call_of(samples=[soil]), call_of(samples=[soil])
    call.offers.update(offered_mg=3)
    Call.objects.filter(pk=other.pk).update(status=CallStatus.DRAFT, announced_at=None, announced_by=None)
    text = client.get("/samples/").content.decode()
    assert f"3 mg</span> offered in {call.title}" in text
    assert text.count("</span> offered in ") == 1


def test_putting_a_sample_aside_leads_back_to_it(client: Client) -> None:
    powder(5, catalogue_number="SOIL")
    for view in ("cards", "table"):
        text = client.get(f"/samples/?view={view}").content.decode()
        assert 'id="s-SOIL"' in text and 'formaction="#s-SOIL"' in text
