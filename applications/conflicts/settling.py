"""What a chair does about conflicts: rule on a hint, waive a conflict, invite an expert, lift a suspension.

Where no chair is free of a conflict with an application, or the matter is the only free chair's own, an administrator
without a conflict does the same. What may be a conflict is computed in `applications/rules/hints.py`.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import notices
from applications.access import IN_PANEL, seated_for
from applications.conflicts.queries import settles
from applications.enums import HintKind, PanelRole
from applications.models import Application, InvitedFor, PanelMember, Ruling, Suspension, Waiver
from applications.rules.conflicts import NEVER_WAIVED, conflicts_of
from applications.rules.hints import check_has_no_open_hint, hints_among
from applications.suspending import REVIEWED, end_conflicted, restore
from portal import clock
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow


@transaction.atomic
def rule(application: Application, *, by: Any, person: Any, kind: HintKind, bars: bool, reason: str) -> Ruling:
    """Say whether a hint is a conflict. It stands, whatever is computed later; one that bars closes at once.

    Raises:
        Denied: `by` does not settle this.
        NotNow: there is no such hint, or somebody has ruled on it.
        Invalid: no reason.
    """
    locked = _locked(application, by, person)
    if Ruling.objects.filter(application=locked, user=person, kind=kind).exists():
        raise NotNow(_("Somebody has ruled on this already."), code="ruled")
    hints = hints_among([person], [locked]).get((locked.pk, person.pk), [])
    if kind not in {hint.kind for hint in hints} or not seated_for(locked).filter(user=person).exists():
        raise NotNow(_("This hint is gone: what it rested on has changed."), code="no-hint")
    reason = _reason(reason)
    moment = clock.now()
    ruling = Ruling.objects.create(
        application=locked, user=person, kind=kind, bars=bars, reason=reason, by=by, at=moment
    )
    ended = end_conflicted(locked) if bars else []
    facts = {"user": str(person.uid), "kind": str(kind), "bars": bars, "assignments_ended": len(ended)}
    record("application.rule_on_hint", locked, by=by, reason=reason, facts=facts)
    return ruling


@transaction.atomic
def waive(application: Application, *, by: Any, person: Any, reason: str) -> Waiver:
    """Let a member with a conflict read and speak, since too few others remain; they never score and never vote.

    Raises:
        Denied: `by` does not settle this.
        NotNow: the person has no conflict, or it was waived already.
        Invalid: no reason, no seat, or a conflict that is never waived: the own application, a place on its team.

    Source: portal policy.
    """
    locked = _locked(application, by, person)
    seat = seated_for(locked).filter(user=person).select_related("call").first()
    if seat is None:
        raise Invalid(_("This person has no seat on the panel."), code="not-seated", field="person")
    kinds = conflicts_of(person, locked)
    if NEVER_WAIVED & set(kinds):
        raise Invalid(_("Nobody speaks on their own application."), code="never-waived", field="person")
    if not kinds:
        raise NotNow(_("This person has no conflict with the application."), code="no-conflict", field="person")
    if Waiver.objects.filter(application=locked, user=person).exists():
        raise NotNow(_("This conflict is waived already."), code="waived", field="person")
    reason = _reason(reason)
    waiver = Waiver.objects.create(application=locked, user=person, reason=reason, by=by, at=clock.now())
    event = record("application.waive_conflict", locked, by=by, reason=reason, facts={"user": str(person.uid)})
    notices.tell("waiver-recorded", seat, event)
    return waiver


@transaction.atomic
def invite_expert(application: Application, *, by: Any, email: str) -> InvitedFor:
    """Invite somebody with an account as an expert for this application: of the others they learn nothing.

    Raises:
        Denied: `by` does not settle this.
        NotNow: invited for it already.
        Invalid: nobody has this address, they sit on the panel anyway, or have a conflict.

    Source: charter of the expert committee (experts are invited for single projects).
    """
    locked = _locked(application, by, None)
    person = get_user_model().objects.filter(email=email.strip().lower(), is_active=True).first()
    if person is None:
        raise Invalid(_("Nobody with this address has an account."), code="unknown", field="email")
    if person.pk == by.pk or conflicts_of(person, locked):
        raise Invalid(_("This person has a conflict with the application."), code="conflict", field="email")
    seats = PanelMember.objects.filter(call=locked.call_id, user=person, until__isnull=True)
    seat = seats.select_for_update(of=("self",)).select_related("call").first()
    if seat is not None and seat.role != PanelRole.EXPERT:
        raise Invalid(_("This person sits on the panel already."), code="seated", field="email")
    if seat is None:
        seat = PanelMember.objects.create(call=locked.call, user=person, role=PanelRole.EXPERT, since=clock.now())
    invited, made = InvitedFor.objects.get_or_create(
        seat=seat, application=locked, defaults={"by": by, "at": clock.now()}
    )
    if not made:
        raise NotNow(_("This person is invited for it already."), code="invited", field="email")
    event = record("application.invite_expert", locked, by=by, facts={"user": str(person.uid)})
    notices.tell("expert-invited", seat, event)
    return invited


@transaction.atomic
def reinstate(suspension: Suspension, *, by: Any, reason: str) -> Suspension:
    """Take up again what a conflict had suspended, now that none is left: review and posts, as they were.

    Raises:
        Denied: `by` does not settle this.
        NotNow: it does not stand any more, the reviews are closed, a conflict or an open hint is left, or the seat has
            ended.
        Invalid: no reason.
    """
    locked = _locked(suspension.application, by, suspension.user)
    rows = Suspension.objects.select_for_update(of=("self",)).select_related("application", "user")
    current = rows.get(pk=suspension.pk)
    person = current.user
    if current.lifted_at is not None:
        raise NotNow(_("This is not suspended any more."), code="not-suspended")
    if locked.status not in REVIEWED:
        raise NotNow(_("The reviews of this application are closed."), code="wrong-status")
    if conflicts_of(person, locked):
        raise NotNow(_("A conflict is left."), code="conflict")
    check_has_no_open_hint(person, locked)
    if not seated_for(locked).filter(user=person).exists():
        raise NotNow(_("This person has no seat on the panel any more."), code="not-seated")
    reason = _reason(reason)
    assignment = restore(current)
    if assignment is not None:
        record("assignment.reinstate", assignment, by=by, reason=reason, facts={"reviewer": str(person.uid)})
    if posts := locked.discussion.filter(author=person, at__lte=current.at).count():
        facts = {"author": str(person.uid), "posts": posts}
        record("application.reinstate_posts", locked, by=by, reason=reason, facts=facts)
    return current


# --- Steps of the above ------------------------------------------------------------------------------


def _locked(application: Application, by: Any, person: Any) -> Application:
    """Lock an application that is before the panel, and make sure that `by` settles its conflicts."""
    rows = Application.objects.select_for_update(no_key=True, of=("self",)).select_related("call")
    locked = rows.get(pk=application.pk)
    if not settles(by, locked, person):
        raise Denied(_("The chair settles this; where every chair has a conflict, an administrator without one."))
    if locked.status not in IN_PANEL:
        raise NotNow(_("This application is not before the panel."), code="wrong-status")
    return locked


def _reason(text: str) -> str:
    if not text.strip():
        raise Invalid(_("Give a reason."), code="reason-missing", field="reason")
    return text.strip()
