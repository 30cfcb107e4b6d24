"""Who works on an application: the list, invitations, and the answers of who is invited."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from applications import pages
from applications.draft_forms import Confirmation, button
from applications.team import actions, queries
from applications.team.actions import check_is_for
from applications.team.forms import InviteForm, PlaceForm
from applications.team.places import drop_place, put_place
from portal.accounts.queries import institutions_offered
from portal.errors import Refused
from portal.web import APPLICATION_TEAM, PUBLIC, SIGNED_IN, access, attempt, kept, show

PLACE = "applications/team/"


@access(APPLICATION_TEAM, "GET", "POST")
def list_(request: HttpRequest, reference: str) -> HttpResponse:
    """Who works with the principal investigator; invite somebody."""
    application = pages.draft(request, reference)
    form = InviteForm(request.POST or None)
    done = attempt(
        request,
        form,
        lambda: actions.invite(application, by=request.user, **form.changes()),
        pages.url("team-list", application),
    )
    context = {"form": form, "members": queries.members(application), "institutions": institutions_offered()}
    return done or pages.part(request, f"{PLACE}list.html", application, context)


@access(APPLICATION_TEAM, "GET", "POST")
def resend(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Ask, then send an invitation once more."""
    return _of_member(request, reference, uid, "resend", actions.resend)


@access(APPLICATION_TEAM, "GET", "POST")
def remove(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Ask, then take somebody off the team."""
    return _of_member(request, reference, uid, "remove", actions.remove)


@access(APPLICATION_TEAM, "GET", "POST")
def places(request: HttpRequest, reference: str) -> HttpResponse:
    """Every place where material would be; name another."""
    application = pages.draft(request, reference)
    form = PlaceForm(request.POST or None)

    def put() -> Any:
        return put_place(application, by=request.user, **form.changes())

    done = attempt(request, form, put, pages.url("team-places", application))
    context = {
        "form": form,
        "places": application.places.select_related("institution"),
        "institutions": institutions_offered(),
    }
    return done or pages.part(request, f"{PLACE}places.html", application, context)


@access(APPLICATION_TEAM, "GET", "POST")
def place_remove(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Ask, then take a place out of the draft."""
    application = pages.draft(request, reference)
    place = get_object_or_404(application.places.select_related("institution", "application"), uid=uid)
    form = button(request)
    target = pages.url("team-places", application)
    done = attempt(request, form, lambda: drop_place(place, by=request.user), target)
    return done or pages.part(request, f"{PLACE}place_remove.html", application, {"form": form, "place": place})


@access(PUBLIC, "GET", "POST")
def join(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Show who invites whom; only sending the form, with the invited address, takes the place."""
    member = get_object_or_404(queries.invitation(uid))
    if request.method == "POST" and not request.user.is_authenticated:
        return kept(request)
    form = button(request)
    done = attempt(request, form, lambda: actions.join(member, by=request.user), pages.status(member.application))
    return done or show(
        request, f"{PLACE}join.html", {"member": member, "form": form, "obstacle": _bar(request, member)}
    )


@access(SIGNED_IN, "POST")
def decline(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Refuse an invitation; afterwards it is absent."""
    member = get_object_or_404(queries.invitation(uid))
    form = Confirmation(request.POST)
    done = attempt(request, form, lambda: actions.decline(member, by=request.user), "applications:apply-my")
    return done or show(
        request, f"{PLACE}join.html", {"member": member, "form": form, "obstacle": _bar(request, member)}
    )


def _of_member(request: HttpRequest, reference: str, uid: UUID, name: str, act: Any) -> HttpResponse:
    application = pages.draft(request, reference)
    member = get_object_or_404(queries.members(application), uid=uid)
    form = button(request)
    done = attempt(request, form, lambda: act(member, by=request.user), pages.url("team-list", application))
    return done or pages.part(request, f"{PLACE}{name}.html", application, {"form": form, "member": member})


def _bar(request: HttpRequest, member: Any) -> Refused | None:
    """What stands in the way of this visitor's joining."""
    try:
        if request.user.is_authenticated:
            check_is_for(member, request.user)
    except Refused as refusal:
        return refusal
    return None
