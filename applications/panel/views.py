"""The pages of the chair: overview, assigning, reading with all reviews, shortlisting, concluding."""

from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from applications.access import judged_by, panel_calls, seats_of
from applications.enums import PanelRole, Status
from applications.interests import interests_of
from applications.models import Application, Assignment, Call, PanelMember, Shortlisting
from applications.panel import actions, queries, reminding
from applications.panel import overview as overviews
from applications.panel.forms import (
    AssignForm,
    ConcludeForm,
    OverviewFilters,
    ReasonForm,
    RemindForm,
    ShortlistForm,
)
from applications.reading import Reading
from applications.rules.afterwards import ASKABLE
from applications.rules.progress import check_can_be_concluded
from applications.rules.scoring import RANKING
from applications.since import beside
from applications.versions import versions_of
from portal import paging
from portal.errors import Invalid, refusal_of
from portal.paging import Page
from portal.sheets import as_file
from portal.web import CALL_CHAIR, access, attempt, is_stale, show


@access(CALL_CHAIR)
def overview(request: HttpRequest, call: str) -> HttpResponse:
    """Coverage, scores and disagreement of a call, best mean first."""
    found, filters = _call(request, call), OverviewFilters(request.GET)
    if not filters.is_valid():
        raise Invalid(filters.errors.as_data().popitem()[1][0].message, code="unknown-parameter")
    members = sorted(seats_of(found), key=lambda seat: seat.role == PanelRole.CHAIR)  # who reviews comes first
    rows = overviews.shown(request.user, found, filters.cleaned_data["show"], members)
    if kind := filters.cleaned_data["format"]:
        every, _closed = queries.matrix(members, list(rows), [], request.user)
        lines = overviews.lines(members, every)
        return as_file(kind, f"panel-{found.slug}", overviews.columns(members), lines)
    page = paging.page(rows, RANKING, request.GET.get("cursor"), queries.SIZE)
    context = _overview(request, found, page, members) | {"filters": filters}
    return render(request, "applications/panel/overview.html", context)


@access(CALL_CHAIR, "GET", "POST")
def reminders(request: HttpRequest, call: str) -> HttpResponse:
    """Who owes reviews, and the exact mail each would get."""
    found = _call(request, call)
    owing = reminding.reminders(request.user, found, list(seats_of(found)))
    free = [one.part.member.user for one in owing if one.reminded_at is None]
    chosen = {str(one.part.member.user.uid) for one in owing if one.is_late}
    form = RemindForm(request.POST or None, people=[(str(one.uid), one.name) for one in free])
    if request.method == "POST":
        chosen = set(request.POST.getlist("people"))

    def act() -> int:
        people = [one for one in free if str(one.uid) in form.cleaned_data["people"]]
        return reminding.remind(found, by=request.user, people=people)

    if request.method == "POST" and (done := attempt(request, form, act, _to("panel-reminders", call))):
        return done
    context = {"call": found, "owing": owing, "form": form, "chosen": chosen, "free": len(free)}
    return show(request, "applications/panel/reminders.html", context)


