"""The pages on which office and chair ask applicants, settle changes and tell news of the schedule."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from applications.access import panel_calls
from applications.enums import CallOrigin, CallStatus, ChangeState, PanelRole
from applications.exchanges import asking, planning, queries, settling
from applications.exchanges.forms import AskForm, ChangeFilters, ScheduleForm, SettleForm, StandingForm
from applications.models import Application, Call
from applications.rules.afterwards import check_can_ask
from portal.errors import refusal_of
from portal.filters import show_list
from portal.roles import Permission
from portal.web import CALL_CHAIR, access, attempt, is_stale, show

PLACE = "applications/exchanges/"


@access(Permission.SCREEN, "GET", "POST")
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask the team of an application something."""
    application = get_object_or_404(queries.to_ask(request.user), reference=reference)
    return _ask(request, application, reverse("applications:screening-detail", args=[reference]), as_chair=False)


@access(CALL_CHAIR, "GET", "POST")
def ask_for_panel(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """Ask the team of an application something for the panel."""
    application = get_object_or_404(queries.to_ask_for_panel(request.user, call), reference=reference)
    return _ask(request, application, reverse("applications:panel-read", args=[call, reference]), as_chair=True)


@access(Permission.SCREEN)
def changes(request: HttpRequest) -> HttpResponse:
    """The changes that teams reported."""
    filters = ChangeFilters(request.GET, user=request.user)
    return show_list(
        request,
        f"{PLACE}changes.html",
        filters,
        lambda chosen, cursor: {"page": queries.changes_page(request.user, chosen, cursor)},
    )


@access(Permission.SCREEN, "GET", "POST")
def change(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One change: what it says, what would follow, and the answer."""
    row = get_object_or_404(queries.changes(request.user), uid=uid)
    form = SettleForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        accepted = form.cleaned_data["act"] == "accept"
        settling.settle(row, by=request.user, accepted=accepted, answer=form.cleaned_data["answer"])

    done = attempt(request, form, act, reverse("applications:exchanges-changes"))
    context = {"change": row, "application": row.application, "facts": queries.facts_of(row), "form": form}
    context |= {"barred": queries.would_bar(row), "is_open": row.state == ChangeState.OPEN}
    return done or show(request, f"{PLACE}change.html", context)


@access(Permission.MANAGE_CALLS, "GET", "POST")
def schedule(request: HttpRequest, slug: str) -> HttpResponse:
    """Write one sentence to all applicants of a call, and new planned days if there are any."""
    call = _call(slug)
    form = ScheduleForm(
        request.POST if request.method == "POST" else None, initial={"seen": call.schedule_notes.count()}
    )
    then = reverse("applications:exchanges-schedule", args=[slug])
    done = attempt(request, form, lambda: planning.note_schedule(call, by=request.user, **form.cleaned_data), then)
    if done is None and is_stale(request):
        form.take_seen(call.schedule_notes.count())
    context = queries.schedule_page(call) | {"call": call, "form": form, "stale": is_stale(request)}
    return done or show(request, f"{PLACE}schedule.html", context)


@access(Permission.MANAGE_CALLS, "GET", "POST")
def standing(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask whether requests still stand, and see who has said so."""
    return _standing(request, _call(slug), as_chair=False)


@access(CALL_CHAIR, "GET", "POST")
def standing_for_panel(request: HttpRequest, slug: str) -> HttpResponse:
    """The same for the chair of the call."""
    return _standing(request, get_object_or_404(panel_calls(request.user, PanelRole.CHAIR), slug=slug), as_chair=True)


# --- What they share ------------------------------------------------------------------------------------


def _call(slug: str) -> Call:
    return get_object_or_404(Call, slug=slug, origin=CallOrigin.PORTAL, status=CallStatus.ANNOUNCED)


def _ask(request: HttpRequest, application: Application, then: str, *, as_chair: bool) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = AskForm(sent, call=application.call, as_chair=as_chair)
    done = attempt(request, form, lambda: asking.ask(application, by=request.user, **form.cleaned_data), then)
    context = {"application": application, "call": application.call, "form": form, "as_chair": as_chair, "back": then}
    return done or show(request, f"{PLACE}ask.html", context | {"reason": refusal_of(check_can_ask, application)})


def _standing(request: HttpRequest, call: Call, *, as_chair: bool) -> HttpResponse:
    form = StandingForm(request.POST if request.method == "POST" else None, call=call)
    then = request.path
    done = attempt(request, form, lambda: planning.ask_standing(call, by=request.user, **form.cleaned_data), then)
    if done:
        return done
    context: dict[str, Any] = queries.standing_page(request.user, call, request.GET.get("cursor"), as_chair=as_chair)
    return show(request, f"{PLACE}standing.html", context | {"call": call, "form": form, "as_chair": as_chair})
