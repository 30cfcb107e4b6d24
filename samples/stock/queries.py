"""What the stock's pages read. They show the public's figures: what a decision holds still counts as free there."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from portal.audit.models import Event
from portal.audit.trail import trail
from portal.roles import Permission
from portal.units import api_mass
from samples.enums import Account, MovementReason, Origin, SampleStatus
from samples.models import Dataset, Movement, Sample, Treatment
from samples.rules.techniques import label_of

# What a decision holds is known to those who decide, and to nobody else before it is published.
HIDDEN_REASONS = (MovementReason.HOLD, MovementReason.RELEASE)
PUBLICLY_FREE = (Account.FREE, Account.HELD)
MOST_EVENTS = 100


@dataclass(frozen=True)
class Line:
    """One line of a sample's record: what it changed of the free mass, and what was free afterwards, in mg."""

    position: int
    movement: Movement
    change_mg: Decimal
    balance_mg: Decimal
    other: Sample | None
    is_correctable: bool


def stock(user: Any, *, words: str = "", only: str = "") -> QuerySet[Sample]:
    """Return the samples in stock, unpublished ones included; `only` is unpublished, published or withdrawn."""
    if not (user.may(Permission.READ_STOCK) or user.may(Permission.MANAGE_STOCK)):
        return Sample.objects.none()
    found = Sample.objects.select_related("mission", "parent")
    if words:
        found = found.filter(Q(catalogue_number__icontains=words) | Q(location__icontains=words))
    return found.filter(STATES[only]) if only else found


STATES = {
    "unpublished": Q(published_at__isnull=True),
    "published": Q(published_at__isnull=False, status=SampleStatus.CATALOGUED, origin=Origin.STOCK),
    "withdrawn": Q(status=SampleStatus.WITHDRAWN),
    "publications": Q(origin=Origin.PUBLICATIONS),
}

ITEM = (
    "catalogue_number",
    "mission",
    "parent",
    "kind",
    "acquisition",
    "use",
    "status",
    "known_from",
    "published",
    "initial_mg",
    "allocated_mg",
    "free_mg",
    "stated_mass_mg",
    "reserve_floor_mg",
    "igsn",
    "location",
    "description",
    "description_zh",
    "source",
)


def item(sample: Sample) -> dict[str, Any]:
    """Return a sample as files of the stock write it; masses in mg."""
    return {
        "catalogue_number": sample.catalogue_number,
        "mission": sample.mission.code,
        "parent": sample.parent.catalogue_number if sample.parent else None,
        "kind": sample.preparation,
        "acquisition": sample.acquisition,
        "use": sample.use_class,
        "status": sample.status,
        "known_from": sample.origin,
        "published": sample.published_at is not None,
        "initial_mg": api_mass(sample.initial_mg),
        "allocated_mg": api_mass(sample.public_allocated_mg),
        "free_mg": api_mass(sample.public_free_mg),
        "stated_mass_mg": api_mass(sample.stated_mass_mg),
        "reserve_floor_mg": api_mass(sample.reserve_floor_mg),
        "igsn": sample.igsn or None,
        "location": sample.location,
        "description": sample.description,
        "description_zh": sample.description_zh,
        "source": sample.source,
    }


WORDS = {
    "sample.accession": _("Taken in"),
    "sample.split": _("Split"),
    "sample.lose": _("Loss recorded"),
    "sample.correct": _("Movement corrected"),
    "sample.edit": _("Description changed"),
    "sample.add-history": _("History added"),
    "sample.change-history": _("History changed"),
    "sample.remove-history": _("History removed"),
    "sample.add-data": _("Data added"),
    "sample.change-data": _("Data changed"),
    "sample.remove-data": _("Data removed"),
    "sample.publish": _("Published"),
    "sample.withdraw": _("Withdrawn"),
}


def events(sample: Sample) -> list[tuple[Any, Event]]:
    """Return what was done to a sample, in words, newest first, with the reasons that were given."""
    found = trail(sample).filter(verb__in=WORDS).order_by("-version")[:MOST_EVENTS]
    return [(WORDS[event.verb], event) for event in found]


def all_entries(sort: str) -> QuerySet[Any]:
    """Return every entry of a sort: `history` or `data`."""
    model: Any = Treatment if sort == "history" else Dataset
    return model.objects.select_related("sample__mission")


def entries(sample: Sample, sort: str) -> list[Any]:
    """Return what is written of a sample: its history, oldest first, or the data that exist on it."""
    order = F("day").asc(nulls_first=True) if sort == "history" else "pk"
    found = list(all_entries(sort).filter(sample=sample).order_by(order, "pk"))
    for entry in found:
        if sort == "data":
            entry.technique_name = label_of(entry.technique)
    return found


def movements(sample: Sample) -> QuerySet[Movement]:
    """Return the movements of a sample, oldest first, without those that would tell of an unpublished decision."""
    reversed_by = Movement.objects.filter(reverses=OuterRef("pk"))
    shown = Movement.objects.filter(sample=sample).exclude(reason__in=HIDDEN_REASONS)
    return shown.annotate(is_reversed=Exists(reversed_by)).select_related("by").order_by("pk")


def record(sample: Sample) -> list[Line]:
    """Return a sample's record with running balance, oldest first; a number in it names a movement for good."""
    rows = list(movements(sample))
    others = _other_ends(sample, rows)
    lines, balance = [], Decimal("0.000")
    for position, row in enumerate(rows, start=1):
        change = _change(row)
        balance += change
        lines.append(Line(position, row, change, balance, others.get(row.split), _is_correctable(row)))
    return lines


def movement_at(sample: Sample, position: int) -> Movement | None:
    """Return the movement that a sample's record shows under this number."""
    return movements(sample)[position - 1 : position].first() if position >= 1 else None


def _change(row: Movement) -> Decimal:
    gained, lost = row.to_account in PUBLICLY_FREE, row.from_account in PUBLICLY_FREE
    return row.mass_mg * (gained - lost)


def _is_correctable(row: Any) -> bool:
    return not (row.hold_id or row.split or row.reverses_id or row.is_reversed)


def _other_ends(sample: Sample, rows: Iterable[Movement]) -> dict[Any, Sample]:
    """Return the sample at the other end of every split."""
    splits = [row.split for row in rows if row.split]
    if not splits:
        return {}
    ends = Movement.objects.filter(split__in=splits).exclude(sample=sample).select_related("sample")
    return {row.split: row.sample for row in ends}
