"""The pages of the stock: what there is, one sample with its record, and what curators do to it."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.paging import page
from portal.roles import Permission
from portal.sheets import KINDS, as_file
from portal.web import access, attempt, is_stale, show
from samples.models import Sample
from samples.stock import actions, entries, queries
from samples.stock.forms import (
    ENTRY_FORMS,
    AccessionForm,
    ConfirmForm,
    DescriptionForm,
    LossForm,
    ReasonForm,
    SplitForm,
    StockForm,
)

SIZE = 50


def _sample(request: HttpRequest, number: str) -> Sample:
    return get_object_or_404(queries.stock(request.user), catalogue_number=number)


def _address(sample: Sample) -> str:
    return reverse("samples:stock-detail", args=[sample.catalogue_number])


@access(Permission.READ_STOCK)
def stock(request: HttpRequest) -> HttpResponse:
    """Everything in stock, unpublished samples included; as a page or as a file."""
    form = StockForm(request.GET or None)
    rows = queries.stock(request.user, **(form.wanted() if form.is_bound else {}))
    if request.GET.get("format") in KINDS:
        found = map(queries.item, rows.order_by("catalogue_number").iterator(2000))
        return as_file(request.GET["format"], "stock", queries.ITEM, found)
    context = {"form": form, "page": page(rows, ("catalogue_number",), request.GET.get("cursor"), SIZE)}
    return show(request, "samples/stock/list.html", {**context, "keeps": request.user.may(Permission.MANAGE_STOCK)})


@access(Permission.READ_STOCK)
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One sample with every movement that is no secret of a decision."""
    sample = _sample(request, number)
    lines = queries.record(sample)
    context = {"sample": sample, "lines": lines, "keeps": request.user.may(Permission.MANAGE_STOCK)}
    context |= {
        "treatments": queries.entries(sample, entries.HISTORY),
        "datasets": queries.entries(sample, entries.DATA),
    }
    return show(request, "samples/stock/detail.html", {**context, "events": queries.events(sample)})


@access(Permission.MANAGE_STOCK, "GET", "POST")
def accession(request: HttpRequest) -> HttpResponse:
    """Take a new sample into stock."""
    form = AccessionForm(request.POST or None)
    if request.method == "POST" and (
        done := attempt(request, form, lambda: actions.accession(by=request.user, **form.cleaned_data), then=_address)
    ):
        return done
    return show(request, "samples/stock/accession.html", {"form": form})


@access(Permission.MANAGE_STOCK, "GET", "POST")
def split(request: HttpRequest, number: str) -> HttpResponse:
    """Give a part of a sample its own number."""
    sample, form = _sample(request, number), SplitForm(request.POST or None)
    if request.method == "POST" and (
        done := attempt(request, form, lambda: actions.split(sample, by=request.user, **form.cleaned_data), _address)
    ):
        return done
    return show(request, "samples/stock/split.html", {"form": form, "sample": sample})


