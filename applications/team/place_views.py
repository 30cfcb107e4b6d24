"""Every place where material would be: name one, change it, take it out."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from applications import pages
from applications.draft_forms import Removal
from applications.team import queries
from applications.team.forms import PlaceForm
from applications.team.places import drop_place, put_place
from portal.accounts.queries import institutions_offered
from portal.web import APPLICATION_TEAM, access, attempt

PLACE = "applications/team/"


@access(APPLICATION_TEAM, "GET", "POST")
def places(request: HttpRequest, reference: str) -> HttpResponse:
    """Every place where material would be, beside what is asked for; name another."""
    application = pages.draft(request, reference)
    form = PlaceForm(request.POST if request.method == "POST" else None, application=application)

    def put() -> Any:
        return put_place(application, by=request.user, **form.changes())

    done = attempt(request, form, put, pages.onward(request, application, pages.url("team-places", application)))
    context = {"form": form, "institutions": institutions_offered()} | queries.places_page(application)
    context["next_task"] = pages.next_task(application, "places")
    return done or pages.part(request, f"{PLACE}places.html", application, context)


@access(APPLICATION_TEAM, "GET", "POST")
def place(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Say something else of a place."""
    application = pages.draft(request, reference)
    row = get_object_or_404(application.places.select_related("institution"), uid=uid)
    form = PlaceForm(request.POST if request.method == "POST" else None, application=application, place=row)

    def put() -> Any:
        version = form.cleaned_data["version"]
        return put_place(application, by=request.user, place=row, version=version, **form.changes())

    done = attempt(request, form, put, pages.here(request, "team-places", application))
    context = {"form": form, "place": row, "institutions": institutions_offered()}
    return done or pages.part(request, f"{PLACE}place.html", application, context)


@access(APPLICATION_TEAM, "GET", "POST")
def remove(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Ask, then take a place out of the draft."""
    application = pages.draft(request, reference)
    row = get_object_or_404(application.places.select_related("institution"), uid=uid)
    form = Removal(request.POST or None, application=application, parts=[row.part])

    def drop() -> None:
        drop_place(row, by=request.user, version=form.cleaned_data["version"])

    done = attempt(request, form, drop, pages.here(request, "team-places", application))
    return done or pages.part(request, f"{PLACE}place_remove.html", application, {"form": form, "place": row})
