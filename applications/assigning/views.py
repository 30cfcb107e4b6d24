"""The pages of assigning: the round of a chair or an administrator, and what members say and are asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from applications.access import assigned_to, panel_calls
from applications.assigned import Asking, asking_of, taken_up_by, waiting_for
from applications.assigning import actions, queries, rounds
from applications.assigning.forms import AnswerForm, EditForm, ExpertiseForm, RoundForm, VersionForm, WishesForm
from applications.enums import CallOrigin, CallStatus, PanelRole, RoundMode
from applications.models import Application, Call
from applications.rules.expertise import wanted_by
from portal import paging
from portal.roles import Permission
from portal.web import CALL_CHAIR, CALL_PANEL, PUBLIC, access, attempt, is_stale, show
from samples.enums import Hemisphere
from samples.rules.techniques import label_of

PLACE = "applications/assigning/"


@dataclass(frozen=True)
class Door:
    """By which way somebody comes to a round: as a chair of the call, or as an administrator."""

    is_office: bool
    calls: Callable[[Any], Any]

    def to(self, name: str, *arguments: str) -> str:
        return reverse(f"applications:assigning-{'office-' if self.is_office else ''}{name}", args=arguments)

    def call(self, request: HttpRequest, slug: str) -> Call:
        return get_object_or_404(self.calls(request.user), slug=slug)


ANNOUNCED = {"status": CallStatus.ANNOUNCED, "origin": CallOrigin.PORTAL}
CHAIR = Door(False, lambda user: panel_calls(user, PanelRole.CHAIR))
# An administrator who chairs the call acts as its chair.
OFFICE = Door(
    True,
    lambda user: Call.objects.filter(**ANNOUNCED).exclude(pk__in=panel_calls(user, PanelRole.CHAIR).values("pk")),
)


# --- The round, by either door -----------------------------------------------------------------------------


@access(CALL_CHAIR, "GET", "POST")
def round_(request: HttpRequest, call: str) -> HttpResponse:
    """Ask for proposals, and see them with reasons, loads and gaps."""
    return _round(request, CHAIR, call)


@access(CALL_CHAIR, "GET", "POST")
def release(request: HttpRequest, call: str) -> HttpResponse:
    """Look once more, then make assignments of the proposals."""
    return _release(request, CHAIR, call)


@access(CALL_CHAIR, "GET", "POST")
def edit(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """Say who is proposed for one application."""
    return _edit(request, CHAIR, call, reference)


@access(Permission.MANAGE_CALLS, "GET", "POST")
def office_round(request: HttpRequest, call: str) -> HttpResponse:
    """The round of what every chair has a conflict with."""
    return _round(request, OFFICE, call)


@access(Permission.MANAGE_CALLS, "GET", "POST")
def office_release(request: HttpRequest, call: str) -> HttpResponse:
    """Release what every chair has a conflict with."""
    return _release(request, OFFICE, call)


@access(Permission.MANAGE_CALLS, "GET", "POST")
def office_edit(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """Say who is proposed for an application that every chair has a conflict with."""
    return _edit(request, OFFICE, call, reference)


# --- Members -------------------------------------------------------------------------------------------------


@access(CALL_PANEL, "GET", "POST")
def expertise(request: HttpRequest, call: str) -> HttpResponse:
    """Say what one is expert in, and how many applications one takes."""
    found = _panel_call(request, call)
    seat = queries.own_seat(request.user, found)
    if seat is None:
        raise Http404
    form = ExpertiseForm(request.POST if request.method == "POST" else None, seat=seat)
    there = _to("review-queue", call)
    done = attempt(request, form, lambda: actions.state_expertise(found, by=request.user, **form.cleaned_data), there)
    return done or show(request, f"{PLACE}expertise.html", {"call": found, "form": form})


@access(CALL_PANEL, "GET", "POST")
def wishes(request: HttpRequest, call: str) -> HttpResponse:
    """Say what one would like to review, a page of applications at a time."""
    found = _panel_call(request, call)
    page, own = queries.wishes_page(request.user, found, request.GET.get("cursor"))
    form = WishesForm(request.POST if request.method == "POST" else None, applications=page.rows, own=own)
    there = request.get_full_path()
    done = attempt(request, form, lambda: actions.wish(found, by=request.user, wishes=form.wishes()), there)
    rows = [(one, _techniques(one), _sides(one), field) for one, field in form.rows()]
    context = {"call": found, "form": form, "page": page, "rows": rows}
    return done or show(request, f"{PLACE}wishes.html", context)


@access(CALL_PANEL, "GET", "POST")
def asked(request: HttpRequest, call: str) -> HttpResponse:
    """Accept or decline what one was asked to review."""
    found = _panel_call(request, call)
    waiting = [one.application.reference for one in waiting_for(request.user, found)]
    form = AnswerForm(request.POST if request.method == "POST" else None, asked=waiting)
    there = _to("review-queue", call)
    done = attempt(request, form, lambda: actions.answer(found, by=request.user, **form.content()), there)
    if done is None and hasattr(request, "refusal"):
        form.show_anew(waiting)
    return done or show(request, f"{PLACE}asked.html", {"call": found, "form": form, "waiting": waiting})


@access(CALL_PANEL)
def free(request: HttpRequest, call: str) -> HttpResponse:
    """Everything one may take up to score in a small round."""
    found = _panel_call(request, call)
    page = paging.page(taken_up_by(request.user, found), ("reference",), request.GET.get("cursor"), queries.SIZE)
    return render(request, f"{PLACE}free.html", {"call": found, "page": page})


@access(CALL_PANEL, "POST")
def take_up(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """Take one application up to score it; whoever has it already is led there."""
    found = _panel_call(request, call)
    either = Q(pk__in=taken_up_by(request.user, found).values("pk")) | Q(pk__in=assigned_to(request.user).values("pk"))
    application = get_object_or_404(Application.objects.filter(either), call=found, reference=reference)
    form = Form(request.POST)
    there = _to("review-write", call, reference)
    done = attempt(request, form, lambda: actions.take_up(application, by=request.user), there)
    if done:
        return done
    page = paging.page(taken_up_by(request.user, found), ("reference",), None, queries.SIZE)
    return show(request, f"{PLACE}free.html", {"call": found, "page": page, "form": form})


@access(PUBLIC, "GET", "POST")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Accept or decline by a signed link, without a sign-in; opening it changes nothing."""
    asking = asking_of(token)
    call = Call.objects.filter(pk=asking.call, **ANNOUNCED).first() if asking else None
    person = get_user_model().objects.filter(uid=asking.user, is_active=True).first() if asking else None
    if asking is None or call is None or person is None:
        raise Http404
    present = _asked_by(asking, person, call)
    form = AnswerForm(request.POST if request.method == "POST" else None, asked=present.waiting)

    def act() -> Any:
        return actions.answer_by_link(asking, call, by=person, signed_in=request.user, **form.content())

    done = attempt(request, form, act, request.get_full_path())
    if done is None and hasattr(request, "refusal"):
        present = _asked_by(asking, person, call)
        form.show_anew(present.waiting)
    context = {"call": call, "person": person, "asked": present, "form": form, "is_over": asking.is_over}
    context["back_here"] = True  # whoever signs in meets the same question
    return done or show(request, f"{PLACE}invitation.html", context)


