"""What the pages of the team show."""

from typing import Any

from django.db.models import QuerySet

from applications.enums import Status
from applications.models import Application, TeamMember


def members(application: Application) -> QuerySet[TeamMember]:
    """Return the team beside the principal investigator."""
    return application.team.select_related("institution", "application__principal_investigator")


def invitation(uid: Any) -> QuerySet[TeamMember]:
    """Return the place on a team that an invitation's address names."""
    rows = TeamMember.objects.select_related("application__call", "application__principal_investigator")
    return rows.filter(uid=uid).exclude(application__status__in=[Status.WITHDRAWN, Status.INELIGIBLE])
