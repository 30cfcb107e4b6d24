"""The public pages of the samples: the catalogue, as a list and as files, and the page of one sample."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from portal import clock
from portal.paging import page
from portal.roles import Permission
from portal.sheets import as_file
from portal.web import PUBLIC, access, show
from samples.catalogue import queries, shown
from samples.catalogue.forms import FilterForm
from samples.catalogue.queries import Filters
from samples.models import Mission
from samples.rules.availability import why_not_requestable

SIZE = 30


@access(PUBLIC)
def catalogue(request: HttpRequest) -> HttpResponse:
    """The public catalogue: filtered, ordered, in pages; or exactly what it shows as a file."""
    missions = queries.missions()
    form = FilterForm(request.GET, missions)
    filters = form.filters()
    rows = queries.catalogue(filters)
    if kind := request.GET.get("format"):
        return as_file(kind, "samples", shown.ITEM, map(shown.item, rows.order_by(*form.order).iterator(2000)))
    found = page(rows, form.order, request.GET.get("cursor"), SIZE)
    shown.dress(found.rows)
    context = {"form": form, "page": found, **_around(request, filters, missions)}
    response = show(request, "samples/catalogue/list.html", context)
    response.status_code = 400 if form.errors else 200
    return response


def _around(request: HttpRequest, filters: Filters, missions: list[Mission]) -> dict[str, Any]:
    """What stands beside the list: discs, facets, calls, chips, totals; for an empty list the ways out."""
    cells, calls = queries.cube(filters), queries.open_calls(filters)
    words = shown.labels(missions) | {"call": {call["slug"]: shown.local_title(call) for call in calls}}
    chosen = queries.matching(cells, filters)
    number = sum(cell.number for cell in chosen)
    return {
        "sides": shown.side_links(request.GET, filters, cells, missions),
        "facets": shown.facets(cells, filters, words),
        "calls": [
            {**call, "label": shown.local_title(call), "checked": call["slug"] == filters.call} for call in calls
        ],
        "chips": shown.chips(request.GET, filters, words),
        "ways_out": [] if number else shown.ways_out(request.GET, cells, filters, words),
        "number": number,
        "free_mg": sum(cell.free_mg for cell in chosen),
    }


@access(PUBLIC)
def sample(request: HttpRequest, number: str) -> HttpResponse:
    """The page of one sample: masses, facts, lineage, calls, source, how to cite it."""
    found = queries.sample(request.user, number)
    if found is None:
        raise Http404
    below = queries.children(found)
    context = {
        "sample": shown.dress([found])[0],
        "calls": [{**call, "label": shown.local_title(call)} for call in queries.calls_of(found)],
        "now": clock.now(),
        "reads_stock": request.user.may(Permission.READ_STOCK),
        "reason": why_not_requestable(found),
        "ancestors": queries.ancestors(found),
        "children": below[: queries.MOST_CHILDREN],
        "more_children": len(below) > queries.MOST_CHILDREN,
    }
    return show(request, "samples/catalogue/detail.html", context)
