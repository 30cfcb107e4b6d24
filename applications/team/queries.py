"""What the pages of the team and of the places show."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.enums import PlaceKind, Status
from applications.models import Application, Place, TeamMember
from applications.rules.requests import counted_mg, counted_pieces
from portal.units import format_mass


@dataclass(frozen=True)
class Sums:
    """What the holding places would take together beside what is asked for: masses in mg, and whole pieces."""

    held_mg: Decimal
    asked_mg: Decimal
    held_pieces: int
    asked_pieces: int
    warnings: list[Any]


def members(application: Application) -> QuerySet[TeamMember]:
    """Return the team beside the principal investigator."""
    return application.team.select_related("institution", "user", "application__principal_investigator")


def team_page(application: Application, user: Any) -> dict[str, Any]:
    """Return the team, who of it has said whom they ask not to judge, and who is asked to take over."""
    stated = set(application.interests.values_list("user", flat=True))
    rows = [(member, member.user_id in stated and member.confirmed_at is not None) for member in members(application)]
    return {
        "members": rows,
        "principal_has_stated": application.principal_investigator_id in stated,
        "has_stated": user.pk in stated,
        "offered_to": application.handover_to,
    }


def invitation(uid: Any) -> QuerySet[TeamMember]:
    """Return the place on a team that an invitation's address names."""
    rows = TeamMember.objects.select_related("application__call", "application__principal_investigator", "user")
    return rows.filter(uid=uid, invited_at__isnull=False).exclude(
        application__status__in=[Status.WITHDRAWN, Status.INELIGIBLE]
    )


def places_page(application: Application) -> dict[str, Any]:
    """Return every place, and how much they would hold together beside what is asked for."""
    places = list(application.places.select_related("institution"))
    return {"places": places, "sums": _sums(application, places)}


def _sums(application: Application, places: list[Place]) -> Sums:
    lines = list(application.draft_requests.select_related("group"))
    holders = [place for place in places if place.kind == PlaceKind.HOLDER]
    held_mg = sum((place.mass_mg or Decimal(0) for place in holders), Decimal(0))
    asked_mg = counted_mg(lines)
    pieces = sum(place.pieces for place in holders), counted_pieces(lines)
    return Sums(held_mg, asked_mg, *pieces, _warnings(held_mg, asked_mg, *pieces, places))


def _warnings(
    held_mg: Decimal, asked_mg: Decimal, held_pieces: int, asked_pieces: int, places: list[Place]
) -> list[Any]:
    """Say what does not fit. It warns and forbids nothing: material may go from one place to the next."""
    found = []
    if held_mg > asked_mg:
        words = _("The holding places take %(held)s together, and you ask for %(asked)s.")
        found.append(words % {"held": format_mass(held_mg), "asked": format_mass(asked_mg)})
    if held_pieces > asked_pieces:
        words = _("The holding places take %(held)s whole pieces together, and you ask for %(asked)s.")
        found.append(words % {"held": held_pieces, "asked": asked_pieces})
    for place in places:
        if place.kind == PlaceKind.VISITED and place.mass_mg and place.mass_mg > asked_mg:
            words = _("%(place)s is visited with %(mass)s, which is more than you ask for.")
            found.append(words % {"place": place.institution, "mass": format_mass(place.mass_mg)})
    return found
