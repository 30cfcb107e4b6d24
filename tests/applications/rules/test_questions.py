"""Until when questions are taken: three working days before the deadline, counted on the wall of the call's zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.models import Call
from applications.rules.questions import ONE_DAY, check_takes_questions, is_working_day, questions_close_at
from portal.errors import NotNow


def call(closes: str, zone: str = "Asia/Shanghai", holidays: tuple[str, ...] = (), status: str = "announced") -> Call:
    closes_at = datetime.fromisoformat(closes).replace(tzinfo=ZoneInfo(zone))
    return Call(zone=zone, closes_at=closes_at, holidays=[date.fromisoformat(day) for day in holidays], status=status)


def closes(*args, **kwargs) -> str:
    asked = call(*args, **kwargs)
    return questions_close_at(asked).astimezone(asked.timezone).strftime("%a %Y-%m-%d %H:%M %z")


@pytest.mark.parametrize(
    ("deadline", "until"),
    [
        ("2026-12-18 23:59", "Tue 2026-12-15 23:59"),  # a Friday
        ("2026-12-21 23:59", "Wed 2026-12-16 23:59"),  # a Monday: a weekend lies between
        ("2026-12-16 12:00", "Fri 2026-12-11 12:00"),
        ("2026-12-19 23:59", "Wed 2026-12-16 00:00"),  # a Saturday: Wednesday, Thursday and Friday lie between
        ("2026-12-20 08:00", "Wed 2026-12-16 00:00"),
        ("2026-12-19 00:00", "Wed 2026-12-16 00:00"),  # the end of Friday
        ("2026-12-18 00:00", "Tue 2026-12-15 00:00"),  # the end of Thursday
    ],
)
def test_three_working_days_lie_between_the_last_question_and_the_deadline(deadline, until):
    assert closes(deadline) == f"{until} +0800"


@pytest.mark.parametrize(
    ("holidays", "until"),
    [
        (("2026-12-16",), "Mon 2026-12-14 23:59"),
        (("2026-12-16", "2026-12-17", "2026-12-15"), "Thu 2026-12-10 23:59"),
        (("2026-12-18",), "Tue 2026-12-15 00:00"),  # the deadline itself is on a holiday
        (("2026-12-19", "2026-12-20"), "Tue 2026-12-15 23:59"),  # holidays on a weekend count once
    ],
)
def test_holidays_of_the_call_are_no_working_days(holidays, until):
    assert closes("2026-12-18 23:59", holidays=holidays) == f"{until} +0800"


@pytest.mark.parametrize(
    ("zone", "deadline", "until"),
    [
        ("Europe/Berlin", "2027-03-30 23:59", "Thu 2027-03-25 23:59 +0100"),  # summer time begins between
        ("Europe/Berlin", "2026-10-28 12:00", "Fri 2026-10-23 12:00 +0200"),  # and ends
        ("Asia/Riyadh", "2027-03-30 23:59", "Thu 2027-03-25 23:59 +0300"),
        ("Africa/Cairo", "2027-05-05 00:30", "Fri 2027-04-30 01:30 +0300"),  # clocks leave out the hour 00:30 is in
        ("America/Havana", "2026-11-04 00:30", "Fri 2026-10-30 00:30 -0400"),
    ],
)
def test_the_hour_on_the_wall_stays_through_a_change_of_clocks(zone, deadline, until):
    assert closes(deadline, zone) == until


def test_an_hour_that_comes_twice_is_read_in_favour_of_who_asks():
    # In Amman of 2021 clocks went back on Friday 29 October, 01:00 to 00:00: half past midnight came twice.
    asked = call("2021-11-03 00:30", "Asia/Amman")
    assert questions_close_at(asked) == datetime(2021, 10, 28, 22, 30, tzinfo=UTC)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31))
zones = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Africa/Cairo"])


@given(moments, st.timedeltas(timedelta(0), timedelta(days=9)), zones, st.sets(st.integers(0, 1800), max_size=40))
def test_a_later_deadline_never_ends_the_time_for_questions_earlier(moment, later, zone, days):
    holidays = [date(2026, 1, 1) + timedelta(days=day) for day in days]
    first = Call(zone=zone, closes_at=moment.replace(tzinfo=UTC), holidays=holidays)
    second = Call(zone=zone, closes_at=(moment + later).replace(tzinfo=UTC), holidays=holidays)
    # The hour that a change of clocks leaves out or repeats may move it by that hour.
    assert questions_close_at(first) <= questions_close_at(second) + timedelta(hours=1)


@given(moments, zones)
def test_at_least_two_whole_working_days_lie_between_whatever_the_hour(moment, zone):
    asked = Call(zone=zone, closes_at=moment.replace(tzinfo=UTC), holidays=[])
    until, end = (each.astimezone(asked.timezone) for each in (questions_close_at(asked), asked.closes_at))
    days = [until.date() + number * ONE_DAY for number in range(1, (end.date() - until.date()).days)]
    assert sum(is_working_day(day, ()) for day in days) >= 2


def test_a_question_is_taken_until_its_time_is_over_and_never_on_a_cancelled_call():
    asked = call("2026-12-18 23:59")
    until = questions_close_at(asked)
    check_takes_questions(asked, until - timedelta(microseconds=1))
    for refused, moment, code in (
        (asked, until, "closed"),
        (call("2026-12-18 23:59", status="cancelled"), until - ONE_DAY, "no-questions"),
        (Call(zone="UTC", status="draft"), until, "no-questions"),
    ):
        with pytest.raises(NotNow) as refusal:
            check_takes_questions(refused, moment)
        assert refusal.value.code == code


def test_an_extension_moves_the_end_of_questions():
    assert (closes("2026-12-18 23:59"), closes("2026-12-28 23:59")) == (
        "Tue 2026-12-15 23:59 +0800",
        "Wed 2026-12-23 23:59 +0800",
    )
