"""How the catalogue says what it looked for: facets with counts, chips, ways out. One sample: `items.py`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.paired import localised
from portal.units import format_mass
from portal.words import listed
from samples.access import is_published
from samples.catalogue.queries import CHOICES, MANY, MOST_COMPARED, Cell, Filters, counts_without, matching
from samples.models import Dataset, Mission, Sample
from samples.rules.techniques import label_of

HEADINGS = {
    "mission": _("Landing site"),
    "kind": _("Kind"),
    "acquisition": _("Collected by"),
    "known_from": _("Known from"),
}
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
    return found | {"acquisition": COLLECTED, "mission": {one.code: _site(one) for one in missions}}


def _site(mission: Mission) -> str:
    return str(_("%(mission)s, %(site)s") % {"mission": mission.local_name, "site": mission.local_site})


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
        Chip(_label(name, value, words), _dropped(query, name, value if name in MANY else None))
        for name in filters.in_use
        for value in _values(filters, name)
    ]


def ways_out(query: Any, cells: list[Cell], filters: Filters, words: dict[str, dict[str, Any]]) -> list[Chip]:
    """Return, for a list that is empty, what each filter removed: how many samples there are without it."""
    counts = counts_without(cells, filters)
    found = [
        Chip(
            listed(_label(name, value, words) for value in _values(filters, name)),
            _dropped(query, name, None),
            counts[name],
        )
        for name in filters.in_use
    ]
    return sorted(found, key=lambda chip: -(chip.number or 0))


def _values(filters: Filters, name: str) -> Iterable[Any]:
    value = getattr(filters, name)
    return value if name in MANY else [value]


def _label(name: str, value: Any, words: dict[str, dict[str, Any]]) -> str:
    if name == "least":
        return str(_("at least %(mass)s free") % {"mass": format_mass(value)})
    if name == "call":
        return str(_("offered in %(call)s") % {"call": words["call"].get(value, value)})
    return str(words[name].get(value, value)) if name in MANY else f"“{value}”"


def _dropped(query: Any, name: str, value: str | None, also: Iterable[str] = ("cursor",)) -> str:
    """Return the query without a filter, or without one value of it; of filters, from the first page on."""
    changed = query.copy()
    kept = [other for other in changed.getlist(name) if value is not None and other != value]
    for gone in (name, *also):
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


def say_offers(samples: Iterable[Any], offers: list[dict[str, Any]]) -> None:
    """Give samples what open calls offer of them, for their cards: the mass (mg) and the call."""
    for sample in samples:
        own = [offer for offer in offers if offer["number"] == sample.catalogue_number]
        sample.offered_in = [{**offer, "label": localised(offer, "title")} for offer in own]


def datasets(found: Iterable[Dataset]) -> list[dict[str, Any]]:
    """Return data that exist on samples as a page says them: the technique in the language of the page."""
    return [{"data": one, "technique": label_of(one.technique)} for one in found]


# --- Comparing ------------------------------------------------------------------------------------------


def tray(query: Any, numbers: list[str]) -> dict[str, Any]:
    """Return what has been put aside to be compared: each number with the address without it; what a form keeps."""
    kept = [(name, value) for name, values in query.lists() for value in values if value]
    return {
        "tray": [Chip(number, _dropped(query, "compare", number, also=())) for number in numbers],
        "tray_numbers": numbers,
        "tray_is_full": len(numbers) >= MOST_COMPARED,
        "comparison": urlencode([("sample", number) for number in numbers]),
        "tray_alone": urlencode([("compare", number) for number in numbers]),
        "kept": kept,
    }


def columns(samples: list[Sample], calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return samples as the columns of a comparison: calls that are open, history, data, and the way without it."""
    numbers = [sample.catalogue_number for sample in samples]
    return [
        {
            "sample": sample,
            "calls": [
                {**call, "label": localised(call, "title")}
                for call in calls
                if call["number"] == sample.catalogue_number and call["opens_at"] <= clock.now() < call["closes_at"]
            ],
            "parent": sample.parent if sample.parent and is_published(sample.parent) else None,
            "treatments": sample.treatments.all(),
            "datasets": datasets(sample.datasets.all()),
            "without": urlencode([("sample", number) for number in numbers if number != sample.catalogue_number]),
        }
        for sample in samples
    ]
