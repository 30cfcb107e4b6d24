"""What the public catalogue shows. Every figure here is public: mass that a decision holds counts as free."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Sum, When

from portal import clock
from samples.access import published, visible_to
from samples.enums import Acquisition, Hemisphere, Origin, Preparation, SampleStatus
from samples.models import Mission, Sample
from samples.rules.availability import requestable

LEFT_MG = F("free_mg") + F("held_mg")
SORTS: dict[str, tuple[str, ...]] = {
    "": ("rank", "catalogue_number"),
    "number": ("catalogue_number",),
    "free": ("-left_mg", "catalogue_number"),
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


@dataclass(frozen=True)
class Filters:
    """What somebody looks for. Within a facet any of its values will do; least mass in mg."""

    mission: tuple[str, ...] = ()
    hemisphere: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    acquisition: tuple[str, ...] = ()
    known_from: tuple[str, ...] = ()
    q: str = ""
    least: Decimal | None = None
    call: str = ""

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
    """Return the samples of the public catalogue that somebody looks for, with what is left of each (`left_mg`).

    `is_offered` says whether an open call offers it; `rank` puts that first, then what can be asked for, then what is
    kept sealed, then what is known from publications. A draft of a call offers nothing here.
    """
    offered = Exists(_offered_now(pk=OuterRef("pk")))
    rank = Case(
        When(offered, then=0),
        When(requestable(), then=1),
        When(origin=Origin.STOCK, then=2),
        default=3,
        output_field=IntegerField(),
    )
    rows = _matching(filters).annotate(left_mg=LEFT_MG, is_offered=offered, rank=rank)
    return rows.select_related("mission", "parent")


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


def count_without(cells: list[Cell], filters: Filters, name: str) -> int:
    """Return how many samples there would be without one of the filters."""
    if name in FACETS:
        return sum(cell.number for cell in matching(cells, filters, but=name))
    return _matching(filters.without(name)).count()


def open_calls(filters: Filters) -> list[dict[str, Any]]:
    """Return the open calls, first to close first, and how many of the samples looked for each one offers."""
    offers = _offered_now().values(
        slug=F("offers__call__slug"),
        title=F("offers__call__title"),
        title_zh=F("offers__call__title_zh"),
        closes=F("offers__call__closes_at"),
    )
    wanted = _condition(filters.without("call"))
    counted = offers.annotate(number=Count("pk", filter=published() & wanted)).order_by("closes", "slug")
    return [dict(row) for row in counted]


def missions() -> list[Mission]:
    """Return all missions."""
    return list(Mission.objects.all())


def sample(user: Any, number: str) -> Sample | None:
    """Return the sample of this number if this person may open it; hidden and absent are the same."""
    rows = visible_to(user).select_related("mission", "parent").annotate(left_mg=LEFT_MG)
    return rows.filter(catalogue_number=number).first()


def calls_of(one: Sample) -> list[dict[str, Any]]:
    """Return the announced calls that offer a sample, newest first, with the mass each offers (mg)."""
    rows = Sample.objects.filter(pk=one.pk, offers__call__status="announced").values(
        slug=F("offers__call__slug"),
        title=F("offers__call__title"),
        title_zh=F("offers__call__title_zh"),
        opens_at=F("offers__call__opens_at"),
        closes_at=F("offers__call__closes_at"),
        offered_mg=F("offers__offered_mg"),
    )
    return [dict(row) for row in rows.order_by("-closes_at", "slug")]


MOST_ANCESTORS, MOST_CHILDREN = 12, 100


def ancestors(one: Sample) -> list[Sample]:
    """Return what a sample comes from, the origin first, as far up as everybody may see."""
    found: list[Sample] = []
    rows = Sample.objects.filter(published()).select_related("parent")
    parent_id = one.parent_id
    while parent_id and len(found) < MOST_ANCESTORS:
        parent = rows.filter(pk=parent_id).first()
        if parent is None:
            break
        found.insert(0, parent)
        parent_id = parent.parent_id
    return found


def children(one: Sample) -> list[Sample]:
    """Return what was split or picked from a sample, as far as everybody may see it; one more than is shown."""
    rows = Sample.objects.filter(published(), parent=one).annotate(left_mg=LEFT_MG)
    return list(rows.order_by("catalogue_number")[: MOST_CHILDREN + 1])


def _matching(filters: Filters) -> QuerySet[Sample]:
    return Sample.objects.filter(published(), _condition(filters), status=SampleStatus.CATALOGUED)


def _condition(filters: Filters) -> Q:
    wanted = Q()
    for name, column in COLUMNS.items():
        if values := getattr(filters, name):
            wanted &= Q(**{f"{column}__in": values})
    if filters.q:
        in_text = Q(description__icontains=filters.q) | Q(description_zh__icontains=filters.q)
        wanted &= Q(catalogue_number__icontains=filters.q) | in_text
    if filters.least:
        wanted &= Q(free_mg__gte=filters.least - F("held_mg"), origin=Origin.STOCK)
    if filters.call:
        wanted &= Q(pk__in=Sample.objects.filter(offers__call__slug=filters.call, offers__call__status="announced"))
    return wanted


def _offered_now(**of: Any) -> QuerySet[Sample]:
    """Return the samples that an open call offers; `applications` owns the rows, reached by their relation."""
    moment = clock.now()
    return Sample.objects.filter(
        offers__call__status="announced",
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
