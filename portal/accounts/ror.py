"""Takes in the open registry of research organisations (ROR, CC0): its data file, schema version 2, zipped or not.

The file is read as a stream and may be taken in again: what is the same stays untouched. Where there is none, a few
institutions of the public record come with the portal. The command `import_institutions` calls both.
"""

import codecs
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.db.models.functions import Lower

from portal import countries
from portal.accounts.institutions import fold, one_line
from portal.accounts.models import Institution, InstitutionName
from portal.errors import Invalid

NAMED = Path(__file__).with_name("data") / "institutions.json"
BATCH = 500
CHUNK = 1 << 20
LONGEST_RECORD = 4 << 20
GAP = re.compile(r"[\s,]*")
KIND = InstitutionName.Kind
Names = dict[str, tuple[str, str]]  # by key: the name and its kind
# What counts where one name stands under several kinds.
KINDS = {"acronym": KIND.ACRONYM, "alias": KIND.ALIAS, "label": KIND.LABEL, "ror_display": KIND.LABEL}


def take_in(path: Path) -> Counter[str]:
    """Bring the institutions up to date with a data file; return how many records were what.

    Raises:
        Invalid: the file is no such file. What was read before that stays.
    """
    totals: Counter[str] = Counter()
    parents: dict[str, str] = {}
    with _opened(path) as file:
        for batch in _batches(_records(file)):
            with transaction.atomic():
                totals += _take_batch(batch, parents)
    totals["parents"] = _set_parents(parents)
    return totals


def take_in_named() -> Counter[str]:
    """Bring in the few institutions that the public record of selections names, with their acronyms."""
    totals: Counter[str] = Counter()
    with transaction.atomic():
        for entry in json.loads(NAMED.read_text(encoding="utf-8"))["institutions"]:
            names: Names = {fold(name): (name, KIND.LABEL) for name in (entry["name"], entry["name_zh"]) if name}
            names |= {fold(name): (name, KIND.ALIAS) for name in entry["aliases"]}
            names |= {fold(name): (name, KIND.ACRONYM) for name in entry["acronyms"]}
            columns = {name: entry[name] for name in ("name", "name_zh", "country_or_region")} | {"verified": True}
            country = entry["country_or_region"]
            row = Institution.objects.filter(name__iexact=entry["name"], country_or_region=country).first()
            made = row or Institution.objects.create(**columns)
            became = _write(made, columns, names)
            totals[became if row else "new"] += 1
    return totals


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".json")]
        newest = [name for name in names if "schema_v2" in name] or names
        if not newest:
            raise Invalid("The archive holds no JSON file.")
        with archive.open(newest[0]) as file:
            yield file