@access(CALL_CHAIR)
def read(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """One submission with every submitted review."""
    return _read(request, _application(request, call, reference))


@access(CALL_CHAIR, "GET", "POST")
def assign(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """Who reviews this application, and who could."""
    application = _application(request, call, reference)
    candidates, form = queries.candidates(request.user, application), AssignForm(request.POST or None)

    def act() -> Assignment:
        chosen, leads = _chosen(candidates, form), form.cleaned_data["leads"]
        if leads and chosen.assignment is not None:
            return actions.mark_lead(chosen.assignment, by=request.user)
        return actions.assign(application, by=request.user, reviewer=chosen.member.user, leads=leads)

    if request.method == "POST" and (done := attempt(request, form, act, _to("panel-assign", call, reference))):
        return done
    context = {"candidates": candidates, "form": form, "declined": list(queries.declined(application))}
    context |= {"lacks_lead": queries.lacking_leads(application)} | _closed(application)
    return _show(request, "assign", application, context)


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
    return _show(request, "unassign", application, {"assignment": assignment, "form": form})


@access(CALL_CHAIR, "GET", "POST")
def reopen(request: HttpRequest, call: str, reference: str, uid: UUID) -> HttpResponse:
    """Give a review back to its writer, with a reason."""
    application = _application(request, call, reference)
    review = next((one for one in queries.reviews_of(application) if one.uid == uid), None)
    if review is None:
        raise Http404
    form, there = ReasonForm(request.POST or None), _to("panel-read", call, reference)
    if request.method == "POST" and (
        done := attempt(request, form, lambda: actions.reopen(review, by=request.user, **form.cleaned_data), there)
    ):
        return done
    return _show(request, "reopen", application, {"review": review, "form": form})


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
    context = {"form": form, "entry": entry} | _closed(application) | _both(request, application, form)
    return _show(request, "shortlist", application, context)


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
    rows = rows.select_related("principal_investigator", "shortlisting__by")
    return get_object_or_404(rows, call__slug=call, reference=reference)


def _to(name: str, *arguments: str) -> str:
    return reverse(f"applications:{name}", args=arguments)


def _entry(application: Application) -> Shortlisting | None:
    return Shortlisting.objects.filter(application=application).select_related("by").first()


def _overview(request: HttpRequest, call: Call, page: Page, members: list[PanelMember]) -> dict[str, Any]:
    barred = queries.barred(request.user, call)
    parts = overviews.parts(request.user, call, members)
    gaps = overviews.gaps(request.user, call, members)
    rows, closed = queries.matrix(members, page.rows, barred, request.user)
    return {
        "call": call,
        "page": page,
        "members": members,
        "rows": rows,
        "counts": queries.counts(request.user, call),
        "hints": overviews.open_hints(request.user, call, members),
        "disputed": overviews.disputed(request.user, call),
        "gaps": gaps[: overviews.MOST_GAPS],
        "more_gaps": len(gaps) > overviews.MOST_GAPS,
        "parts": parts,
        "panel_mean": overviews.mean_of_all(parts),
        "panel_sent": sum(part.sent for part in parts),
        "late": overviews.is_due(call),
        "barred": closed,
    }


def _chosen(candidates: list[queries.Candidate], form: AssignForm) -> queries.Candidate:
    """Return the chosen member of the panel; a forged id is nobody."""
    wanted = form.cleaned_data["reviewer"]
    found = next((one for one in candidates if one.member.user.uid == wanted), None)
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


def _show(request: HttpRequest, page: str, application: Application, context: dict[str, Any]) -> HttpResponse:
    """Show a page about one application, after a refusal only to whom it is still open: they may be barred just now."""
    if hasattr(request, "refusal"):
        _application(request, application.call.slug, application.reference)
    context |= {"call": application.call, "application": application}
    return show(request, f"applications/panel/{page}.html", context)


def _closed(application: Application) -> dict[str, Any]:
    """Why nobody is assigned and nothing is written on the shortlist now, and since when."""
    closed = refusal_of(actions.check_is_under_review, application)
    return {"closed": closed, "since_when": queries.in_status_since(application) if closed else None}


def _read(request: HttpRequest, application: Application, form: Form | None = None) -> HttpResponse:
    reviews, criteria = queries.reviews_of(application), list(application.call.criteria.all())
    reopened, entry = queries.reopened(application), getattr(application, "shortlisting", None)
    for review in (*reviews, *reopened):
        review.kept = versions_of(review, criteria)
    context = {
        "reading": Reading(application.submission),
        "reviews": reviews,
        "reopened": reopened,
        "interests": interests_of(application),
        "scores": queries.scores_by_criterion(criteria, reviews),
        "assignments": list(queries.live_assignments(application)),
        "entry": entry,
        "open": application.status == Status.UNDER_REVIEW,
        "not_concluded": refusal_of(lambda: check_can_be_concluded(said=entry is not None, reviewed=bool(reviews))),
        "since": beside(application),
        "may_ask": application.status in ASKABLE,
        "form": form,
    }
    return _show(request, "read", application, context | _closed(application))
