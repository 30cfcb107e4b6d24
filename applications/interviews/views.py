"""The pages of interviews: the chair's list and acts, and the applicant's slot."""

from functools import partial
from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from applications.access import panel_calls
from applications.enums import PanelRole
from applications.interviews import actions, queries
from applications.interviews.forms import MinutesForm, ProposeForm, ReasonForm
from applications.models import Application, Call, Interview
from applications.workflow import INTERVIEW
from portal import clock
from portal.web import APPLICATION_TEAM, CALL_CHAIR, access, attempt, show


def _call(request: HttpRequest, slug: str) -> Call:
    return get_object_or_404(panel_calls(request.user, PanelRole.CHAIR), slug=slug)


def _list(slug: str) -> str:
    return reverse("applications:interviews-list", args=[slug])


@access(CALL_CHAIR)
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """The interviews of a call."""
    return _listing(request, _call(request, slug))


def _listing(request: HttpRequest, call: Call, form: Any = None) -> HttpResponse:
    page = queries.of_the_panel(request.user, call, request.GET.get("cursor"))
    context = {"call": call, "page": page, "form": form, "now": clock.now()}
    return show(request, "applications/interviews/list.html", context)


@access(CALL_CHAIR, "GET", "POST")
def propose(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    """Propose a slot."""
    call = _call(request, slug)
    application: Application = get_object_or_404(queries.interviewed(request.user, call), reference=reference)
    form = ProposeForm(call, request.POST or None)
    act = partial(actions.propose, application, by=request.user)
    if request.method == "POST" and (done := attempt(request, form, lambda: act(**form.cleaned_data), _list(slug))):
        return done
    context = {"call": call, "application": application, "form": form}
    return show(request, "applications/interviews/propose.html", context)


@access(CALL_CHAIR, "GET", "POST")
def cancel(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    """Cancel a slot."""
    return _settle(request, slug, reference, "cancel", ReasonForm(request.POST or None))


@access(CALL_CHAIR, "GET", "POST")
def hold(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    """Record that the interview was held."""
    return _settle(request, slug, reference, "hold", MinutesForm(request.POST or None))


@access(CALL_CHAIR, "GET", "POST")
def miss(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    """Record that the applicant did not attend."""
    return _settle(request, slug, reference, "miss", ReasonForm(request.POST or None))


def _settle(request: HttpRequest, slug: str, reference: str, verb: str, form: Form) -> HttpResponse:
    call = _call(request, slug)
    interview: Interview = get_object_or_404(queries.for_panel(request.user, call, reference))
    act = partial(getattr(actions, verb), interview, by=request.user)
    if request.method == "POST" and (done := attempt(request, form, lambda: act(**form.cleaned_data), _list(slug))):
        return done
    context = {"call": call, "interview": interview, "application": interview.application, "form": form, "verb": verb}
    return show(request, "applications/interviews/settle.html", context)


@access(CALL_CHAIR, "POST")
def conclude(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    """Let an application go on to deliberation."""
    call, form = _call(request, slug), Form(request.POST)
    application = get_object_or_404(queries.interviewed(request.user, call), reference=reference)
    done = attempt(request, form, lambda: actions.conclude(application, by=request.user), _list(slug))
    return done or _listing(request, call, form)


@access(APPLICATION_TEAM, "GET", "POST")
def mine(request: HttpRequest, reference: str) -> HttpResponse:
    """The slot proposed to one's own application; the principal investigator confirms it."""
    interview: Interview = get_object_or_404(queries.mine(request.user, reference))
    form, here = Form(request.POST), reverse("applications:interviews-mine", args=[reference])
    confirm = partial(actions.confirm, interview, by=request.user)
    if request.method == "POST" and (done := attempt(request, form, confirm, here)):
        return done
    context = {
        "interview": interview,
        "form": form,
        "can_confirm": "confirm" in INTERVIEW.available(interview, request.user),
        "reason": queries.why_cancelled(interview),
        "office": settings.OFFICE_EMAIL,
    }
    return show(request, "applications/interviews/mine.html", context)
