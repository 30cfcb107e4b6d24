"""Conflict of interest: one rule, as a check of one person and, beside it, as a query. Both say the same.

Barring are: the own application, a place on its team (invited or confirmed), the same institution as anyone on it,
and a declared interest. Country or region is never a conflict. Who sees what of a conflicted application is decided
in `applications/access.py`.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, prefetch_related_objects
from django.db.models.functions import Lower

from applications.enums import ConflictKind
from applications.models import Application, Conflict, TeamMember


def conflicts_of(user: Any, application: Application) -> list[ConflictKind]:
    """Return every reason why this person may not judge this application; empty where there is none.

    Source: portal policy, after the charter of the expert committee (members stay away from their own matters).
    """
    declared = Conflict.objects.filter(application=application, user=user).exists()
    return _kinds(user, application, list(application.team.select_related("user")), declared)


def conflicts_among(
    people: Sequence[Any], applications: Sequence[Application]
) -> dict[tuple[int, int], list[ConflictKind]]:
    """Return `conflicts_of` for each pair (application id, person id) that has any, in a fixed number of queries."""
    team_rows = TeamMember.objects.select_related("user", "institution")
    prefetch_related_objects(applications, "principal_investigator", Prefetch("team", team_rows))
    declared = set(
        Conflict.objects.filter(application__in=applications, user__in=people).values_list("application", "user")
    )
    pairs = {
        (application.pk, person.pk): _kinds(
            person, application, list(application.team.all()), (application.pk, person.pk) in declared
        )
        for application in applications
        for person in people
    }
    return {pair: kinds for pair, kinds in pairs.items() if kinds}


def _kinds(user: Any, application: Application, team: list[TeamMember], declared: bool) -> list[ConflictKind]:
    kinds = []
    if application.principal_investigator_id == user.pk:
        kinds.append(ConflictKind.SELF)
    if any(member.user_id == user.pk or member.email.lower() == user.email.lower() for member in team):
        kinds.append(ConflictKind.TEAM)
    places = {application.institution_id, application.principal_investigator.institution_id}
    places |= {member.institution_id for member in team}
    places |= {member.user.institution_id for member in team if member.user}
    if user.institution_id is not None and user.institution_id in places:
        kinds.append(ConflictKind.INSTITUTION)
    if declared:
        kinds.append(ConflictKind.DECLARED)
    return kinds


def conflicted_for(user: Any) -> Q:
    """Return the condition on applications that bar this person: `conflicts_of` as a query."""
    team = TeamMember.objects.filter(application=OuterRef("pk"))
    own_place = team.alias(address=Lower("email")).filter(Q(user=user.pk) | Q(address=user.email.lower()))
    bars = Q(principal_investigator=user.pk) | Q(Exists(own_place))
    bars |= Q(Exists(Conflict.objects.filter(application=OuterRef("pk"), user=user.pk)))
    if user.institution_id is not None:
        same = team.filter(Q(institution=user.institution_id) | Q(user__institution=user.institution_id))
        bars |= Q(institution=user.institution_id) | Q(principal_investigator__institution=user.institution_id)
        bars |= Q(Exists(same))
    return bars
