"""The record of earlier rounds: every figure with its source, nothing that a portal would have made."""

from decimal import Decimal

import pytest
from django.test import Client

from applications import record
from applications.calls.queries import records
from applications.enums import CallOrigin
from applications.models import Application, Call, PublicEntry, RecordFigure
from samples.models import Movement

pytestmark = pytest.mark.django_db


def test_load_keeps_every_figure_with_its_source():
    assert record.load() == 8

    first = Call.objects.get(slug="ce5-international-1")
    numbers = {figure.code: figure.number for figure in first.figures.exclude(number=None)}
    days = {figure.code: figure.on.isoformat() for figure in first.figures.exclude(on=None)}
    assert (numbers["applications"], numbers["samples-asked"], numbers["institutions-selected"]) == (24, 71, 7)
    assert days == {
        "opened": "2023-11-06",
        "deadline": "2023-12-22",
        "review-meeting": "2024-04-26",
        "selection-published": "2025-04-24",
    }
    assert not RecordFigure.objects.filter(source="").exists()
    assert RecordFigure.objects.get(call__slug="ce5-domestic-1", code="released-mg").number == Decimal("56881.2")


def test_load_names_the_seven_institutions_and_says_null_where_no_report_says_more():
    record.load()

    entries = PublicEntry.objects.filter(call__slug="ce5-international-1").order_by("key")
    documents = [entry.document for entry in entries]
    assert [(one["institution"]["name"], one["institution"]["country"]) for one in documents] == [
        ("Institut de Physique du Globe de Paris", "FR"),
        ("University of Cologne", "DE"),
        ("University of Osaka", "JP"),
        ("Pakistan Space and Upper Atmosphere Research Commission (SUPARCO)", "PK"),
        ("The Open University", "GB"),
        ("Brown University", "US"),
        ("Stony Brook University", "US"),
    ]
    assert [one["awards"] and one["awards"][0]["mass_mg"] for one in documents] == [None] * 4 + ["60.000", None, None]
    assert {one["principal_investigator"] for one in documents} == {None}
    assert all(one["source"] for one in documents)


def test_load_makes_nothing_that_only_the_portal_makes():
    record.load()

    assert set(Call.objects.values_list("origin", "created_by", "announced_by")) == {
        (CallOrigin.PUBLIC_RECORD, None, None)
    }
    assert set(PublicEntry.objects.values_list("publication", "sequence", "entry_hash")) == {(None, None, "")}
    assert not Application.objects.exists()
    assert not Movement.objects.exists()


def test_load_again_changes_nothing():
    record.load()

    assert record.load() == 0
    assert PublicEntry.objects.count() == 11


def test_the_days_of_the_first_international_round_are_on_its_page_and_on_the_home_page():
    record.load()

    assert "489" in Client().get("/").content.decode()
    page = Client().get("/calls/ce5-international-1/").content.decode()
    assert "Compiled from public reports; not a record of any agency." in page
    assert "2023-12-22" in page


def test_rounds_are_listed_latest_first():
    record.load()

    slugs = [one.slug for one in records()]
    assert slugs[:3] == ["ce5-international-2", "ce5-domestic-9", "ce5-international-1"]
    assert slugs[-1] == "ce5-domestic-1"