# --- What they share --------------------------------------------------------------------------------------------


def _panel_call(request: HttpRequest, slug: str) -> Call:
    return get_object_or_404(panel_calls(request.user), slug=slug)


def _to(name: str, *arguments: str) -> str:
    return reverse(f"applications:{name}", args=arguments)


def _techniques(application: Application) -> list[str]:
    submission = application.submission
    return sorted(label_of(one) for one in wanted_by(submission.requests.all())) if submission else []


def _sides(application: Application) -> list[tuple[str, str]]:
    """Each hemisphere asked for, with the name of its mission."""
    submission = application.submission
    asked = submission.requests.all() if submission else ()
    found = {one.sample.mission.hemisphere: one.sample.mission.local_name for one in asked}
    return [(side, found[side]) for side in Hemisphere.values if side in found]


def _asked_by(asking: Asking, person: Any, call: Call) -> queries.Asked:
    """What one release asked of somebody; nothing once the link is over."""
    return queries.Asked([], [], 0) if asking.is_over else queries.asked_by(asking.released_at, person, call)


def _round(request: HttpRequest, door: Door, slug: str) -> HttpResponse:
    call = door.call(request, slug)
    present, rows = queries.round_of(call), queries.covered(request.user, call)
    usual = {"mode": RoundMode.SMALL if present else queries.usual_mode(rows), "each": call.reviews_each}
    form = RoundForm(request.POST if request.method == "POST" else None, round_=present, **usual)

    def act() -> Any:
        facts = form.cleaned_data | {"mode": RoundMode(form.cleaned_data["mode"])}
        return rounds.ask(call, by=request.user, **facts)

    done = attempt(request, form, act, door.to("round", slug))
    if done is None and is_stale(request):
        present = queries.round_of(call)
        form.take_version(present)
    if done:
        return done
    visible = queries.visible_loads(rows, call, present)
    page = queries.page_of(rows, present, request.GET.get("cursor"))
    context = {
        **_head(request, door, call, present),
        "form": form,
        "page": page,
        "rows": queries.table(page, visible, present),
        "loads": visible,
        "sums": queries.sums(rows, present),
        "left_out": queries.left_out(rows, present),
        "in_the_way": queries.in_the_way(rows, present),
        "asked_here": present is not None and present.by_id == request.user.pk,
    }
    return show(request, f"{PLACE}round.html", context)


