"""Interviews: the chair proposes a slot, the principal investigator confirms, the panel holds it or notes an absence.

A call's slots never overlap: the database refuses it, and writers of one call wait for each other. Whether an absence
counts as withdrawal is for the call's rules to say; here it is recorded.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext_lazy as _

from applications import notices
from applications.enums import InterviewState, PublicationKind, Status
from applications.models import Application, Call, Interview, Publication
from applications.workflow import APPLICATION, INTERVIEW, THE_CHAIR
from portal import clock
from portal.audit.trail import record
from portal.errors import Invalid, NotNow

SLOTS = 0x51075  # with the call's id: the lock under which its slots are given


def propose(application: Application, *, by: Any, begins_at: datetime, place: str) -> Interview:
    """Propose the slot that begins at `begins_at` and lasts as long as the call says; the team is told.

    Raises:
        Denied: `by` does not chair the call, or a conflict bars them.
        NotNow: not interviewing, not invited, the shortlist is not released, a slot is proposed, or the time is taken.
        Invalid: the time has passed, or no place is given.
    """
    with transaction.atomic():
        _be_alone_with(application.call_id)
        application = Application.objects.select_for_update(of=("self",)).select_related("call").get(pk=application.pk)
        THE_CHAIR.check_holds(application, by)
        _check_can_be_interviewed(application)
        if begins_at <= clock.now():
            raise Invalid(_("Choose a time that lies ahead."), code="in-the-past", field="begins_at")
        if not place.strip():
            raise Invalid(_("Name the place, or give the link."), code="place-missing", field="place")
        call = application.call
        slot = DateTimeTZRange(begins_at, begins_at + timedelta(minutes=call.slot_minutes), "[)")
        interview = _taken(call, application, slot, place.strip(), by)
        event = record("interview.propose", interview, by=by, facts={"application": application.reference})
        notices.tell("interview-proposed", interview, event)
        return interview


def confirm(interview: Interview, *, by: Any) -> None:
    """Confirm the proposed slot; the chair is told.

    Raises:
        Denied: `by` is not the principal investigator.
        NotNow: it is not proposed any more, or the application has gone on or was withdrawn.
    """
    if interview.application.status != Status.INTERVIEWING:
        raise NotNow(_("This application is not at the interviews any more."), code="wrong-status")
    INTERVIEW.advance(interview, "confirm", by=by, changes={"confirmed_at": clock.now()})


def cancel(interview: Interview, *, by: Any, reason: str) -> None:
    """Cancel a slot that was not held, so that another can be proposed; the team is told and reads the reason.

    Raises:
        Denied: `by` does not chair the call, or a conflict bars them.
        NotNow: it was held, missed or cancelled, or no reason is given.
    """
    INTERVIEW.advance(interview, "cancel", by=by, reason=reason)


def hold(interview: Interview, *, by: Any, minutes: str) -> None:
    """Record that the interview was held, with its minutes for the panel.

    Raises:
        Denied: `by` does not chair the call, or a conflict bars them.
        NotNow: it has not begun, or is over.
    """
    INTERVIEW.advance(interview, "hold", by=by, changes={"minutes": minutes.strip()})


def miss(interview: Interview, *, by: Any, reason: str) -> None:
    """Record that the applicant did not attend, and what is known of why.

    Raises:
        Denied: `by` does not chair the call, or a conflict bars them.
        NotNow: it has not begun, is over, or no reason is given.
    Source: CNSA notice of April 2024, by which absence counts as withdrawal; here the call's rules say.
    """
    INTERVIEW.advance(interview, "miss", by=by, reason=reason)


def conclude(application: Application, *, by: Any) -> None:
    """Let an application go on to deliberation: after its interview, or without one where it was not invited.

    Raises:
        Denied: `by` does not chair the call, or a conflict bars them.
        NotNow: not interviewing, or the interview was not held.
    """
    APPLICATION.advance(application, "conclude-interviews", by=by)


def _be_alone_with(call_id: int) -> None:
    """Let whoever takes slots of one call wait for each other; without it the constraint would deadlock them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SLOTS, call_id])


def _check_can_be_interviewed(application: Application) -> None:
    if application.status != Status.INTERVIEWING:
        raise NotNow(_("Interviews are proposed after the reviews and before deliberation."), code="wrong-status")
    if not application.shortlisting.invited:
        raise NotNow(_("This application is not invited to an interview."), code="not-invited")
    if application.call.announces_shortlist and not _shortlist_is_released(application.call):
        raise NotNow(_("The shortlist of this call is published first."), code="shortlist-not-released")


def _shortlist_is_released(call: Call) -> bool:
    return Publication.objects.filter(
        call=call, kind=PublicationKind.SHORTLIST, released_to_applicants_at__isnull=False
    ).exists()


def _taken(call: Call, application: Application, slot: DateTimeTZRange, place: str, by: Any) -> Interview:
    live = Interview.objects.exclude(status=InterviewState.CANCELLED)
    if live.filter(application=application).exists():
        raise NotNow(_("A slot is proposed already; cancel it before you propose another."), code="slot-exists")
    taken = NotNow(_("Another interview of this call is at that time."), code="slot-taken", field="begins_at")
    if live.filter(call=call, slot__overlap=slot).exists():
        raise taken
    try:
        with transaction.atomic():
            return Interview.objects.create(
                application=application, call=call, slot=slot, place=place, by=by, at=clock.now()
            )
    except IntegrityError:
        raise taken from None
