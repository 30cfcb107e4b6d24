"""The pages of screening (administrators) and advice (curators)."""

from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from applications.enums import Anonymity
from applications.interests import interests_of
from applications.models import Application, SampleRequest
from applications.reading import Reading
from applications.rules.masses import balance
from applications.rules.progress import check_is_final, check_is_nameless
from applications.screening import actions, queries
from applications.screening.forms import (
    AdviceFilters,
    AdviceForm,
    ClearForm,
    RejectForm,
    ReturnForm,
    ScreeningFilters,
    SeenForm,
    WaiverForm,
)
from applications.since import needs_of
from applications.workflow import APPLICATION
from portal.errors import refusal_of
from portal.filters import show_list
from portal.roles import Permission
from portal.web import access, attempt, show


@access(Permission.SCREEN)
def listing(request: HttpRequest) -> HttpResponse:
    """Every submission an administrator may read."""
    return show_list(
        request,
        "applications/screening/list.html",
        ScreeningFilters(request.GET, user=request.user),
        lambda chosen, cursor: {"page": queries.screening_page(request.user, chosen, cursor)},
    )


@access(Permission.SCREEN)
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    """One submission, what the portal checked of it, and the three acts."""
    application = get_object_or_404(queries.to_screen(request.user), reference=reference)
    form = SeenForm(initial={"seen": application.submission.number})
    return show(request, "applications/screening/detail.html", _detail(request.user, application, form))


@access(Permission.SCREEN, "POST")
def pass_on(request: HttpRequest, reference: str) -> HttpResponse:
    """Let it go to the panel."""
    application = get_object_or_404(queries.to_screen(request.user), reference=reference)
    form = SeenForm(request.POST)
    done = attempt(
        request, form, lambda: actions.pass_on(application, by=request.user, **form.cleaned_data), _here(application)
    )
    return done or show(request, "applications/screening/detail.html", _detail(request.user, application, form))


@access(Permission.SCREEN, "GET", "POST")
def send_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Give it back for completion."""
    application = get_object_or_404(queries.to_screen(request.user), reference=reference)
    form = ReturnForm(request.POST or None, zone=application.call.zone, initial={"seen": application.submission.number})
    return _act(request, "applications/screening/return.html", application, form, actions.return_)


@access(Permission.SCREEN, "GET", "POST")
def reject(request: HttpRequest, reference: str) -> HttpResponse:
    """Close it as not eligible."""
    application = get_object_or_404(queries.to_screen(request.user), reference=reference)
    form = RejectForm(request.POST or None, initial={"seen": application.submission.number})
    return _act(request, "applications/screening/reject.html", application, form, actions.reject)


@access(Permission.SCREEN, "GET", "POST")
def waive(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Record that one request needs no advice."""
    application = get_object_or_404(queries.to_screen(request.user), reference=reference)
    asked = get_object_or_404(queries.request_of(application, uid))
    form = WaiverForm(request.POST or None)
    if request.method == "POST" and (
        done := attempt(
            request, form, lambda: actions.waive(asked, by=request.user, **form.cleaned_data), _here(application)
        )
    ):
        return done
    context = {"application": application, "asked": asked, "form": form}
    return show(request, "applications/screening/waive.html", context)


@access(Permission.SCREEN, "GET", "POST")
def names(request: HttpRequest, reference: str) -> HttpResponse:
    """The possible names found in a submission, and the word that nobody is named."""
    rows = queries.to_screen(request.user).filter(call__anonymity=Anonymity.DUAL)
    application = get_object_or_404(rows, reference=reference)
    form = ClearForm(request.POST or None, initial={"seen": application.submission.number})
    if request.method == "POST" and (
        done := attempt(
            request,
            form,
            lambda: actions.clear_names(application, by=request.user, **form.cleaned_data),
            _here(application),
        )
    ):
        return done
    context = {"application": application, "form": form, "names": queries.possible_names(application)}
    return show(request, "applications/screening/names.html", context)


@access(Permission.ADVISE)
def advice_list(request: HttpRequest) -> HttpResponse:
    """The applications whose requests wait for the curator's advice."""
    return show_list(
        request,
        "applications/screening/advice_list.html",
        AdviceFilters(request.GET),
        lambda chosen, cursor: {"page": queries.advice_page(request.user, not chosen["show"], cursor)},
    )


@access(Permission.ADVISE)
def advise(request: HttpRequest, reference: str) -> HttpResponse:
    """Every request of one application with its sample's stock, and a form for each."""
    application = get_object_or_404(queries.to_advise(request.user), reference=reference)
    return show(request, "applications/screening/advise.html", _advice(application))


@access(Permission.ADVISE, "POST")
def advise_on(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Record the advice on one request."""
    application = get_object_or_404(queries.to_advise(request.user), reference=reference)
    asked = get_object_or_404(queries.request_of(application, uid))
    form = AdviceForm(request.POST, whole=asked.whole, prefix=str(asked.uid))
    here = reverse("applications:screening-advise", args=[reference]) + f"#r-{asked.uid}"
    done = attempt(request, form, lambda: actions.advise(asked, by=request.user, **form.cleaned_data), here)
    return done or show(request, "applications/screening/advise.html", _advice(application, asked, form))


# --- What they share ------------------------------------------------------------------------------------


def _here(application: Application) -> str:
    return reverse("applications:screening-detail", args=[application.reference])


def _act(request: HttpRequest, template: str, application: Application, form: Form, act: Any) -> HttpResponse:
    """Show the form of an act with a reason, or do it."""
    if request.method == "POST" and (
        done := attempt(
            request, form, lambda: act(application, by=request.user, **form.cleaned_data), _here(application)
        )
    ):
        return done
    return show(request, template, {"application": application, "form": form})


def _detail(user: Any, application: Application, form: Form) -> dict[str, Any]:
    reading = Reading(application.submission)
    return {
        "application": application,
        "reading": reading,
        "findings": queries.findings(user, application, reading),
        "screenings": list(queries.earlier_screenings(application)),
        "interests": interests_of(application),
        "questions": list(application.clarifications.select_related("answered_by")),
        "changes": list(application.changes.all()),
        # Whoever fetched it through `to_screen` is one of those who may act: only the status is left to ask.
        "open": application.status in APPLICATION.transition("pass").sources,
        "not_final": refusal_of(check_is_final, application),
        "not_nameless": refusal_of(check_is_nameless, application),
        "names": queries.possible_names(application),
        "form": form,
    }


def _advice(application: Application, at: SampleRequest | None = None, typed: Form | None = None) -> dict[str, Any]:
    """One form per request; the one that was just refused keeps what was typed."""
    reading = Reading(application.submission)
    lines = []
    for asked in reading.requests:
        given = getattr(asked, "advice", None)
        initial = (
            {"feasibility": given.feasibility, "feasible_mg": given.feasible_mg, "note": given.note} if given else {}
        )
        form = AdviceForm(whole=asked.whole, prefix=str(asked.uid), initial=initial)
        wanted = asked.asked_mg or asked.sample.initial_mg
        mine = typed if at is not None and asked.pk == at.pk and typed else form
        line = {
            "asked": asked,
            "given": given,
            "stock": queries.stock_of(asked.sample),
            "wanted_mg": wanted,
            "form": mine,
        }
        lines.append(line | {"balance": balance(asked)})
    needs = needs_of(application)
    return {"application": application, "reading": reading, "lines": lines, "needs": needs, "form": typed}