def _release(request: HttpRequest, door: Door, slug: str) -> HttpResponse:
    call = door.call(request, slug)
    present, rows = queries.round_of(call), queries.covered(request.user, call)
    form = VersionForm(request.POST if request.method == "POST" else None, round_=present)
    done = attempt(
        request,
        form,
        lambda: rounds.release(call, by=request.user, version=form.cleaned_data["version"]),
        door.to("round", slug),
    )
    if done is None and is_stale(request):
        present = queries.round_of(call)
        form.take_version(present)
    if done:
        return done
    loads = queries.visible_loads(rows, call, present)
    context = {
        **_head(request, door, call, present),
        "form": form,
        "sums": queries.sums(rows, present),
        "loads": [one for one in loads if one.proposed],
    }
    return show(request, f"{PLACE}release.html", context)


def _edit(request: HttpRequest, door: Door, slug: str, reference: str) -> HttpResponse:
    call = door.call(request, slug)
    rows = queries.covered(request.user, call).select_related("call", "submission").defer("submission__document")
    application, present = get_object_or_404(rows, reference=reference), queries.round_of(call)
    if present is None:
        raise Http404
    candidates = queries.candidates(application, present, queries.visible_loads(rows, call, present))
    form = EditForm(request.POST if request.method == "POST" else None, round_=present, candidates=candidates)

    def act() -> Any:
        return rounds.edit(application, by=request.user, chosen=form.chosen(), version=form.cleaned_data["version"])

    done = attempt(request, form, act, door.to("round", slug))
    if done is None and is_stale(request):
        form.take_version(queries.round_of(call))
    context = {
        **_head(request, door, call, present),
        "form": form,
        "application": application,
        "techniques": _techniques(application),
        "stale": is_stale(request),
    }
    return done or show(request, f"{PLACE}edit.html", context)


def _head(request: HttpRequest, door: Door, call: Call, present: Any) -> dict[str, Any]:
    """What every page of a round shows, with the addresses of its door."""
    addresses = {name: door.to(name, call.slug) for name in ("round", "release")}
    return {"call": call, "round": present, "door": door, "to": addresses}
