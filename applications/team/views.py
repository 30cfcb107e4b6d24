"""Who works on an application: the list, invitations and the answers to them, conflicts, and who leads it.

The places of the material are in `place_views.py`.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from applications import pages
from applications.draft_forms import Confirmation, button
from applications.models import Application
from applications.team import actions, queries
from applications.team import handover as handing
from applications.team import interests as stated
from applications.team.actions import check_is_for
from applications.team.forms import ChangeForm, HandoverForm, InterestsForm, InviteForm
from portal.accounts.queries import institutions_offered
from portal.errors import refusal_of
from portal.web import APPLICATION_TEAM, PUBLIC, SIGNED_IN, access, attempt, kept, show

PLACE = "applications/team/"


@access(APPLICATION_TEAM, "GET", "POST")
def list_(request: HttpRequest, reference: str) -> HttpResponse:
    """Who works with the principal investigator; invite somebody."""
    application = pages.draft(request, reference)
    form = InviteForm(request.POST if request.method == "POST" else None)
    done = attempt(
        request,
        form,
        lambda: actions.invite(application, by=request.user, **form.changes()),
        pages.onward(request, application, pages.url("team-list", application)),
    )
    context = {"form": form, "institutions": institutions_offered(), "host": settings.SITE_URL}
    context |= queries.team_page(application, request.user)
    return done or pages.part(request, f"{PLACE}list.html", application, context)


@access(APPLICATION_TEAM, "GET", "POST")
def change(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Give somebody another part; the principal investigator says, too, who receives the decision."""
    application = pages.draft(request, reference)
    member = get_object_or_404(queries.members(application), uid=uid)
    form = ChangeForm(
        request.POST if request.method == "POST" else None,
        member=member,
        says_who_receives=pages.is_principal(request.user, application),
    )
    done = attempt(
        request,
        form,
        lambda: actions.change(member, by=request.user, **form.cleaned_data),
        pages.here(request, "team-list", application),
    )
    return done or pages.part(request, f"{PLACE}change.html", application, {"form": form, "member": member})


@access(APPLICATION_TEAM, "GET", "POST")
def resend(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Ask, then send an invitation once more."""
    return _of_member(request, reference, uid, "resend", actions.resend)


@access(APPLICATION_TEAM, "GET", "POST")
def remove(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Ask, then take somebody off the team."""
    return _of_member(request, reference, uid, "remove", actions.remove)


# --- Conflicts ------------------------------------------------------------------------------------------


@access(APPLICATION_TEAM, "GET", "POST")
def interests(request: HttpRequest, reference: str) -> HttpResponse:
    """Say for oneself whom one asks not to judge; of the others nothing is shown."""
    application = pages.own(request, reference)
    if request.method != "POST" and stated.is_over(application):
        raise Http404
    own = stated.own(application, request.user)
    form = InterestsForm(request.POST if request.method == "POST" else None, own=own)
    done = attempt(
        request,
        form,
        lambda: stated.state(application, by=request.user, **form.changes()),
        pages.onward(request, application, pages.url("team-interests", application)),
    )
    context = {"application": application, "call": application.call, "form": form, "own": own}
    return done or show(request, f"{PLACE}interests.html", context)


# --- Another principal investigator -----------------------------------------------------------------------


@access(APPLICATION_TEAM, "GET", "POST")
def offer_handover(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Ask, then offer the application to a member."""
    application = _led(request, reference)
    member = get_object_or_404(queries.members(application).filter(confirmed_at__isnull=False), uid=uid)
    form = button(request)
    target = pages.here(request, "team-list", application)
    done = attempt(request, form, lambda: handing.offer(member, by=request.user), target)
    return done or pages.part(request, f"{PLACE}handover_offer.html", application, {"form": form, "member": member})


@access(APPLICATION_TEAM, "GET", "POST")
def handover(request: HttpRequest, reference: str) -> HttpResponse:
    """What is offered: its member takes it or declines; the principal investigator may take it back."""
    application = _offered(request, reference)
    form = HandoverForm(request.POST if request.method == "POST" else None)
    done = attempt(
        request,
        form,
        lambda: handing.accept(application, by=request.user),
        pages.url("declarations-declare", application),
    )
    return done or _handover_page(request, application, form)


@access(APPLICATION_TEAM, "POST")
def end_handover(request: HttpRequest, reference: str) -> HttpResponse:
    """Take the offer back, or decline it."""
    application = _offered(request, reference)
    form = Confirmation(request.POST)
    target = pages.url("team-list", application)
    done = attempt(request, form, lambda: handing.take_back(application, by=request.user), target)
    return done or _handover_page(request, application, form)


# --- Invitations -----------------------------------------------------------------------------------------


@access(PUBLIC, "GET", "POST")
def join(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Show who invites whom; only sending the form, as the one who is invited, takes the place."""
    member = get_object_or_404(queries.invitation(uid))
    if request.method == "POST" and not request.user.is_authenticated:
        return kept(request)
    form = button(request)
    then = pages.url("team-interests", member.application)
    done = attempt(request, form, lambda: actions.join(member, by=request.user), then)
    return done or _invitation_page(request, member, form)


@access(SIGNED_IN, "POST")
def decline(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Refuse an invitation; afterwards it is absent."""
    member = get_object_or_404(queries.invitation(uid))
    form = Confirmation(request.POST)
    done = attempt(request, form, lambda: actions.decline(member, by=request.user), "applications:apply-my")
    return done or _invitation_page(request, member, form)


# --- What they share -----------------------------------------------------------------------------------------


def _of_member(request: HttpRequest, reference: str, uid: UUID, name: str, act: Any) -> HttpResponse:
    application = pages.draft(request, reference)
    member = get_object_or_404(queries.members(application), uid=uid)
    form = button(request)
    target = pages.here(request, "team-list", application)
    done = attempt(request, form, lambda: act(member, by=request.user), target)
    return done or pages.part(request, f"{PLACE}{name}.html", application, {"form": form, "member": member})


def _led(request: HttpRequest, reference: str) -> Application:
    """Return a draft for its principal investigator alone."""
    application = pages.draft(request, reference)
    if not pages.is_principal(request.user, application):
        raise Http404
    return application


def _offered(request: HttpRequest, reference: str) -> Application:
    """Return a draft that is offered to somebody, for the two whom it concerns."""
    application = pages.draft(request, reference)
    member = application.handover_to
    if member is None or request.user.pk not in (application.principal_investigator_id, member.user_id):
        raise Http404
    return application


def _handover_page(request: HttpRequest, application: Application, form: Any) -> HttpResponse:
    context = {"form": form, "member": application.handover_to}
    return pages.part(request, f"{PLACE}handover.html", application, context)


def _invitation_page(request: HttpRequest, member: Any, form: Any) -> HttpResponse:
    obstacle = refusal_of(check_is_for, member, request.user) if request.user.is_authenticated else None
    return show(request, f"{PLACE}join.html", {"member": member, "form": form, "obstacle": obstacle})
