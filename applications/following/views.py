"""After submission: where the application stands, what is asked and reported meanwhile, withdrawal, decision."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from applications import pages
from applications.access import released_document
from applications.authorisations import is_asked_again
from applications.draft_forms import button
from applications.drafting import is_in_the_teams_hands
from applications.enums import Anonymity, ChangeKind, PublicationKind, Status
from applications.following import actions, changing, queries
from applications.following.forms import CHANGES, AnswerForm, NamingForm, RedeclareForm, WithdrawForm
from applications.following.status import status_page
from applications.models import Application, Clarification
from applications.rules.afterwards import is_to_be_declared_again
from applications.workflow import APPLICATION
from portal import clock
from portal.accounts.queries import institutions_offered
from portal.web import APPLICATION_TEAM, access, attempt, is_stale, show

PLACE = "applications/following/"


@access(APPLICATION_TEAM)
def status(request: HttpRequest, reference: str) -> HttpResponse:
    """Where the application stands; while it is a draft, its tasks."""
    application = pages.own(request, reference)
    if application.status in (Status.DRAFT, Status.RETURNED):
        return redirect(pages.home(application))
    return _status(request, application, button(request))


@access(APPLICATION_TEAM, "POST")
def standing(request: HttpRequest, reference: str) -> HttpResponse:
    """Say in one click that the request still stands."""
    application, form = pages.own(request, reference), button(request)
    then = pages.status(application)
    done = attempt(request, form, lambda: actions.confirm_standing(application, by=request.user), then)
    return done or _status(request, application, form)


@access(APPLICATION_TEAM)
def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    """Number, time and hash of what was received last; of a practice call, that everything was there."""
    application = pages.own(request, reference)
    practised_at = queries.practised_at(application)
    if application.submission is None and practised_at is None:
        raise Http404
    context = {"application": application, "submission": application.submission, "call": application.call}
    context |= {"practised_at": practised_at, "may_replace": is_in_the_teams_hands(application)}
    return show(request, f"{PLACE}receipt.html", context)


@access(APPLICATION_TEAM)
def sent(request: HttpRequest, reference: str) -> HttpResponse:
    """What was submitted, as the panel reads it, without what was said about it."""
    application = _sent(request, reference)
    return show(request, f"{PLACE}sent.html", queries.sent_page(application))


@access(APPLICATION_TEAM, "GET", "POST")
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask, then end the application for good."""
    application = pages.own(request, reference)
    if not _may_withdraw(request, application):
        raise Http404
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    done = attempt(
        request,
        form,
        lambda: actions.withdraw(application, by=request.user, **form.cleaned_data),
        pages.status(application),
    )
    return done or show(request, f"{PLACE}withdraw.html", {"application": application, "form": form})


@access(APPLICATION_TEAM)
def decision(request: HttpRequest, reference: str) -> HttpResponse:
    """What the release told the applicant; absent before it, whatever was decided."""
    application = pages.own(request, reference)
    document = released_document(application, PublicationKind.RESULTS)
    if document is None:
        raise Http404
    return show(request, f"{PLACE}decision.html", queries.decision_page(application, document))


@access(APPLICATION_TEAM, "GET", "POST")
def public(request: HttpRequest, reference: str) -> HttpResponse:
    """Exactly what would be public, and the choice whether the principal investigator is named."""
    application = _sent(request, reference)
    form = NamingForm(request.POST if request.method == "POST" else None)
    then = pages.url("following-public", application)
    done = attempt(
        request, form, lambda: actions.choose_naming(application, by=request.user, **form.cleaned_data), then
    )
    context = queries.public_preview(application) | {
        "form": form,
        "is_head": pages.is_principal(request.user, application),
    }
    return done or show(request, f"{PLACE}public.html", context)


@access(APPLICATION_TEAM, "GET", "POST")
def clarification(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """A question of the office or the panel, and the answer until its time is over."""
    application = _sent(request, reference)
    row = get_object_or_404(queries.question_of(application, uid))
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = AnswerForm(*sent, clarification=row, mark=actions.mark_of(row))
    then = pages.url("following-clarification", application, uid)
    done = attempt(request, form, lambda: actions.answer(row, by=request.user, **form.changes()), then)
    return done or show(request, f"{PLACE}clarification.html", _question(request, application, row, form))


@access(APPLICATION_TEAM)
def changes(request: HttpRequest, reference: str) -> HttpResponse:
    """What was reported, what the office answered, and what can be reported."""
    application = _sent(request, reference)
    context = queries.changes_page(application) | {"may_write": pages.is_writer(request.user, application)}
    context["is_head"] = pages.is_principal(request.user, application)
    return show(request, f"{PLACE}changes.html", context)


@access(APPLICATION_TEAM, "GET", "POST")
def report(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """Report one change of one kind."""
    application = _sent(request, reference)
    if kind not in CHANGES or not pages.is_writer(request.user, application):
        raise Http404
    form = CHANGES[kind](request.POST if request.method == "POST" else None, application=application)

    def act() -> Any:
        text = form.cleaned_data["text"]
        return changing.report(application, by=request.user, kind=kind, text=text, facts=form.facts())

    done = attempt(request, form, act, pages.url("following-changes", application))
    context = {"application": application, "call": application.call, "form": form, "kind": ChangeKind(kind)}
    offered = institutions_offered() if kind == ChangeKind.INSTITUTION else []
    return done or show(request, f"{PLACE}report.html", context | {"institutions": offered})


@access(APPLICATION_TEAM, "GET", "POST")
def redeclare(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Make the declarations of the call anew after an accepted change."""
    application = _sent(request, reference)
    change = get_object_or_404(application.changes.select_related("application__call", "redeclaration"), uid=uid)
    is_open = is_to_be_declared_again(change) and pages.is_principal(request.user, application)
    if not is_open and request.method != "POST":
        raise Http404
    form = RedeclareForm(request.POST if request.method == "POST" else None, call=application.call)
    then = pages.url("following-changes", application)
    done = attempt(request, form, lambda: changing.declare_again(change, by=request.user, answers=form.answers()), then)
    context = {"application": application, "call": application.call, "change": change, "form": form}
    return done or show(request, f"{PLACE}redeclare.html", context)


# --- What they share ------------------------------------------------------------------------------------


def _status(request: HttpRequest, application: Application, form: Any) -> HttpResponse:
    context = status_page(application, request.user) | {
        "application": application,
        "call": application.call,
        "form": form,
        "may_withdraw": _may_withdraw(request, application),
        "may_replace": is_in_the_teams_hands(application),
        "asked_again": application.status == Status.PUBLISHED and is_asked_again(application),
    }
    return show(request, f"{PLACE}status.html", context)


def _sent(request: HttpRequest, reference: str) -> Application:
    """Return an application of the person's own that was submitted."""
    application = pages.own(request, reference)
    if application.submission is None:
        raise Http404
    return application


def _question(request: HttpRequest, application: Application, row: Clarification, form: AnswerForm) -> dict[str, Any]:
    """What the page of a question shows; after somebody else's answer, theirs beside what was typed."""
    if is_stale(request):
        row.refresh_from_db()
        form.take_mark(actions.mark_of(row))
    return {
        "application": application,
        "call": application.call,
        "question": row,
        "form": form,
        "stale": is_stale(request),
        "in_time": row.due_at > clock.now(),
        "may_write": pages.is_writer(request.user, application),
        "office": settings.OFFICE_EMAIL,
        "is_blind": application.call.anonymity == Anonymity.DUAL,
    }


def _may_withdraw(request: HttpRequest, application: Application) -> bool:
    return "withdraw" in APPLICATION.available(application, request.user)
