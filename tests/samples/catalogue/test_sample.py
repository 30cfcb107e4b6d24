"""The page of one sample: opaque numbers, public figures, lineage; hidden and absent are the same."""

from decimal import Decimal
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from samples import ledger
from samples.enums import SampleStatus
from tests.factories.accounts import UserFactory
from tests.factories.samples import clast, known, powder, section

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("number", ["Lunar Sample 001", "74001,6040", "CE5/A-1", "100%?#&x", "嫦娥-1", "a+b;c"])
def test_a_number_is_opaque_and_encoded_in_its_address(client: Client, number: str) -> None:
    powder(1, catalogue_number=number)
    address = reverse("samples:catalogue-detail", args=[number])
    page = client.get(address)
    assert (page.status_code, page.context["sample"].catalogue_number) == (200, number)
    assert client.get(f"/samples/{quote(number)}/").status_code == 200
    assert f'href="{address.replace("&", "&amp;")}"' in client.get("/samples/").content.decode()


def test_hidden_and_absent_are_the_same_404(client: Client) -> None:
    powder(1, catalogue_number="HIDDEN-1", published_at=None)
    clast(1, catalogue_number="LOST-0001", status=SampleStatus.LOST)
    answers = [client.get(f"/samples/{number}/") for number in ("HIDDEN-1", "LOST-0001", "NOTHING-1")]
    pages = {
        answer.content.decode().replace(number, "…")
        for answer, number in zip(answers, ("HIDDEN-1", "LOST-0001", "NOTHING-1"), strict=True)
    }
    assert ({answer.status_code for answer in answers}, len(pages)) == ({404}, 1)


def test_an_applicant_sees_no_more_than_a_stranger(client: Client) -> None:
    powder(1, catalogue_number="HIDDEN-1", published_at=None)
    client.force_login(UserFactory())
    assert client.get("/samples/HIDDEN-1/").status_code == 404


def test_curators_open_what_is_not_published(client: Client) -> None:
    powder(1, catalogue_number="HIDDEN-1", published_at=None)
    client.force_login(UserFactory(roles=["curator"]))
    page = client.get("/samples/HIDDEN-1/").content.decode()
    assert "Not published" in page
    assert "/manage/stock/samples/HIDDEN-1/" in page


def test_masses_are_initial_allocated_and_free(client: Client) -> None:
    sample = powder(400)
    ledger.allocate([ledger.hold(sample, Decimal(120), by=UserFactory())], by=None)
    page = client.get(f"/samples/{sample}/").content.decode()
    assert 'aria-label="Near side. Of 400 mg: 120 mg allocated, 280 mg free."' in page
    assert "/manage/" not in page


def test_a_split_is_not_called_an_allocation(client: Client) -> None:
    parent = powder(100)
    child = powder(0, parent=parent)
    ledger.split(parent, child, Decimal(30), by=None)
    page = client.get(f"/samples/{parent}/").content.decode()
    assert "30 mg allocated, split off or lost, 70 mg free." in page


def test_what_publications_name_has_no_bar_and_says_so(client: Client) -> None:
    sample = known(stated_mass_mg=500, source="Zhang 2025, doi:10.1016/x")
    page = client.get(f"/samples/{sample}/").content.decode()
    assert "massbar" not in page
    assert "Zhang 2025, doi:10.1016/x" in page
    assert "as the source states it" in page
    assert f"{sample} is known from publications only." in page


def test_a_withdrawn_sample_keeps_its_page(client: Client) -> None:
    sample = section(status=SampleStatus.WITHDRAWN)
    page = client.get(f"/samples/{sample}/").content.decode()
    assert f"{sample} is not in the catalogue any more." in page


def test_lineage_shows_what_everybody_may_see(client: Client) -> None:
    root = powder(9, catalogue_number="ROOT")
    middle = powder(9, catalogue_number="MIDDLE", parent=root)
    leaf = clast(3, catalogue_number="LEAF", parent=middle)
    clast(3, catalogue_number="HIDDEN", parent=middle, published_at=None)
    context = client.get("/samples/MIDDLE/").context
    assert ([str(one) for one in context["ancestors"]], [str(one.sample) for one in context["branches"]]) == (
        ["ROOT"],
        ["LEAF"],
    )
    root.__class__.objects.filter(pk=middle.pk).update(published_at=None)
    assert client.get(f"/samples/{leaf}/").context["ancestors"] == []


def test_a_page_costs_the_same_for_one_child_and_for_thirty(client: Client) -> None:
    parent = powder(100)
    counts = []
    for more in (1, 29):
        for _ in range(more):
            clast(1, parent=parent)
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/samples/{parent}/")
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 10
