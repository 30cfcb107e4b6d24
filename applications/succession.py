"""Who is invited to an application, and who leads it after another: before the deadline, and by a change accepted."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from applications.enums import TeamRole
from applications.models import Application, TeamMember
from portal import clock
from portal.accounts.models import Institution
from portal.errors import Invalid

MOST_MEMBERS = 30
WHOM = "whom"  # the field of a form that takes an address or an iD

# What the principal investigator said in person, and what they alone approved: no successor has said it.
PERSONAL: dict[str, Any] = {
    "declared": {},
    "names_principal_investigator": False,
    "approved_version": None,
    "career_stage": "",
    "is_first_time": None,
    "handover_to": None,
}
COLUMNS = ("principal_investigator", *PERSONAL)


def swap(application: Application, member: TeamMember) -> Any:
    """Let a confirmed member lead the application and its former leader be on the team; return the latter.

    The caller has locked the application, and saves its `COLUMNS`.
    """
    assert member.user is not None
    former, moment = application.principal_investigator, clock.now()
    application.team.filter(email__iexact=former.email, confirmed_at__isnull=True).delete()
    application.principal_investigator = member.user
    for name, value in PERSONAL.items():
        setattr(application, name, value)
    member.delete()
    TeamMember.objects.create(
        application=application,
        email=former.email,
        name=former.name,
        role=TeamRole.CO_INVESTIGATOR,
        institution=former.institution,
        user=former,
        invited_at=moment,
        confirmed_at=moment,
    )
    return former


def place_for(
    application: Application,
    *,
    name: str,
    role: str,
    email: str = "",
    orcid: str = "",
    institution: Institution | None = None,
) -> TeamMember:
    """Return the place on the team that an invitation makes, not saved yet.

    The account that has the address gets it. An ORCID iD is not looked up here: who invites learns of no account.
    """
    email = email.strip().lower()
    return TeamMember(
        application=application,
        email=email,
        orcid=orcid,
        name=" ".join(name.split()),
        role=role,
        institution=institution,
        user=get_user_model().objects.filter(email__iexact=email, is_active=True).first() if email else None,
        invited_at=clock.now(),
    )


def add_member(member: TeamMember) -> None:
    """Write a place that `place_for` returned; the caller has locked the application, and tells whom it concerns.

    Raises:
        Invalid: the head of the team or on it already, or the team is full.
    """
    head = member.application.principal_investigator
    if (member.email and head.email.lower() == member.email) or (member.orcid and head.orcid == member.orcid):
        raise _is_on_the_team()
    if member.application.team.count() >= MOST_MEMBERS:
        raise Invalid(_("A team has at most %(count)s members.") % {"count": MOST_MEMBERS}, code="team-full")
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError:
        raise _is_on_the_team() from None


def _is_on_the_team() -> Invalid:
    return Invalid(_("This address or iD is on the team already."), code="on-the-team", field=WHOM)
