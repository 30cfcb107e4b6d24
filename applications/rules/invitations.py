"""Whom an invitation to a team is for: who proved the invited address, or signed in with the invited ORCID iD.

An account's ORCID iD is there only after ORCID itself said whose it is, so that nobody takes a place by typing one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from applications.models import TeamMember

Addresses = Mapping[int, frozenset[str]]


def addresses_of(people: Iterable[Any]) -> Addresses:
    """Return for each person (by id) the addresses they proved, in small letters, in one query."""
    everybody = list(people)
    found = {person.pk: {person.email.lower()} for person in everybody}
    rows = EmailAddress.objects.filter(user__in=everybody, verified=True).values_list("user", "email")
    for owner, email in rows:
        found[owner].add(email.lower())
    return {owner: frozenset(addresses) for owner, addresses in found.items()}


def is_for(member: TeamMember, user: Any, addresses: frozenset[str]) -> bool:
    """Tell whether a place on a team was offered to this person, who proved these addresses besides their own.

    A place that is taken belongs to who took it; of the others only the address of the account still speaks then.
    """
    by_orcid = bool(member.orcid) and member.orcid == user.orcid
    email = member.email.lower()
    return by_orcid or email == user.email.lower() or (member.confirmed_at is None and email in addresses)


def offered_to(user: Any, rows: QuerySet[TeamMember]) -> QuerySet[TeamMember]:
    """Return those of these places on teams that were offered to this person: `is_for` as a query."""
    proved = EmailAddress.objects.filter(user=user.pk, verified=True).annotate(small=Lower("email")).values("small")
    mine = Q(address=user.email.lower()) | Q(address__in=proved, confirmed_at__isnull=True)
    if user.orcid:
        mine |= Q(orcid=user.orcid)
    return rows.alias(address=Lower("email")).filter(mine)
