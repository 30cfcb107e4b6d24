"""The pages on which a call's chair decides."""

from functools import partial
from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from applications.access import panel_calls
from applications.decisions import actions, queries
from applications.decisions.forms import VerdictForm
from applications.enums import PanelRole, Status
from applications.models import Application, Call
from applications.since import needs_of
from portal.web import CALL_CHAIR, access, attempt, show


def _call(request: HttpRequest, slug: str) -> Call:
    return get_object_or_404(panel_calls(request.user, PanelRole.CHAIR), slug=slug)


def _application(request: HttpRequest, call: Call, reference: str) -> Application:
    found = queries.deliberated(request.user, call).select_related("submission", "tally")
    return get_object_or_404(found, reference=reference)


@access(CALL_CHAIR)
def ranking(request: HttpRequest, slug: str) -> HttpResponse:
    """The applications of a call by rank, with what can still be given."""
    call = _call(request, slug)
    page = queries.ranking(request.user, call, request.GET.get("cursor"))
    context = {"call": call, "page": page, "stock": queries.stock(call), "waiting": queries.waiting(request.user, call)}
    return render(request, "applications/decisions/ranking.html", context)


@access(CALL_CHAIR, "GET", "POST")
def decide(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    """Every sample request of one application; each is decided by a form of its own."""
    call = _call(request, slug)
    application = _application(request, call, reference)
    if request.method != "POST":
        return _decide_page(request, call, application)
    forms = _forms(application, request.POST)
    sent = next((form for form in forms if form.is_bound), None)
    if sent is None:
        raise Http404
    act = partial(actions.decide, sent.request, by=request.user)
    here = reverse("applications:decisions-decide", args=[slug, reference])
    done = attempt(request, sent, lambda: act(**sent.cleaned_data), here)
    return done or _decide_page(request, call, application, forms, sent)


def _forms(application: Application, sent: Any = None) -> list[VerdictForm]:
    """Return a form for each request of an application; what was sent fills the one it names."""
    wanted = sent.get("request", "") if sent else ""
    return [VerdictForm(one, sent if str(one.uid) == wanted else None) for one in queries.requests(application)]


@access(CALL_CHAIR, "POST")
def conclude(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    """Say that an application is decided."""
    call = _call(request, slug)
    application, form = _application(request, call, reference), Form(request.POST)
    then = reverse("applications:decisions-list", args=[slug])
    done = attempt(request, form, lambda: actions.conclude(application, by=request.user), then)
    return done or _decide_page(request, call, application, form=form)


def _decide_page(
    request: HttpRequest, call: Call, application: Application, forms: Any = None, form: Any = None
) -> HttpResponse:
    forms = forms or _forms(application)
    context = {
        "call": call,
        "application": application,
        "forms": forms,
        "form": form,
        "stock": {one.offer.sample_id: one for one in queries.stock(call)},
        "can_conclude": application.status == Status.DELIBERATED,  # whoever is here chairs without a conflict
        "needs": needs_of(application),
        "undecided": sum(1 for one in forms if one.decision is None),
    }
    return show(request, "applications/decisions/decide.html", context)
