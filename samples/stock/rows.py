"""One row of a foreign file: its cells read as facts about a sample, or the reason why not. Writes nothing.

Catalogues are dirty: words in any case, masses of zero, more than all of it remaining, formulas instead of values.
"""

import re
import unicodedata
from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.errors import Invalid
from portal.units import LARGEST_MASS_MG, parse_mass
from samples.enums import Acquisition, Origin, Preparation, UseClass
from samples.models import Sample
from samples.rules.identifiers import tidy_igsn
from samples.rules.numbers import why_no_number
from samples.stock.mapping import Mapping, folded

CHOICES: dict[str, type[TextChoices]] = {
    "acquisition": Acquisition,
    "preparation": Preparation,
    "use_class": UseClass,
    "origin": Origin,
}
LONGEST = {"igsn": 200, "description": 5000, "description_zh": 5000, "location": 120, "source": 500}
YES_AND_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}
SMALLEST_MG = Decimal("0.001")
MG_PER_G = Decimal(1000)
_GRAMS = re.compile(r"\d{1,6}(?:[.,]\d{1,6})?")
_PERCENT = re.compile(r"\d{1,3}(?:[.,]\d{1,6})?")


@dataclass(slots=True)
class Facts:
    """What a row says: fields of the sample, its mass in stock (mg), its parent's number, whether it is published."""

    number: str
    mission: str
    parent: str
    fields: dict[str, Any]
    given: frozenset[str]
    mass_mg: Decimal | None
    publish: bool


def facts_of(cells: list[str], places: dict[str, int], width: int, mapping: Mapping) -> Facts:
    """Read a row.

    Raises:
        Invalid: the first reason why it cannot become a sample.
    """
    check_width(cells, width)
    texts = texts_of(cells, places, mapping)
    number = texts.pop("catalogue_number")
    if reason := why_no_number(number):
        raise _refuse(reason)
    fields: dict[str, Any] = {
        name: choice_of(name, choices, texts[name]) for name, choices in CHOICES.items() if texts.get(name)
    }
    fields.setdefault("origin", Origin.STOCK)
    fields |= {name: _long(name, texts[name]) for name in LONGEST if name in texts}
    if "igsn" in fields:
        fields["igsn"] = tidy_igsn(fields["igsn"])
    if "is_demonstration" in texts:
        fields["is_demonstration"] = _flag("is_demonstration", texts["is_demonstration"])
    mass_mg, stated_mg = _masses(texts, fields, mapping.mass_unit)
    if stated_mg is not None or "stated_mass" in texts:
        fields["stated_mass_mg"] = stated_mg
    return Facts(
        number=number,
        mission=texts.get("mission", ""),
        parent=texts.get("parent", ""),
        fields=fields,
        given=frozenset(texts),
        mass_mg=mass_mg,
        publish=_flag("published", texts.get("published", "yes")),
    )


def differences(facts: Facts, present: Sample) -> list[str]:
    """Return the names of the fields in which a row and the sample of its number differ."""
    found = [name for name, value in facts.fields.items() if getattr(present, name) != value]
    if facts.mission != present.mission.code:
        found.insert(0, "mission")
    if "parent" in facts.given and facts.parent != (present.parent.catalogue_number if present.parent else ""):
        found.append("parent")
    return found


def check_width(cells: list[str], width: int) -> None:
    """Refuse a row that has not as many cells as there are headings.

    Raises:
        Invalid: it has more or fewer.
    """
    if len(cells) != width:
        raise _refuse(_("%(cells)s cells under %(width)s headings.") % {"cells": len(cells), "width": width})


def texts_of(cells: list[str], places: Map[str, int], mapping: Mapping) -> dict[str, str]:
    """Return the text of every mapped field: tidied, checked for what no catalogue holds, and translated.

    Raises:
        Invalid: a cell is a formula, or holds what nobody sees.
    """
    return dict(_texts(cells, places, mapping))


def _texts(cells: list[str], places: Map[str, int], mapping: Mapping) -> Iterator[tuple[str, str]]:
    for name, place in places.items():
        text = cells[place].strip(" \t\u00a0\u3000")
        if text.startswith("="):
            raise _refuse(_("%(field)s is a formula; save the file with its values.") % {"field": name})
        if any(unicodedata.category(letter) in ("Cc", "Co", "Cs") and letter not in "\n\r\t" for letter in text):
            raise _refuse(_("%(field)s holds control characters.") % {"field": name})
        yield name, mapping.translate(name, text)
    for name, text in mapping.constants.items():
        yield name, text


