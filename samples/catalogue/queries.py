"""What the public catalogue shows. Every figure here is public: mass that a decision holds counts as free."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Sum, Value, When

from portal import clock
from samples.access import published, visible_to
from samples.catalogue.lineage import OLDEST_FIRST
from samples.catalogue.searching import found_by
from samples.enums import Acquisition, Hemisphere, Origin, Preparation, SampleStatus
from samples.models import Mission, Sample, Treatment
from samples.rules.availability import requestable

LEFT_MG = F("free_mg") + F("held_mg")
SORTS: dict[str, tuple[str, ...]] = {
    "": ("rank", "catalogue_number"),
    "number": ("catalogue_number",),
    "free": ("-left_mg", "catalogue_number"),
    "initial": ("-initial_mg", "catalogue_number"),
    "newest": ("-published_at", "catalogue_number"),
}
COLUMNS = {
    "mission": "mission__code",
    "hemisphere": "mission__hemisphere",
    "kind": "preparation",
    "acquisition": "acquisition",
    "known_from": "origin",
}
FACETS = tuple(COLUMNS)
MANY = (*FACETS, "call")  # filters of several values, of which any will do
MOST_COMPARED = 6


@dataclass(frozen=True)
class Filters:
    """What somebody looks for. Within a facet any of its values will do; least mass in mg."""

    mission: tuple[str, ...] = ()
    hemisphere: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    acquisition: tuple[str, ...] = ()
    known_from: tuple[str, ...] = ()
    call: tuple[str, ...] = ()
    q: str = ""
    least: Decimal | None = None

    @property
    def in_use(self) -> list[str]:
        """The names of the filters that are set."""
        return [one.name for one in fields(self) if getattr(self, one.name)]

    def without(self, *names: str) -> "Filters":
        """Return the same with some filters dropped."""
        empty = Filters()
        return replace(self, **{name: getattr(empty, name) for name in names})


@dataclass(frozen=True)
class Cell:
    """How many samples, and how much of them can be asked for (mg), under one value of every facet."""

    values: dict[str, str]
    number: int
    free_mg: Decimal


def catalogue(filters: Filters) -> QuerySet[Sample]:
    """Return the samples of the public catalogue that somebody looks for.

    `rank` puts what an open call offers first, then what can be asked for, then what is kept sealed, then what is known
    from publications. A draft of a call offers nothing here.
    """
    rank = Case(
        When(is_offered=True, then=0),
        When(requestable(), then=1),
        When(origin=Origin.STOCK, then=2),
        default=3,
        output_field=IntegerField(),
    )
    return with_figures(_matching(filters)).annotate(rank=rank)


def with_figures(rows: QuerySet[Sample]) -> QuerySet[Sample]:
    """Add what pages and files say: what is left (`left_mg`), and whether an open call offers it (`is_offered`)."""
    offered = Exists(_offered_now(pk=OuterRef("pk")))
    return rows.annotate(left_mg=LEFT_MG, is_offered=offered).select_related("mission", "parent")


def cube(filters: Filters) -> list[Cell]:
    """Count the samples under every combination of facets, whatever the facets are set to: one query for all."""
    rows = _matching(filters.without(*FACETS)).values(*COLUMNS.values()).order_by()
    counted = rows.annotate(number=Count("pk"), free=Sum(LEFT_MG, filter=requestable(), default=Decimal(0)))
    return [
        Cell({name: row[column] for name, column in COLUMNS.items()}, row["number"], row["free"]) for row in counted
    ]


def matching(cells: Iterable[Cell], filters: Filters, *, but: str = "") -> list[Cell]:
    """Return the cells that agree with every facet, or with all `but` one."""
    return [
        cell
        for cell in cells
        if all(
            name == but or cell.values[name] in getattr(filters, name) or not getattr(filters, name) for name in FACETS
        )
    ]


def counts_without(cells: list[Cell], filters: Filters) -> dict[str, int]:
    """Return how many samples there would be without each of the filters in use: one query for all of them."""
    found = {
        name: sum(cell.number for cell in matching(cells, filters, but=name))
        for name in filters.in_use
        if name in FACETS
    }
    others = [name for name in filters.in_use if name not in FACETS]
    counted = [
        # One row per filter, none where nothing is left; side by side each of them may read its own index.
        _listed().filter(_condition(filters.without(name))).order_by().values(without=Value(name)).annotate(Count("pk"))
        for name in others
    ]
    found |= dict.fromkeys(others, 0)
    if counted:
        rows = counted[0].union(*counted[1:], all=True)
        found |= {row["without"]: row["pk__count"] for row in rows}
    return found


def open_calls(filters: Filters) -> list[dict[str, Any]]:
    """Return the open calls, first to close first, and how many of the samples looked for each one offers."""
    offers = _offered_now().values(
        slug=F("offers__call__slug"),
        title=F("offers__call__title"),
        title_zh=F("offers__call__title_zh"),
        closes=F("offers__call__closes_at"),
    )
    wanted = published() & Q(status=SampleStatus.CATALOGUED) & _condition(filters.without("call"))
    counted = offers.annotate(number=Count("pk", filter=wanted)).order_by("closes", "slug")
    return [dict(row) for row in counted]


def missions() -> list[Mission]:
    """Return all missions."""
    return list(Mission.objects.all())


def sample(user: Any, number: str) -> Sample | None:
    """Return the sample of this number if this person may open it; hidden and absent are the same."""
    return with_figures(visible_to(user)).filter(catalogue_number=number).first()


def compared(numbers: Sequence[str]) -> list[Sample]:
    """Return the samples of these numbers that everybody may see, in the order of the numbers."""
    if not numbers:
        return []
    rows = with_figures(Sample.objects.filter(published(), catalogue_number__in=numbers))
    history = Prefetch("treatments", Treatment.objects.order_by(OLDEST_FIRST, "pk"))
    return sorted(rows.prefetch_related(history, "datasets"), key=lambda one: numbers.index(one.catalogue_number))


def calls_of(samples: Iterable[Sample]) -> list[dict[str, Any]]:
    """Return the announced calls that offer samples, newest first, and how much of which `number` (mg)."""
    wanted = [one.pk for one in samples]
    real = {"offers__call__status": "announced", "offers__call__is_practice": False}
    rows = Sample.objects.filter(pk__in=wanted, **real).values(
        number=F("catalogue_number"),
        slug=F("offers__call__slug"),
        title=F("offers__call__title"),
        title_zh=F("offers__call__title_zh"),
        opens_at=F("offers__call__opens_at"),
        closes_at=F("offers__call__closes_at"),
        offered_mg=F("offers__offered_mg"),
    )
    return [dict(row) for row in rows.order_by("-closes_at", "slug", "number")]


def offers_now(samples: Iterable[Sample]) -> list[dict[str, Any]]:
    """Return the open calls that offer samples, first to close first, and how much of which `number` (mg)."""
    offers = _offered_now(pk__in=[one.pk for one in samples]).values(
        number=F("catalogue_number"),
        slug=F("offers__call__slug"),
        title=F("offers__call__title"),
        title_zh=F("offers__call__title_zh"),
        offered_mg=F("offers__offered_mg"),
        closes=F("offers__call__closes_at"),
    )
    return [dict(row) for row in offers.order_by("closes", "slug", "number")]


def _matching(filters: Filters) -> QuerySet[Sample]:
    return _listed().filter(_condition(filters))


def _listed() -> QuerySet[Sample]:
    return Sample.objects.filter(published(), status=SampleStatus.CATALOGUED)


def _condition(filters: Filters) -> Q:
    wanted = Q()
    for name, column in COLUMNS.items():
        if values := getattr(filters, name):
            wanted &= Q(**{f"{column}__in": values})
    if filters.q:
        wanted &= found_by(filters.q)
    if filters.least:
        wanted &= Q(free_mg__gte=filters.least - F("held_mg"), origin=Origin.STOCK)
    if filters.call:
        wanted &= Q(pk__in=Sample.objects.filter(offers__call__slug__in=filters.call, offers__call__status="announced"))
    return wanted


def _offered_now(**of: Any) -> QuerySet[Sample]:
    """Return the samples that an open call offers; `applications` owns the rows, reached by their relation.

    A practice call offers nothing: what is asked for in it is given to nobody.
    """
    moment = clock.now()
    return Sample.objects.filter(
        offers__call__status="announced",
        offers__call__is_practice=False,
        offers__call__opens_at__lte=moment,
        offers__call__closes_at__gt=moment,
        **of,
    )


CHOICES: dict[str, Any] = {
    "hemisphere": Hemisphere,
    "kind": Preparation,
    "acquisition": Acquisition,
    "known_from": Origin,
}
