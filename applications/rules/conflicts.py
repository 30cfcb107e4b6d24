"""Conflict of interest: one rule, as a check of one person and, beside it, as a query. Both say the same.

Barring are: the own application, a place on its team (invited by address or ORCID iD, or confirmed), the same
institution as anyone on it, and a declared interest. Where material would be held counts as well: a holding
institution receives the samples and signs for them, so that whoever works there gains by an award as the applicant
does. An institution that is only visited does not count: a shared facility serves half of its field, and a stay there
gives it nothing of the material. Somebody who was named and not invited yet is not on the team: nobody is kept from
judging by what they could not decline. What was submitted counts beside what the draft says now: somebody whom a team
has left out since is still on the team of what the panel reads. Country or region is never a conflict. Who sees what
of a conflicted application is decided in `applications/access.py`.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, prefetch_related_objects

from applications.enums import ConflictKind, PlaceKind
from applications.models import Application, Conflict, Party, Place, TeamMember
from applications.rules.invitations import addresses_of, is_for, offered_to


def conflicts_of(user: Any, application: Application) -> list[ConflictKind]:
    """Return every reason why this person may not judge this application; empty where there is none.

    Source: portal policy, after the charter of the expert committee (members stay away from their own matters).
    """
    declared = Conflict.objects.filter(application=application, user=user).exists()
    team = list(application.team.filter(invited_at__isnull=False).select_related("user"))
    parties = list(Party.objects.filter(submission=application.submission_id))
    addresses = addresses_of([user])[user.pk] if team or parties else frozenset()
    holders = set(application.places.filter(kind=PlaceKind.HOLDER).values_list("institution", flat=True))
    named: list[TeamMember | Party] = [*team, *parties]
    return _kinds(user, application, named, holders, addresses, declared)


def conflicts_among(
    people: Sequence[Any], applications: Sequence[Application]
) -> dict[tuple[int, int], list[ConflictKind]]:
    """Return `conflicts_of` for each pair (application id, person id) that has any, in a fixed number of queries."""
    team_rows = TeamMember.objects.select_related("user", "institution")
    places = Prefetch("places", Place.objects.select_related("institution"))
    prefetch_related_objects(applications, "principal_investigator", Prefetch("team", team_rows), places)
    addresses = addresses_of(people)
    declared = set(
        Conflict.objects.filter(application__in=applications, user__in=people).values_list("application", "user")
    )
    named: dict[int, list[Party]] = {}
    for party in Party.objects.filter(submission__in=[one.submission_id for one in applications]):
        named.setdefault(party.submission_id, []).append(party)
    pairs = {}
    for application in applications:
        members = [member for member in application.team.all() if member.invited_at]
        team: list[TeamMember | Party] = [*members, *named.get(application.submission_id or 0, [])]
        holders = {place.institution_id for place in application.places.all() if place.kind == PlaceKind.HOLDER}
        for person in people:
            has_declared = (application.pk, person.pk) in declared
            kinds = _kinds(person, application, team, holders, addresses[person.pk], has_declared)
            pairs[application.pk, person.pk] = kinds
    return {pair: kinds for pair, kinds in pairs.items() if kinds}


def _kinds(
    user: Any,
    application: Application,
    team: Sequence[TeamMember | Party],
    holders: set[int],
    addresses: frozenset[str],
    declared: bool,
) -> list[ConflictKind]:
    kinds = []
    if application.principal_investigator_id == user.pk:
        kinds.append(ConflictKind.SELF)
    others = [
        one for one in team if isinstance(one, TeamMember) or one.user_id != application.principal_investigator_id
    ]
    if any(one.user_id == user.pk or is_for(one, user, addresses) for one in others):
        kinds.append(ConflictKind.TEAM)
    places = {application.institution_id, application.principal_investigator.institution_id} | holders
    places |= {member.institution_id for member in team}
    places |= {one.user.institution_id for one in team if isinstance(one, TeamMember) and one.user}
    if user.institution_id is not None and user.institution_id in places:
        kinds.append(ConflictKind.INSTITUTION)
    if declared:
        kinds.append(ConflictKind.DECLARED)
    return kinds


def conflicted_for(user: Any) -> Q:
    """Return the condition on applications that bar this person: `conflicts_of` as a query."""
    team = TeamMember.objects.filter(application=OuterRef("pk"), invited_at__isnull=False)
    parties = Party.objects.filter(submission=OuterRef("submission"))
    bars = Q(principal_investigator=user.pk)
    for rows in (team, parties):
        bars |= Q(Exists(rows.filter(user=user.pk))) | Q(Exists(offered_to(user, rows)))
    bars |= Q(Exists(Conflict.objects.filter(application=OuterRef("pk"), user=user.pk)))
    if user.institution_id is not None:
        same = team.filter(Q(institution=user.institution_id) | Q(user__institution=user.institution_id))
        bars |= Q(institution=user.institution_id) | Q(principal_investigator__institution=user.institution_id)
        held = Place.objects.filter(application=OuterRef("pk"), kind=PlaceKind.HOLDER, institution=user.institution_id)
        bars |= Q(Exists(same)) | Q(Exists(held)) | Q(Exists(parties.filter(institution=user.institution_id)))
    return bars
