"""The public pages of the samples: the catalogue, as a list and as files, a comparison, and the page of one sample."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from portal import clock
from portal.paging import page
from portal.paired import localised
from portal.roles import Permission
from portal.sheets import as_file
from portal.web import PUBLIC, access, show
from samples.catalogue import citing, items, lineage, queries, shown
from samples.catalogue.forms import CompareForm, FilterForm, compared
from samples.catalogue.queries import Filters
from samples.models import Mission, Sample
from samples.rules.availability import why_not_requestable

SIZE = 30


@access(PUBLIC)
def catalogue(request: HttpRequest) -> HttpResponse:
    """The public catalogue: filtered, ordered, in pages; or exactly what it shows as a file."""
    missions = queries.missions()
    form = FilterForm(request.GET, missions)
    filters, tray = form.filters(), compared(request.GET, "compare")
    rows = queries.catalogue(filters)
    if kind := request.GET.get("format"):
        return as_file(kind, "samples", items.ITEM, map(items.item, rows.order_by(*form.order).iterator(2000)))
    found = page(rows, form.order, request.GET.get("cursor"), SIZE)
    shown.say_offers(items.dress(found.rows), queries.offers_now(found.rows))
    context = {"form": form, "page": found, **_around(request, filters, missions), **shown.tray(request.GET, tray)}
    response = show(request, "samples/catalogue/list.html", context)
    response.status_code = 400 if form.errors else 200
    return response


def _around(request: HttpRequest, filters: Filters, missions: list[Mission]) -> dict[str, Any]:
    """What stands beside the list: discs, facets, calls, chips, totals; for an empty list the ways out."""
    cells, calls = queries.cube(filters), queries.open_calls(filters)
    words = shown.labels(missions) | {"call": {call["slug"]: localised(call, "title") for call in calls}}
    chosen = queries.matching(cells, filters)
    number = sum(cell.number for cell in chosen)
    return {
        "sides": shown.side_links(request.GET, filters, cells, missions),
        "facets": shown.facets(cells, filters, words),
        "calls": [
            {**call, "label": localised(call, "title"), "checked": call["slug"] in filters.call} for call in calls
        ],
        "chips": shown.chips(request.GET, filters, words),
        "ways_out": [] if number else shown.ways_out(request.GET, cells, filters, words),
        "number": number,
        "free_mg": sum(cell.free_mg for cell in chosen),
        "json_ld": citing.json_ld(citing.of_catalogue(settings.SITE_URL + reverse("samples:catalogue-list"))),
    }


@access(PUBLIC)
def compare(request: HttpRequest) -> HttpResponse:
    """Up to six samples side by side, or the same as a file. Which ones stands in the address."""
    form = CompareForm(request.GET)
    numbers = form.numbers()
    found = queries.compared(numbers)
    if kind := request.GET.get("format"):
        return as_file(kind, "comparison", items.ITEM, map(items.item, found))
    present = {sample.catalogue_number for sample in found}
    context = {
        "columns": shown.columns(items.dress(found), queries.calls_of(found)),
        "missing": [number for number in numbers if number not in present],
    }
    if len(numbers) < queries.MOST_COMPARED:
        context["add"] = urlencode([("compare", number) for number in numbers])
    return show(request, "samples/catalogue/compare.html", context)


@access(PUBLIC)
def sample(request: HttpRequest, number: str) -> HttpResponse:
    """The page of one sample: masses, facts, lineage, history, data, calls, source, how to cite it."""
    found = queries.sample(request.user, number)
    if found is None:
        raise Http404
    reason = why_not_requestable(found)
    context = {"sample": items.dress([found])[0], "reason": reason, "now": clock.now()}
    context["calls"] = [{**call, "label": localised(call, "title")} for call in queries.calls_of([found])]
    context["reads_stock"] = request.user.may(Permission.READ_STOCK)
    return show(request, "samples/catalogue/detail.html", {**context, **_known(found)})


def _known(found: Sample) -> dict[str, Any]:
    """What is known of a sample and of those it comes from, for people and for machines."""
    above, (branches, more) = lineage.ancestors(found), lineage.below(found)
    datasets = lineage.datasets([*above, found])
    address = settings.SITE_URL + reverse("samples:catalogue-detail", args=[found.catalogue_number])
    catalogue_address = settings.SITE_URL + reverse("samples:catalogue-list")
    return {
        "ancestors": above,
        "branches": branches,
        "more_below": more,
        "treatments": lineage.treatments([*above, found]),
        "datasets": shown.datasets(datasets),
        "address": address,
        "bibtex": citing.bibtex(found, address, timezone.localdate(clock.now())),
        "json_ld": citing.json_ld(citing.of_sample(found, address, catalogue_address, datasets)),
    }
