"""How the columns of a foreign file become fields of a sample: the mapping of `import_samples`, read and checked.

Explained for those who write one in `docs/importing.md`. Rows are read in `samples/stock/rows.py`.
"""

import json
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.errors import Invalid

FIELDS = (
    "catalogue_number",
    "mission",
    "parent",
    "acquisition",
    "preparation",
    "use_class",
    "origin",
    "mass",
    "remaining_percent",
    "stated_mass",
    "igsn",
    "description",
    "description_zh",
    "location",
    "source",
    "is_demonstration",
    "published",
)
NEEDED = ("catalogue_number", "mission", "preparation")
UNITS = ("mg", "g")
ENCODINGS = ("utf-8", "gb18030")
ANYTHING_ELSE = "*"


@dataclass(frozen=True)
class Mapping:
    """Which column (or which constant) each field is read from, and how its words and masses are to be taken."""

    columns: Map[str, str] = field(default_factory=dict)
    constants: Map[str, str] = field(default_factory=dict)
    values: Map[str, Map[str, str]] = field(default_factory=dict)
    mass_unit: str = "mg"
    encoding: str = "utf-8"
    delimiter: str = ","

    def places(self, header: list[str]) -> dict[str, int]:
        """Return the place of every mapped field in a row. Without `columns`, headings are the names of fields.

        Raises:
            Invalid: a column is missing or stands twice, or a needed field comes from nowhere.
        """
        twice = sorted({name for name in header if name and header.count(name) > 1})
        if twice:
            raise Invalid(_("These columns stand twice: %(names)s.") % {"names": ", ".join(twice)}, code="header")
        columns = self.columns or {name: name for name in FIELDS if name in header}
        missing = sorted(set(columns.values()) - set(header))
        if missing:
            raise Invalid(_("The file has no column %(names)s.") % {"names": ", ".join(missing)}, code="header")
        absent = [name for name in NEEDED if name not in columns and name not in self.constants]
        if absent:
            raise Invalid(
                _("Nothing says where %(names)s is read from: name a column or a constant.")
                % {"names": ", ".join(absent)},
                code="header",
            )
        return {name: header.index(column) for name, column in columns.items()}

    def translate(self, name: str, text: str) -> str:
        """Return what the value map of a field makes of a cell, in whatever case it is written."""
        known = self.values.get(name, {})
        return known.get(folded(text), known.get(ANYTHING_ELSE, text) if text else text)


def folded(text: str) -> str:
    """Return a word as it is compared: without regard to case and repeated spaces."""
    return " ".join(text.split()).casefold()


def read_mapping(text: str) -> Mapping:
    """Read a mapping from JSON.

    Raises:
        Invalid: it is no JSON, or names a field, unit or encoding that does not exist.
    """
    try:
        given = json.loads(text)
    except ValueError as error:
        raise Invalid(_("The mapping is not JSON: %(error)s") % {"error": error}, code="mapping") from None
    if not isinstance(given, dict):
        raise Invalid(_("The mapping is one JSON object."), code="mapping")
    unknown = sorted(set(given) - {"columns", "constants", "values", "mass_unit", "encoding", "delimiter"})
    if unknown:
        raise Invalid(_("The mapping has unknown parts: %(names)s.") % {"names": ", ".join(unknown)}, code="mapping")
    columns, constants = _words(given, "columns"), _words(given, "constants")
    if both := sorted(set(columns) & set(constants)):
        raise Invalid(_("Both a column and a constant: %(names)s.") % {"names": ", ".join(both)}, code="mapping")
    return Mapping(
        columns=columns,
        constants=constants,
        values=_value_maps(given.get("values", {})),
        mass_unit=_one_of(given.get("mass_unit", "mg"), UNITS),
        encoding=_one_of(given.get("encoding", "utf-8"), ENCODINGS),
        delimiter=_one_of(given.get("delimiter", ","), (",", ";", "\t")),
    )


def _words(given: Map[str, Any], part: str) -> dict[str, str]:
    """Return a part that gives each field one word."""
    found = given.get(part, {})
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise Invalid(_("“%(part)s” gives each field one text.") % {"part": part}, code="mapping")
    _check_fields(found)
    return found


def _value_maps(given: Any) -> dict[str, dict[str, str]]:
    if not isinstance(given, dict) or not all(isinstance(known, dict) for known in given.values()):
        raise Invalid(_("“values” gives each field an object of words."), code="mapping")
    _check_fields(given)
    return {name: {folded(word): str(value) for word, value in known.items()} for name, known in given.items()}


def _check_fields(names: Map[str, Any]) -> None:
    unknown = sorted(set(names) - set(FIELDS))
    if unknown:
        raise Invalid(
            _("There is no field %(names)s; there are %(fields)s.")
            % {"names": ", ".join(unknown), "fields": ", ".join(FIELDS)},
            code="mapping",
        )


def _one_of(value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise Invalid(
            _("“%(value)s” is unknown here; there are %(known)s.")
            % {"value": value, "known": ", ".join(repr(word) for word in known)},
            code="mapping",
        )
    return str(value)
