"""One person after another leads an application: before the deadline by agreement, afterwards by a change accepted."""

from typing import Any

from applications.enums import TeamRole
from applications.models import Application, TeamMember
from portal import clock

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
