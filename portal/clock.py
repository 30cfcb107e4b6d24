"""The only place that tells a rule the time: the database's clock, in Python as `now`, in SQL as `PortalNow`.

Within a request `now` is the moment the request arrived, read from the database before anything else, so that
waiting for a lock costs nobody a deadline. The load of the demonstration (inside `moving_the_clock`) and tests may set
the clock (`set_to`); the SQL function honours the same switch, a setting of the session that nothing else writes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import DateTimeField, Func

_arrival: ContextVar[datetime | None] = ContextVar("arrival", default=None)
_wait: ContextVar[timedelta] = ContextVar("wait", default=timedelta(0))
_may_be_set: ContextVar[bool] = ContextVar("may_be_set", default=False)


class PortalNow(Func):
    """The portal's present moment as an SQL expression."""

    function = "portal_now"
    output_field = DateTimeField()


def now() -> datetime:
    """Return the arrival of the present request, else the database's statement time (aware, UTC)."""
    arrived = _arrival.get()
    if arrived is not None:
        return arrived
    with connection.cursor() as cursor:
        cursor.execute("SELECT portal_now()")
        return cursor.fetchone()[0]


@contextmanager
def arrived(moment: datetime) -> Iterator[None]:
    """Let everything in the block happen at `moment`, the arrival of a request."""
    token = _arrival.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _arrival.reset(token)


@contextmanager
def waited(seconds: float) -> Iterator[None]:
    """Let the request answered in the block have waited so long for a thread (`portal/stack/arrivals.py`)."""
    token = _wait.set(timedelta(seconds=seconds))
    try:
        yield
    finally:
        _wait.reset(token)


def arrival(moment: datetime) -> datetime:
    """Return when a request arrived whose answer began at `moment` by the database's clock."""
    return moment - _wait.get()


@contextmanager
def moving_the_clock() -> Iterator[None]:
    """Allow `set_to` within the block: for the load of the demonstration alone, and no code beside it may ask."""
    token = _may_be_set.set(True)
    try:
        yield
    finally:
        _may_be_set.reset(token)


@contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """Set the portal's clock, in Python and in SQL, on this connection.

    Raises:
        ImproperlyConfigured: outside of tests and the load of the demonstration.
    """
    if not (settings.CLOCK_MAY_BE_SET or _may_be_set.get()):
        raise ImproperlyConfigured("The portal's clock is the database's; only tests and load_demo may set it.")
    token = _arrival.set(moment.astimezone(UTC))
    before = _session_clock(moment.isoformat())
    try:
        yield
    finally:
        _session_clock(before)
        _arrival.reset(token)


def days(first: datetime, last: datetime, zone: str) -> int:
    """Count the days between the local dates of two moments in a zone, as the public record does."""
    local = ZoneInfo(zone)
    return (last.astimezone(local).date() - first.astimezone(local).date()).days


def _session_clock(value: str) -> str:
    """Write the session's clock, empty for the database's own; return what it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(current_setting('portal.now', true), ''), set_config('portal.now', %s, false)", [value]
        )
        return cursor.fetchone()[0]
