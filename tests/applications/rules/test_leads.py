"""How many lead readers are lacking: as many as once led together, or as a small round asked for."""

from datetime import UTC, datetime, timedelta

import pytest

from applications.rules.leads import Span, lacking

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def span(since: int, until: int | None = None) -> Span:
    return BEGIN + timedelta(hours=since), None if until is None else BEGIN + timedelta(hours=until)


@pytest.mark.parametrize(
    ("from_rounds", "live", "asked", "left"),
    [
        ([], 0, 0, 0),  # a matched round has no lead readers by itself
        ([], 0, 2, 2),
        ([span(0), span(0)], 2, 2, 0),
        ([span(0), span(0, 1)], 1, 2, 1),
        ([span(0), span(0, 1)], 1, 0, 1),
        ([span(0), span(0, 1)], 2, 0, 0),  # somebody was marked in their place
        ([span(0), span(0, 1), span(1)], 2, 0, 0),  # a later round has put somebody in their place
        ([span(0), span(0, 1), span(2)], 2, 0, 0),
        ([span(0, 3), span(0, 1), span(2, 3)], 0, 0, 2),
        ([span(0), span(0), span(0)], 3, 2, 0),
    ],
)
def test_lacking(from_rounds: list[Span], live: int, asked: int, left: int) -> None:
    assert lacking(from_rounds, live, asked) == left
