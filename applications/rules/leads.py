"""How many lead readers an application lacks: those whose part ended, and those a small round had asked for."""

from collections.abc import Iterable
from datetime import datetime

Span = tuple[datetime, datetime | None]  # from when on somebody led, and until when; None while they do


def lacking(from_rounds: Iterable[Span], live: int, asked: int) -> int:
    """Return how many may be marked lead beside the `live` ones who lead now.

    As many lead as rounds made lead at one time (`from_rounds`), or as a small round asks for (`asked`, 0 in any
    other), whichever is more: whoever is marked by hand follows somebody, and makes no further place.

    Source: portal policy (two lead readers each in a small round).
    """
    return max(0, max(asked, _most_together(from_rounds)) - live)


def _most_together(spans: Iterable[Span]) -> int:
    """Return how many led at one time at most; who follows in the moment somebody leaves was not beside them."""
    turns: list[tuple[datetime, int]] = []
    for since, until in spans:
        turns.append((since, 1))
        if until is not None:
            turns.append((until, -1))
    most = now = 0
    for _moment, turn in sorted(turns):
        now += turn
        most = max(most, now)
    return most
