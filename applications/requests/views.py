"""What the draft asks for above what the call offers, the request for one sample, and groups of requests."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from applications import pages
from applications.draft_forms import Removal, button
from applications.models import Application, DraftGroup, DraftRequest
from applications.requests import actions, grouping, queries
from applications.requests.forms import MORE, RequestForm
from applications.requests.group_forms import UP, GroupForm, PairForm
from applications.requests.list_forms import FilterForm, PickForm
from portal.units import format_mass
from portal.web import APPLICATION_TEAM, SIGNED_IN, access, attempt, see, show
from samples.access import visible_to
from samples.rules.techniques import choices

PLACE = "applications/requests/"
TELL = "tell"  # what the script of the calculator sends, its buttons the other two: nothing is saved
CALCULATE = ("calculate", MORE, TELL)


@access(APPLICATION_TEAM, "GET", "POST")
def list_(request: HttpRequest, reference: str) -> HttpResponse:
    """What the draft asks for above what the call offers; ask for more right in the list."""
    application = pages.draft(request, reference)
    context = _list(request, application)
    form = context["form"]

    def pick() -> None:
        actions.pick(application, by=request.user, asked=form.picked())

    done = attempt(request, form, pick, request.get_full_path())
    return done or pages.part(request, f"{PLACE}list.html", application, context)


@access(APPLICATION_TEAM, "GET", "POST")
def edit(request: HttpRequest, reference: str, number: str) -> HttpResponse:
    """The request for one offered sample, with what its planned runs need."""
    application = pages.draft(request, reference)
    offer = get_object_or_404(queries.offers(application), sample__catalogue_number=number)
    line = queries.line_of(application, offer)
    form = RequestForm(request.POST or None, application=application, offer=offer, line=line)
    context = {"form": form, "offer": offer, "line": line, "techniques": choices(get_language() or "en")}
    if request.POST.get("do") in CALCULATE:
        return _calculated(request, application, context)

    def put() -> None:
        saved = actions.put(application, by=request.user, sample=offer.sample, **form.changes())
        if pages.BY_ITSELF not in request.POST:
            messages.success(request, _told(saved))

    done = pages.save(request, application, form, put, pages.url("requests-list", application))
    return done or pages.part(request, f"{PLACE}edit.html", application, context)


@access(APPLICATION_TEAM, "GET", "POST")
def drop(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Ask, then remove a request."""
    application = pages.draft(request, reference)
    line = get_object_or_404(application.draft_requests.select_related("sample"), uid=uid)
    form = Removal(request.POST or None, application=application, parts=[line.part])

    def remove() -> None:
        actions.drop(application, by=request.user, sample=line.sample, version=form.cleaned_data["version"])

    done = attempt(request, form, remove, pages.here(request, "requests-list", application))
    return done or pages.part(request, f"{PLACE}drop.html", application, {"form": form, "line": line})


@access(SIGNED_IN)
def add(request: HttpRequest, number: str) -> HttpResponse:
    """Lead from the catalogue to the request for a sample in the one draft that may ask for it, or let choose."""
    sample = get_object_or_404(visible_to(request.user).select_related("mission"), catalogue_number=number)
    drafts = queries.drafts_for(request.user, number)
    if len(drafts) == 1:
        return see(pages.url("requests-edit", drafts[0], number))
    calls = queries.calls_for(request.user, number)
    return show(request, f"{PLACE}add.html", {"sample": sample, "drafts": drafts, "calls": calls})


# --- Groups -----------------------------------------------------------------------------------------------


@access(APPLICATION_TEAM, "GET", "POST")
def group_new(request: HttpRequest, reference: str) -> HttpResponse:
    """Make a group of requests."""
    return _group(request, pages.draft(request, reference), None)


