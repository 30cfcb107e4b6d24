"""Who works on an application: invitations bound to an address, joining, and leaving again.

Somebody who has not confirmed has no right to anything yet, and holds nothing up.
"""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from applications import notices
from applications.drafting import open_draft
from applications.enums import Status, TeamRole
from applications.models import Application, TeamMember
from portal import clock
from portal.accounts.models import Institution
from portal.accounts.queries import has_confirmed
from portal.audit.models import Event
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow

MOST_MEMBERS = 30
RESEND_AFTER = timedelta(minutes=10)
MOST_INVITATIONS_A_DAY = 60
INVITED_ROLES = (TeamRole.CO_INVESTIGATOR, TeamRole.READER)


def invite(
    application: Application,
    *,
    by: Any,
    email: str,
    name: str,
    role: str = TeamRole.CO_INVESTIGATOR,
    institution: Institution | None = None,
) -> TeamMember:
    """Ask somebody by e-mail to join the team.

    Raises:
        Denied, NotNow: `by` does not write this application, or it is submitted.
        NotNow: this person has sent as many invitations as anybody may in a day.
        Invalid: the address is on the team already, or the team is full.
    """
    email = email.strip().lower()
    if role not in INVITED_ROLES:
        raise Invalid(_("Choose co-investigator or reader."), code="role", field="role")
    with transaction.atomic():
        open_draft(application, by=by)
        _check_has_room_for(application, email)
        _check_may_send_more(by)
        try:
            with transaction.atomic():
                member = TeamMember.objects.create(
                    application=application,
                    email=email,
                    name=" ".join(name.split()),
                    role=role,
                    institution=institution,
                    user=get_user_model().objects.filter(email__iexact=email, is_active=True).first(),
                    invited_at=clock.now(),
                )
        except IntegrityError:
            raise _is_on_the_team() from None
        _tell(member, "team_member.invite", by=by)
        return member


def resend(member: TeamMember, *, by: Any) -> None:
    """Send an invitation once more, at most every ten minutes.

    Raises:
        Denied, NotNow: as `invite`; or it was sent a moment ago, or is confirmed.
    """
    with transaction.atomic():
        open_draft(member.application, by=by)
        member = TeamMember.objects.select_for_update().get(pk=member.pk)
        _check_is_unconfirmed(member)
        if member.invited_at > clock.now() - RESEND_AFTER:
            raise NotNow(_("The invitation was sent less than ten minutes ago."), code="sent-already")
        member.invited_at = clock.now()
        member.save(update_fields=["invited_at"])
        _tell(member, "team_member.resend", by=by)


def remove(member: TeamMember, *, by: Any) -> None:
    """Take somebody off the team; the trail keeps that they were on it.

    Raises:
        Denied, NotNow: as `invite`.
    """
    with transaction.atomic():
        open_draft(member.application, by=by)
        record("team_member.remove", member.application, by=by, facts={"member": str(member.uid), "role": member.role})
        member.delete()


def join(member: TeamMember, *, by: Any) -> None:
    """Confirm a place on the team; only who proved the invited address can.

    Raises:
        Denied: the invitation is for another address.
        NotNow: it is confirmed already, or the application has ended.
    """
    check_is_for(member, by)
    with transaction.atomic():
        member = TeamMember.objects.select_for_update(of=("self",)).select_related("application").get(pk=member.pk)
        _check_is_unconfirmed(member)
        if member.application.status in (Status.WITHDRAWN, Status.INELIGIBLE):
            raise NotNow(_("This application has ended."), code="wrong-status")
        member.user, member.confirmed_at = by, clock.now()
        member.save(update_fields=["user", "confirmed_at"])
        event = record("team_member.join", member, by=by)
        notices.tell("team-member-joined", member, event)


def decline(member: TeamMember, *, by: Any) -> None:
    """Refuse a place that was never taken, at any time: nobody is kept from judging by an invitation not asked for.

    Raises:
        Denied: the invitation is for another address.
        NotNow: it is confirmed already.
    """
    check_is_for(member, by)
    with transaction.atomic():
        member = TeamMember.objects.select_for_update(of=("self",)).select_related("application").get(pk=member.pk)
        _check_is_unconfirmed(member)
        facts = {"member": str(member.uid), "role": member.role}
        record("team_member.decline", member.application, by=by, facts=facts)
        member.delete()


def check_is_for(member: TeamMember, user: Any) -> None:
    """Refuse everybody but the holder of the invited address.

    Raises:
        Denied: naming the address that is meant.
    """
    if user.email.lower() != member.email.lower() and not has_confirmed(user, member.email):
        raise Denied(
            _("This invitation is for %(address)s. You are signed in as %(own)s.")
            % {"address": member.email, "own": user.email},
            code="other-address",
        )


def _check_has_room_for(application: Application, email: str) -> None:
    if application.principal_investigator.email.lower() == email:
        raise _is_on_the_team()
    if application.team.count() >= MOST_MEMBERS:
        raise Invalid(_("A team has at most %(count)s members.") % {"count": MOST_MEMBERS}, code="team-full")


def _check_may_send_more(by: Any) -> None:
    """Mail to others' addresses has an end, also for who invites and removes in turn."""
    sent = Event.objects.filter(actor=by, verb="team_member.invite", at__gt=clock.now() - timedelta(days=1))
    if sent.count() >= MOST_INVITATIONS_A_DAY:
        raise NotNow(_("You have sent many invitations today. Please go on tomorrow."), code="too-many-invitations")


def _check_is_unconfirmed(member: TeamMember) -> None:
    if member.confirmed_at:
        raise NotNow(_("This person has confirmed already."), code="confirmed")


def _is_on_the_team() -> Invalid:
    return Invalid(_("This address is on the team already."), code="on-the-team", field="email")


def _tell(member: TeamMember, verb: str, *, by: Any) -> None:
    event = record(verb, member, by=by, facts={"application": member.application.reference, "role": member.role})
    notices.tell("team-member-invited", member, event)
