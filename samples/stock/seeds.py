"""What the portal starts with: samples known from publications, and the stock of the demonstration.

Both stand as files in `samples/data/`, with what is known of the samples, and are loaded as any other catalogue;
loading twice changes nothing.
"""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from portal.errors import Invalid
from samples.enums import Preparation, UseClass
from samples.models import Sample
from samples.stock import actions, entries, entry_files, importing
from samples.stock.entry_files import Headings
from samples.stock.importing import Outcome, Totals
from samples.stock.mapping import Mapping, read_mapping

DATA = Path(__file__).resolve().parents[1] / "data"
CORE = "DEMO-CE5-CORE"
# What is cut from the demonstration's core: number, mass in mg, facts.
SPLITS: tuple[tuple[str, Decimal, dict[str, Any]], ...] = (
    (
        "DEMO-CE5-FM-002",
        Decimal(15_000),
        {
            "preparation": Preparation.POWDER,
            "use_class": UseClass.RESEARCH,
            "description": "Core powder, drilled, from 0.62 to 0.64 m below the surface",
            "description_zh": "钻取岩芯粉末，月面以下0.62至0.64米",
            "location": "Demonstration store, nitrogen box 1",
        },
    ),
    (
        "DEMO-CE5-CORE-BACKUP",
        Decimal(2_500),
        {
            "preparation": Preparation.OTHER,
            "use_class": UseClass.BACKUP,
            "description": "Core segment, kept sealed at the second site",
            "description_zh": "岩芯段，在备份库封存",
            "location": "Demonstration store, second site",
        },
    ),
)


def load_known(by: Any = None) -> Totals:
    """Load the catalogue numbers that publications name, each with its source, and what that source says of it."""
    totals = _load("known_samples.csv", read_mapping((DATA / "known_samples.json").read_text(encoding="utf-8")), by)
    _tell_of("known", by)
    return totals


def load_demonstration(by: Any = None) -> Totals:
    """Load the made-up stock of the demonstration: the first released batch in its real proportions, and the far side.

    Source: lionrockdaily.com epaper 1414635983466532864 (23 sections 768.3 mg, 19 clasts 1,112.9 mg, 2 powders 55 g).
    """
    totals = _load("demonstration_stock.csv", Mapping(constants={"is_demonstration": "yes", "published": "yes"}), by)
    core = Sample.objects.get(catalogue_number=CORE)
    present = set(core.children.values_list("catalogue_number", flat=True))
    for number, mass_mg, facts in SPLITS:
        if number in present:
            totals.unchanged += 1
        else:
            actions.split(core, by=by, mass_mg=mass_mg, publish=True, catalogue_number=number, **facts)
            totals.accepted += 1
    _tell_of("demonstration", by)
    return totals


def _tell_of(name: str, by: Any) -> None:
    """Load the history of samples, and the data that exist on them."""
    for sort in entries.FIELDS:
        _load(f"{name}_{sort}.csv", Headings(sort=sort), by, entry_files.load)


def _load(name: str, mapping: Any, by: Any, load: Callable[..., Totals] = importing.load) -> Totals:
    refused: list[Outcome] = []

    def tell(outcome: Outcome) -> None:
        if outcome.result == "refused":
            refused.append(outcome)

    with (DATA / name).open("rb") as file:
        totals = load(file, mapping, by=by, tell=tell)
    if refused:
        raise Invalid(f"{name}, row {refused[0].row}: {refused[0].reason}", code="seeds")
    return totals
