"""Until when questions on a call are taken: three working days before its deadline, so that answers still help.

A working day is Monday to Friday, less the holidays of the call, from midnight to midnight in the call's zone.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from applications.enums import CallStatus
from applications.models import Call
from portal.errors import NotNow

WORKING_DAYS = 3
SATURDAY = 5
ONE_DAY = timedelta(days=1)


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    """Tell whether work is done on a day of the call's zone."""
    return day.weekday() < SATURDAY and day not in holidays


def working_days_before(day: date, number: int, holidays: Collection[date]) -> date:
    """Return the working day that lies `number` working days before a day."""
    while number:
        day -= ONE_DAY
        number -= is_working_day(day, holidays)
    return day


def questions_close_at(call: Call) -> datetime | None:
    """Return the moment (UTC) until which questions are taken: three working days lie between it and the deadline.

    A deadline on a day without work counts from the end of the last working day before it. An hour that a change of
    clocks repeats or leaves out is read in favour of who asks. None while the call has no deadline.

    Source: portal policy.
    """
    if call.closes_at is None:
        return None
    holidays = frozenset(call.holidays)
    local = call.closes_at.astimezone(call.timezone)
    day, at = local.date(), local.time()
    if is_working_day(day, holidays):
        return _placed(working_days_before(day, WORKING_DAYS, holidays), at, call.timezone)
    last = working_days_before(day, 1, holidays)
    return _placed(working_days_before(last, WORKING_DAYS, holidays) + ONE_DAY, time(), call.timezone)


def takes_questions(call: Call, moment: datetime) -> bool:
    """Tell whether a question that arrives at this moment is taken."""
    until = questions_close_at(call)
    return call.status == CallStatus.ANNOUNCED and until is not None and moment < until


def check_takes_questions(call: Call, moment: datetime) -> None:
    """Refuse a question that comes too late, or on a call that nobody can apply to.

    Raises:
        NotNow: the call is not announced or was cancelled (code `no-questions`), or the time is over (`closed`).
    """
    if call.status != CallStatus.ANNOUNCED or call.closes_at is None:
        raise NotNow(_("This call takes no questions."), code="no-questions")
    if not takes_questions(call, moment):
        raise NotNow(
            _("The time for questions is over. What you typed is kept on this page and was not sent."), code="closed"
        )


def _placed(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the later of the moments that a wall clock may mean."""
    return max(datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
