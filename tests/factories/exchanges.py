"""Questions, changes and notes as they stand in the middle of their way, written directly."""

from datetime import date, timedelta
from typing import Any

from applications.models import Application, Call, ChangeReport, Clarification, ScheduleNote
from portal import clock
from portal.accounts.models import User
from tests.factories.accounts import administrator

DAY = timedelta(days=1)


def question_of(application: Application, by: User | None = None, *, answer: str = "", **fields: Any) -> Clarification:
    """Make a question to an application; with `answer`, an answered one."""
    now = clock.now()
    answered = {"answer": answer, "answered_by": application.principal_investigator, "answered_at": now}
    return Clarification.objects.create(
        **{
            "application": application,
            "submission": application.submission,
            "question": "Which blank does the line have?",
            "asked_by": by or administrator(),
            "asked_at": now - 2 * DAY,
            "due_at": now + 5 * DAY,
            **(answered if answer else {}),
            **fields,
        }
    )


def change_of(application: Application, kind: str = "funding", **fields: Any) -> ChangeReport:
    """Make a change that waits for the office."""
    return ChangeReport.objects.create(
        **{
            "application": application,
            "kind": kind,
            "text": "The grant ended.",
            "by": application.principal_investigator,
            "at": clock.now(),
            **fields,
        }
    )


def note_of(call: Call, text: str = "The reviews take longer.", **fields: Any) -> ScheduleNote:
    """Make a note to the applicants of a call; planned days go into the call, too."""
    days = {name: fields[name] for name in ("interviews_on", "results_on") if name in fields}
    earlier = {f"earlier_{name}": getattr(call, name) for name in days}
    note = ScheduleNote.objects.create(
        **{"call": call, "text": text, "text_zh": "评审需要更长时间。", "by": administrator(), "at": clock.now()}
        | earlier
        | fields
    )
    for name, day in days.items():
        setattr(call, name, day)
    call.save()
    return note


def today() -> date:
    """Return the present day in Beijing, where the calls of tests are."""
    return clock.now().astimezone(Call(zone="Asia/Shanghai").timezone).date()
