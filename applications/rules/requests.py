"""What sample requests may ask for, alone and in groups. What a decision may award is `applications/rules/granting.py`.

What the runs of a request need is `masses.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.enums import GroupKind
from applications.models import CallSample, DraftRequest
from applications.models.request import GroupLine
from portal.units import format_mass
from samples.enums import Hemisphere
from samples.rules.availability import why_not_requestable

LEAST_MEMBERS = 2


def complaints_about_request(line: DraftRequest, offer: CallSample | None) -> list[Any]:
    """Return why this request cannot be submitted: not offered, not requestable, wrong or too much mass (mg)."""
    name = {"sample": line.sample.catalogue_number}
    if offer is None:
        return [_("%(sample)s is not offered in this call.") % name]
    if reason := why_not_requestable(line.sample):
        return [reason]
    if not line.sample.is_divisible:
        is_whole = line.whole and line.asked_mg is None and line.least_mg is None
        return [] if is_whole else [_("%(sample)s is lent only as a whole piece.") % name]
    if line.whole or line.asked_mg is None:
        return [_("Give the mass and the least useful mass of %(sample)s in mg.") % name]
    if line.least_mg is None:
        return [_("Give the least useful mass of %(sample)s in mg.") % name]
    complaints = []
    if line.asked_mg <= 0 or line.least_mg <= 0:
        complaints.append(_("A mass of %(sample)s is more than zero.") % name)
    if line.least_mg > line.asked_mg:
        complaints.append(_("The least useful mass of %(sample)s is more than the mass asked.") % name)
    if offer.offered_mg is not None and line.asked_mg > offer.offered_mg:
        complaints.append(
            _("The call offers %(offered)s of %(sample)s; you ask for %(asked)s.")
            % {**name, "offered": format_mass(offer.offered_mg), "asked": format_mass(line.asked_mg)}
        )
    return complaints


def complaints_about_group(group: GroupLine, lines: Sequence[Any]) -> list[Any]:
    """Return why a group of these requests cannot be submitted; each request needs its sample's mission.

    Source: portal policy.
    """
    name = {"group": group.name}
    if len(lines) < LEAST_MEMBERS:
        return [_("“%(group)s” needs at least two requests.") % name]
    complaints = []
    if group.kind == GroupKind.IN_ORDER and len({line.rank for line in lines}) < len(lines):
        complaints.append(_("Give every request of “%(group)s” a place of its own.") % name)
    if group.kind == GroupKind.NEEDS_ALL and spans_both_sides(lines) and not group.matching.strip():
        complaints.append(_("Say what must match between the two sides of “%(group)s”.") % name)
    if group.kind == GroupKind.NEEDS_ALL and not all(line.in_least_set for line in lines):
        complaints.append(
            _("“%(group)s” needs all of its requests: tick each as needed, or choose another way to belong together.")
            % name
        )
    if group.kind != GroupKind.EITHER_OR:
        if group.kind != GroupKind.NEEDS_ALL and not any(line.in_least_set for line in lines):
            complaints.append(_("Tick at least one request of “%(group)s” that its least useful set needs.") % name)
        if not group.least_set.strip():
            complaints.append(_("Say which part of “%(group)s” would still be useful, and why.") % name)
    return complaints


def spans_both_sides(lines: Iterable[Any]) -> bool:
    """Tell whether requests ask for the near and the far side."""
    return {line.sample.mission.hemisphere for line in lines} == set(Hemisphere.values)


@dataclass(frozen=True)
class Sum:
    """What is asked of one side of the Moon at most: by mass in mg, and whole pieces."""

    hemisphere: str
    mass_mg: Decimal
    pieces: int


def sums(lines: Iterable[Any]) -> list[Sum]:
    """Return what requests ask of each side, near first; each with its group and its sample's mission."""
    asked = list(lines)
    of_side = {side: [line for line in asked if line.sample.mission.hemisphere == side] for side in Hemisphere.values}
    return [Sum(side, counted_mg(own), counted_pieces(own)) for side, own in of_side.items()]


def counted_mg(lines: Iterable[Any], mass: str = "asked_mg") -> Decimal:
    """Return what requests ask for by mass, in mg: of alternatives only the largest, since one of them is enough.

    Source: portal policy.
    """
    return sum((max(getattr(line, mass) or Decimal(0) for line in same) for same in _together(lines)), Decimal(0))


def counted_pieces(lines: Iterable[Any]) -> int:
    """Return how many whole pieces requests ask for: of alternatives at most one."""
    return sum(max(int(line.whole) for line in same) for same in _together(lines))


def _together(lines: Iterable[Any]) -> list[list[Any]]:
    """Return requests one by one, and alternatives together."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for line in lines:
        is_choice = line.group is not None and line.group.kind == GroupKind.EITHER_OR
        found[line.group.uid if is_choice else line.uid].append(line)
    return list(found.values())
