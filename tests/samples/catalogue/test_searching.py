"""Search by words in either language, by beginnings of words, by parts of numbers: all of it from the indexes."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samples.catalogue.searching import found_by
from samples.models import Sample
from tests.factories.samples import powder

pytestmark = pytest.mark.django_db


@pytest.fixture
def three() -> None:
    """Have three samples whose words overlap."""
    powder(
        catalogue_number="DEMO-CE5-GP-003",
        description="Polished section of low-titanium basalt, whole only",
        description_zh="低钛玄武岩光片，仅整件出借",
        igsn="10.12345/ABC001",
    )
    powder(
        catalogue_number="DEMO-CE6-FM-001", description="Soil powder, drilled, 0.62 m", description_zh="钻取岩芯粉末"
    )
    powder(catalogue_number="嫦娥 7", description="Ol'ivine \\ basaltic", description_zh="光滑岩片")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("basalt", ["DEMO-CE5-GP-003", "嫦娥 7"]),
        ("BASALT", ["DEMO-CE5-GP-003", "嫦娥 7"]),
        ("basalt low-titanium", ["DEMO-CE5-GP-003"]),
        ("titan", ["DEMO-CE5-GP-003"]),
        ("asalt", []),
        ("gp-00", ["DEMO-CE5-GP-003"]),
        ("ce6 powder", ["DEMO-CE6-FM-001"]),
        ("ce5 powder", []),
        ("0.62", ["DEMO-CE6-FM-001"]),
        ("玄武岩", ["DEMO-CE5-GP-003"]),
        ("光片", ["DEMO-CE5-GP-003"]),
        ("岩", ["DEMO-CE5-GP-003", "DEMO-CE6-FM-001", "嫦娥 7"]),
        ("粉末 drilled", ["DEMO-CE6-FM-001"]),
        ("嫦娥", ["嫦娥 7"]),
        ("娥 7", ["嫦娥 7"]),
        ("ol'iv", ["嫦娥 7"]),
        ("10.12345/abc001", ["DEMO-CE5-GP-003"]),
        ("https://doi.org/10.12345/ABC001", ["DEMO-CE5-GP-003"]),
        ("%", []),
        ("_", []),
    ],
)
def test_every_word_stands_in_the_text_or_in_the_number(three: None, typed: str, found: list[str]) -> None:
    rows = Sample.objects.filter(found_by(typed)).order_by("catalogue_number")
    assert list(rows.values_list("catalogue_number", flat=True)) == found


def test_a_search_reads_both_indexes(three: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    plan = Sample.objects.filter(found_by("basalt")).explain()
    assert "sample_words" in plan
    assert "sample_number_parts" in plan
    assert "Seq Scan" not in plan


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
def test_nothing_that_is_typed_breaks_the_search(typed: str) -> None:
    assert list(Sample.objects.filter(found_by(typed))) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("'\\&|!():*<-> \"%", max_size=12))
def test_signs_of_the_query_language_mean_nothing(typed: str) -> None:
    assert list(Sample.objects.filter(found_by(f"a{typed}"))) == []
