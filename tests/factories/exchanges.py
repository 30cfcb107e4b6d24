"""Questions, changes and notes as they stand in the middle of their way, written directly."""

from datetime import date, timedelta
from typing import Any

from applications.enums import Status
from applications.exchanges import settling
from applications.following import changing
from applications.models import Application, Call, ChangeReport, Clarification, ScheduleNote
from portal import clock
from portal.accounts.models import User
from tests.factories.accounts import administrator
from tests.factories.applications import application_of
from tests.factories.decisions import closed_call

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


def in_review(**fields: Any) -> Application:
    """Make an application of a closed call before its panel."""
    return application_of(closed_call(), status=Status.UNDER_REVIEW, **fields)


def report(application: Application, kind: str, **facts: Any) -> ChangeReport:
    """Report a change as the principal investigator does."""
    by = application.principal_investigator
    return changing.report(application, by=by, kind=kind, text="Since May.", facts=facts)


def institution_facts(place: Any) -> dict[str, Any]:
    """Return what a form says of an institution."""
    names = {"name": place.name, "name_zh": "", "ror": None, "country_or_region": place.country_or_region}
    return {"institution": {"key": str(place.key), **names}}


def accept(change: ChangeReport, answer: str = "Noted.") -> None:
    """Accept a change as an administrator does."""
    settling.settle(change, by=administrator(), accepted=True, answer=answer)
