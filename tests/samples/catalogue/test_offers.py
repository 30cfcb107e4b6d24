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