def _records(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the objects of one JSON array without holding the file in memory."""
    read, decoder = codecs.getincrementaldecoder("utf-8-sig")(), json.JSONDecoder()
    text, place, begun, ended = "", 0, False, False
    while not ended:
        chunk = file.read(CHUNK)
        ended = not chunk
        try:
            text, place = text[place:] + read.decode(chunk, final=ended), 0
        except UnicodeDecodeError:
            raise Invalid("The file is no UTF-8 text.") from None
        while (place := _after_gap(text, place)) < len(text):
            if not begun:
                if text[place] != "[":
                    raise Invalid("The file is no list of organisations.")
                begun, place = True, place + 1
            elif text[place] == "]":
                return
            else:
                try:
                    record, place = decoder.raw_decode(text, place)
                except (ValueError, RecursionError):
                    if ended or len(text) - place > LONGEST_RECORD:
                        raise Invalid("The file is damaged or cut off.") from None
                    break  # the rest of this record is still to be read
                yield record if isinstance(record, dict) else {}
    raise Invalid("The file is damaged or cut off.")


def _after_gap(text: str, place: int) -> int:
    gap = GAP.match(text, place)
    return gap.end() if gap else place


def _batches(records: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for record in records:
        batch.append(record)
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def _take_batch(batch: list[dict[str, Any]], parents: dict[str, str]) -> Counter[str]:
    totals: Counter[str] = Counter()
    wanted: dict[str, tuple[dict[str, Any], Names]] = {}
    for record in batch:
        try:
            ror, columns, names = _read(record)
        except (KeyError, TypeError, IndexError, AttributeError, ValueError):
            totals["unreadable"] += 1
            continue
        if record.get("status") != "active":
            totals["not active"] += 1
            continue
        wanted[ror] = (columns, names)
        if parent := _parent_of(record):
            parents[ror] = parent
    there = _there(wanted)
    added: list[tuple[Institution, Names]] = []
    for ror, (columns, names) in wanted.items():
        row = there.get(ror) or there.pop(_typed(columns["name"], columns["country_or_region"]), None)
        if row is None:
            added.append((Institution(ror=ror, **columns), names))
        else:
            totals[_write(row, {**columns, "ror": ror}, names)] += 1
    Institution.objects.bulk_create(row for row, _names in added)
    _add_names(added)
    totals["new"] += len(added)
    return +totals


def _there(wanted: Mapping[str, tuple[dict[str, Any], Any]]) -> dict[str, Institution]:
    """Lock what is there already: by id, or by name and place where somebody typed it in before the registry had it.

    The latter becomes the registry's row, so that whoever works there stays where they are.
    """
    rows = Institution.objects.select_for_update().prefetch_related("names")
    there = {row.ror or "": row for row in rows.filter(ror__in=wanted)}
    names = {columns["name"].lower() for columns, _names in wanted.values()}
    typed = rows.annotate(low=Lower("name")).filter(ror=None, low__in=names)
    return there | {_typed(row.name, row.country_or_region): row for row in typed}


def _typed(name: str, country_or_region: str) -> str:
    return f"{country_or_region} {name.lower()}"


def _read(record: Mapping[str, Any]) -> tuple[str, dict[str, Any], Names]:
    """Return id, columns, and names by key; raise anything where the record has another shape."""
    ror = str(record["id"])
    country = record["locations"][0]["geonames_details"]["country_code"]
    if not ror.startswith("https://ror.org/0") or len(ror) != 25 or not countries.is_known(country):
        raise ValueError
    names: Names = {}
    display, chinese = "", ""
    for entry in record["names"]:
        name, types = one_line(entry["value"]), entry["types"]
        display = name if "ror_display" in types else display
        if entry.get("lang") == "zh" and "label" in types:
            chinese = chinese or name
        for sort in types:
            key = fold(name)
            if key and len(name) <= 250 and names.get(key, ("", ""))[1] != KIND.LABEL.value:
                names[key] = (name, KINDS[sort].value)
    if not 0 < len(display) <= 200:
        raise ValueError
    chinese = chinese if len(chinese) <= 200 else ""
    return ror, {"name": display, "name_zh": chinese, "country_or_region": country, "verified": True}, names


def _parent_of(record: Mapping[str, Any]) -> str:
    related = record.get("relationships") or []
    return next((str(each["id"]) for each in related if each.get("type") == "parent"), "")


def _write(row: Institution, columns: dict[str, Any], names: Names) -> str:
    """Bring one institution up to date; return what became of it."""
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, columns[name])
    if changed:
        row.save(update_fields=changed)
    return "changed" if _write_names(row, names) or changed else "unchanged"


def _write_names(institution: Institution, names: Names) -> bool:
    """Let the institution have exactly these names; tell whether any differed."""
    there = {name.key: (name.name, name.kind) for name in institution.names.all()}
    if there == names:
        return False
    differing = {key: value for key, value in names.items() if there.get(key) != value}
    institution.names.filter(key__in=[*(there.keys() - names.keys()), *differing]).delete()
    _add_names([(institution, differing)])
    return True


def _add_names(added: Iterable[tuple[Institution, Names]]) -> None:
    InstitutionName.objects.bulk_create(
        InstitutionName(institution=institution, key=key, name=name, kind=kind)
        for institution, names in added
        for key, (name, kind) in names.items()
    )


def _set_parents(parents: dict[str, str]) -> int:
    """Say which institution is part of which, once all are there; a circle of two is left out by the database."""
    rows = Institution.objects.filter(ror__isnull=False).values_list("ror", "pk", "parent_id")
    known = {ror: (pk, parent) for ror, pk, parent in rows if ror}
    moved = []
    for ror, parent in parents.items():
        pk, before = known.get(ror, (None, None))
        above = known.get(parent, (None, None))[0]
        if pk and above and above not in (pk, before):
            moved.append(Institution(pk=pk, parent_id=above))
    Institution.objects.bulk_update(moved, ["parent"], batch_size=BATCH)
    return len(moved)
