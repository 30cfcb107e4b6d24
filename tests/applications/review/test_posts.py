"""A few random posts to the forms of reviewers; all 5,000 are in `tests/trials/test_review_posts.py`."""

import pytest

from tests.factories.review_posts import NAMES, World, send

pytestmark = pytest.mark.django_db


def test_random_posts_meet_no_fault_and_change_no_row_of_others() -> None:
    tally = send(World(), 150, seed=7)
    assert tally.addresses == set(NAMES)
    assert (tally.faults, tally.changed) == ([], [])
    assert {303, 404, 422} <= set(tally.statuses)
