"""A reported change is accepted or declined by a person; what follows from it is done in the same transaction.

The snapshot is never touched. Conflicts follow from people and institutions by their rule, at once.
"""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import notices
from applications.access import ADMINISTRATOR, relations
from applications.enums import ChangeKind, ChangeState, Occasion, Side, TeamRole
from applications.models import Application, AuthorisationRecord, ChangeReport, TeamMember
from applications.rules.afterwards import check_can_accept
from applications.since import locked
from applications.succession import COLUMNS, add_member, place_for, swap
from applications.suspending import end_conflicted
from portal import clock
from portal.accounts.models import Institution
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow
from samples.models import Mission


def settle(change: ChangeReport, *, by: Any, accepted: bool, answer: str = "") -> None:
    """Accept or decline a change, tell the team, and do what follows: see `CONSEQUENCES`.

    Raises:
        Denied: `by` is no administrator, or has a conflict.
        NotNow: it was settled already, the application has ended, masses were given, or the change fits no longer.
        Invalid: a change is declined without words.
    """
    with transaction.atomic():
        application = locked(change.application)
        change.refresh_from_db(from_queryset=ChangeReport.objects.select_for_update(of=("self",)))
        change.application = application
        if ADMINISTRATOR not in relations(by, application):
            raise Denied(_("Only an administrator without a conflict may do this."))
        if change.state != ChangeState.OPEN:
            raise NotNow(_("Somebody has answered this change meanwhile."), code="settled")
        if accepted:
            check_can_accept(change)
        if not accepted and not answer.strip():
            raise Invalid(_("Say why the change is not accepted."), code="answer-missing", field="answer")
        if accepted:
            CONSEQUENCES.get(ChangeKind(change.kind), _nothing)(change, by)
        change.state = ChangeState.ACCEPTED if accepted else ChangeState.DECLINED
        change.answer, change.answered_by, change.answered_at = answer.strip(), by, clock.now()
        change.save(update_fields=["state", "answer", "answered_by", "answered_at"])
        ended = end_conflicted(application) if accepted else []
        facts = {"kind": change.kind, "assignments_ended": len(ended)}
        event = record(f"changereport.{'accept' if accepted else 'decline'}", change, by=by, facts=facts)
        notices.tell("change-settled", change, event)


# --- What follows from a change -----------------------------------------------------------------------


def _nothing(change: ChangeReport, by: Any) -> None:
    """A word on funding or laboratory, and a smaller need: the accepted change itself is the record."""


def _institution(change: ChangeReport, by: Any) -> None:
    application = change.application
    application.institution = Institution.objects.get(key=change.facts["institution"]["key"])
    application.save(update_fields=["institution"])


def _investigator(change: ChangeReport, by: Any) -> None:
    """Let a confirmed member take over; who led it until now stays on the team."""
    application = change.application
    member = _member(application, change.facts["member"])
    if member.user is None or member.confirmed_at is None or member.role != TeamRole.CO_INVESTIGATOR:
        raise NotNow(_("Who takes over has to be a confirmed co-investigator."), code="not-confirmed")
    former = swap(application, member)
    application.save(update_fields=[*COLUMNS])
    facts = {"from": str(former.uid), "to": str(application.principal_investigator.uid)}
    record("application.hand-over", application, by=by, facts=facts)


def _team(change: ChangeReport, by: Any) -> None:
    if "remove" in change.facts:
        member = _member(change.application, change.facts["remove"])
        facts = {"member": str(member.uid), "role": member.role}
        record("team_member.remove", change.application, by=by, facts=facts)
        member.delete()
        return
    member = place_for(change.application, **change.facts["add"])
    try:
        add_member(member)
    except Invalid as refusal:
        raise NotNow(refusal.message, code=refusal.code) from None
    facts = {"application": change.application.reference, "role": member.role}
    notices.tell("team-member-invited", member, record("team_member.invite", member, by=by, facts=facts))


def _authorisation(change: ChangeReport, by: Any) -> None:
    said = change.facts
    AuthorisationRecord.objects.create(
        application=change.application,
        side=Side.APPLICANT,
        occasion=Occasion.CHANGE,
        mission=Mission.objects.get(code=said["mission"]),
        institution=Institution.objects.get(key=said["institution"]["key"]),
        state=said["state"],
        reference=said["reference"],
        expires_on=_day(said["expires_on"]),
        expected_on=_day(said["expected_on"]),
        note=change.text,
        by=change.by,
        at=clock.now(),
    )


CONSEQUENCES: dict[ChangeKind, Callable[[ChangeReport, Any], None]] = {
    ChangeKind.INSTITUTION: _institution,
    ChangeKind.INVESTIGATOR: _investigator,
    ChangeKind.TEAM: _team,
    ChangeKind.AUTHORISATION: _authorisation,
}


def _member(application: Application, uid: str) -> TeamMember:
    member = application.team.select_for_update(of=("self",)).filter(uid=uuid.UUID(uid)).first()
    if member is None:
        raise NotNow(_("This person is not on the team any more."), code="not-on-the-team")
    return member


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
