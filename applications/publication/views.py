"""The administrators' pages of publications, and the public pages, which read the public record and nothing else."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.access import publishable_calls, visible_calls
from applications.enums import PublicationKind
from applications.models import Call, Publication
from applications.publication import actions, queries, record
from applications.publication.forms import Filters, RecallForm, SignForm
from applications.workflow import PUBLICATION
from portal import clock
from portal.errors import Invalid
from portal.paging import Page, page
from portal.roles import Permission
from portal.web import PUBLIC, access, afterwards, attempt, show
from portal.words import listed


def _call(request: HttpRequest, slug: str, kind: str) -> Call:
    if kind not in PublicationKind.values:
        raise Http404
    return get_object_or_404(publishable_calls(request.user), slug=slug)


def _publication(request: HttpRequest, slug: str, kind: str) -> Publication:
    publication = queries.live(_call(request, slug, kind), kind)
    if publication is None:
        raise Http404
    return publication


def _page(slug: str, kind: str) -> str:
    return reverse("applications:publication-detail", args=[slug, kind])


@access(Permission.PUBLISH)
def listing(request: HttpRequest) -> HttpResponse:
    """The calls with what is published of them."""
    found = queries.calls(request.user, request.GET.get("cursor"))
    rows = [(call, queries.of_kinds(call)) for call in found.rows]
    return render(request, "applications/publication/list.html", {"page": found, "rows": rows})


@access(Permission.PUBLISH)
def detail(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Everything a publication will make visible or send, and nothing else."""
    return _detail(request, _call(request, slug, kind), kind)


def _detail(request: HttpRequest, call: Call, kind: str, form: Any = None) -> HttpResponse:
    publication = queries.live(call, kind)
    context = {"call": call, "kind": kind, "publication": publication, "form": form}
    if publication is None:
        context["present"] = queries.would_list(call, kind)
        return show(request, "applications/publication/unprepared.html", context)
    shown = queries.sheet(publication)
    if shown.has_changed and publication.status in actions.SIGNED:
        afterwards(request, lambda: _void(publication, request.user))
    available = PUBLICATION.available(publication, request.user)
    context |= {
        "sheet": shown,
        "now": clock.now(),
        "sign_form": form if isinstance(form, SignForm) else SignForm(initial={"manifest_sha256": shown.sha256}),
        "can_sign": not shown.has_changed or not shown.live_signatures,
        "has_signed": any(one.by_id == request.user.pk for one in shown.live_signatures),
        "available": available,
    }
    return show(request, "applications/publication/detail.html", context)


def _void(publication: Publication, user: Any) -> None:
    actions.void_if_changed(publication, by=user)


@access(Permission.PUBLISH, "POST")
def prepare(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Begin a publication with the list as it is now."""
    call, form = _call(request, slug, kind), Form(request.POST)
    done = attempt(request, form, lambda: actions.prepare(call, kind, by=request.user), _page(slug, kind))
    return done or _detail(request, call, kind, form)


@access(Permission.PUBLISH, "POST")
def sign(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Sign the list that was shown."""
    publication, form = _publication(request, slug, kind), SignForm(request.POST)
    act = partial(actions.sign, publication, by=request.user)
    return _try(request, publication, form, lambda: act(manifest_sha256=form.cleaned_data["manifest_sha256"]))


@access(Permission.PUBLISH, "POST")
def release(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Release to applicants and public together."""
    publication = _publication(request, slug, kind)
    return _try(request, publication, Form(request.POST), lambda: actions.release(publication, by=request.user))


def _try(request: HttpRequest, publication: Publication, form: Form, act: Callable[[], Any]) -> HttpResponse:
    slug, kind = publication.call.slug, publication.kind
    if done := attempt(request, form, act, _page(slug, kind)):
        return done
    _void(publication, request.user)  # what a refused act voided was undone with it
    return _detail(request, publication.call, kind, form)


@access(Permission.PUBLISH, "GET", "POST")
def recall(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Take a publication back before its release."""
    publication, form = _publication(request, slug, kind), RecallForm(request.POST or None)
    act = partial(actions.recall, publication, by=request.user)
    done = request.method == "POST" and attempt(request, form, lambda: act(**form.cleaned_data), _page(slug, kind))
    context = {"call": publication.call, "kind": kind, "publication": publication, "form": form}
    return done or show(request, "applications/publication/recall.html", context)


@access(Permission.PUBLISH)
def letter(request: HttpRequest, slug: str, kind: str, reference: str) -> HttpResponse:
    """One letter as its applicant will read it."""
    publication = _publication(request, slug, kind)
    document = queries.letter(queries.sheet(publication), reference)
    if document is None:
        raise Http404
    context = {"call": publication.call, "kind": kind, "document": document}
    return render(request, "applications/publication/letter.html", context)


# --- What everybody reads --------------------------------------------------------------------------------------


def _only(request: HttpRequest, *names: str) -> None:
    """Refuse a parameter that the page does not document."""
    if unknown := set(request.GET) - {*names, "cursor"}:
        raise Invalid(_("Unknown parameter: %(names)s.") % {"names": listed(sorted(unknown))}, code="unknown-parameter")


def _paged(request: HttpRequest, entries: Any) -> Page:
    found = page(entries, record.ORDER, request.GET.get("cursor"))
    for entry in found.rows:
        entry.place = record.place_of(entry)
    return found


@access(PUBLIC)
def decisions(request: HttpRequest) -> HttpResponse:
    """Every selection that is public, run here or known from public reports."""
    _only(request, *record.FILTERS)
    filters = Filters(record.choices(), {name: request.GET.get(name, "") for name in record.FILTERS})
    wanted = filters.cleaned_data if filters.is_valid() else {}
    entries = record.filtered(record.selections(), wanted) if filters.is_valid() else record.selections().none()
    context = {"filters": filters, "page": _paged(request, entries), "narrowed": any(wanted.values())}
    return render(request, "applications/publication/decisions.html", context)


@access(PUBLIC)
def decisions_of_call(request: HttpRequest, slug: str) -> HttpResponse:
    """The selections of one call, with the days it took and, for an earlier round, its figures with their sources."""
    _only(request)
    call: Call = get_object_or_404(visible_calls(request.user), slug=slug)
    remainders, figures = record.remainders(call), list(call.figures.all())
    results = next((one for one in remainders if one.document.get("kind") == "results"), None)
    context = {
        "call": call,
        "page": _paged(request, record.of_call(call)),
        "shortlisted": record.shortlisted(call),
        "remainders": remainders,
        "results": results,
        "figures": figures,
        "marks": record.waiting(call, figures, results),
    }
    return render(request, "applications/publication/call.html", context)
