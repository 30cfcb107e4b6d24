"""The pages of the chair: overview, assigning, reading with all reviews, shortlisting, concluding."""

from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from applications.access import judged_by, panel_calls
from applications.enums import PanelRole, Status
from applications.interests import interests_of
from applications.models import Application, Assignment, Call, Shortlisting
from applications.panel import actions, queries
from applications.panel.forms import AssignForm, ConcludeForm, ReasonForm, ShortlistForm
from applications.reading import Reading
from applications.rules.afterwards import ASKABLE
from applications.since import beside
from portal.paging import Page
from portal.web import CALL_CHAIR, access, attempt, is_stale, show


@access(CALL_CHAIR)
def overview(request: HttpRequest, call: str) -> HttpResponse:
    """Coverage, scores and disagreement of a call, best mean first."""
    found = _call(request, call)
    page = queries.overview_page(request.user, found, request.GET.get("cursor"))
    return render(request, "applications/panel/overview.html", _overview(request, found, page))


@access(CALL_CHAIR)
def read(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """One submission with every submitted review."""
    return _read(request, _application(request, call, reference))


@access(CALL_CHAIR, "GET", "POST")
def assign(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """Who reviews this application, and who could."""
    application = _application(request, call, reference)
    candidates, form = queries.candidates(application), AssignForm(request.POST or None)

    def act() -> Assignment:
        return actions.assign(application, by=request.user, reviewer=_chosen(candidates, form))

    if request.method == "POST" and (done := attempt(request, form, act, _to("panel-assign", call, reference))):
        return done
    context = {"call": application.call, "application": application, "candidates": candidates, "form": form}
    return show(request, "applications/panel/assign.html", context)


@access(CALL_CHAIR, "GET", "POST")
def unassign(request: HttpRequest, call: str, reference: str, reviewer: UUID) -> HttpResponse:
    """Take the application off a reviewer."""
    application = _application(request, call, reference)
    assignment = get_object_or_404(queries.live_assignments(application), reviewer__uid=reviewer)
    form, there = ReasonForm(request.POST or None), _to("panel-assign", call, reference)
    if request.method == "POST" and (
        done := attempt(
            request, form, lambda: actions.unassign(assignment, by=request.user, **form.cleaned_data), there
        )
    ):
        return done
    context = {"call": application.call, "application": application, "assignment": assignment, "form": form}
    return show(request, "applications/panel/unassign.html", context)


@access(CALL_CHAIR, "GET", "POST")
def shortlist(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """Invite the application to an interview, or not."""
    application = _application(request, call, reference)
    entry, there = _entry(application), _to("panel-read", call, reference)
    form = ShortlistForm(request.POST or None, entry=entry)
    if request.method == "POST" and (
        done := attempt(
            request, form, lambda: actions.shortlist(application, by=request.user, **form.cleaned_data), there
        )
    ):
        return done
    context = {"call": application.call, "application": application, "form": form, "entry": entry}
    return show(request, "applications/panel/shortlist.html", context | _both(request, application, form))


@access(CALL_CHAIR, "POST")
def conclude(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """Close the review of one application."""
    application, form = _application(request, call, reference), Form(request.POST)
    there = _to("panel-read", call, reference)
    done = attempt(request, form, lambda: actions.conclude_review(application, by=request.user), there)
    return done or _read(request, application, form)


@access(CALL_CHAIR, "GET", "POST")
def conclude_ready(request: HttpRequest, call: str) -> HttpResponse:
    """Close the review of everything that is ready."""
    found = _call(request, call)
    ready = list(queries.ready(request.user, found))
    form = ConcludeForm(request.POST or None, references=[one.reference for one in ready])
    if request.method == "POST" and (
        done := attempt(
            request,
            form,
            lambda: actions.conclude_reviews(_ticked(ready, form), by=request.user),
            _to("panel-overview", call),
        )
    ):
        return done
    return show(request, "applications/panel/conclude.html", {"call": found, "ready": ready, "form": form})


# --- What they share ------------------------------------------------------------------------------------


def _call(request: HttpRequest, slug: str) -> Call:
    return get_object_or_404(panel_calls(request.user, PanelRole.CHAIR), slug=slug)


def _application(request: HttpRequest, call: str, reference: str) -> Application:
    rows = judged_by(request.user).select_related("call", "submission", "tally")
    return get_object_or_404(rows, call__slug=call, reference=reference)


def _to(name: str, *arguments: str) -> str:
    return reverse(f"applications:{name}", args=arguments)


def _entry(application: Application) -> Shortlisting | None:
    return Shortlisting.objects.filter(application=application).select_related("by").first()


def _overview(request: HttpRequest, call: Call, page: Page) -> dict[str, Any]:
    members, barred = queries.seats(call), queries.barred(request.user, call)
    rows, closed = queries.matrix(members, page.rows, barred, request.user)
    return {
        "call": call,
        "page": page,
        "members": members,
        "rows": rows,
        "counts": queries.counts(request.user, call),
        "disputed": queries.disputed(request.user, call),
        "barred": closed,
    }


def _chosen(candidates: list[queries.Candidate], form: AssignForm) -> Any:
    """Return the chosen member of the panel; a forged id is nobody."""
    wanted = form.cleaned_data["reviewer"]
    found = next((one.member.user for one in candidates if one.member.user.uid == wanted), None)
    if found is None:
        raise Http404
    return found


def _ticked(ready: list[Application], form: ConcludeForm) -> list[Application]:
    return [one for one in ready if one.reference in form.cleaned_data["references"]]


def _both(request: HttpRequest, application: Application, form: ShortlistForm) -> dict[str, Any]:
    """Where somebody else wrote meanwhile: their entry, beside what was typed, which may now replace it."""
    if not is_stale(request):
        return {}
    present = _entry(application)
    form.take_version(present)
    return {"present": present}


def _read(request: HttpRequest, application: Application, form: Form | None = None) -> HttpResponse:
    reviews = queries.reviews_of(application)
    context = {
        "call": application.call,
        "application": application,
        "reading": Reading(application.submission),
        "reviews": reviews,
        "interests": interests_of(application),
        "scores": queries.scores_by_criterion(list(application.call.criteria.all()), reviews),
        "assignments": list(queries.live_assignments(application)),
        "entry": _entry(application),
        "open": application.status == Status.UNDER_REVIEW,
        "since": beside(application),
        "may_ask": application.status in ASKABLE,
        "form": form,
    }
    return show(request, "applications/panel/read.html", context)
