"""Coming in by passkey or ORCID, and proving by passkey or code that one is still the owner.

The way back from ORCID is a page with one button, which a script presses: a GET of this portal writes nothing, and what
looks at links before people do must not use up the answer of ORCID.
"""

from typing import Any

from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.account.utils import get_next_redirect_url
from allauth.core.internal import ratelimit
from allauth.mfa.webauthn.internal import auth as ceremony
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from allauth.mfa.webauthn.stages import PasskeySignupStage
from allauth.socialaccount.adapter import get_adapter as get_orcid_adapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, resolve_url
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from portal.accounts import fence, orcid, passkeys, proof
from portal.accounts.forms import CredentialForm, MailedCodeForm, NewPasskeyForm
from portal.accounts.provider import OrcidOAuth2Adapter
from portal.accounts.sign_in import to_orcid_too, too_many, ways
from portal.accounts.views import Request
from portal.errors import Refused
from portal.web import PUBLIC, SIGNED_IN, access, see, show

# --- Passkey ----------------------------------------------------------------------------------------------


@access(PUBLIC, "GET", "POST")
@never_cache
def by_passkey(request: HttpRequest) -> HttpResponse:
    """Sign in by passkey; the page itself is for whom the button of the sign-in page did not work."""
    if request.user.is_authenticated:
        return see(_next(request) or resolve_url("accounts:profile"))
    form, ip = CredentialForm(request.POST or None), fence.ip_of(request)
    if request.method == "POST" and fence.must_wait(_guesser(ip), ip):
        return too_many(request)
    if form.is_valid():
        try:
            passkey = passkeys.owner_of(request, form.cleaned_data["credential"])
            login = Login(user=passkey.user, redirect_url=_next(request) or None)
            return perform_passwordless_login(request, passkey, login)
        except Refused as refusal:
            fence.count_failure(_guesser(ip), ip)
            form.add_error(None, refusal.message)
    context = {**ways(request), "form": form, "next": _next(request)}
    return show(request, "account/passkey.html", context)


@access(PUBLIC, "POST")
@never_cache
def passkey_options(request: HttpRequest) -> HttpResponse:
    """Ask the device a new question: whoever is known to it, or whoever is signed in."""
    known = request.user if request.user.is_authenticated else None
    return JsonResponse(ceremony.begin_authentication(known))


@access(PUBLIC, "GET", "POST")
@never_cache
def make_passkey(request: HttpRequest) -> HttpResponse:
    """Make the passkey of a new account whose address is proved; it may also be left for later."""
    stage = LoginStageController.enter(request, PasskeySignupStage.key)
    if stage is None:
        return redirect("account_login")
    if "later" in request.POST:
        return stage.exit()
    form = NewPasskeyForm(request.POST or None, initial={"name": _("My passkey")})
    if form.is_valid():
        user = stage.login.user
        try:
            ip = fence.ip_of(request)
            passkeys.add(request, user, **form.cleaned_data, by=user, ip=ip)
            return stage.exit()
        except Refused as refusal:
            form.add_error(None, refusal.message)
    return show(request, "account/passkey_make.html", {**ways(request), "form": form})


def _guesser(ip: str) -> str:
    """What wrong passkeys are counted for: no account, since nobody says whose they try."""
    return f"passkeys from {ip}"


def _next(request: HttpRequest) -> str:
    """Return the page of this portal to go on to, or nothing."""
    wanted = get_next_redirect_url(request) or ""
    return wanted if wanted.startswith("/") else ""


# --- ORCID ------------------------------------------------------------------------------------------------


@access(PUBLIC, "POST")
def to_orcid(request: HttpRequest) -> HttpResponse:
    """Go to ORCID in order to sign in or sign up."""
    return go_to_orcid(request, AuthProcess.LOGIN)


def go_to_orcid(request: HttpRequest, process: str) -> HttpResponse:
    """Send the browser to ORCID, which asks who sits there and sends it back."""
    if not orcid.is_offered():
        raise Http404
    if not ratelimit.consume(request, app="allauth.account", action="orcid"):
        return too_many(request)
    known = get_orcid_adapter().get_provider(request, orcid.PROVIDER)
    language = {"language": get_language()}
    response = known.redirect(request, process, next_url=_next(request) or None, data=language)
    return to_orcid_too(response)


@access(PUBLIC, "GET", "POST")
@never_cache
def from_orcid(request: HttpRequest) -> HttpResponse:
    """Come back from ORCID: a button that a script presses, and then what was asked for."""
    if not orcid.is_offered():
        raise Http404
    given = {name: (request.POST or request.GET).get(name, "")[:500] for name in ("code", "state", "error")}
    with override(_language_of(request, given["state"])):
        if request.method != "POST":
            return show(request, "socialaccount/return.html", {"given": given})
        request.GET = QueryDict(mutable=True)  # type: ignore[assignment]  # allauth reads it
        request.GET.update({name: value for name, value in given.items() if value})
        return OAuth2CallbackView.adapter_view(OrcidOAuth2Adapter)(request)


def _language_of(request: HttpRequest, state: str) -> str | None:
    """Return the language of the page that led to ORCID, whose way back has only one address."""
    found: Any = statekit.get_states(request).get(state)
    return found[0]["data"]["language"] if found else get_language()


# --- Proving it again -------------------------------------------------------------------------------------


@access(SIGNED_IN, "POST")
def prove_by_code(request: Request) -> HttpResponse:
    """Mail a code to the address of the account, or take the one that came."""
    form = MailedCodeForm(request.POST)
    if "code" not in request.POST:
        if not ratelimit.consume(request, app="allauth.account", action="manage_email", user=request.user):
            return too_many(request)
        proof.send_code(request, proof.PROOF, request.user.email, user=request.user)
        return see(_back_to_proofs(request))
    if form.is_valid():
        try:
            proof.check_code(request, proof.PROOF, form.cleaned_data["code"])
            return proof.given(request, "code") or see("accounts:ways")
        except Refused as refusal:
            messages.error(request, refusal.message)
    return see(_back_to_proofs(request))


@access(SIGNED_IN, "POST")
def prove_by_passkey(request: Request) -> HttpResponse:
    """Take the answer of a passkey of this account."""
    form, ip = CredentialForm(request.POST), fence.ip_of(request)
    if fence.must_wait(_guesser(ip), ip):
        return too_many(request)
    if form.is_valid():
        try:
            passkey = passkeys.check_is_owner(request, request.user, form.cleaned_data["credential"])
            passkey.record_usage()
            return proof.given(request, "mfa", type="webauthn", id=passkey.pk) or see("accounts:ways")
        except Refused as refusal:
            fence.count_failure(_guesser(ip), ip)
            messages.error(request, refusal.message)
    for words in form.non_field_errors():
        messages.error(request, str(words))
    return see(_back_to_proofs(request))


def _back_to_proofs(request: HttpRequest) -> str:
    asked = QueryDict(mutable=True)
    asked["next"] = _next(request) or resolve_url("accounts:ways")
    return f"{resolve_url('account_reauthenticate')}?{asked.urlencode(safe='/')}"
