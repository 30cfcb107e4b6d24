"""What sample requests may ask for, alone and in groups."""

from decimal import Decimal
from typing import Any

import pytest

from applications.enums import GroupKind
from applications.models import CallSample, DraftGroup, DraftRequest
from applications.rules.requests import (
    complaints_about_group,
    complaints_about_request,
    counted_mg,
    counted_pieces,
    sums,
)
from samples.enums import Hemisphere, Origin, Preparation, UseClass
from samples.models import Mission, Sample

SIDES = {side: Mission(code=side, hemisphere=side) for side in Hemisphere.values}


def line(side: str, asked: Any = None, group: DraftGroup | None = None, **fields: Any) -> DraftRequest:
    """Return a request, not saved: of powder with a mass, else of a whole piece."""
    kind = Preparation.POWDER if asked else Preparation.CLAST
    sample = Sample(catalogue_number=f"{side}-{asked}", mission=SIDES[side], preparation=kind)
    mass = Decimal(asked) if asked else None
    return DraftRequest(sample=sample, whole=not asked, asked_mg=mass, group=group, **fields)


def group(kind: str = GroupKind.NEEDS_ALL, **fields: Any) -> DraftGroup:
    said = {"name": "G", "matching": "Grain size", "least_set": "Both"} | fields
    return DraftGroup(pk=fields.pop("pk", 1), kind=kind, **{key: said[key] for key in said if key != "pk"})


PAIR = [line("near", "50", rank=1), line("far", "40", rank=2)]
SAME = [line("near", "50", rank=1), line("near", "40", rank=1)]
NEEDS_EACH = "“G” needs all of its requests: tick each as needed, or choose another way to belong together."
USELESS = [line("near", "5", rank=1, in_least_set=False), line("near", "4", rank=2, in_least_set=False)]


@pytest.mark.parametrize(
    ("one", "lines", "words"),
    [
        (group(), PAIR, []),
        (group(), [], ["“G” needs at least two requests."]),
        (group(), PAIR[:1], ["“G” needs at least two requests."]),
        (group(matching=" "), PAIR, ["Say what must match between the two sides of “G”."]),
        (group(matching=""), SAME, []),
        (group(GroupKind.IN_ORDER, matching=""), PAIR, []),
        (group(GroupKind.IN_ORDER), SAME, ["Give every request of “G” a place of its own."]),
        (group(), USELESS, [NEEDS_EACH]),
        (group(), [PAIR[0], USELESS[1]], [NEEDS_EACH]),
        (group(GroupKind.IN_ORDER), [PAIR[0], USELESS[1]], []),
        (group(GroupKind.IN_ORDER), USELESS, ["Tick at least one request of “G” that its least useful set needs."]),
        (group(least_set=""), PAIR, ["Say which part of “G” would still be useful, and why."]),
        (group(GroupKind.EITHER_OR, least_set="", matching=""), USELESS, []),
    ],
)
def test_group_is_complete_or_says_what_is_missing(one: DraftGroup, lines: list[Any], words: list[str]) -> None:
    assert [str(found) for found in complaints_about_group(one, lines)] == words


def test_only_the_mass_that_is_missing_is_asked_for() -> None:
    asked = line("near", "50")
    asked.sample.origin, asked.sample.use_class, asked.sample.status = Origin.STOCK, UseClass.RESEARCH, "catalogued"
    asked.sample.free_mg = Decimal(90)
    offer = CallSample(sample=asked.sample, offered_mg=Decimal(60))
    words = "Give the least useful mass of near-50 in mg."
    assert [str(found) for found in complaints_about_request(asked, offer)] == [words]
    asked.asked_mg = None
    words = "Give the mass and the least useful mass of near-50 in mg."
    assert [str(found) for found in complaints_about_request(asked, offer)] == [words]


def said(lines: list[Any]) -> dict[str, tuple[Decimal, int]]:
    return {one.hemisphere: (one.mass_mg, one.pieces) for one in sums(lines)}


def test_sums_are_those_of_each_side() -> None:
    assert said([]) == {"near": (0, 0), "far": (0, 0)}
    assert said([line("near", "1.25"), line("near", "2"), line("near"), line("far"), line("far")]) == {
        "near": (Decimal("3.25"), 1),
        "far": (0, 2),
    }


def test_of_alternatives_the_largest_counts_on_each_side() -> None:
    either, needs = group(GroupKind.EITHER_OR, pk=1), group(pk=2)
    lines = [line("near", "50", either), line("near", "30", either), line("far", "7", either), line("near", "1")]
    assert said(lines) == {"near": (51, 0), "far": (7, 0)}
    assert said([line("near", "50", needs), line("near", "30", needs)]) == {"near": (80, 0), "far": (0, 0)}
    assert said([line("far", None, either), line("far", None, either), line("far")]) == {"near": (0, 0), "far": (0, 2)}


def test_of_alternatives_on_both_sides_one_counts_altogether() -> None:
    either = group(GroupKind.EITHER_OR)
    lines = [
        line("near", "50", either, least_mg=30),
        line("far", "40", either, least_mg=35),
        line("far", "1", least_mg=1),
    ]
    assert (counted_mg(lines), counted_mg(lines, "least_mg")) == (51, 36)
    assert counted_pieces([line("near", None, either), line("far", None, either), line("far")]) == 2
    assert (counted_mg([]), counted_pieces([])) == (0, 0)
