"""How one sample is said on cards and pages, in files and by the API: where it stands, its masses, what is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.units import api_mass
from samples.access import is_published
from samples.enums import Origin, SampleStatus, UseClass
from samples.models import Dataset, Sample
from samples.rules.availability import why_not_requestable

SEALED = (UseClass.PERMANENT, UseClass.BACKUP)


@dataclass(frozen=True)
class Standing:
    """Where a sample stands in public: as files write it, as pages say it, and the tone in which they do."""

    code: str
    word: Any
    tone: str = ""


STANDINGS = {
    one.code: one
    for one in (
        Standing("offered", _("Offered"), "ok"),
        Standing("in-stock", _("In stock"), "plain"),
        Standing("allocated", _("Allocated")),
        Standing("nothing-left", _("Nothing left")),
        Standing("withdrawn", SampleStatus.WITHDRAWN.label, "bad"),
        *(Standing(str(use), use.label) for use in SEALED),
        Standing("publications", Origin.PUBLICATIONS.label),
    )
}


def standing(sample: Any) -> Standing:
    """Return where a sample stands in public; `is_offered` was read with it."""
    return STANDINGS[_standing(sample)]


def _standing(sample: Any) -> str:
    if sample.origin == Origin.PUBLICATIONS:
        return "publications"
    if sample.status == SampleStatus.WITHDRAWN:
        return "withdrawn"
    if sample.use_class in SEALED:
        return str(sample.use_class)
    if not sample.public_free_mg:
        return "allocated" if sample.public_allocated_mg else "nothing-left"
    return "offered" if sample.is_offered else "in-stock"


def dress(samples: Iterable[Sample]) -> list[Sample]:
    """Give samples what their cards say: where they stand, what is gone (mg), and how the mass bar calls it."""
    dressed: list[Any] = list(samples)
    for sample in dressed:
        sample.standing = standing(sample)
        sample.gone_mg = gone_mg(sample)
        sample.bar_part = _part(sample)
    return dressed


def _part(sample: Sample) -> str:
    if sample.use_class in SEALED:
        return "kept"
    return "free" if gone_mg(sample) == sample.public_allocated_mg else "left"


def gone_mg(sample: Sample) -> Decimal:
    """Return what is no longer free of the initial mass, in mg: allocated, split off, consumed or lost."""
    return sample.initial_mg - sample.public_free_mg


# The columns of files: those of the table first, in its order, then what a sample's page adds.
ITEM = (
    "catalogue_number",
    "mission",
    "hemisphere",
    "kind",
    "acquisition",
    "initial_mg",
    "allocated_mg",
    "free_mg",
    "standing",
    "parent",
    "use",
    "status",
    "known_from",
    "whole",
    "requestable",
    "stated_mass_mg",
    "igsn",
    "description",
    "description_zh",
    "source",
    "demonstration",
)


def item(sample: Sample) -> dict[str, Any]:
    """Return a sample as files and API write it. Masses in mg; null where it has no balance here."""
    in_stock = sample.origin == Origin.STOCK
    return {
        "catalogue_number": sample.catalogue_number,
        "mission": sample.mission.code,
        "hemisphere": sample.mission.hemisphere,
        "kind": sample.preparation,
        "acquisition": sample.acquisition,
        "initial_mg": api_mass(sample.initial_mg) if in_stock else None,
        "allocated_mg": api_mass(sample.public_allocated_mg) if in_stock else None,
        "free_mg": api_mass(sample.public_free_mg) if in_stock else None,
        "standing": standing(sample).code,
        "parent": sample.parent.catalogue_number if sample.parent and is_published(sample.parent) else None,
        "use": sample.use_class,
        "status": sample.status,
        "known_from": sample.origin,
        "whole": not sample.is_divisible,
        "requestable": why_not_requestable(sample) is None,
        "stated_mass_mg": api_mass(sample.stated_mass_mg),
        "igsn": sample.igsn or None,
        "description": sample.description,
        "description_zh": sample.description_zh,
        "source": sample.source,
        "demonstration": sample.is_demonstration,
    }


def knowledge_item(sample: Any) -> dict[str, Any]:
    """Return what is known of a sample as the API writes it; read with it by `lineage.with_knowledge`."""
    datasets = [
        {**said, "doi": said["doi"] or None, "url": Dataset(doi=said["doi"], url=said["url"]).link or None}
        for said in sample.data_said
    ]
    return {"history": sample.history_said, "datasets": datasets}
