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

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import BigIntegerField, Exists, OuterRef, Prefetch, Q, Value, prefetch_related_objects

from applications.enums import ConflictKind, PlaceKind
from applications.models import Application, Conflict, Party, Place, TeamMember
from applications.rules.invitations import Addresses, addresses_of, is_for, offered_to


def conflicts_of(user: Any, application: Application) -> list[ConflictKind]:
    """Return every reason why this person may not judge this application; empty where there is none.

    Source: portal policy, after the charter of the expert committee (members stay away from their own matters).
    """
    team = list(application.team.filter(invited_at__isnull=False).select_related("user"))
    holders = set(application.places.filter(kind=PlaceKind.HOLDER).values_list("institution", flat=True))
    declared, named = _declared_and_named([user], [application])
    addresses = _proved([user], team)
    return _reasons(user, application, team, holders, named, declared, addresses)


def conflicts_among(
    people: Sequence[Any], applications: Sequence[Application], joining: Sequence[TeamMember] = ()
) -> dict[tuple[int, int], list[ConflictKind]]:
    """Return `conflicts_of` for each pair (application id, person id) that has any, in a fixed number of queries.

    `joining` are places on teams, not saved yet: what would be if they were.
    """
    team_rows = TeamMember.objects.select_related("user", "institution")
    places = Prefetch("places", Place.objects.select_related("institution"))
    prefetch_related_objects(applications, "principal_investigator", Prefetch("team", team_rows), places)
    declared, named = _declared_and_named(people, applications)
    teams = {}
    for one in applications:
        new = [place for place in joining if place.application_id == one.pk]
        teams[one.pk] = [member for member in (*one.team.all(), *new) if member.invited_at]
    addresses = _proved(people, [member for team in teams.values() for member in team])
    found = {}
    for application in applications:
        team = teams[application.pk]
        holders = {place.institution_id for place in application.places.all() if place.kind == PlaceKind.HOLDER}
        for person in people:
            reasons = _reasons(person, application, team, holders, named, declared, addresses)
            found[application.pk, person.pk] = reasons
    return {pair: reasons for pair, reasons in found.items() if reasons}


def _proved(people: Sequence[Any], team: Sequence[TeamMember]) -> Addresses:
    """Return the addresses people proved, where somebody invited may still be one of them."""
    return addresses_of(people) if any(member.confirmed_at is None for member in team) else {}


def _declared_and_named(
    people: Sequence[Any], applications: Sequence[Application]
) -> tuple[set[tuple[int, int]], dict[int, tuple[set[int], set[int]]]]:
    """Return the declared pairs, and by application whom and which institutions its submission names: in one query."""
    nothing = Value(None, output_field=BigIntegerField())
    own = Conflict.objects.filter(application__in=applications, user__in=people)
    parties = Party.objects.filter(submission__in=[one.submission_id for one in applications])
    rows = own.values_list("application", "user", nothing, Value(True)).union(
        parties.values_list("submission__current_of", "user", "institution", Value(False)), all=True
    )
    declared: set[tuple[int, int]] = set()
    named: dict[int, tuple[set[int], set[int]]] = {}
    for application, user, institution, is_declared in rows:
        if is_declared:
            declared.add((application, user))
            continue
        users, institutions = named.setdefault(application, (set(), set()))
        if user is not None:
            users.add(user)
        if institution is not None:
            institutions.add(institution)
    return declared, named


def _reasons(
    user: Any,
    application: Application,
    team: Sequence[TeamMember],
    holders: set[int],
    named: Mapping[int, tuple[set[int], set[int]]],
    declared: set[tuple[int, int]],
    addresses: Addresses,
) -> list[ConflictKind]:
    users, institutions = named.get(application.pk, (set(), set()))
    proved = addresses.get(user.pk, frozenset())
    kinds = []
    if application.principal_investigator_id == user.pk:
        kinds.append(ConflictKind.SELF)
    elif user.pk in users or any(member.user_id == user.pk or is_for(member, user, proved) for member in team):
        kinds.append(ConflictKind.TEAM)
    if user.institution_id is not None and user.institution_id in institutions | holders | _places(application, team):
        kinds.append(ConflictKind.INSTITUTION)
    if (application.pk, user.pk) in declared:
        kinds.append(ConflictKind.DECLARED)
    return kinds


def _places(application: Application, team: Sequence[TeamMember]) -> set[int | None]:
    """Return where the principal investigator and the team work, as the draft and their accounts say now."""
    places = {application.institution_id, application.principal_investigator.institution_id}
    places |= {member.institution_id for member in team}
    return places | {member.user.institution_id for member in team if member.user}


def conflicted_for(user: Any) -> Q:
    """Return the condition on applications that bar this person: `conflicts_of` as a query."""
    team = TeamMember.objects.filter(application=OuterRef("pk"), invited_at__isnull=False)
    parties = Party.objects.filter(submission=OuterRef("submission"))
    bars = Q(principal_investigator=user.pk) | Q(Exists(parties.filter(user=user.pk)))
    bars |= Q(Exists(team.filter(user=user.pk))) | Q(Exists(offered_to(user, team)))
    bars |= Q(Exists(Conflict.objects.filter(application=OuterRef("pk"), user=user.pk)))
    if user.institution_id is not None:
        same = team.filter(Q(institution=user.institution_id) | Q(user__institution=user.institution_id))
        bars |= Q(institution=user.institution_id) | Q(principal_investigator__institution=user.institution_id)
        held = Place.objects.filter(application=OuterRef("pk"), kind=PlaceKind.HOLDER, institution=user.institution_id)
        bars |= Q(Exists(same)) | Q(Exists(held)) | Q(Exists(parties.filter(institution=user.institution_id)))
    return bars
