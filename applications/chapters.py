"""The parts of an application in the order in which everybody reads them: page and paper list these and no others.

In an anonymous reading only science, methods and samples are left. What is read is `applications/reading.py`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from applications.blocks import Block, File, Items, Note, Part, Table, Title, Words
from applications.enums import GroupKind, PlaceKind
from applications.models import SampleRequest, SampleRequestGroup
from applications.rules import masses
from portal.paired import is_chinese
from portal.units import format_mass
from portal.words import MARKS
from samples.rules.techniques import label_of

DASH = "–"
SCIENCE = (
    ("question", _("Scientific question")),
    ("plan", _("Research plan")),
    ("methods", _("Methods and least mass")),
)
PLACE = (("laboratory", _("Laboratory")), ("custody", _("Custody")))
PUBLIC = (("public_title", _("Public title")), ("public_summary", _("Public summary")))
CHANGED = (("what_changed", _("What changed since the earlier application")),)
SAID = (
    ("justification", _("Why this sample, and why not less")),
    ("contaminants", _("Contaminants that would ruin the measurement")),
    ("alternatives", _("Why not an existing section or a returned remainder")),
)
OF_A_GROUP = (
    ("matching", _("What must match")),
    ("first", _("What is measured first, and why")),
    ("least_set", _("The least useful set, and why")),
    ("comparison", _("Comparison material already held")),
)


def chapters(reading: Any) -> list[Part]:
    """Return the parts of a reading that have something to say."""
    document, language = reading.document, reading.document.get("language", "")
    parts = _texts(document, SCIENCE, language)
    if not reading.anonymous:
        parts = [*_texts(document, CHANGED, language), *parts, *_texts(document, PLACE, language)]
    parts.append(Part("requests", _("Requested samples"), tuple(_requests(reading, language))))
    if not reading.anonymous:
        parts += _places(document.get("places") or [])
        parts.append(Part("team", _("Team"), (_team(reading.people),)))
        parts += _texts(document, PUBLIC, language)
    if reading.file:
        parts.append(Part("file", _("PDF"), (_file(reading.file),)))
    return parts


def _texts(document: Mapping[str, Any], which: Iterable[tuple[str, Any]], language: str) -> list[Part]:
    return [Part(key, heading, (Words(document[key], language),)) for key, heading in which if document.get(key)]


def _file(file: Mapping[str, Any]) -> File:
    pages = ngettext("Attached file, %(pages)s page", "Attached file, %(pages)s pages", file["pages"])
    words = f"{pages % {'pages': file['pages']}}{MARKS['comma']}{filesizeformat(file['bytes'])}"
    return File(words, file["sha256"])


# --- Samples -----------------------------------------------------------------------------------------------


def _requests(reading: Any, language: str) -> Iterator[Block]:
    rows: list[SampleRequest] = reading.requests
    yield _table(reading, rows)
    if any(row.group and row.group.kind == GroupKind.EITHER_OR for row in rows):
        yield Words(gettext("Of alternatives only the largest counts in the sum: one of them is enough."))
    for group in {row.group.uid: row.group for row in rows if row.group}.values():
        yield from _group(group, [row for row in rows if row.group and row.group.uid == group.uid], language)
    for row in rows:
        yield from _request(row, language)


def _table(reading: Any, rows: list[SampleRequest]) -> Table:
    lines = tuple(
        (
            row.sample.catalogue_number,
            label_of(row.technique) or DASH,
            row.get_effect_display(),
            _("whole piece") if row.whole else _mass(row.asked_mg),
            DASH if row.whole else _mass(row.least_mg),
        )
        for row in rows
    )
    total = (_("Sum of what is asked by mass"), "", "", _mass(reading.asked_mg), _mass(reading.least_mg))
    head = (_("Sample"), _("Technique"), _("Effect"), _("Asked"), _("Least useful"))
    foot = total if reading.asked_mg else ()
    return Table(_("Requested samples"), head, lines, foot, frozenset({3, 4}), ids=True)


def _group(group: SampleRequestGroup, rows: list[SampleRequest], language: str) -> Iterator[Block]:
    yield Title(_("Group “%(name)s”: %(kind)s") % {"name": group.name, "kind": GroupKind(group.kind).label})
    yield Items(tuple(_member(group, row) for row in sorted(rows, key=lambda row: row.rank)))
    yield from _said(group, OF_A_GROUP, language)


def _member(group: SampleRequestGroup, row: SampleRequest) -> Any:
    number = row.sample.catalogue_number
    if group.kind == GroupKind.IN_ORDER:
        number = gettext("%(rank)s. %(sample)s") % {"rank": row.rank, "sample": number}
    if not row.in_least_set:
        return _("%(sample)s (useful, but not part of the least useful set)") % {"sample": number}
    return number


def _request(row: SampleRequest, language: str) -> Iterator[Block]:
    blocks = [*_said(row, SAID, language), *_runs(row), *_advice(row)]
    if blocks:
        mission = row.sample.mission
        yield Title(row.sample.catalogue_number, mission.hemisphere, mission.local_name)
        yield from blocks


def _said(holder: Any, which: Iterable[tuple[str, Any]], language: str) -> Iterator[Block]:
    for name, label in which:
        if words := getattr(holder, name):
            yield Title(label, level=4)
            yield Words(words, language)


def _runs(row: SampleRequest) -> list[Block]:
    """What is planned with its reckoning, and how that compares with what is asked for."""
    balance = masses.balance(row)
    if not balance.runs:
        return []
    lines = tuple(
        (
            run.label or DASH,
            _mass(run.mass_mg),
            str(run.runs),
            gettext("%(number)s %%") % {"number": masses.plain_percent(run.loss_percent)},
            _mass(run.need_mg),
        )
        for run in balance.runs
    )
    head = (_("Technique"), _("Mass per run"), _("Runs"), _("Loss"), _("Needs"))
    foot = (_("All runs together"), "", "", "", _mass(balance.need_mg))
    label = _("Measurements planned")
    named = f"{row.sample.catalogue_number}{MARKS['comma']}{label}"  # each table of a page has a name of its own
    table = Table(named, head, lines, foot, frozenset({1, 2, 3, 4}))
    return [Title(label, level=4), table, *(Words(str(words)) for words in balance.to_readers())]


def _advice(row: SampleRequest) -> list[Block]:
    advice = getattr(row, "advice", None)
    if advice is None:
        return []
    if advice.waived:
        return [Note(_("No advice of the curator; waived:"), advice.note)]
    mass = f"{MARKS['comma']}{format_mass(advice.feasible_mg)}" if advice.feasible_mg else ""
    return [Note(_("Advice of the curator:"), f"{advice.get_feasibility_display()}{mass}. {advice.note}")]


# --- Places and people -------------------------------------------------------------------------------------


def _places(places: list[dict[str, Any]]) -> list[Part]:
    if not places:
        return []
    lines = tuple(
        (
            name_of(place),
            place.get("facility") or DASH,
            PlaceKind(place["kind"]).label,
            _amount(place),
            _from_until(place),
            place.get("carrier") or DASH,
        )
        for place in places
    )
    head = (_("Institution"), _("Laboratory or facility"), _("Part"), _("At most"), _("When"), _("Who carries it"))
    label = _("Places of the material")
    return [Part("places", label, (Table(label, head, lines),))]


def _amount(place: Mapping[str, Any]) -> str:
    pieces = place.get("pieces") or 0
    counted = ngettext("%(count)s whole piece", "%(count)s whole pieces", pieces) % {"count": pieces}
    mass = _number(place.get("mass_mg"))
    return " + ".join([*([_mass(mass)] if mass else []), *([counted] if pieces else [])]) or DASH


def _from_until(place: Mapping[str, Any]) -> str:
    days = [_day(place.get(name)) for name in ("from_on", "until_on")]
    return DASH if days == [DASH, DASH] else f"{days[0]} {DASH} {days[1]}"


def _team(people: Iterable[Any]) -> Table:
    lines = tuple((person.name, person.part, person.institution or DASH) for person in people)
    return Table(_("Team"), (_("Name"), _("Part"), _("Institution")), lines)


def name_of(part: Mapping[str, Any]) -> str:
    """Return the name of an institution in a document, in the language of the page."""
    place = part.get("institution") or {}
    chinese = place.get("name_zh", "") if is_chinese() else ""
    return chinese or place.get("name", "")


def _mass(mass_mg: Decimal | None) -> str:
    return DASH if mass_mg is None else format_mass(mass_mg)


def _number(text: Any) -> Decimal | None:
    try:
        return Decimal(str(text)) if text not in (None, "") else None
    except InvalidOperation:
        return None


def _day(text: str | None) -> str:
    return date_format(date.fromisoformat(text), pgettext("date format", "j M Y")) if text else DASH
