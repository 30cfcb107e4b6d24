"""Takes in the open registry of research organisations (ROR, CC0): its data file, schema version 2, zipped or not.

The file is read as a stream and may be taken in again: what is the same stays untouched. Where there is none, a few
institutions of the public record come with the portal. The command `import_institutions` calls both.
"""

import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from portal import countries
from portal.accounts.institutions import fold, one_line
from portal.accounts.models import Institution, InstitutionName
from portal.errors import Invalid

NAMED = Path(__file__).with_name("data") / "institutions.json"
BATCH = 500
CHUNK = 1 << 20
LONGEST_RECORD = 4 << 20
KIND = InstitutionName.Kind
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
            names = {fold(name): (name, KIND.LABEL) for name in (entry["name"], entry["name_zh"]) if name}
            names |= {fold(name): (name, KIND.ALIAS) for name in entry["aliases"]}
            names |= {fold(name): (name, KIND.ACRONYM) for name in entry["acronyms"]}
            columns = {name: entry[name] for name in ("name", "name_zh", "country_or_region")} | {"verified": True}
            country = entry["country_or_region"]
            row = Institution.objects.filter(name__iexact=entry["name"], country_or_region=country).first()
            totals[_write(row, columns, names)] += 1
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
    decoder, text = json.JSONDecoder(), ""
    pending, begun, ended = b"", False, False
    while not ended:
        chunk = file.read(CHUNK)
        ended, pending = not chunk, pending + chunk
        try:
            text, pending = text + pending.decode(), b""
        except UnicodeDecodeError as error:  # a letter cut in two
            if ended or error.reason != "unexpected end of data":
                raise Invalid("The file is no UTF-8 text.") from None
            text, pending = text + pending[: error.start].decode(), pending[error.start :]
        if not begun:
            text = text.lstrip("\ufeff \t\r\n")
            if text and text[0] != "[":
                raise Invalid("The file is no list of organisations.")
            begun, text = bool(text), text[1:]
        while text := text.lstrip(" \t\r\n,"):
            if text[0] == "]":
                return
            try:
                record, end = decoder.raw_decode(text)
            except (ValueError, RecursionError):
                if ended or len(text) > LONGEST_RECORD:
                    raise Invalid("The file is damaged or cut off.") from None
                break
            text = text[end:]
            yield record if isinstance(record, dict) else {}
    raise Invalid("The file is damaged or cut off.")


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
    wanted: dict[str, tuple[dict[str, Any], dict[str, tuple[str, str]]]] = {}
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
    locked = Institution.objects.select_for_update().filter(ror__in=wanted).prefetch_related("names")
    there = {row.ror: row for row in locked}
    for ror, (columns, names) in wanted.items():
        totals[_write(there.get(ror) or _typed_in(columns), {**columns, "ror": ror}, names)] += 1
    return totals


def _read(record: Mapping[str, Any]) -> tuple[str, dict[str, Any], dict[str, tuple[str, str]]]:
    """Return id, columns, and names by key; raise anything where the record has another shape."""
    ror = str(record["id"])
    country = record["locations"][0]["geonames_details"]["country_code"]
    if not ror.startswith("https://ror.org/0") or len(ror) != 25 or not countries.is_known(country):
        raise ValueError
    display, chinese, names = "", "", {}
    for entry in record["names"]:
        name, types = one_line(entry["value"]), entry["types"]
        display = name if "ror_display" in types else display
        if entry.get("lang") == "zh" and "label" in types:
            chinese = chinese or name
        for sort in types:
            key = fold(name)
            if key and len(name) <= 250 and names.get(key, ("", ""))[1] != KIND.LABEL:
                names[key] = (name, KINDS[sort])
    if not 0 < len(display) <= 200:
        raise ValueError
    chinese = chinese if len(chinese) <= 200 else ""
    return ror, {"name": display, "name_zh": chinese, "country_or_region": country, "verified": True}, names


def _parent_of(record: Mapping[str, Any]) -> str:
    related = record.get("relationships") or []
    return next((str(each["id"]) for each in related if each.get("type") == "parent"), "")


def _typed_in(columns: dict[str, Any]) -> Institution | None:
    """Return the row that somebody typed in before the registry named it: people who work there stay where they are."""
    typed = Institution.objects.select_for_update().filter(ror=None, country_or_region=columns["country_or_region"])
    return typed.filter(name__iexact=columns["name"]).first()


def _write(row: Institution | None, columns: dict[str, Any], names: dict[str, tuple[str, str]]) -> str:
    """Make or change one institution; return what became of it."""
    if row is None:
        _add_names(Institution.objects.create(**columns), names)
        return "new"
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, columns[name])
    if changed:
        row.save(update_fields=changed)
    return "changed" if _write_names(row, names) or changed else "unchanged"


def _write_names(institution: Institution, names: dict[str, tuple[str, str]]) -> bool:
    """Let the institution have exactly these names; tell whether any differed."""
    there = {name.key: (name.name, name.kind) for name in institution.names.all()}
    if there == names:
        return False
    differing = {key: value for key, value in names.items() if there.get(key) != value}
    institution.names.filter(key__in=[*(there.keys() - names.keys()), *differing]).delete()
    _add_names(institution, differing)
    return True


def _add_names(institution: Institution, names: dict[str, tuple[str, str]]) -> None:
    InstitutionName.objects.bulk_create(
        InstitutionName(institution=institution, key=key, name=name, kind=kind) for key, (name, kind) in names.items()
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
