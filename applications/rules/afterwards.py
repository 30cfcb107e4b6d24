"""What may happen between submission and agreement: questions, changes, standing, plans. Pure reads.

The acts are in `applications/following/` (the team's) and `applications/exchanges/` (the office's and the chair's).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.enums import ChangeKind, ChangeState, PublicStatus, Status
from applications.models import Application, Call, ChangeReport, Clarification, SampleRequest, ScheduleNote
from portal import clock
from portal.errors import Invalid, NotNow
from portal.units import format_mass

ASKABLE = frozenset({Status.SUBMITTED, Status.UNDER_REVIEW, Status.INTERVIEWING, Status.DELIBERATED})
# What stands in review for its applicant, whatever was decided: who is asked whether the request still stands.
STANDING = frozenset({Status.UNDER_REVIEW, Status.INTERVIEWING, Status.DELIBERATED, Status.DECIDED})
LIVE = STANDING | {Status.SUBMITTED, Status.RETURNED}
# Changes are accepted after the release, too, and then declared anew.
DECLARING = LIVE | {Status.PUBLISHED}
# After these the principal investigator declares anew.
DECLARED_AGAIN = frozenset(
    {ChangeKind.INSTITUTION, ChangeKind.INVESTIGATOR, ChangeKind.FUNDING, ChangeKind.AUTHORISATION}
)
MOST_OPEN_CHANGES = 10
REMIND_BEFORE = timedelta(days=2)
WARNED_WORKING_DAYS = 2


@dataclass(frozen=True)
class Plan:
    """The planned day of one step of a call: what was announced first, and what stands now."""

    code: str
    first: date | None
    now: date | None

    @property
    def was_moved(self) -> bool:
        """Whether applicants were told another day first."""
        return self.first is not None and self.first != self.now

    def days_past(self, today: date) -> int:
        """Return by how many days the day announced first has passed; 0 where it has not."""
        return max((today - self.first).days, 0) if self.first else 0


def plans(call: Call, notes: Sequence[ScheduleNote]) -> dict[str, Plan]:
    """Return the plans of interviews and results; `notes` are the call's, the newest first."""
    return {
        code: Plan(code, _first(call, notes, code), getattr(call, f"{code}_on")) for code in ("interviews", "results")
    }


def _first(call: Call, notes: Sequence[ScheduleNote], code: str) -> date | None:
    """The day that stood before the earliest note that changed one; a day told for the first time moved nothing."""
    for note in reversed(notes):
        if getattr(note, f"{code}_on"):
            return getattr(note, f"earlier_{code}_on") or getattr(note, f"{code}_on")
    return getattr(call, f"{code}_on")


def today_of(call: Call) -> date:
    """Return the present day in the call's zone."""
    return clock.now().astimezone(call.timezone).date()


def check_can_ask(application: Application) -> None:
    """Refuse a question while the team may still replace what it sent, and after the decision."""
    if application.status not in ASKABLE:
        raise NotNow(_("Questions are asked between submission and decision."), code="wrong-status")
    if application.call.is_open(clock.now()):
        raise NotNow(_("The call is still open: the applicant may replace this submission."), code="call-open")


def check_can_answer(clarification: Clarification, contact: str) -> None:
    """Refuse an answer that comes late, or to an application that has ended."""
    application = clarification.application
    if application.status not in LIVE:
        raise NotNow(_("This application has ended; nobody reads an answer any more."), code="wrong-status")
    if clarification.due_at <= clock.now():
        raise NotNow(late(clarification.due_at, application, contact), code="late")


def late(until: datetime, application: Application, contact: str) -> Any:
    """Say until when an answer was taken, and to whom to write now."""
    local = until.astimezone(application.call.timezone)
    return _(
        "Answers were taken until %(until)s (%(zone)s). What you typed is kept on this page and was not sent: "
        "write to %(contact)s and name %(reference)s."
    ) % {
        "until": f"{local:%Y-%m-%d %H:%M}",
        "zone": application.call.zone,
        "contact": contact,
        "reference": application.reference,
    }


def check_can_report(application: Application, kind: str) -> None:
    """Refuse a change while the draft is in the team's hands, after the end, and of a mass that is given already.

    It depends on the public status alone, so that nothing can be read from it.
    """
    _check_is_out_of_hand(application)
    status = application.public_status
    if status not in (PublicStatus.RECEIVED, PublicStatus.IN_REVIEW, PublicStatus.DECIDED):
        raise NotNow(_("This application has ended; there is nothing left to change."), code="wrong-status")
    _check_mass_may_change(status, kind)


def check_can_accept(change: ChangeReport) -> None:
    """Refuse to accept a change of an application that has ended, and of a mass that was given meanwhile."""
    application = change.application
    if application.status not in DECLARING:
        raise NotNow(_("This application has ended; there is nothing left to change."), code="wrong-status")
    _check_mass_may_change(application.public_status, change.kind)


def _check_is_out_of_hand(application: Application) -> None:
    status = application.public_status
    if status == PublicStatus.RETURNED or (status == PublicStatus.RECEIVED and application.call.is_open(clock.now())):
        raise NotNow(_("The draft is in your hands: change it there and submit it again."), code="in-your-hands")


def _check_mass_may_change(status: str, kind: str) -> None:
    if kind == ChangeKind.SMALLER_NEED and status == PublicStatus.DECIDED:
        raise NotNow(_("The decision has been released; masses do not change any more."), code="decided")


def is_to_be_declared_again(change: ChangeReport) -> bool:
    """Tell whether the principal investigator still has to declare anew after this change."""
    is_wanted = change.state == ChangeState.ACCEPTED and change.kind in DECLARED_AGAIN
    return is_wanted and change.application.status in DECLARING and not hasattr(change, "redeclaration")


def check_can_choose_naming(application: Application) -> None:
    """Refuse to say who may be named while the draft is in the team’s hands, and after the release."""
    _check_is_out_of_hand(application)
    if application.public_status not in (PublicStatus.RECEIVED, PublicStatus.IN_REVIEW):
        raise NotNow(_("The decision has been released; the public record does not change."), code="released")


def checked_needs(requests: Sequence[SampleRequest], needs: dict[str, Decimal | None]) -> dict[str, Decimal]:
    """Return what is needed now of each sample request, by public id in mg; 0 where it is not needed any more.

    A powder is needed between its least useful mass and what was asked; a piece is needed whole or not at all.

    Raises:
        Invalid: beside the field `need_<id>`; or nothing is less than before.
    """
    found: dict[str, Decimal] = {}
    for asked in requests:
        need = needs.get(str(asked.uid))
        if need is None:
            continue
        _check_need(asked, need)
        if need != asked.asked_mg:
            found[str(asked.uid)] = need
    if not found:
        raise Invalid(_("Say of at least one sample that you need less of it."), code="nothing-less")
    return found


def _check_need(asked: SampleRequest, need: Decimal) -> None:
    field = f"need_{asked.uid}"
    if need == 0:
        return
    if asked.whole or asked.asked_mg is None or asked.least_mg is None:
        raise Invalid(_("A piece is needed whole, or not any more."), code="piece", field=field)
    if need > asked.asked_mg:
        words = {"asked": format_mass(asked.asked_mg)}
        raise Invalid(_("You asked for %(asked)s; more cannot be added.") % words, code="more-than-asked", field=field)
    if need < asked.least_mg:
        words = {"least": format_mass(asked.least_mg)}
        raise Invalid(
            _("You said that less than %(least)s is of no use. Enter 0 if you need none of it any more.") % words,
            code="less-than-least",
            field=field,
        )
