"""The first screen of a review: what the submission says in brief, before its text."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.chapters import name_of
from applications.enums import Effect, PlaceKind
from applications.models import SampleRequest
from applications.reading import Reading
from applications.rules.requests import Sum, counted_mg, counted_pieces, spans_both_sides, sums

BECOMES = {
    Effect.CONSUMING: _("consumed"),
    Effect.PARTLY: _("partly consumed, the rest comes back"),
    Effect.NON_DESTRUCTIVE: _("comes back whole"),
}


@dataclass(frozen=True)
class Becomes:
    """What becomes of a part of the material: its mass in mg, and how many whole pieces."""

    words: Any
    mass_mg: Decimal
    pieces: int


class Brief:
    """What somebody who reviews must know first; it names nobody whom the reading does not name."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.requests: list[SampleRequest] = reading.requests

    @property
    def question(self) -> str:
        """The scientific question in the applicant's words."""
        return self.reading.document.get("question") or ""

    @property
    def language(self) -> str:
        """The language in which the applicant wrote."""
        return self.reading.document.get("language") or ""

    @property
    def sums(self) -> list[Sum]:
        """What is asked of each side of the Moon."""
        return sums(self.requests)

    @property
    def is_of_both_sides(self) -> bool:
        """Whether near and far side are asked for."""
        return spans_both_sides(self.requests)

    @property
    def reasons(self) -> list[tuple[Any, str]]:
        """Why both sides, as the groups that span them say: how they belong together, and in which words."""
        groups = {row.group.uid: row.group for row in self.requests if row.group}
        spanning = [one for one in groups.values() if spans_both_sides(_of(self.requests, one.uid))]
        return [(one.get_kind_display(), one.matching or one.least_set or one.first) for one in spanning]

    @property
    def techniques(self) -> list[str]:
        """Each technique once, in the order of the samples."""
        return list(dict.fromkeys(row.technique_label for row in self.requests if row.technique))

    @property
    def becomes(self) -> list[Becomes]:
        """What is consumed and what is returned of everything asked."""
        found = []
        for effect, words in BECOMES.items():
            rows = [row for row in self.requests if row.effect == effect]
            if rows:
                found.append(Becomes(words, counted_mg(rows), counted_pieces(rows)))
        return found

    @property
    def places(self) -> list[tuple[str, Any]]:
        """Where the material would be, and for what; nothing where names are not read."""
        if self.reading.anonymous:
            return []
        return [(name_of(one), PlaceKind(one["kind"]).label) for one in self.reading.document.get("places") or []]

    @property
    def advice(self) -> list[tuple[str, Any]]:
        """The curator's advice by sample; None where there is none."""
        return [(row.sample.catalogue_number, getattr(row, "advice", None)) for row in self.requests]


def _of(rows: Iterable[SampleRequest], group: Any) -> list[SampleRequest]:
    return [row for row in rows if row.group and row.group.uid == group]
