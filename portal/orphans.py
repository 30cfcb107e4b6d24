"""Deletes the kept PDFs to which nothing refers: of refused forms, replaced, or of a draft that is gone.

A file is kept before a row refers to it (`portal/shelf.py`), so only what was kept a day ago is an orphan. Nothing is
deleted unless every column that could hold the hash of a file is known here: as one that `refers`, or as one that
`holds_no_file`. Each domain says so for its own models; a new column that nobody named stops the sweep, and a test.
"""

import logging
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models, transaction

from portal import clock, shelf

YOUNG = timedelta(hours=24)  # the row of an upload is committed long before. Source: reliability matrix, 63
MOST_SEEN = 20_000  # files that one run looks at; the next run goes on behind them
MOST_SWEPT = 500  # files that one run deletes
SHARE = 1000  # files about which the database is asked at once
BATCH = 20  # files that are locked at once: a second of an object store
GOES_ON_AT = "orphans-go-on-at"
DIGITS = 64
SUSPECT = re.compile(r"sha256|file|digest|hash|evidence|attach")

log = logging.getLogger(__name__)
_refers: set[str] = set()
_holds_no_file: set[str] = set()


@dataclass
class Swept:
    """What a run did: files it looked at, files it deleted, and their bytes."""

    seen: int = 0
    files: int = 0
    bytes: int = 0


# --- Who refers to files ------------------------------------------------------------------------------------


def refers(*columns: str) -> None:
    """Say that columns ("app.Model.field") hold hashes of files: as their value or, in JSON, anywhere inside."""
    _refers.update(columns)


def holds_no_file(*columns: str) -> None:
    """Say that columns hold no hash of a kept file although they could, or none that keeps it from being deleted."""
    _holds_no_file.update(columns)


def suspects() -> set[str]:
    """Return every column that could hold the hash of a file: by its name, its length, or because it is JSON."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_concrete_fields
        if _could_hold_a_hash(field)
    }


def unnamed() -> list[str]:
    """Return the columns that could hold the hash of a file, and of which nobody says whether they do."""
    return sorted(suspects() - _refers - _holds_no_file)


def referred_among(digests: Collection[str]) -> set[str]:
    """Return those of some hashes to which a row refers: every column asked in one statement, so at one moment.

    Asked one after the other, a hash that moves from one column to another could be missed in both.
    """
    asked = [_asked(column) for column in sorted(_refers)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked), [list(digests)] * len(asked))
        return {found for (found,) in cursor.fetchall()}


def _could_hold_a_hash(field: Any) -> bool:
    inside = getattr(field, "base_field", None)
    if inside is not None:
        return _could_hold_a_hash(inside)
    if isinstance(field, models.JSONField | models.FileField):
        return True
    if not isinstance(field, models.CharField | models.TextField | models.BinaryField):
        return False
    long_enough = field.max_length is None or field.max_length >= DIGITS
    return field.max_length == DIGITS or (long_enough and bool(SUSPECT.search(field.name or "")))


def _asked(column: str) -> str:
    label, _dot, name = column.rpartition(".")
    field: Any = apps.get_model(label)._meta.get_field(name)
    table, place = (connection.ops.quote_name(one) for one in (field.model._meta.db_table, field.column))
    if isinstance(field, models.JSONField):
        inside = f"regexp_matches({place}::text, '[0-9a-f]{{{DIGITS}}}', 'g')"
        return f"SELECT found[1] FROM {table}, {inside} AS found WHERE found[1] = ANY(%s)"
    return f"SELECT {place} FROM {table} WHERE {place} = ANY(%s)"


# --- Deleting what nothing refers to ---------------------------------------------------------------------------


def sweep(*, dry_run: bool = False, whole: bool = False) -> Swept:
    """Delete what was kept a day ago and is not referred to; with `dry_run` only count it.

    One run does a bounded part and the next goes on there; with `whole` it does everything.

    Raises:
        ImproperlyConfigured: a column that could hold the hash of a file was not named; nothing was deleted.
    """
    if missing := unnamed():
        raise ImproperlyConfigured(f"Nobody says whether these columns refer to files: {', '.join(missing)}")
    done = Swept()
    for goes_on_at, share in _shares(0 if whole else cache.get(GOES_ON_AT, 0)):
        done.seen += len(share)
        orphans = _orphans_among(share)
        room = len(orphans) if whole else MOST_SWEPT - done.files
        if orphans and not _refers_to_anything():
            log.warning("files were not swept: this database refers to no file at all", extra={"orphans": len(orphans)})
            break
        for start in range(0, len(orphans[:room]), BATCH):
            _sweep(orphans[:room][start : start + BATCH], done, dry_run=dry_run)
        if len(orphans) > room:
            break  # what is left of this share is the next run's
        if not whole:
            cache.set(GOES_ON_AT, goes_on_at, timeout=None)
        if not whole and done.seen >= MOST_SEEN:
            break
    facts = {"seen": done.seen, "files": done.files, "bytes": done.bytes, "dry_run": dry_run}
    log.info("files swept", extra=facts)
    return done


def _shares(first: int) -> Iterator[tuple[int, list[str]]]:
    """Yield what lies there in shares, once around from the place `first`, each with the place behind it."""
    share: list[str] = []
    for number in range(first, first + shelf.PLACES):
        share += shelf.digests(number % shelf.PLACES)
        if len(share) >= SHARE:
            yield (number + 1) % shelf.PLACES, share
            share = []
    yield first, share


def _orphans_among(share: Iterable[str]) -> list[str]:
    """Return what seems to be an orphan, without any lock: it is asked again before anything is deleted."""
    share = list(share)
    referred = referred_among(share)
    return [sha256 for sha256 in share if sha256 not in referred and _old_bytes(sha256) is not None]


def _refers_to_anything() -> bool:
    """Tell whether any column holds a hash: an empty database beside a full storage is the wrong one."""
    columns = [column.rpartition(".") for column in sorted(_refers)]
    fields: list[Any] = [apps.get_model(label)._meta.get_field(name) for label, _dot, name in columns]
    texts = [field for field in fields if not isinstance(field, models.JSONField)]
    return any(field.model._base_manager.exclude(**{field.name: ""}).exists() for field in texts)


def _sweep(batch: list[str], done: Swept, *, dry_run: bool) -> None:
    """Lock some orphans, ask once more whether they are, and delete them."""
    with transaction.atomic(), connection.cursor() as cursor:
        mine = shelf.locked(batch)  # who keeps one of the others makes it young
        referred = referred_among(mine)
        for sha256 in mine:
            size = None if sha256 in referred else _old_bytes(sha256)
            if size is None:
                continue
            cursor.execute("SELECT 1")  # fails where the session is gone, and the locks with it
            if not dry_run:
                shelf.delete(sha256)
            done.files += 1
            done.bytes += size


def _old_bytes(sha256: str) -> int | None:
    """Return the size of a file that was kept a day ago; None where it is younger, or gone."""
    found = shelf.facts(sha256)
    if found is None or found[1] > clock.now() - YOUNG:
        return None
    return found[0]
