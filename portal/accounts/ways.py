"""The ways into one's own account: passkeys, ORCID, second address. A change needs a fresh proof, and a mail tells it.

Coming in by them: `portal/accounts/ways_in.py`. The first address and the password: `portal/accounts/sign_in.py`.
"""

from uuid import UUID

from allauth.account.stages import LoginStageController
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as ceremony
from allauth.mfa.webauthn.stages import PasskeySignupStage
from allauth.socialaccount.providers.base import AuthProcess
from django.forms import Form
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache

from portal.accounts import addresses, orcid, passkeys, proof
from portal.accounts.fence import ip_of
from portal.accounts.forms import DecisionsForm, MailedCodeForm, NewPasskeyForm, PasskeyNameForm, SecondAddressForm
from portal.accounts.queries import second_address
from portal.accounts.sign_in import to_orcid_too, too_many, ways
from portal.accounts.views import Request
from portal.accounts.ways_in import go_to_orcid
from portal.web import PUBLIC, SIGNED_IN, access, attempt, see, show

SECOND = "second_address_code"


@access(SIGNED_IN)
@never_cache
def listing(request: Request) -> HttpResponse:
    """Password, passkeys, ORCID and e-mail, as this account has them."""
    context = {**ways(request), "passkeys": passkeys.of(request.user), "second": second_address(request.user)}
    return to_orcid_too(show(request, "accounts/ways.html", context))


# --- Passkeys ---------------------------------------------------------------------------------------------


@access(SIGNED_IN, "GET", "POST")
@never_cache
def passkey_add(request: Request) -> HttpResponse:
    """Make a passkey on this device."""
    proof.demand(request)
    user, form = request.user, NewPasskeyForm(request.POST or None)
    done = attempt(
        request,
        form,
        lambda: passkeys.add(request, user, **form.cleaned_data, by=user, ip=ip_of(request)),
        reverse("accounts:ways"),
    )
    return done or show(request, "accounts/passkey_add.html", {**ways(request), "form": form})


@access(PUBLIC, "POST")
@never_cache
def passkey_options(request: Request) -> HttpResponse:
    """Ask the device to make a passkey: for whoever is signed in and has proved it, or has just proved an address."""
    if request.user.is_authenticated and proof.is_recent(request):
        return JsonResponse(ceremony.begin_registration(request.user, passwordless=True))
    stage = None if request.user.is_authenticated else LoginStageController.enter(request, PasskeySignupStage.key)
    if stage is None:
        raise Http404
    return JsonResponse(ceremony.begin_registration(stage.login.user, passwordless=True))


@access(SIGNED_IN, "GET", "POST")
def passkey_rename(request: Request, uid: UUID) -> HttpResponse:
    """Call a passkey by another name."""
    proof.demand(request)
    passkey = _passkey(request, uid)
    form = PasskeyNameForm(request.POST or None, initial={"name": passkey.data["name"]})
    done = attempt(
        request,
        form,
        lambda: passkeys.rename(passkey, form.cleaned_data["name"], by=request.user),
        reverse("accounts:ways"),
    )
    return done or show(request, "accounts/passkey_rename.html", {"form": form, "passkey": passkey})


@access(SIGNED_IN, "GET", "POST")
def passkey_remove(request: Request, uid: UUID) -> HttpResponse:
    """Ask, then remove a passkey."""
    proof.demand(request)
    passkey = _passkey(request, uid)
    if request.method == "POST":
        passkeys.remove(passkey, by=request.user, ip=ip_of(request))
        return see("accounts:ways")
    return show(request, "accounts/passkey_remove.html", {"passkey": passkey})


def _passkey(request: Request, uid: UUID) -> Authenticator:
    return get_object_or_404(passkeys.of(request.user), data__uid=str(uid))


# --- ORCID ------------------------------------------------------------------------------------------------


@access(SIGNED_IN, "POST")
def orcid_link(request: Request) -> HttpResponse:
    """Go to ORCID in order to link one's iD."""
    proof.demand(request)
    return go_to_orcid(request, AuthProcess.CONNECT)


@access(SIGNED_IN, "GET", "POST")
def orcid_unlink(request: Request) -> HttpResponse:
    """Ask, then unlink the iD."""
    proof.demand(request)
    form = Form(request.POST if request.method == "POST" else None)
    done = attempt(
        request, form, lambda: orcid.unlink(request.user, by=request.user, ip=ip_of(request)), reverse("accounts:ways")
    )
    return done or show(request, "accounts/orcid_unlink.html", {"form": form})


# --- Second address ---------------------------------------------------------------------------------------


@access(SIGNED_IN, "GET", "POST")
def second_add(request: Request) -> HttpResponse:
    """Name a second address; a code goes there. Whether it is somebody else's is not told."""
    proof.demand(request)
    form = SecondAddressForm(request.POST or None)
    if form.is_valid() and not ratelimit.consume(
        request, app="allauth.account", action="manage_email", user=request.user
    ):
        return too_many(request)
    done = attempt(
        request,
        form,
        lambda: _send_second_code(request, form.cleaned_data["email"]),
        reverse("accounts:second-confirm"),
    )
    return done or show(request, "accounts/second_add.html", {"form": form})


def _send_second_code(request: Request, address: str) -> None:
    addresses.check_is_another(request.user, address)
    proof.send_code(request, SECOND, address, user=request.user, known=addresses.is_free(address))


@access(SIGNED_IN, "GET", "POST")
@never_cache
def second_confirm(request: Request) -> HttpResponse:
    """Enter the code that went to the second address."""
    user, sent_to = request.user, proof.address_waiting(request, SECOND)
    if not sent_to:
        return see("account_email")
    form = MailedCodeForm(request.POST or None)

    def confirm() -> None:
        address = proof.check_code(request, SECOND, form.cleaned_data["code"])
        addresses.add_second(user, address, by=user, ip=ip_of(request))

    done = attempt(request, form, confirm, reverse("account_email"))
    return done or show(request, "accounts/second_confirm.html", {"form": form, "sent_to": sent_to})


@access(SIGNED_IN, "POST")
def second_remove(request: Request) -> HttpResponse:
    """Forget the second address."""
    proof.demand(request)
    form, user = Form(request.POST), request.user
    here, ip = reverse("account_email"), ip_of(request)
    return attempt(request, form, lambda: addresses.remove_second(user, by=user, ip=ip), here) or see(here)


@access(SIGNED_IN, "POST")
def decisions(request: Request) -> HttpResponse:
    """Let decisions go to the second address too, or to the first alone."""
    proof.demand(request)
    form, user = DecisionsForm(request.POST), request.user
    here = reverse("account_email")
    return attempt(request, form, lambda: addresses.send_decisions(user, **form.cleaned_data, by=user), here) or see(
        here
    )
