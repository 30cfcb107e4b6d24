"""Around a sample: what it comes from and what came from it, its history and data, as far as everybody may see."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from samples.catalogue import lineage
from samples.models import Dataset, Sample, Treatment
from tests.counting import queries_of
from tests.factories.samples import clast, powder

pytestmark = pytest.mark.django_db


def treated(sample: Sample, text: str, day: date | None = None, **fields: Any) -> Treatment:
    facts = {"kind": "tool", "description": text, "source": "log", **fields}
    return Treatment.objects.create(sample=sample, day=day, **facts)


def measured(sample: Sample, text: str, **fields: Any) -> Dataset:
    facts = {"measured": text, "technique": "XCT", "published_in": "a paper", **fields}
    return Dataset.objects.create(sample=sample, **facts)


def names(branches: list[lineage.Branch]) -> list[Any]:
    return [[str(branch.sample), *names(branch.branches)] for branch in branches]


def test_the_tree_goes_down_as_far_as_everybody_may_see() -> None:
    root = powder(9, catalogue_number="ROOT")
    left, right = powder(3, catalogue_number="L", parent=root), powder(3, catalogue_number="R", parent=root)
    clast(1, catalogue_number="L1", parent=left)
    hidden = powder(1, catalogue_number="HIDDEN", parent=right, published_at=None)
    clast(1, catalogue_number="BELOW-HIDDEN", parent=hidden)
    assert names(lineage.below(root)[0]) == [["L", ["L1"]], ["R"]]


def test_a_tree_that_is_too_large_says_so() -> None:
    root = powder(9)
    for _ in range(lineage.MOST_BELOW + 1):
        clast(1, parent=root)
    branches, more = lineage.below(root)
    assert (len(branches), more) == (lineage.MOST_BELOW, True)


def test_a_tree_that_is_too_deep_says_so() -> None:
    root = one = powder(9)
    for _ in range(lineage.DEEPEST):
        one = powder(1, parent=one)
    assert lineage.below(root)[1] is False
    powder(1, parent=one)
    assert lineage.below(root)[1] is True


def test_history_is_that_of_the_sample_and_of_those_it_comes_from(client: Client) -> None:
    root = powder(9, catalogue_number="ROOT")
    hidden = powder(9, catalogue_number="SECRET", parent=root, published_at=None)
    child = clast(3, catalogue_number="CHILD", parent=root)
    treated(root, "Opened", date(2021, 1, 1))
    treated(child, "Polished", date(2022, 1, 1))
    treated(child, "Coated")
    treated(hidden, "Hidden words")
    measured(hidden, "Hidden data")
    measured(root, "Bulk")
    measured(child, "Pores", technique="our own method")
    page = client.get("/samples/CHILD/")
    assert [one.description for one in page.context["treatments"]] == ["Coated", "Opened", "Polished"]
    assert [(str(one["data"]), one["technique"]) for one in page.context["datasets"]] == [
        ("Bulk", "X-ray computed tomography"),
        ("Pores", "our own method"),
    ]
    text = page.content.decode()
    assert "Recorded for ROOT" in text
    assert "On ROOT" in text
    assert "Hidden" not in text + client.get("/samples/ROOT/").content.decode()


def test_below_a_hidden_parent_nothing_of_it_is_told(client: Client) -> None:
    hidden = powder(9, catalogue_number="SECRET", published_at=None)
    treated(hidden, "Hidden words")
    measured(hidden, "Hidden data")
    clast(3, catalogue_number="CHILD", parent=hidden)
    for path in ("/samples/CHILD/", "/api/v1/samples/CHILD/", "/compare/?sample=CHILD"):
        text = client.get(path).content.decode()
        assert "Hidden" not in text
        assert "SECRET" not in text


def test_history_and_data_speak_both_languages(client: Client) -> None:
    one = clast(3, catalogue_number="A")
    treated(one, "Gold coating", description_zh="镀金")
    measured(one, "Pores", measured_zh="孔隙", technique="XCT")
    page = client.get("/zh-hans/samples/A/").content.decode()
    assert "镀金" in page
    assert "孔隙" in page
    assert "X射线计算机断层扫描" in page
    assert "Gold coating" not in page


def test_the_api_tells_history_and_data_of_one_sample_alone(client: Client) -> None:
    one = clast(3, catalogue_number="A")
    treated(one, "Opened", date(2021, 1, 1), description_zh="开启")
    measured(one, "Pores", doi="10.1000/x")
    found = client.get("/api/v1/samples/A/").json()
    assert found["history"] == [
        {
            "day": "2021-01-01",
            "kind": "tool",
            "description": "Opened",
            "description_zh": "开启",
            "source": "log",
        }
    ]
    assert found["datasets"] == [
        {
            "measured": "Pores",
            "measured_zh": "",
            "technique": "XCT",
            "published_in": "a paper",
            "doi": "10.1000/x",
            "url": "https://doi.org/10.1000/x",
        }
    ]
    assert {"history", "datasets"} & set(client.get("/api/v1/samples/").json()["results"][0]) == set()


def test_a_page_costs_the_same_with_one_entry_and_with_thirty(client: Client) -> None:
    root = powder(9)
    one = clast(3, catalogue_number="A", parent=root)
    clast(1, parent=one)
    counts = []
    for more in (1, 29):
        for _ in range(more):
            treated(one, "Opened")
            treated(root, "Opened")
            measured(one, "Pores")
            measured(root, "Pores")
        counts.append(len(queries_of(client, "/samples/A/")))
    assert counts[0] == counts[1] <= 8