@access(Permission.MANAGE_STOCK, "GET", "POST")
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Change what is said about a sample."""
    sample = _sample(request, number)
    form = DescriptionForm(request.POST or None, instance=sample)
    if request.method == "POST" and (
        done := attempt(request, form, lambda: actions.edit(sample, by=request.user, **form.cleaned_data), _address)
    ):
        return done
    newer = _newer(request, sample, form)
    return show(request, "samples/stock/edit.html", {"form": form, "sample": sample, "newer": newer})


def _newer(request: HttpRequest, sample: Sample, form: DescriptionForm) -> DescriptionForm | None:
    """What another curator saved meanwhile, to stand beside what was typed; the form goes on from there."""
    if not is_stale(request):
        return None
    newer = DescriptionForm(instance=_sample(request, sample.catalogue_number))
    form.data = form.data.copy()
    form.data["version"] = newer["version"].value()
    return newer


@access(Permission.MANAGE_STOCK, "GET", "POST")
def lose(request: HttpRequest, number: str) -> HttpResponse:
    """Record a loss in preparation."""
    sample, form = _sample(request, number), LossForm(request.POST or None)
    if request.method == "POST" and (
        done := attempt(
            request, form, lambda: actions.lose(sample, by=request.user, **form.cleaned_data), _address(sample)
        )
    ):
        return done
    return show(request, "samples/stock/lose.html", {"form": form, "sample": sample})


@access(Permission.MANAGE_STOCK, "GET", "POST")
def correct(request: HttpRequest, position: int, number: str) -> HttpResponse:
    """Mend a movement by its opposite."""
    sample, form = _sample(request, number), ReasonForm(request.POST or None)
    movement = queries.movement_at(sample, position)
    if movement is None:
        raise Http404
    if request.method == "POST" and (
        done := attempt(
            request, form, lambda: actions.correct(movement, by=request.user, **form.cleaned_data), _address(sample)
        )
    ):
        return done
    return show(request, "samples/stock/correct.html", {"form": form, "sample": sample, "movement": movement})


@access(Permission.MANAGE_STOCK, "GET", "POST")
def publish(request: HttpRequest, number: str) -> HttpResponse:
    """Show a sample in the public catalogue."""
    sample, form = _sample(request, number), ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (
        done := attempt(request, form, lambda: actions.publish(sample, by=request.user), _address(sample))
    ):
        return done
    return show(request, "samples/stock/publish.html", {"form": form, "sample": sample})


@access(Permission.MANAGE_STOCK, "GET", "POST")
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take a sample out of the catalogue."""
    sample, form = _sample(request, number), ReasonForm(request.POST or None)
    if request.method == "POST" and (
        done := attempt(
            request, form, lambda: actions.withdraw(sample, by=request.user, **form.cleaned_data), _address(sample)
        )
    ):
        return done
    return show(request, "samples/stock/withdraw.html", {"form": form, "sample": sample})


# --- History and data: `sort` says which of the two -----------------------------------------------------


@access(Permission.MANAGE_STOCK, "GET", "POST")
def add_entry(request: HttpRequest, sort: str, number: str) -> HttpResponse:
    """Write an entry about a sample."""
    sample, form = _sample(request, number), ENTRY_FORMS[sort](request.POST or None)
    if request.method == "POST" and (
        done := attempt(
            request, form, lambda: entries.add(sample, sort, by=request.user, **form.cleaned_data), _address(sample)
        )
    ):
        return done
    return show(request, "samples/stock/entry.html", {"form": form, "sample": sample, "sort": sort})


@access(Permission.MANAGE_STOCK, "GET", "POST")
def change_entry(request: HttpRequest, sort: str, uid: UUID) -> HttpResponse:
    """Change what an entry says."""
    entry = get_object_or_404(queries.all_entries(sort), uid=uid)
    form, address = ENTRY_FORMS[sort](request.POST or None, instance=entry), _address(entry.sample)
    if request.method == "POST" and (
        done := attempt(request, form, lambda: entries.change(entry, by=request.user, **form.cleaned_data), address)
    ):
        return done
    newer = None
    if is_stale(request):  # read anew: somebody wrote after this request had read it
        newer = ENTRY_FORMS[sort](instance=get_object_or_404(queries.all_entries(sort), uid=uid))
        form.data = {**form.data.dict(), "version": newer["version"].value()}
    context = {"form": form, "sample": entry.sample, "sort": sort, "entry": entry, "newer": newer}
    return show(request, "samples/stock/entry.html", context)


@access(Permission.MANAGE_STOCK, "GET", "POST")
def remove_entry(request: HttpRequest, sort: str, uid: UUID) -> HttpResponse:
    """Take an entry away."""
    entry, form = get_object_or_404(queries.all_entries(sort), uid=uid), ReasonForm(request.POST or None)
    address = _address(entry.sample)
    if request.method == "POST" and (
        done := attempt(request, form, lambda: entries.remove(entry, by=request.user, **form.cleaned_data), address)
    ):
        return done
    return show(request, "samples/stock/remove_entry.html", {"form": form, "sample": entry.sample, "entry": entry})
