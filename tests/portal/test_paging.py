"""Keyset pages: each row once, forwards and back, whatever is inserted meanwhile and however rows are ordered."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.errors import Invalid
from portal.paging import LARGEST_PAGE, page
from samples.models import Sample
from tests.factories.samples import mission, sample

ORDERS = [
    ("catalogue_number",),
    ("-catalogue_number",),
    ("preparation", "-stated_mass_mg", "catalogue_number"),
    ("-preparation", "stated_mass_mg", "-catalogue_number"),
    ("mission__landed_on", "-catalogue_number"),
]
ROW = st.tuples(st.sampled_from(["powder", "clast", "section"]), st.integers(0, 3), st.sampled_from(["CE-5", "CE-6"]))


def fill(rows: list[tuple[str, int, str]]) -> None:
    """Make samples with equal and different values in every column of the orders."""
    missions = {code: mission(code) for code in ("CE-5", "CE-6")}
    Sample.objects.bulk_create(
        Sample(catalogue_number=f"N{number:03}", preparation=kind, stated_mass_mg=Decimal(mass), mission=missions[code])
        for number, (kind, mass, code) in enumerate(rows)
    )


def walk(order: tuple[str, ...], size: int, *, back: bool = False, cursor: str | None = None) -> list[list[str]]:
    """Return the numbers of every page from a cursor on, in the order in which the pages are met."""
    found = []
    while True:
        one = page(Sample.objects.select_related("mission"), order, cursor, size)
        found.append([row.catalogue_number for row in one.rows])
        cursor = one.previous if back else one.next
        if cursor is None:
            return found


@pytest.mark.django_db
@settings(max_examples=25, deadline=None)
@given(rows=st.lists(ROW, max_size=23), size=st.integers(1, 7), order=st.sampled_from(ORDERS))
def test_pages_show_each_row_once_in_order_forwards_and_back(rows, size, order):
    Sample.objects.all().delete()
    fill(rows)
    expected = list(Sample.objects.order_by(*order).values_list("catalogue_number", flat=True))
    pages = walk(order, size)
    assert [number for one in pages for number in one] == expected
    assert all(len(one) == size for one in pages[:-1])
    if len(pages) < 2:
        return
    last = page(Sample.objects.select_related("mission"), order, None, size)
    while last.next:
        last = page(Sample.objects.select_related("mission"), order, last.next, size)
    returned = walk(order, size, back=True, cursor=last.previous)
    assert [number for one in reversed(returned) for number in one] == expected[: -len(pages[-1])]


@pytest.mark.django_db
def test_rows_inserted_while_somebody_reads_move_none_of_the_others():
    fill([("powder", 1, "CE-5")] * 6)
    order = ("-catalogue_number",)
    first = page(Sample.objects.all(), order, None, 3)
    sample("powder", 0, catalogue_number="N999")
    sample("powder", 0, catalogue_number="N002a")
    second = page(Sample.objects.all(), order, first.next, 3)
    assert [row.catalogue_number for row in first.rows] == ["N005", "N004", "N003"]
    assert [row.catalogue_number for row in second.rows] == ["N002a", "N002", "N001"]
    assert [row.catalogue_number for row in page(Sample.objects.all(), order, second.previous, 3).rows] == [
        "N005",
        "N004",
        "N003",
    ]


@pytest.mark.django_db
def test_a_page_of_values_is_the_page_of_rows():
    fill([("powder", number, "CE-6") for number in range(5)])
    order = ("-stated_mass_mg", "catalogue_number")
    values = Sample.objects.values("catalogue_number", "stated_mass_mg")
    first = page(values, order, None, 2)
    second = page(values, order, first.next, 2)
    assert [row["catalogue_number"] for row in [*first.rows, *second.rows]] == ["N004", "N003", "N002", "N001"]


@pytest.mark.django_db
def test_an_empty_list_has_no_neighbours():
    empty = page(Sample.objects.all(), ("catalogue_number",))
    assert (empty.rows, empty.next, empty.previous) == ([], None, None)


@pytest.mark.django_db
@pytest.mark.parametrize(("asked", "shown"), [(-5, 1), (0, 1), (10**9, LARGEST_PAGE)])
def test_no_page_is_larger_than_the_largest(asked, shown):
    fill([("powder", 1, "CE-5")] * (LARGEST_PAGE + 1))
    assert len(page(Sample.objects.all(), ("catalogue_number",), None, asked).rows) == shown


@pytest.mark.django_db
def test_a_cursor_is_good_for_its_own_order_alone():
    fill([("powder", 1, "CE-5")] * 3)
    cursor = page(Sample.objects.all(), ("catalogue_number",), None, 1).next
    own, other = ("catalogue_number",), ("-catalogue_number",)
    for bad, order in ((cursor, other), (f"{cursor}x", own), ("é", own), ("a:b:c", own)):
        with pytest.raises(Invalid) as refusal:
            page(Sample.objects.all(), order, bad, 1)
        assert refusal.value.code == "bad-cursor"


@pytest.mark.django_db
def test_a_deep_page_costs_one_query_without_an_offset(django_assert_num_queries):
    fill([("powder", 1, "CE-5")] * 9)
    cursor = page(Sample.objects.all(), ("catalogue_number",), None, 8).next
    with django_assert_num_queries(1) as queries:
        page(Sample.objects.all(), ("catalogue_number",), cursor, 8)
    assert "OFFSET" not in queries.captured_queries[0]["sql"]
    assert "COUNT" not in queries.captured_queries[0]["sql"]
