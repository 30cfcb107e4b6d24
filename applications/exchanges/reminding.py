"""What the portal does by itself, by the clock: reminders to teams, and a warning before a planned day passes.

Each acts once, however often it runs. The tasks that call it are in `applications/tasks.py`.
"""

from datetime import date

from django.db import transaction

from applications import notices
from applications.enums import CallOrigin, CallStatus, PublicationKind, Status
from applications.models import Application, Call, Clarification
from applications.rules.afterwards import (
    LIVE,
    REMIND_BEFORE,
    STANDING,
    WARNED_WORKING_DAYS,
    today_of,
)
from applications.rules.questions import working_days_before
from portal import clock
from portal.audit.trail import record, trail

WARN = "call.plan-nears"
BEFORE_DECISION = (Status.SUBMITTED, Status.RETURNED, Status.UNDER_REVIEW, Status.INTERVIEWING)


def remind_of_questions() -> int:
    """Remind the teams whose answer is due within two days, once for each question; return how many questions."""
    moment = clock.now()
    due = Clarification.objects.filter(
        answered_at__isnull=True, reminded_at__isnull=True, due_at__gt=moment, due_at__lte=moment + REMIND_BEFORE
    )
    reminded = 0
    for pk in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            row = due.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if row is None or row.application.status not in LIVE:
                continue
            row.reminded_at = moment
            row.save(update_fields=["reminded_at"])
            notices.tell("clarification-due", row, record("clarification.remind", row, by=None))
            reminded += 1
    return reminded


def remind_of_standing() -> int:
    """Remind once, two days before the time is over, the teams that have not said whether their request stands."""
    moment = clock.now()
    due = Call.objects.filter(
        standing_reminded_at__isnull=True, standing_due_at__gt=moment, standing_due_at__lte=moment + REMIND_BEFORE
    )
    reminded = 0
    for pk in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            call = due.select_for_update(skip_locked=True).filter(pk=pk).first()
            if call is None:
                continue
            call.standing_reminded_at = moment
            call.save(update_fields=["standing_reminded_at"])
            silent = Application.objects.filter(call=call, status__in=STANDING, submission__standing__isnull=True)
            for application in silent.select_related("principal_investigator", "call"):
                event = record("application.remind-standing", application, by=None)
                notices.tell("standing-due", application, event)
                reminded += 1
    return reminded


def warn_of_plans() -> int:
    """Warn administrators two working days before a planned day passes without its step; once for each such day."""
    running = Call.objects.filter(origin=CallOrigin.PORTAL, status=CallStatus.ANNOUNCED, is_practice=False)
    warned = 0
    for call in running.exclude(interviews_on=None, results_on=None):
        for step, day in open_steps(call):
            if working_days_before(day, WARNED_WORKING_DAYS, call.holidays) <= today_of(call) <= day:
                warned += _warn(call, step, day)
    return warned


def open_steps(call: Call) -> list[tuple[str, date]]:
    """Return the planned steps of a call that are not done, each with its day."""
    live = call.applications.filter(status__in=LIVE)
    released = call.publications.filter(kind=PublicationKind.RESULTS, released_to_applicants_at__isnull=False)
    found = []
    if call.interviews_on and live.filter(status__in=BEFORE_DECISION).exists():
        found.append(("interviews", call.interviews_on))
    if call.results_on and live.exists() and not released.exists():
        found.append(("results", call.results_on))
    return found


def _warn(call: Call, step: str, day: date) -> bool:
    facts = {"step": step, "on": day.isoformat()}
    with transaction.atomic():
        locked = Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
        if trail(locked).filter(verb=WARN, facts=facts).exists():
            return False
        notices.tell("plan-nearing", locked, record(WARN, locked, by=None, facts=facts))
        return True
