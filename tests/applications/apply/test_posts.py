"""Random posts to every address of the applicant's rooms, in short; in full `tests/trials/test_posts.py`."""

import pytest

from tests.factories.posts import World, post_addresses, send


@pytest.mark.django_db
def test_random_posts_meet_no_fault_and_change_nothing_when_refused() -> None:
    tally = send(World(), 6 * len(post_addresses()), seed=2)
    assert tally.addresses == set(post_addresses())
    assert (tally.faults, tally.changed) == ([], [])