def choice_of(name: str, choices: type[TextChoices], text: str) -> TextChoices:
    """Return the choice that a word means, by its code or its English name, in any case.

    Raises:
        Invalid: it means none.
    """
    wanted = folded(text).replace("_", "-")
    for choice in choices:
        if wanted in (choice.value, folded(choice.name).replace("_", "-"), folded(str(choice.label))):
            return choice
        if wanted.replace(" ", "-") == choice.value:
            return choice
    known = ", ".join(choices.values)
    raise _refuse(
        _("%(field)s “%(text)s” is unknown; known are %(known)s.") % {"field": name, "text": text[:60], "known": known}
    )


def _long(name: str, text: str) -> str:
    if len(text) > LONGEST[name]:
        raise _refuse(_("%(field)s is longer than %(count)s characters.") % {"field": name, "count": LONGEST[name]})
    return text


def _flag(name: str, text: str) -> bool:
    try:
        return YES_AND_NO[folded(text)]
    except KeyError:
        raise _refuse(_("%(field)s is yes or no, not “%(text)s”.") % {"field": name, "text": text[:60]}) from None


def _masses(texts: dict[str, str], fields: dict[str, Any], unit: str) -> tuple[Decimal | None, Decimal | None]:
    """Return the mass for the ledger and the mass as the source states it, in mg.

    What is known from publications has no balance: there a mass is the source's statement, never a movement.
    """
    mass_mg, stated_mg = (_mass(name, texts.get(name, ""), unit) for name in ("mass", "stated_mass"))
    if percent := texts.get("remaining_percent", ""):
        mass_mg = _remaining(mass_mg, percent)
    if fields.get("origin") == Origin.PUBLICATIONS:
        if not fields.get("source"):
            raise _refuse(_("What is known from publications needs its source."))
        return None, stated_mg if stated_mg is not None else mass_mg
    if mass_mg is None:
        raise _refuse(_("There is no mass; a sample in stock has one."))
    return mass_mg, stated_mg


def _mass(name: str, text: str, unit: str) -> Decimal | None:
    """Read a mass that is written in `unit` and return it in mg."""
    if not text:
        return None
    if text.startswith(("-", "−")):
        raise _refuse(_("%(field)s is below zero: %(text)s.") % {"field": name, "text": text[:30]})
    try:
        mass_mg = (_grams if unit == "g" else parse_mass)(text)
    except Invalid as refusal:
        raise _refuse(_("%(field)s: %(reason)s") % {"field": name, "reason": refusal.message}) from None
    if mass_mg <= 0:
        raise _refuse(_("%(field)s is zero.") % {"field": name})
    if mass_mg > LARGEST_MASS_MG:
        raise _refuse(_("%(field)s is larger than the portal can keep.") % {"field": name})
    return mass_mg


def _grams(text: str) -> Decimal:
    """Read grams, down to a thousandth of a milligram, as mg.

    Raises:
        Invalid: it can be read in two ways, is finer than the ledger, or is no mass.
    """
    plain = text.removesuffix("g").strip()
    if re.fullmatch(r"\d{1,3},\d{3}", plain):
        parse_mass(plain)  # says in which two ways it can be read
    if not _GRAMS.fullmatch(plain) or not plain.isascii():
        raise Invalid(_("Not a mass in g with at most six decimals."), code="invalid-mass")
    return (Decimal(plain.replace(",", ".")) * MG_PER_G).quantize(SMALLEST_MG)


def _remaining(mass_mg: Decimal | None, text: str) -> Decimal | None:
    """Return the percent of a mass that remain, never rounded up."""
    plain = text.removesuffix("%").strip()
    if not _PERCENT.fullmatch(plain) or not plain.isascii():
        raise _refuse(_("remaining_percent is not a number of percent: %(text)s.") % {"text": text[:30]})
    percent = Decimal(plain.replace(",", "."))
    if not 0 < percent <= 100:
        raise _refuse(_("remaining_percent is %(text)s, not above 0 and at most 100.") % {"text": plain})
    if mass_mg is None:
        return None
    return (mass_mg * percent / 100).quantize(SMALLEST_MG, rounding=ROUND_DOWN)


def _refuse(reason: Any) -> Invalid:
    return Invalid(reason, code="row")
