"""Who is told of what is asked, reported and planned between submission and agreement; beside `notices.py`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Q

from applications import notices
from applications.access import judged_by, my_applications, publishable_calls, submitted_for, visible_calls
from applications.models import Application, Call, ChangeReport, Clarification, ScheduleNote
from applications.notice_pages import to
from applications.notices import (
    STATUS,
    Telling,
    about_application,
    about_call,
    chairs,
    holders,
    may_open,
    on_the_team,
    parts_open_to,
    team,
    teams,
)
from applications.rules.afterwards import LIVE
from portal.roles import Permission

STANDS = ("application.confirm-standing", "application.withdraw")


def add_kinds() -> None:
    """Put these kinds beside the others; called before they are made known to the outbox."""
    notices.KINDS.update(KINDS)
    notices.OPEN_TO.update(OPEN_TO)


# --- Recipients, rights, words --------------------------------------------------------------------------


def everybody_who_waits(call: Call) -> list[Any]:
    """The teams of every live application of a call: what was submitted and has not ended."""
    return teams(call.applications.filter(status__in=LIVE))


def askers(clarification: Clarification) -> list[Any]:
    """Administrators, where the office asked; the chairs are told by a kind of their own."""
    if clarification.asked_by in chairs(clarification.application.call):
        return []
    return holders(Permission.SCREEN)


def chairs_who_read(clarification: Clarification) -> list[Any]:
    """The chairs of the call, where the question was the panel’s."""
    return chairs(clarification.application.call) if clarification.for_panel else []


def _team_of(person: Any, thing: Any, notice: Any) -> bool:
    return on_the_team(person, thing.application, notice)


def _screens(person: Any, thing: Any, notice: Any) -> bool:
    return submitted_for(person, Permission.SCREEN).filter(pk=thing.application_id).exists()


def _judges(person: Any, thing: Any, notice: Any) -> bool:
    return judged_by(person).filter(pk=thing.application_id).exists()


def _waits(person: Any, note: ScheduleNote, notice: Any) -> bool:
    return my_applications(person).filter(call=note.call_id, status__in=LIVE).exists()


def _publishes(person: Any, call: Call, notice: Any) -> bool:
    return publishable_calls(person).filter(pk=call.pk).exists()


def about_part(thing: Any, notice: Any) -> dict[str, Any]:
    return about_application(thing.application, notice) | {"thing": thing}


def about_standing(application: Application, notice: Any) -> dict[str, Any]:
    return about_application(application, notice) | {"until": application.call.standing_due_at}


def about_note(note: ScheduleNote, notice: Any) -> dict[str, Any]:
    return about_call(note.call, notice) | {"note": note}


def clarifications_open_to(person: Any, ids: Iterable[int]) -> Mapping[int, Clarification]:
    own = Q(application__in=my_applications(person)) | Q(application__in=submitted_for(person, Permission.SCREEN))
    return parts_open_to(Clarification, ids, own | Q(for_panel=True, application__in=judged_by(person)))


def changes_open_to(person: Any, ids: Iterable[int]) -> Mapping[int, ChangeReport]:
    own = Q(application__in=my_applications(person)) | Q(application__in=submitted_for(person, Permission.SCREEN))
    return parts_open_to(ChangeReport, ids, own)


def notes_open_to(person: Any, ids: Iterable[int]) -> Mapping[int, ScheduleNote]:
    rows = ScheduleNote.objects.filter(pk__in=list(ids), call__in=visible_calls(person))
    return {row.pk: row for row in rows.select_related("call")}


OPEN_TO: dict[type, Callable[[Any, Iterable[int]], Mapping[int, Any]]] = {
    Clarification: clarifications_open_to,
    ChangeReport: changes_open_to,
    ScheduleNote: notes_open_to,
}
TO_QUESTION = to("following-clarification", "application.reference", "uid")

# --- The kinds -------------------------------------------------------------------------------------------------

KINDS: dict[str, Telling] = {
    # To the team
    "clarification-asked": Telling(
        Clarification, lambda one: team(one.application), _team_of, about_part, TO_QUESTION, ("clarification.answer",)
    ),
    "clarification-due": Telling(
        Clarification, lambda one: team(one.application), _team_of, about_part, TO_QUESTION, ("clarification.answer",)
    ),
    "change-settled": Telling(
        ChangeReport,
        lambda one: team(one.application),
        _team_of,
        about_part,
        to("following-changes", "application.reference"),
    ),
    "standing-asked": Telling(Application, team, on_the_team, about_standing, STATUS, STANDS),
    "standing-due": Telling(Application, team, on_the_team, about_standing, STATUS, STANDS),
    "schedule-noted": Telling(
        ScheduleNote, lambda note: everybody_who_waits(note.call), _waits, about_note, to("apply-my")
    ),
    # To those who work on it
    "clarification-answered": Telling(
        Clarification, askers, _screens, about_part, to("screening-detail", "application.reference")
    ),
    "clarification-answered-to-panel": Telling(
        Clarification,
        chairs_who_read,
        _judges,
        about_part,
        to("panel-read", "application.call.slug", "application.reference"),
    ),
    "change-reported": Telling(
        ChangeReport,
        lambda one: [person for person in holders(Permission.SCREEN) if may_open(person, one.application, None)],
        _screens,
        about_part,
        to("exchanges-change", "uid"),
        ("changereport.accept", "changereport.decline"),
    ),
    "plan-nearing": Telling(
        Call,
        lambda call: [person for person in holders(Permission.PUBLISH) if _publishes(person, call, None)],
        _publishes,
        about_call,
        to("exchanges-schedule", "slug"),
        ("call.note-schedule", "call.cancel"),
    ),
}
