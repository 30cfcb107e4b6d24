"""Profile, API tokens, invitations, and the pages on which administrators manage people.

Signing in and up, passwords and addresses: `portal/accounts/sign_in.py`.
"""

from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from portal.accounts import actions, invitations, people, queries, tokens
from portal.accounts.forms import InvitationForm, ProfileForm, ReasonForm, RoleForm, TokenForm
from portal.accounts.institutions import search
from portal.accounts.models import Invitation, User
from portal.errors import Refused
from portal.paging import page
from portal.roles import Permission
from portal.web import PUBLIC, SIGNED_IN, access, attempt, kept, see, show


class Request(HttpRequest):
    """A request that only somebody signed in gets this far with."""

    user: User


# --- Oneself --------------------------------------------------------------------------------------


@access(SIGNED_IN, "GET", "POST")
def profile(request: Request) -> HttpResponse:
    """Name, institution, zone and language."""
    user = request.user
    form = ProfileForm(request.POST or None, initial=ProfileForm.values_of(user))
    done = attempt(
        request, form, lambda: actions.change_profile(user, by=user, **form.changes()), reverse("accounts:profile")
    )
    return done or show(
        request, "accounts/profile.html", {"form": form, "institutions": queries.institutions_offered()}
    )


@access(SIGNED_IN, "GET", "POST")
@never_cache
def token_list(request: Request) -> HttpResponse:
    """See one's API tokens; make one, whose text is shown once: in this answer, which is kept nowhere."""
    form = TokenForm(request.POST or None)
    if form.is_valid():
        try:
            made, text = tokens.issue(request.user, by=request.user, **form.cleaned_data)
            return render(request, "accounts/token_made.html", {"token": made, "text": text}, status=201)
        except Refused as refusal:
            request.refusal = refusal
            form.add_error(refusal.field, str(refusal.message))
    found = page(queries.tokens_of(request.user), ("-created_at", "uid"), request.GET.get("cursor"))
    return show(request, "accounts/tokens.html", {"form": form, "page": found})


@access(SIGNED_IN, "GET", "POST")
def token_revoke(request: Request, uid: UUID) -> HttpResponse:
    """Ask, then end a token."""
    token = get_object_or_404(queries.tokens_of(request.user), uid=uid)
    if request.method == "POST":
        tokens.revoke(token, by=request.user)
        return see("accounts:tokens")
    return show(request, "accounts/token_revoke.html", {"token": token})


@access(PUBLIC)
def institutions(request: Request) -> HttpResponse:
    """Search institutions by name, former name or acronym; as a page, or as the few lines a script asks for."""
    words = request.GET.get("q", "")[:100]
    found = search(words)
    if request.GET.get("as") == "json":
        return JsonResponse({"results": [{"name": row.institution.label, "detail": row.detail} for row in found]})
    return show(request, "accounts/institutions.html", {"words": words, "found": found})


# --- Invitations ----------------------------------------------------------------------------------


@access(PUBLIC, "GET", "POST")
@never_cache
def invitation(request: Request, token: str) -> HttpResponse:
    """Show what is offered to whom; only sending the form takes it."""
    found = queries.invitation_behind(token)
    if found is None:
        raise Http404
    if request.method == "POST" and not request.user.is_authenticated:
        return kept(request)
    if request.method == "POST":
        try:
            invitations.accept(found, by=request.user)
            return see("applications:calls-desk")
        except Refused as refusal:
            request.refusal = refusal
    return show(request, "accounts/invitation.html", _offer(request, found))


def _offer(request: Request, found: Invitation) -> dict[str, Any]:
    """What the page of an invitation says: the role, and what stands in the way of this visitor."""
    obstacle: Refused | None = getattr(request, "refusal", None)
    try:
        invitations.check_is_open(found)
        if request.user.is_authenticated:
            invitations.check_is_for(found, request.user)
    except Refused as refusal:
        obstacle = refusal
    return {"invitation": found, "role": queries.role_name(found.role), "obstacle": obstacle}


# --- People and their roles -----------------------------------------------------------------------


@access(Permission.MANAGE_PEOPLE)
def people_list(request: Request) -> HttpResponse:
    """Everybody with an account, by name, with the roles they hold for the whole portal."""
    found = page(queries.people(), ("name", "uid"), request.GET.get("cursor"))
    return show(request, "accounts/people.html", {"page": found, "invitations": queries.open_invitations()[:20]})


@access(Permission.MANAGE_PEOPLE)
def person(request: Request, uid: UUID) -> HttpResponse:
    """One person: roles to give and take, the account to close."""
    return _person_page(request, _somebody(uid))


@access(Permission.MANAGE_PEOPLE, "POST")
def person_grant(request: Request, uid: UUID) -> HttpResponse:
    """Give a role."""
    found, form = _somebody(uid), RoleForm(request.POST)
    done = attempt(
        request, form, lambda: people.grant(found, form.cleaned_data["role"], by=request.user), _url_of(found)
    )
    return done or _person_page(request, found, form)


@access(Permission.MANAGE_PEOPLE, "POST")
def person_revoke(request: Request, uid: UUID) -> HttpResponse:
    """Take a role."""
    found, form = _somebody(uid), RoleForm(request.POST)
    done = attempt(
        request, form, lambda: people.revoke(found, form.cleaned_data["role"], by=request.user), _url_of(found)
    )
    return done or _person_page(request, found, form)


@access(Permission.MANAGE_PEOPLE, "POST")
def person_close(request: Request, uid: UUID) -> HttpResponse:
    """Close an account, or open it again."""
    found, form = _somebody(uid), ReasonForm(request.POST)
    act = people.close if found.is_active else people.reopen
    done = attempt(
        request, form, lambda: act(found, by=request.user, reason=form.cleaned_data["reason"]), _url_of(found)
    )
    return done or _person_page(request, found, form)


@access(Permission.MANAGE_PEOPLE, "GET", "POST")
def invite(request: Request) -> HttpResponse:
    """Offer a role to an address."""
    form = InvitationForm(request.POST or None)
    done = attempt(
        request, form, lambda: invitations.invite(**form.cleaned_data, by=request.user), reverse("accounts:people")
    )
    return done or show(request, "accounts/invite.html", {"form": form})


def _somebody(uid: UUID) -> User:
    return get_object_or_404(queries.people(), uid=uid)


def _url_of(found: User) -> str:
    return reverse("accounts:person", args=[found.uid])


def _person_page(request: Request, found: User, form: Form | None = None) -> HttpResponse:
    context = {
        "person": found,
        "roles_to_grant": queries.roles_to_grant(found),
        "form": form,
        "reason_form": form if isinstance(form, ReasonForm) else ReasonForm(),
    }
    return show(request, "accounts/person.html", context)
