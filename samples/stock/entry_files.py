"""Reads files of history or of data into the stock: a row is one entry about a sample that is in the catalogue.

Told, written and refused as catalogues are (`samples/stock/importing.py`): all rows or none, the same file twice
changes nothing. Entries are made by `samples/stock/entries.py`; described for those who write a file in
`docs/importing.md`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.errors import Invalid, Refused
from samples.enums import TreatmentKind
from samples.models import Sample
from samples.rules.identifiers import tidy_doi
from samples.rules.techniques import code_of
from samples.stock import entries
from samples.stock.actions import allow
from samples.stock.importing import ROWS_AT_ONCE, Outcome, Row, Totals, name_of, rows_of
from samples.stock.mapping import Mapping
from samples.stock.rows import check_width, choice_of, texts_of

NUMBER = "catalogue_number"
NEEDED = {
    entries.HISTORY: (NUMBER, "kind", "description", "source"),
    entries.DATA: (NUMBER, "measured", "technique", "published_in"),
}


@dataclass(frozen=True)
class Headings(Mapping):
    """The headings of a file of entries: the names of the fields of their sort."""

    sort: str = entries.HISTORY

    def places(self, header: list[str]) -> dict[str, int]:
        """Return the place of every field in a row.

        Raises:
            Invalid: a heading is missing, unknown, or stands twice.
        """
        known = (NUMBER, *entries.FIELDS[self.sort])
        wrong = sorted({name for name in header if name not in known or header.count(name) > 1})
        if wrong:
            raise Invalid(
                _("These columns are unknown or stand twice: %(names)s; known are %(known)s.")
                % {"names": ", ".join(wrong), "known": ", ".join(known)},
                code="header",
            )
        if absent := [name for name in NEEDED[self.sort] if name not in header]:
            raise Invalid(_("The file has no column %(names)s.") % {"names": ", ".join(absent)}, code="header")
        return {name: header.index(name) for name in header}


def load(
    file: BinaryIO,
    headings: Headings,
    *,
    by: Any,
    dry_run: bool = False,
    keep_good: bool = False,
    tell: Callable[[Outcome], None] = lambda outcome: None,
) -> Totals:
    """Write the entries of a CSV file and `tell` what became of each row.

    Writes all rows or none; with `keep_good`, all that are not refused. A second time the same file changes nothing.

    Raises:
        Denied: by is no keeper of the stock.
        Invalid: this is no such file: another format or encoding, no header, broken quotes.
    """
    allow(by)
    totals = Totals()
    with transaction.atomic():
        with rows_of(file, headings) as (places, width, rows):
            while batch := list(islice(rows, ROWS_AT_ONCE)):
                for outcome in _take(batch, places, width, headings, by):
                    setattr(totals, outcome.result, getattr(totals, outcome.result) + 1)
                    tell(outcome)
        totals.written = bool(totals.accepted) and not dry_run and (keep_good or not totals.refused)
        transaction.set_rollback(not totals.written)
    return totals


def _take(batch: list[Row], places: dict[str, int], width: int, headings: Headings, by: Any) -> Iterator[Outcome]:
    """Fetch the samples that a batch is about, with what is written of them already, and settle each row."""
    names = entries.FIELDS[headings.sort]
    numbers = {name_of(row, places).strip() for row in batch}
    present = {sample.catalogue_number: sample for sample in Sample.objects.filter(catalogue_number__in=numbers)}
    rows = entries.MODELS[headings.sort].objects.filter(sample__in=list(present.values()))
    seen = set(rows.values_list("sample__catalogue_number", *names))
    for row in batch:
        number = name_of(row, places)
        try:
            facts = _facts(row.cells, places, width, headings)
            sample = present.get(facts.pop(NUMBER))
            if sample is None:
                raise Invalid(_("%(number)s is not in the catalogue.") % {"number": number})
            key = (sample.catalogue_number, *(facts.get(name, _nothing(name)) for name in names))
            if key in seen:
                yield Outcome(row.number, number, "unchanged")
                continue
            with transaction.atomic():
                entries.add(sample, headings.sort, by=by, **facts)
        except Refused as refusal:
            yield Outcome(row.number, number, "refused", refusal.message)
            continue
        seen.add(key)
        yield Outcome(row.number, number, "accepted")


def _nothing(name: str) -> Any:
    return None if name == "day" else ""


def _facts(cells: list[str], places: dict[str, int], width: int, headings: Headings) -> dict[str, Any]:
    """Read a row.

    Raises:
        Invalid: the first reason why it cannot become an entry.
    """
    check_width(cells, width)
    facts: dict[str, Any] = texts_of(cells, places, headings)
    if absent := [name for name in NEEDED[headings.sort] if not facts[name]]:
        raise Invalid(_("%(names)s is empty.") % {"names": ", ".join(absent)})
    if "kind" in facts:
        facts["kind"] = choice_of("kind", TreatmentKind, facts["kind"])
    if "day" in facts:
        facts["day"] = _day(facts["day"])
    if "technique" in facts:
        facts["technique"] = code_of(facts["technique"])
    if "doi" in facts:
        facts["doi"] = tidy_doi(facts["doi"])
    return facts


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(_("day is written as 2026-01-31, not “%(text)s”.") % {"text": text[:30]}) from None
