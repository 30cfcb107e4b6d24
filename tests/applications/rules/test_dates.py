"""What a planner is told to look at twice: weekends, holidays, clocks, short calls, midnight, order."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from applications.models import Call
from applications.rules.dates import warnings_about

GOOD = {
    "opens_at": "2026-11-01 09:00",
    "closes_at": "2026-12-18 23:59",
    "reviews_due_at": "2027-01-29 23:59",
    "interviews_on": date(2027, 2, 17),
    "results_on": date(2027, 4, 20),
    "zone": "Asia/Shanghai",
    "holidays": [date(2027, 2, 11)],
}


def warned(**changed: Any) -> list[str]:
    facts = GOOD | changed
    for name in ("opens_at", "closes_at", "reviews_due_at"):
        if facts[name]:
            facts[name] = datetime.fromisoformat(facts[name]).replace(tzinfo=ZoneInfo(facts["zone"]))
    return [str(words) for words in warnings_about(Call(**facts))]


def test_good_dates_are_met_with_silence():
    assert warned() == []
    assert [str(words) for words in warnings_about(Call())] == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"closes_at": "2026-12-19 12:00"}, ["The deadline: Dec. 19, 2026 is a weekend."]),
        ({"interviews_on": date(2027, 2, 11)}, ["The interviews: Feb. 11, 2027 is a holiday of this call."]),
        ({"results_on": date(2027, 4, 25)}, ["The results: April 25, 2027 is a weekend."]),
        ({"opens_at": "2026-11-19 09:00"}, ["The call is open for less than 30 days."]),
        (
            {"closes_at": "2026-12-18 00:00"},
            ["The call closes at midnight, which people read as one day later. Choose 23:59."],
        ),
        (
            {"closes_at": "2026-12-19 00:00"},  # the end of a Friday, not a weekend
            ["The call closes at midnight, which people read as one day later. Choose 23:59."],
        ),
        (
            {"closes_at": "2026-11-04 23:59", "opens_at": "2026-09-01 09:00"},
            ["Clocks change within seven days of the deadline in: New York."],
        ),
        (
            {"closes_at": "2026-10-28 23:59", "opens_at": "2026-09-01 09:00", "zone": "Europe/London"},
            ["Clocks change within seven days of the deadline in: London, Berlin, New York."],
        ),
        ({"interviews_on": date(2027, 1, 20)}, ["Out of order: interviews before reviews due."]),
        (
            {"opens_at": "2026-12-16 09:00"},
            ["The call is open for less than 30 days.", "Questions would close before the call opens."],
        ),
    ],
)
def test_a_date_that_may_surprise_somebody_is_named(changed, words):
    assert warned(**changed) == words
