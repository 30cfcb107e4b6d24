"""The public record of earlier rounds, from `applications/data/`: figures and selections, each with its source.

These rounds were not run here: they have no applications, scores, signatures, movements or hashes, and no names of
people. What no report says is null. What the portal itself publishes is appended by `applications/chain.py`.
"""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from applications.enums import CallOrigin, CallStatus, Outcome
from applications.models import Call, PublicEntry, RecordFigure
from portal.units import api_mass

DATA = Path(__file__).resolve().parent / "data"


def load() -> int:
    """Load the rounds that are not there yet, each with its figures and selections; return how many were new.

    Source: every row names its own.
    """
    with transaction.atomic():
        present = set(Call.objects.values_list("slug", flat=True))
        missing = [row for row in _rows("calls") if row["slug"] not in present]
        calls = {row["slug"]: Call.objects.create(**_round(row)) for row in missing}
        RecordFigure.objects.bulk_create(
            RecordFigure(
                call=calls[row["call"]],
                code=row["code"],
                on=_day(row["on"]),
                number=Decimal(row["number"]) if row["number"] else None,
                source=row["source"],
            )
            for row in _rows("figures")
            if row["call"] in calls
        )
        PublicEntry.objects.bulk_create(
            _entry(calls[row["call"]], number, row)
            for number, row in enumerate(_rows("selections"), start=1)
            if row["call"] in calls
        )
        return len(calls)


def _round(row: dict[str, str]) -> dict[str, Any]:
    """A round has no times of its own: the days that reports give stand among its figures."""
    return {
        "slug": row["slug"],
        "origin": CallOrigin.PUBLIC_RECORD,
        "status": CallStatus.ANNOUNCED,
        "title": row["title"],
        "title_zh": row["title_zh"],
        "zone": row["zone"],
    }


def _entry(call: Call, number: int, row: dict[str, str]) -> PublicEntry:
    return PublicEntry(
        key=f"{call.slug}/{number:02}",
        kind=PublicEntry.Kind.SELECTION,
        origin=CallOrigin.PUBLIC_RECORD,
        call=call,
        document=_document(call, row),
        published_on=date.fromisoformat(row["published_on"]),
    )


def _document(call: Call, row: dict[str, str]) -> dict[str, Any]:
    """Say what a report says of one selected institution, in the words of the portal's own entries."""
    mass = api_mass(Decimal(row["mass_mg"])) if row["mass_mg"] else None
    given = {"sample": None, "mission": None, "hemisphere": None, "whole": None, "mass_mg": mass}
    return {
        "reference": None,
        "call": call.slug,
        "outcome": str(Outcome.SELECTED.value),
        "title": None,
        "summary": None,
        "principal_investigator": None,
        "institution": {"name": row["institution"], "ror": None, "country": row["country"]},
        "awards": [given] if mass else None,
        "decided_at": None,
        "published_at": None,
        "publication": None,
        "origin": str(CallOrigin.PUBLIC_RECORD.value),
        "source": row["source"],
    }


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / f"record_{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
