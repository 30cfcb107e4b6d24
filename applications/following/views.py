"""After submission: where the application stands, what was sent, withdrawal, decision."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from applications import pages
from applications.access import released_document
from applications.drafting import is_in_the_teams_hands
from applications.enums import PublicationKind, Status
from applications.following import actions, queries
from applications.following.forms import WithdrawForm
from applications.following.status import status_page
from applications.models import Application
from applications.workflow import APPLICATION
from portal.web import APPLICATION_TEAM, access, attempt, show

PLACE = "applications/following/"


@access(APPLICATION_TEAM)
def status(request: HttpRequest, reference: str) -> HttpResponse:
    """Where the application stands; while it is a draft, its tasks."""
    application = pages.own(request, reference)
    if application.status in (Status.DRAFT, Status.RETURNED):
        return redirect(pages.home(application))
    context = status_page(application) | {
        "application": application,
        "call": application.call,
        "may_withdraw": _may_withdraw(request, application),
        "may_replace": is_in_the_teams_hands(application),
    }
    return show(request, f"{PLACE}status.html", context)


@access(APPLICATION_TEAM)
def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    """Number, time and hash of what was received last."""
    application = pages.own(request, reference)
    if application.submission is None:
        raise Http404
    context = {"application": application, "submission": application.submission, "call": application.call}
    return show(request, f"{PLACE}receipt.html", context)


@access(APPLICATION_TEAM)
def sent(request: HttpRequest, reference: str) -> HttpResponse:
    """What was submitted, as the panel reads it, without what was said about it."""
    application = pages.own(request, reference)
    if application.submission is None:
        raise Http404
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


def _may_withdraw(request: HttpRequest, application: Application) -> bool:
    return "withdraw" in APPLICATION.available(application, request.user)
