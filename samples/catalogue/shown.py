"""How the catalogue says what it found: facets with counts, chips, the standing of a sample, rows of a file."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.units import api_mass, format_mass
from portal.words import listed
from samples.access import is_published
from samples.catalogue.queries import CHOICES, FACETS, Cell, Filters, count_without, matching
from samples.enums import Origin, SampleStatus, UseClass
from samples.models import Mission, Sample
from samples.rules.availability import why_not_requestable

HEADINGS = {
    "mission": _("Mission"),
    "kind": _("Kind"),
    "acquisition": _("Collected by"),
    "known_from": _("Known from"),
}
SEALED = (UseClass.PERMANENT, UseClass.BACKUP)
COLLECTED = {"scooped": _("Scoop"), "drilled": _("Drill"), "unknown": _("Not known")}


@dataclass(frozen=True)
class Option:
    """One value of a facet: how many samples it would show beside the other filters."""

    value: str
    label: Any
    number: int
    checked: bool


@dataclass(frozen=True)
class Facet:
    """One group of checkboxes."""

    name: str
    heading: Any
    options: list[Option]


@dataclass(frozen=True)
class Chip:
    """A filter in use, the address without it, and how many samples that would show (where it was counted)."""

    label: str
    query: str
    number: int | None = None


def labels(missions: list[Mission]) -> dict[str, dict[str, Any]]:
    """Return the words for every value of every facet."""
    found: dict[str, dict[str, Any]] = {name: dict(choices.choices) for name, choices in CHOICES.items()}
    return found | {"acquisition": COLLECTED, "mission": {one.code: one.local_name for one in missions}}


def facets(cells: list[Cell], filters: Filters, words: dict[str, dict[str, Any]]) -> list[Facet]:
    """Return the facets with their counts; values that no sample has and nobody chose are left out."""
    return [
        Facet(name, heading, [option for option in options(cells, filters, name, words[name]) if _worth(option)])
        for name, heading in HEADINGS.items()
    ]


def options(cells: list[Cell], filters: Filters, name: str, words: dict[str, Any]) -> list[Option]:
    """Return the values of one facet with their counts beside the other filters."""
    beside = matching(cells, filters, but=name)
    chosen = getattr(filters, name)
    return [
        Option(value, label, sum(cell.number for cell in beside if cell.values[name] == value), value in chosen)
        for value, label in words.items()
    ]


def _worth(option: Option) -> bool:
    return bool(option.number) or option.checked


def chips(query: Any, filters: Filters, words: dict[str, dict[str, Any]]) -> list[Chip]:
    """Return every filter in use with the address that drops it."""
    return [
        Chip(_label(name, value, words), _dropped(query, name, value if name in FACETS else None))
        for name in filters.in_use
        for value in _values(filters, name)
    ]


def ways_out(query: Any, cells: list[Cell], filters: Filters, words: dict[str, dict[str, Any]]) -> list[Chip]:
    """Return, for a list that is empty, what each filter removed: how many samples there are without it."""
    found = []
    for name in filters.in_use:
        label = listed(_label(name, value, words) for value in _values(filters, name))
        found.append(Chip(label, _dropped(query, name, None), count_without(cells, filters, name)))
    return sorted(found, key=lambda chip: -(chip.number or 0))


def _values(filters: Filters, name: str) -> Iterable[Any]:
    value = getattr(filters, name)
    return value if name in FACETS else [value]


def _label(name: str, value: Any, words: dict[str, dict[str, Any]]) -> str:
    if name == "least":
        return str(_("at least %(mass)s free") % {"mass": format_mass(value)})
    if name == "call":
        return str(_("offered in %(call)s") % {"call": words["call"].get(value, value)})
    return str(words[name].get(value, value)) if name in FACETS else f"“{value}”"


def _dropped(query: Any, name: str, value: str | None) -> str:
    """Return the query without a filter, or without one value of it, from the first page on."""
    changed = query.copy()
    kept = [other for other in changed.getlist(name) if value is not None and other != value]
    for gone in (name, "cursor"):
        changed.pop(gone, None)
    if kept:
        changed.setlist(name, kept)
    return changed.urlencode()


def side_links(query: Any, filters: Filters, cells: list[Cell], missions: list[Mission]) -> list[dict[str, Any]]:
    """Return both hemispheres as filters: what their discs show and where they lead."""
    found = []
    for option in options(cells, filters, "hemisphere", dict(CHOICES["hemisphere"].choices)):
        alone = filters.hemisphere == (option.value,)
        changed = query.copy()
        for gone in ("hemisphere", "cursor"):
            changed.pop(gone, None)
        if not alone:
            changed["hemisphere"] = option.value
        found.append(
            {
                "hemisphere": option.value,
                "missions": [mission for mission in missions if mission.hemisphere == option.value],
                "number": option.number,
                "alone": alone,
                "quiet": bool(filters.hemisphere) and not option.checked,
                "query": changed.urlencode(),
            }
        )
    return found


def standing(sample: Sample) -> tuple[Any, str]:
    """Return where a sample stands in public, and the tone in which to say so."""
    if sample.origin == Origin.PUBLICATIONS:
        return Origin.PUBLICATIONS.label, ""
    if sample.status == SampleStatus.WITHDRAWN:
        return SampleStatus.WITHDRAWN.label, "bad"
    if sample.use_class in SEALED:
        return UseClass(sample.use_class).label, ""
    if not sample.public_free_mg:
        return (_("Allocated") if sample.public_allocated_mg else _("Nothing left")), ""
    return (_("Offered"), "ok") if getattr(sample, "is_offered", False) else (_("In stock"), "plain")


def dress(samples: Iterable[Sample]) -> list[Sample]:
    """Give samples what their cards say: word and tone, what is gone (mg), and how the mass bar calls it."""
    dressed = list(samples)
    for sample in dressed:
        sample.word, sample.tone = standing(sample)  # type: ignore[attr-defined]
        sample.gone_mg = gone_mg(sample)  # type: ignore[attr-defined]
        sample.bar_part = _part(sample)  # type: ignore[attr-defined]
    return dressed


def _part(sample: Sample) -> str:
    if sample.use_class in SEALED:
        return "kept"
    return "free" if gone_mg(sample) == sample.public_allocated_mg else "left"


def gone_mg(sample: Sample) -> Decimal:
    """Return what is no longer free of the initial mass, in mg: allocated, split off, consumed or lost."""
    return sample.initial_mg - sample.public_free_mg


def local_title(call: dict[str, Any]) -> str:
    """Return the title of a call in the language of the page."""
    return (call["title_zh"] if get_language() == "zh-hans" else "") or call["title"]


ITEM = (
    "catalogue_number",
    "mission",
    "hemisphere",
    "parent",
    "kind",
    "acquisition",
    "use",
    "status",
    "known_from",
    "whole",
    "requestable",
    "initial_mg",
    "allocated_mg",
    "free_mg",
    "stated_mass_mg",
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
        "parent": sample.parent.catalogue_number if sample.parent and is_published(sample.parent) else None,
        "kind": sample.preparation,
        "acquisition": sample.acquisition,
        "use": sample.use_class,
        "status": sample.status,
        "known_from": sample.origin,
        "whole": not sample.is_divisible,
        "requestable": why_not_requestable(sample) is None,
        "initial_mg": api_mass(sample.initial_mg) if in_stock else None,
        "allocated_mg": api_mass(sample.public_allocated_mg) if in_stock else None,
        "free_mg": api_mass(sample.public_free_mg) if in_stock else None,
        "stated_mass_mg": api_mass(sample.stated_mass_mg),
        "description": sample.description,
        "description_zh": sample.description_zh,
        "source": sample.source,
        "demonstration": sample.is_demonstration,
    }
