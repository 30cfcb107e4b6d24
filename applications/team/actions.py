"""Who works on an application: invitations bound to an address or an ORCID iD, joining, and leaving again.

Somebody who has not confirmed has no right to anything yet, and holds nothing up. Whether an account exists behind an
ORCID iD is told to nobody who invites: the invitation is written the same way, and an account that has the iD hears of
it later, from `reminders.py`. Handing over the whole application is `handover.py`.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import notices
from applications.drafting import open_draft
from applications.enums import Status, TeamRole
from applications.models import Application, TeamMember
from applications.rules.invitations import addresses_of, is_for
from applications.succession import WHOM, add_member, place_for
from applications.suspending import end_conflicted
from applications.workflow import PRINCIPAL_INVESTIGATOR
from portal import clock
from portal.accounts import orcid as orcids
from portal.accounts.models import Institution
from portal.audit.models import Event
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow

RESEND_AFTER = timedelta(minutes=10)
MOST_INVITATIONS_A_DAY = 60
INVITED_ROLES = (TeamRole.CO_INVESTIGATOR, TeamRole.READER)


def invite(
    application: Application,
    *,
    by: Any,
    name: str,
    email: str = "",
    orcid: str = "",
    role: str = TeamRole.CO_INVESTIGATOR,
    institution: Institution | None = None,
) -> TeamMember:
    """Ask somebody to join the team, by e-mail or by ORCID iD.

    Raises:
        Denied, NotNow: `by` does not write this application, or it is submitted.
        NotNow: this person has sent as many invitations as anybody may in a day.
        Invalid: neither or both of address and iD, no ORCID iD, on the team already, or the team is full.
    """
    if bool(email.strip()) == bool(orcid.strip()):
        raise Invalid(_("Give an e-mail or an ORCID iD."), code="whom", field=WHOM)
    orcid = _orcid(orcid)
    _check_is_invited_role(role)
    with transaction.atomic():
        open_draft(application, by=by)
        _check_may_send_more(by)
        member = place_for(application, name=name, role=role, email=email, orcid=orcid, institution=institution)
        add_member(member)
        _tell(member, "team_member.invite", by=by)
        return member


def resend(member: TeamMember, *, by: Any) -> None:
    """Send an invitation once more, at most every ten minutes; or for the first time, to who was copied from earlier.

    Raises:
        Denied, NotNow: as `invite`; or it was sent a moment ago, or is confirmed.
    """
    with transaction.atomic():
        open_draft(member.application, by=by)
        member = _locked(member)
        _check_is_unconfirmed(member)
        _check_may_send_more(by)
        if member.invited_at and member.invited_at > clock.now() - RESEND_AFTER:
            raise NotNow(_("The invitation was sent less than ten minutes ago."), code="sent-already")
        member.invited_at = clock.now()
        member.user = None if member.orcid else member.user  # so that an account with the iD is told once more, later
        member.save(update_fields=["invited_at", "user"])
        _tell(member, "team_member.resend", by=by)


def change(member: TeamMember, *, by: Any, role: str, receives_decisions: bool | None = None) -> None:
    """Give somebody another part. The principal investigator alone says who receives the decision besides.

    Raises:
        Denied, NotNow: as `invite`; or somebody else than the principal investigator says who receives decisions.
        Invalid: no part that somebody is invited to, or a reader would receive the decision.
    """
    _check_is_invited_role(role)
    with transaction.atomic():
        open_draft(member.application, by=by)
        member = _locked(member)
        receives = member.receives_decisions if receives_decisions is None else receives_decisions
        if receives != member.receives_decisions:
            PRINCIPAL_INVESTIGATOR.check_holds(member.application, by)
        if role != TeamRole.CO_INVESTIGATOR and receives_decisions:
            raise Invalid(_("Only a co-investigator receives the decision."), code="reader", field="receives_decisions")
        receives = receives and role == TeamRole.CO_INVESTIGATOR
        if (member.role, member.receives_decisions) == (role, receives):
            return
        facts = {"from": member.role, "to": str(role), "receives_decisions": receives}
        member.role, member.receives_decisions = role, receives
        member.save(update_fields=["role", "receives_decisions"])
        record("team_member.change", member, by=by, facts=facts)


def remove(member: TeamMember, *, by: Any) -> None:
    """Take somebody off the team; the trail keeps that they were on it.

    Raises:
        Denied, NotNow: as `invite`; or this place on the team is gone already.
    """
    with transaction.atomic():
        open_draft(member.application, by=by)
        member = _locked(member)
        record("team_member.remove", member.application, by=by, facts={"member": str(member.uid), "role": member.role})
        member.delete()


def join(member: TeamMember, *, by: Any) -> None:
    """Confirm a place on the team; only who proved the invited address, or signed in with the iD, can.

    Where the invitation named no institution, it is that of the account.

    Raises:
        Denied: the invitation is for somebody else.
        NotNow: it is confirmed already, this person is on the team already, or the application has ended.
    """
    check_is_for(member, by)
    with transaction.atomic():
        application = Application.objects.select_for_update().get(pk=member.application_id)
        member = _locked(member)
        _check_is_unconfirmed(member)
        if application.status in (Status.WITHDRAWN, Status.INELIGIBLE):
            raise NotNow(_("This application has ended."), code="wrong-status")
        is_member = application.team.filter(user=by, confirmed_at__isnull=False).exists()
        if is_member or application.principal_investigator_id == by.pk:
            raise NotNow(_("You are on this team already."), code="on-the-team")
        member.user, member.confirmed_at = by, clock.now()
        member.institution = member.institution or by.institution  # who invites need not know it
        member.save(update_fields=["user", "confirmed_at", "institution"])
        ended = end_conflicted(application)  # who joins brings their institution, perhaps long after the deadline
        event = record("team_member.join", member, by=by, facts={"assignments_ended": len(ended)} if ended else {})
        notices.tell("team-member-joined", member, event)


def decline(member: TeamMember, *, by: Any) -> None:
    """Refuse a place that was never taken, at any time: nobody is kept from judging by an invitation not asked for.

    Raises:
        Denied: the invitation is for somebody else.
        NotNow: it is confirmed already.
    """
    check_is_for(member, by)
    with transaction.atomic():
        member = _locked(member)
        _check_is_unconfirmed(member)
        facts = {"member": str(member.uid), "role": member.role}
        record("team_member.decline", member.application, by=by, facts=facts)
        member.delete()


def check_is_for(member: TeamMember, user: Any) -> None:
    """Refuse everybody but the one who is invited.

    Raises:
        Denied: naming the address or iD that is meant.
    """
    if is_for(member, user, addresses_of([user])[user.pk]):
        return
    if member.orcid:
        raise Denied(
            _("This invitation is for whoever signs in with the ORCID iD %(orcid)s.") % {"orcid": member.orcid},
            code="other-orcid",
        )
    raise Denied(
        _("This invitation is for %(address)s. You are signed in as %(own)s.")
        % {"address": member.email, "own": user.email},
        code="other-address",
    )


def _locked(member: TeamMember) -> TeamMember:
    rows = TeamMember.objects.select_for_update(of=("self",)).select_related("application", "user")
    found = rows.filter(pk=member.pk).first()
    if found is None:
        raise NotNow(_("This place on the team is gone."), code="gone")
    return found


def _orcid(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return orcids.parse(text)
    except Invalid as refusal:
        raise Invalid(refusal.message, code="orcid", field=WHOM) from None


def _check_is_invited_role(role: str) -> None:
    if role not in INVITED_ROLES:
        raise Invalid(_("Choose co-investigator or reader."), code="role", field="role")


def _check_may_send_more(by: Any) -> None:
    """Mail to others' addresses has an end, also for who invites and removes in turn."""
    verbs = ("team_member.invite", "team_member.resend")
    sent = Event.objects.filter(actor=by, verb__in=verbs, at__gt=clock.now() - timedelta(days=1))
    if sent.count() >= MOST_INVITATIONS_A_DAY:
        raise NotNow(_("You have sent many invitations today. Please go on tomorrow."), code="too-many-invitations")


def _check_is_unconfirmed(member: TeamMember) -> None:
    if member.confirmed_at:
        raise NotNow(_("This person has confirmed already."), code="confirmed")


def _tell(member: TeamMember, verb: str, *, by: Any) -> None:
    """Write to an invited address; of an iD only the principal investigator hears here, with the link to forward."""
    event = record(verb, member, by=by, facts={"application": member.application.reference, "role": member.role})
    notices.tell("team-invitation-to-forward" if member.orcid else "team-member-invited", member, event)