@access(APPLICATION_TEAM, "GET", "POST")
def group_edit(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Change a group of requests."""
    application = pages.draft(request, reference)
    return _group(request, application, _group_of(request, application, uid))


@access(APPLICATION_TEAM, "POST")
def group_move(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Move a group up or down in the list."""
    application = pages.draft(request, reference)
    group, form = get_object_or_404(application.draft_groups, uid=uid), button(request)
    up = request.POST.get("way") == UP
    target = f"{pages.here(request, 'requests-list', application)}#groups"
    done = attempt(request, form, lambda: grouping.move_group(application, by=request.user, group=group, up=up), target)
    return done or pages.part(request, f"{PLACE}list.html", application, _list(request, application) | {"form": form})


@access(APPLICATION_TEAM, "GET", "POST")
def group_drop(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Ask, then take a group apart; its requests stay."""
    application = pages.draft(request, reference)
    group = get_object_or_404(application.draft_groups, uid=uid)
    form = Removal(request.POST or None, application=application, parts=[group.part])

    def remove() -> None:
        version = form.cleaned_data["version"]
        grouping.drop_group(application, by=request.user, group=group, version=version)

    done = attempt(request, form, remove, pages.here(request, "requests-list", application))
    return done or pages.part(request, f"{PLACE}group_drop.html", application, {"form": form, "group": group})


@access(APPLICATION_TEAM, "GET", "POST")
def pair(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose one sample of each side; both are asked for in a group that needs both."""
    application = pages.draft(request, reference)
    name = gettext("Near and far %(number)s") % {"number": application.draft_groups.count() + 1}
    form = PairForm(request.POST or None, offers=queries.offers(application), initial={"name": name})

    def make() -> DraftGroup:
        return grouping.pair(application, by=request.user, **form.changes())

    done = attempt(request, form, make, lambda made: pages.here(request, "requests-group-edit", application, made.uid))
    return done or pages.part(request, f"{PLACE}pair.html", application, {"form": form})


# --- What they share --------------------------------------------------------------------------------------


def _list(request: HttpRequest, application: Application) -> dict[str, Any]:
    """Return what the page of samples shows; what is picked may stand on another page of the offer."""
    filters = FilterForm(request.GET)
    context = queries.list_page(application, filters.chosen(), request.GET.get("cursor"))
    offers = queries.offers(application) if request.method == "POST" else context["page"].rows
    form = PickForm(request.POST or None, offers=offers, asked=context["asked"])
    rows = form.rows(context["page"].rows)
    addable = any(not asked for _offer, _field, asked in rows)
    return context | {"form": form, "filters": filters, "offers": rows, "addable": addable}


def _group(request: HttpRequest, application: Application, group: DraftGroup | None) -> HttpResponse:
    lines = queries.lines(application)
    form = GroupForm(request.POST or None, application=application, group=group, lines=lines)

    def put() -> DraftGroup:
        return grouping.put_group(application, by=request.user, group=group, **form.changes())

    def stay(made: DraftGroup) -> str:
        return f"{pages.here(request, 'requests-group-edit', application, made.uid)}#members"

    if request.POST.get("move"):
        done = attempt(request, form, put, stay)
    else:
        done = pages.save(request, application, form, put, f"{pages.url('requests-list', application)}#groups")
    return done or pages.part(request, f"{PLACE}group.html", application, {"form": form, "group": group})


def _group_of(request: HttpRequest, application: Application, uid: UUID) -> DraftGroup:
    found = application.draft_groups.filter(uid=uid).first()
    if found is None and request.method == "POST":
        found = queries.removed_group(application, uid)
    if found is None:
        raise Http404
    return found


def _calculated(request: HttpRequest, application: Application, context: dict[str, Any]) -> HttpResponse:
    """Show the form as it was typed, with what the runs need; nothing is saved. The script is told in figures."""
    if request.POST["do"] == TELL:
        return JsonResponse(queries.reckoning(context["form"].balance()))
    response = pages.part(request, f"{PLACE}edit.html", application, context)
    if context["form"].is_valid():
        response.status_code = 200
    return response


def _told(line: DraftRequest) -> str:
    """Return what was saved, as it was understood."""
    said = {"sample": line.sample.catalogue_number}
    if line.whole:
        words = _("Saved: %(sample)s, the whole piece.")
    elif line.asked_mg is None or line.least_mg is None:
        words = _("Saved: %(sample)s. A mass is still missing.")
    else:
        words = _("Saved: %(sample)s, %(asked)s, at least %(least)s.")
        said |= {"asked": format_mass(line.asked_mg), "least": format_mass(line.least_mg)}
    return words % said
