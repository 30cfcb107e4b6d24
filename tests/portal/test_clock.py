"""One clock: the database's, the same in Python and in SQL, moved by tests and the demonstration alone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from portal import clock
from samples.models import Mission

MOMENT = datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def in_sql():
    """Return the present moment as rules in SQL read it."""
    return Mission.objects.annotate(now=clock.PortalNow()).values_list("now", flat=True)[0]


@pytest.mark.django_db
def test_now_is_the_clock_of_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        theirs = cursor.fetchone()[0]
    assert abs(clock.now() - theirs) < timedelta(seconds=5)
    assert clock.now().utcoffset() == timedelta(0)


@pytest.mark.django_db
def test_a_set_clock_is_set_in_python_and_in_sql_and_then_runs_on():
    with clock.set_to(MOMENT):
        assert (clock.now(), in_sql()) == (MOMENT, MOMENT)
        with clock.set_to(MOMENT + timedelta(days=1)):
            assert in_sql() == MOMENT + timedelta(days=1)
        assert in_sql() == MOMENT
    assert clock.now() != MOMENT
    assert in_sql() != MOMENT


@pytest.mark.django_db
def test_a_request_happens_at_its_arrival_however_long_it_takes():
    with clock.arrived(MOMENT):
        assert clock.now() == MOMENT
    assert clock.now() != MOMENT


@pytest.mark.django_db
def test_nobody_else_moves_the_clock(settings):
    settings.CLOCK_MAY_BE_SET = False
    with pytest.raises(ImproperlyConfigured), clock.set_to(MOMENT):
        pass
    assert clock.now() != MOMENT


@pytest.mark.parametrize(
    ("first", "last", "zone", "days"),
    [
        (datetime(2023, 12, 22, 15, 59, tzinfo=UTC), datetime(2025, 4, 23, 16, 0, tzinfo=UTC), "Asia/Shanghai", 489),
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 22, 30, tzinfo=UTC), "Europe/Berlin", 1),
        (datetime(2026, 1, 1, 11, 0, tzinfo=UTC), datetime(2026, 1, 1, 13, 0, tzinfo=UTC), "Pacific/Kiritimati", 0),
        (datetime(2026, 1, 1, 9, 0, tzinfo=UTC), datetime(2026, 1, 1, 10, 0, tzinfo=UTC), "Pacific/Kiritimati", 1),
    ],
)
def test_days_are_counted_between_local_dates(first, last, zone, days):
    assert clock.days(first, last, zone) == days
