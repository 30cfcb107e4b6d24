"""Missions and samples for tests. Mass comes in through the ledger, so that it is whole from the start."""

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from samples import ledger
from samples.enums import Hemisphere, Origin, Preparation
from samples.models import Mission, Sample

_numbers = itertools.count(1)
PUBLISHED = datetime(2026, 1, 14, 8, 0, tzinfo=UTC)
MISSIONS: dict[str, dict[str, Any]] = {
    "CE-5": {
        "name": "Chang’e-5",
        "name_zh": "嫦娥五号",
        "hemisphere": Hemisphere.NEAR,
        "site": "Northern Oceanus Procellarum",
        "latitude": Decimal("43.0576"),
        "longitude": Decimal("-51.9161"),
        "landed_on": date(2020, 12, 1),
        "returned_on": date(2020, 12, 16),
        "returned_mg": Decimal(1_731_000),
    },
    "CE-6": {
        "name": "Chang’e-6",
        "name_zh": "嫦娥六号",
        "hemisphere": Hemisphere.FAR,
        "site": "Southern Apollo basin",
        "latitude": Decimal("-41.63"),
        "longitude": Decimal("-153.98"),
        "landed_on": date(2024, 6, 2),
        "returned_on": date(2024, 6, 25),
        "returned_mg": Decimal(1_935_300),
    },
}


def mission(code: str = "CE-5", **fields: Any) -> Mission:
    """Return Chang’e-5, Chang’e-6 (`code="CE-6"`), or make one from `fields`; the same code twice is the same row."""
    facts = {**MISSIONS.get(code, MISSIONS["CE-5"]), "source": "a test", **fields}
    return Mission.objects.get_or_create(code=code, defaults=facts)[0]


def sample(preparation: Preparation, mass_mg: Any, *, by: Any = None, **fields: Any) -> Sample:
    """Make a published research sample of this kind with its mass (mg, 0 for none) taken into stock."""
    if isinstance(fields.get("mission"), str):
        fields["mission"] = mission(fields["mission"])
    facts = {
        "catalogue_number": f"TEST-{next(_numbers):05}",
        "mission": fields.pop("mission", None) or mission(),
        "preparation": preparation,
        "published_at": PUBLISHED,
        **fields,
    }
    made = Sample.objects.create(**facts)
    if Decimal(mass_mg):
        ledger.accession(made, Decimal(mass_mg), by=by)
        made.refresh_from_db()
    return made


def powder(mass_mg: Any = 100, **fields: Any) -> Sample:
    """Make powder, which is given by mass."""
    return sample(Preparation.POWDER, mass_mg, **fields)


def clast(mass_mg: Any = "36.2", **fields: Any) -> Sample:
    """Make a clast, which is lent whole."""
    return sample(Preparation.CLAST, mass_mg, **fields)


def section(mass_mg: Any = "21.4", **fields: Any) -> Sample:
    """Make a polished section, which is lent whole."""
    return sample(Preparation.SECTION, mass_mg, **fields)


def known(**fields: Any) -> Sample:
    """Make a sample known from publications: no balance, not requestable."""
    facts = {"origin": Origin.PUBLICATIONS, "source": "a paper, doi:10.0000/test", **fields}
    return sample(facts.pop("preparation", Preparation.POWDER), 0, **facts)
