"""What the page of a sample reads around it: what it comes from and what came from it, what was done, which data exist.

Only what everybody may see: a sample that is not published ends the line, and nothing of it is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from samples.access import published
from samples.models import Dataset, Sample, Treatment

OLDEST_FIRST = F("day").asc(nulls_first=True)  # what has no day stands before all else
MOST_ANCESTORS, MOST_BELOW, DEEPEST = 12, 100, 4


@dataclass
class Branch:
    """A sample with what was split or picked from it."""

    sample: Sample
    branches: list["Branch"] = field(default_factory=list)


def ancestors(one: Sample) -> list[Sample]:
    """Return what a sample comes from, the origin first, as far up as everybody may see."""
    found: list[Sample] = []
    parent_id = one.parent_id
    while parent_id and len(found) < MOST_ANCESTORS:
        parent = Sample.objects.filter(published(), pk=parent_id).first()
        if parent is None:
            break
        found.insert(0, parent)
        parent_id = parent.parent_id
    return found


def below(one: Sample) -> tuple[list[Branch], bool]:
    """Return what came from a sample, `DEEPEST` generations of it, and whether there is more than is shown."""
    top, left = Branch(one), MOST_BELOW
    generation = {one.pk: top}
    for _depth in range(DEEPEST):
        rows = Sample.objects.filter(published(), parent__in=list(generation)).order_by("catalogue_number")
        found = list(rows[: left + 1])
        branches = {sample.pk: Branch(sample) for sample in found[:left]}
        for branch in branches.values():
            # Only children of these were asked for.
            generation[branch.sample.parent_id].branches.append(branch)  # type: ignore[index]
        if len(found) > left:
            return top.branches, True
        if not branches:
            return top.branches, False
        generation, left = branches, left - len(branches)
    return top.branches, Sample.objects.filter(published(), parent__in=list(generation)).exists()


def treatments(line: Iterable[Sample]) -> list[Any]:
    """Return what was done to the samples of a line, oldest first, what has no day before all else."""
    rows: QuerySet[Treatment] = Treatment.objects.filter(sample__in=list(line)).select_related("sample")
    return list(rows.order_by(OLDEST_FIRST, "pk"))


def datasets(line: Iterable[Sample]) -> list[Any]:
    """Return the data that exist on the samples of a line, in the order in which they were recorded."""
    return list(Dataset.objects.filter(sample__in=list(line)).select_related("sample").order_by("pk"))


def with_knowledge(rows: QuerySet[Sample]) -> QuerySet[Sample]:
    """Add what is known of each sample itself, in the query that reads it: `history_said` and `data_said`."""
    history = Treatment.objects.filter(sample=OuterRef("pk")).order_by(OLDEST_FIRST, "pk")
    data = Dataset.objects.filter(sample=OuterRef("pk")).order_by("pk")
    return rows.annotate(
        history_said=ArraySubquery(
            history.values(said=_object("day", "kind", "description", "description_zh", "source"))
        ),
        data_said=ArraySubquery(
            data.values(said=_object("measured", "measured_zh", "technique", "published_in", "doi", "url"))
        ),
    )


def _object(*names: str) -> JSONObject:
    return JSONObject(**{name: name for name in names})
