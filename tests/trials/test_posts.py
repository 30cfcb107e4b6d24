"""5,000 random posts to the applicant's rooms: no fault, and no row changed by a post that was refused.

The controls: a planted fault is found, and so is a planted write before a refusal.
"""

import time
from typing import Any

import pytest

from applications import pages
from applications.apply import actions
from applications.models import Application
from tests.factories.posts import World, post_addresses, send

pytestmark = pytest.mark.django_db
POSTS, CONTROL = 5_000, 400


def test_five_thousand_random_posts_meet_no_fault_and_change_nothing_when_refused() -> None:
    world, began = World(), time.monotonic()
    tally = send(world, POSTS)
    print(f"  {tally.told(time.monotonic() - began)}", flush=True)
    assert tally.addresses == set(post_addresses())
    assert tally.posts == POSTS and (tally.faults, tally.changed) == ([], [])
    assert {303, 404, 409, 422} <= set(tally.statuses)


def test_control_a_planted_fault_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(actions, "save", broken)
    tally = send(World(), CONTROL)
    print(f"  control: {len(tally.faults)} planted faults found", flush=True)
    assert tally.faults


def test_control_a_write_before_a_refusal_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = pages.save

    def leaky(request: Any, application: Application, *args: Any) -> Any:
        done = usual(request, application, *args)
        if done is None:
            Application.objects.filter(pk=application.pk).update(title="Written all the same")
        return done

    monkeypatch.setattr(pages, "save", leaky)
    tally = send(World(), CONTROL)
    print(f"  control: {len(tally.changed)} planted writes found", flush=True)
    assert tally.changed
