"""5,000 random posts to review, discussion and conflict of an application: no fault, no row of others changed.

The controls: a planted fault is found, and so is an act that also writes another reviewer's row.
"""

import time
from typing import Any

import pytest

from applications import reviewing
from applications.models import Review
from tests.factories.review_posts import NAMES, World, send

pytestmark = pytest.mark.django_db
POSTS, CONTROL = 5_000, 300


def test_five_thousand_random_posts_meet_no_fault_and_change_no_row_of_others() -> None:
    world, began = World(), time.monotonic()
    tally = send(world, POSTS)
    print(f"  {tally.told(time.monotonic() - began)}", flush=True)
    assert tally.addresses == set(NAMES)
    assert tally.posts == POSTS and (tally.faults, tally.changed) == ([], [])
    assert {200, 303, 404, 409, 422} <= set(tally.statuses)


def test_control_a_planted_fault_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(reviewing, "save", broken)
    tally = send(World(), CONTROL)
    print(f"  control: {len(tally.faults)} planted faults found", flush=True)
    assert tally.faults


def test_control_a_write_to_another_reviewers_row_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = reviewing.save

    def leaky(assignment: Any, **content: Any) -> Any:
        Review.objects.exclude(assignment=assignment).update(for_panel="Written all the same")
        return usual(assignment, **content)

    monkeypatch.setattr(reviewing, "save", leaky)
    tally = send(World(), CONTROL)
    print(f"  control: {len(tally.changed)} planted writes found", flush=True)
    assert tally.changed
