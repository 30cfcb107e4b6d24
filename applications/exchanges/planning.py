"""What the office tells all applicants of a call at once: news on its schedule, and whether requests still stand."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import notices
from applications.access import is_chair
from applications.enums import CallOrigin, CallStatus
from applications.models import Call, ScheduleNote
from applications.rules.afterwards import STANDING, today_of
from portal import clock
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow
from portal.roles import Permission

PLANNED = ("interviews_on", "results_on")


def note_schedule(
    call: Call,
    *,
    by: Any,
    text: str,
    text_zh: str,
    interviews_on: date | None = None,
    results_on: date | None = None,
    seen: int | None = None,
) -> ScheduleNote:
    """Write one sentence to every applicant of a call, in both languages, with new planned days if there are any.

    `seen` is the number of notes the writer had before them. Nothing written here is ever changed: another note
    stands above it.

    Raises:
        Denied: `by` makes no calls.
        NotNow: the call is not announced, or somebody wrote a note meanwhile (code `stale`).
        Invalid: a language is missing, or a day does not lie ahead or in order.
    """
    with transaction.atomic():
        _lock(call)
        if not by.may(Permission.MANAGE_CALLS):
            raise Denied(_("Only administrators may do this."))
        if seen is not None and seen != call.schedule_notes.count():
            raise NotNow(
                _("Somebody wrote to the applicants meanwhile. Read it above, then send yours if it still holds."),
                code="stale",
            )
        _check_words(text, text_zh)
        days = {"interviews_on": interviews_on, "results_on": results_on}
        changed = {name: day for name, day in days.items() if day and day != getattr(call, name)}
        _check_days(call, changed)
        earlier = {f"earlier_{name}": getattr(call, name) for name in changed}
        note = ScheduleNote.objects.create(
            call=call, text=text.strip(), text_zh=text_zh.strip(), by=by, at=clock.now(), **changed, **earlier
        )
        for name, day in changed.items():
            setattr(call, name, day)
        if changed:
            call.save(update_fields=list(changed))
        old = {name: str(day or "") for name, day in earlier.items()}
        event = record("call.note-schedule", call, by=by, reason=note.text, old=old, facts={"fields": sorted(changed)})
        notices.tell("schedule-noted", note, event)
        return note


def ask_standing(call: Call, *, by: Any, due_at: datetime) -> int:
    """Ask every applicant under review, at the same moment and in the same words, whether the request still stands.

    Returns the number of applications asked. Not answering changes nothing by itself.

    Raises:
        Denied: `by` is neither an administrator nor the chair of the call.
        NotNow: they were asked already, or none is under review.
        Invalid: a due time that has passed.
    """
    with transaction.atomic():
        _lock(call)
        if not (by.may(Permission.MANAGE_CALLS) or is_chair(by, call)):
            raise Denied(_("Only the chair of the call and administrators ask this."))
        if call.standing_asked_at:
            raise NotNow(_("The applicants of this call were asked already."), code="asked")
        if due_at <= clock.now():
            raise Invalid(_("Choose a time that lies ahead."), code="due-in-the-past", field="due_at")
        asked = list(call.applications.filter(status__in=STANDING).select_related("principal_investigator"))
        if not asked:
            raise NotNow(_("No application of this call is under review."), code="nobody-to-ask")
        call.standing_asked_at, call.standing_due_at = clock.now(), due_at
        call.save(update_fields=["standing_asked_at", "standing_due_at"])
        record("call.ask-standing", call, by=by, facts={"due_at": due_at.isoformat()})
        for application in asked:
            event = record("application.ask-standing", application, by=by)
            notices.tell("standing-asked", application, event)
        return len(asked)


def _lock(call: Call) -> None:
    call.refresh_from_db(from_queryset=Call.objects.select_for_update(of=("self",)))
    if call.origin != CallOrigin.PORTAL or call.status != CallStatus.ANNOUNCED:
        raise NotNow(_("This call is not announced."), code="not-announced")


def _check_words(text: str, text_zh: str) -> None:
    gaps: dict[str | None, list[Any]] = {
        name: [_("Write the sentence in both languages.")]
        for name, words in (("text", text), ("text_zh", text_zh))
        if not words.strip()
    }
    if gaps:
        raise Invalid(errors=gaps, code="words-missing")


def _check_days(call: Call, changed: dict[str, date]) -> None:
    today = today_of(call)
    for name, day in changed.items():
        if day < today:
            raise Invalid(_("Choose a day that lies ahead."), code="day-in-the-past", field=name)
    interviews, results = (changed.get(name) or getattr(call, name) for name in PLANNED)
    if changed and interviews and results and results < interviews:
        raise Invalid(_("The results cannot come before the interviews."), code="order", field="results_on")
