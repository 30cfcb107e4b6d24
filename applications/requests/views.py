"""What the call offers, what the draft asks of it, and the request for one sample."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from applications import pages
from applications.draft_forms import button
from applications.models import Application
from applications.requests import actions, queries
from applications.requests.forms import RequestForm
from portal.web import APPLICATION_TEAM, access, attempt

PLACE = "applications/requests/"


@access(APPLICATION_TEAM)
def list_(request: HttpRequest, reference: str) -> HttpResponse:
    """What the call offers and what the draft asks of it."""
    application = pages.draft(request, reference)
    return pages.part(request, f"{PLACE}list.html", application, queries.list_page(application))


@access(APPLICATION_TEAM, "GET", "POST")
def edit(request: HttpRequest, reference: str, number: str) -> HttpResponse:
    """The request for one offered sample."""
    application = pages.draft(request, reference)
    offer, line = _offer(application, number)
    form = RequestForm(request.POST or None, application=application, offer=offer, line=line)

    def put() -> Any:
        return actions.put(application, by=request.user, sample=offer.sample, **form.changes())

    done = attempt(request, form, put, pages.url("requests-list", application))
    return done or pages.part(request, f"{PLACE}edit.html", application, {"form": form, "offer": offer, "line": line})


@access(APPLICATION_TEAM, "GET", "POST")
def drop(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Ask, then remove a request."""
    application = pages.draft(request, reference)
    line = get_object_or_404(application.draft_requests.select_related("sample"), uid=uid)
    form = button(request)
    target = pages.url("requests-list", application)
    done = attempt(request, form, lambda: actions.drop(application, by=request.user, sample=line.sample), target)
    return done or pages.part(request, f"{PLACE}drop.html", application, {"form": form, "line": line})


def _offer(application: Application, number: str) -> tuple[Any, Any]:
    for offer in queries.offers(application):
        if offer.sample.catalogue_number == number:
            return offer, offer.line
    raise Http404
