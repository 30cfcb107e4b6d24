"""Conflict of interest: one rule, as a check of one person and, beside it, as a query. Both say the same.

Barring are: the own application, a place on its team (invited by address or ORCID iD, or confirmed), the same
institution as anyone on it, a declared interest, supervision, a submitted application of the person or their team for
the same samples that is not decided yet, and what the chair ruled to be one. A draft bars from nothing else: the chair
reads why somebody is barred, and nobody but its team may learn that there is one. Where material would be held counts
as well: a holding institution receives the samples and signs for them, so that whoever works there gains by an award as
the applicant does. An institution that is only visited does not count: a shared facility serves half of its field, and
a stay there gives it nothing of the material. Somebody who was named and not invited yet is not on the team: nobody is
kept from judging by what they could not decline. What was submitted counts beside what the draft says now: somebody
whom a team has left out since is still on the team of what the panel reads. Country or region is never a conflict. Who
sees what of a conflicted application is decided in `applications/access.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Exists, OuterRef, Prefetch, Q, Value, prefetch_related_objects
from django.db.models.functions import Cast

from applications.enums import CallStatus, ConflictKind, PlaceKind, Status
from applications.models import (
    Application,
    Conflict,
    Party,
    Place,
    Ruling,
    SampleRequest,
    TeamMember,
)
from applications.rules.invitations import Addresses, addresses_of, is_for, offered_to

NOTHING = Cast(Value(None), BigIntegerField())  # typed, since PostgreSQL compares the rows of a union two by two
# Nobody speaks on their own matter, whatever a panel would need. Source: portal policy
NEVER_WAIVED = frozenset({ConflictKind.SELF, ConflictKind.TEAM})
# The kinds that rows say, in the order in which they are told.
BY_ROW = (ConflictKind.DECLARED, ConflictKind.SUPERVISOR, ConflictKind.RULED, ConflictKind.COMPETING)
# An application in one of these may still take what another one asks for.
RUNNING = frozenset(Status) - {Status.DRAFT, Status.INELIGIBLE, Status.PUBLISHED, Status.WITHDRAWN}


def conflicts_of(user: Any, application: Application) -> list[ConflictKind]:
    """Return every reason why this person may not judge this application; empty where there is none.

    Source: portal policy, after the charter of the expert committee (members stay away from their own matters).
    """
    team = list(application.team.filter(invited_at__isnull=False).select_related("user"))
    holders = set(application.places.filter(kind=PlaceKind.HOLDER).values_list("institution", flat=True))
    said = _said([user], [application])
    return _reasons(user, application, team, holders, said, _proved([user], team))


def conflicts_among(
    people: Sequence[Any], applications: Sequence[Application], joining: Sequence[TeamMember] = ()
) -> dict[tuple[int, int], list[ConflictKind]]:
    """Return the reasons for each pair (application id, person id) that has any, in a fixed number of queries.

    `joining` are places on teams, not saved yet: what would be if they were.
    """
    team_rows = TeamMember.objects.select_related("user", "institution")
    places = Prefetch("places", Place.objects.select_related("institution"))
    prefetch_related_objects(applications, "principal_investigator", Prefetch("team", team_rows), places)
    said = _said(people, applications)
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
            reasons = _reasons(person, application, team, holders, said, addresses)
            found[application.pk, person.pk] = reasons
    return {pair: reasons for pair, reasons in found.items() if reasons}


def _proved(people: Sequence[Any], team: Sequence[TeamMember]) -> Addresses:
    """Return the addresses people proved, where somebody invited may still be one of them."""
    return addresses_of(people) if any(member.confirmed_at is None for member in team) else {}


@dataclass(frozen=True)
class _Said:
    """What rows say: kinds by pair (application, person), and whom and which places the submissions name."""

    kinds: Mapping[tuple[int, int], set[str]]
    named: Mapping[int, tuple[set[int], set[int]]]


def _said(people: Sequence[Any], applications: Sequence[Application]) -> _Said:
    """Return what is declared, ruled and competing, and what the submissions name: in one query."""
    own = Conflict.objects.filter(application__in=applications, user__in=people)
    ruled = Ruling.objects.filter(application__in=applications, user__in=people, bars=True)
    submissions = [one.submission_id for one in applications]
    parties = Party.objects.filter(submission__in=submissions)
    rows = own.values_list("application", "user", NOTHING, "kind").union(
        ruled.values_list("application", "user", NOTHING, Value(ConflictKind.RULED.value)),
        parties.values_list("submission__current_of", "user", "institution", Value("")),
        *(_competing(person, submissions) for person in people),
        all=True,
    )
    kinds: dict[tuple[int, int], set[str]] = {}
    named: dict[int, tuple[set[int], set[int]]] = {}
    for application, user, institution, kind in rows:
        if kind:
            kinds.setdefault((application, user), set()).add(kind)
            continue
        users, institutions = named.setdefault(application, (set(), set()))
        if user is not None:
            users.add(user)
        if institution is not None:
            institutions.add(institution)
    return _Said(kinds, named)


def _competing(person: Any, submissions: Sequence[int | None]) -> Any:
    """Return which of these submissions ask for samples that an application of this person asks for, too."""
    asked = SampleRequest.objects.filter(_asks_for_own(person), submission__in=submissions)
    columns = ("submission__current_of", Value(person.pk, output_field=BigIntegerField()))
    return asked.values_list(*columns, NOTHING, Value(ConflictKind.COMPETING.value))


def _reasons(
    user: Any,
    application: Application,
    team: Sequence[TeamMember],
    holders: set[int],
    said: _Said,
    addresses: Addresses,
) -> list[ConflictKind]:
    users, institutions = said.named.get(application.pk, (set(), set()))
    proved = addresses.get(user.pk, frozenset())
    kinds = []
    if application.principal_investigator_id == user.pk:
        kinds.append(ConflictKind.SELF)
    elif user.pk in users or any(member.user_id == user.pk or is_for(member, user, proved) for member in team):
        kinds.append(ConflictKind.TEAM)
    if user.institution_id is not None and user.institution_id in institutions | holders | _places(application, team):
        kinds.append(ConflictKind.INSTITUTION)
    by_row = said.kinds.get((application.pk, user.pk), set())
    return kinds + [kind for kind in BY_ROW if kind in by_row and not (kinds and kind == ConflictKind.COMPETING)]


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
    bars |= Q(Exists(Ruling.objects.filter(application=OuterRef("pk"), user=user.pk, bars=True)))
    bars |= Q(Exists(SampleRequest.objects.filter(_asks_for_own(user), submission=OuterRef("submission"))))
    if user.institution_id is not None:
        same = team.filter(Q(institution=user.institution_id) | Q(user__institution=user.institution_id))
        bars |= Q(institution=user.institution_id) | Q(principal_investigator__institution=user.institution_id)
        held = Place.objects.filter(application=OuterRef("pk"), kind=PlaceKind.HOLDER, institution=user.institution_id)
        bars |= Q(Exists(same)) | Q(Exists(held)) | Q(Exists(parties.filter(institution=user.institution_id)))
    return bars


def _asks_for_own(user: Any) -> Q:
    """Return the condition on sample requests that ask for what an application of this person asks for, too.

    That one counts once it was submitted, with what was submitted, as long as nothing is released of it.
    """
    invited = TeamMember.objects.filter(application=OuterRef("pk"), invited_at__isnull=False)
    on_it = Q(principal_investigator=user.pk) | Q(Exists(invited.filter(user=user.pk)))
    on_it |= Q(Exists(offered_to(user, invited)))
    on_it |= Q(Exists(Party.objects.filter(submission=OuterRef("submission"), user=user.pk)))
    own = Application.objects.filter(
        on_it, status__in=RUNNING, call__status=CallStatus.ANNOUNCED, call__is_practice=False
    )
    return Q(sample__in=SampleRequest.objects.filter(submission__current_of__in=own).values("sample"))
