"""The doors: allauth's pages that the portal uses, each declared open, in the portal's manner.

A refused form answers 422, a tired fence 429. Everything a form changes is one transaction, signing in aside: a
password must not be checked while a row is locked. Passkeys and ORCID come in through `portal/accounts/ways_in.py`.
"""

from typing import Any, cast

from allauth.account import views as allauth_views
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic.edit import ProcessFormView

from portal.accounts import fence, orcid, passkeys, proof
from portal.accounts.adapter import ORCID_WAITING
from portal.accounts.models import User
from portal.accounts.models.people import orcid_address
from portal.accounts.queries import institutions_offered, second_address
from portal.web import PUBLIC, SIGNED_IN, Access, access

WAIT_SECONDS = 300


class InOurManner:
    """Status codes of refused forms."""

    request: HttpRequest

    def form_invalid(self, form: Any) -> HttpResponse:
        must_wait = getattr(self.request, "must_wait", False)
        response = super().form_invalid(form)  # type: ignore[misc]  # a view stands beside it
        if response.status_code == 200:
            response.status_code = 429 if must_wait else 422
        if must_wait:
            response["Retry-After"] = str(WAIT_SECONDS)
        return response


class InOneTransaction(InOurManner):
    """What a valid form changes, it changes wholly or not at all."""

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            return super().form_valid(form)  # type: ignore[misc]  # a view stands beside it


class WithEveryWay(InOurManner):
    """Offers passkey and ORCID beside the form, and lets the form that goes to ORCID go there."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # A view stands beside it.
        return {**super().get_context_data(**kwargs), **ways(self.request)}  # type: ignore[misc]

    def render_to_response(self, context: Any, **kwargs: Any) -> HttpResponse:
        # A view stands beside it.
        return to_orcid_too(super().render_to_response(context, **kwargs))  # type: ignore[misc]


def ways(request: HttpRequest) -> dict[str, Any]:
    """Return which ways in there are here."""
    return {
        "orcid_offered": orcid.is_offered(),
        "passkeys_work": passkeys.work_here(request),
        "passkeys_at": passkeys.address_that_works(request),
    }


def to_orcid_too(response: HttpResponse) -> HttpResponse:
    """Let the forms of a page lead to ORCID: browsers hold redirects after a form to the page's policy."""
    if orcid.is_offered():
        response._csp_update = {"form-action": [orcid.origin()]}  # type: ignore[attr-defined]  # read by django-csp
    return response


class Login(WithEveryWay, allauth_views.LoginView):
    """Sign in."""


class RequestCode(InOurManner, allauth_views.RequestLoginCodeView):
    """Ask for a code that signs in."""


class ConfirmCode(InOurManner, allauth_views.ConfirmLoginCodeView):
    """Enter the code that signs in."""


class Reauthenticate(WithEveryWay, allauth_views.ReauthenticateView):
    """Prove once more who sits here, before something delicate: by password, passkey, or a code."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = cast(User, self.request.user)
        known = {
            "has_passkey": passkeys.of(user).exists(),
            "sent_to": proof.address_waiting(self.request, proof.PROOF),
        }
        return {**super().get_context_data(**kwargs), **known}


class SignUp(WithEveryWay, InOneTransaction, allauth_views.SignupView):
    """Make an account."""

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "zone": self.request.COOKIES.get("zone", "UTC")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "institutions": institutions_offered()}


class SignUpByPasskey(SignUp):
    """Make an account without a password; the passkey is made once the address is proved."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "by_passkey": True}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "by_passkey": True}


class SignUpByOrcid(SignUpByPasskey):
    """Make an account for whom ORCID has vouched; the iD is tied to it once the address is proved."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "orcid" not in request.session.get(ORCID_WAITING, {}):
            return redirect("account_login")
        return super().dispatch(request, *args, **kwargs)

    @property
    def _waiting(self) -> dict[str, Any]:
        return self.request.session[ORCID_WAITING]

    def get_initial(self) -> dict[str, Any]:
        about = self._waiting["about"]
        return {**super().get_initial(), "name": about.get("name", ""), "email": self._waiting["email"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        known = {"orcid_url": orcid_address(self._waiting["orcid"]), "by_passkey": False}
        return {**super().get_context_data(**kwargs), **known}

    def get_default_success_url(self) -> str | None:
        return self._waiting["next"] or None

    def form_valid(self, form: Any) -> HttpResponse:
        form.by_passkey = False  # no password, and no passkey to be made either
        waiting = self._waiting
        response = super().form_valid(form)
        made = getattr(self, "user", None)
        # Emptied at once where the address is taken: whoever tries on is asked by ORCID again.
        self.request.session[ORCID_WAITING] = {**waiting, "user": str(made.uid) if made else ""}
        return response


class ConfirmAddress(InOneTransaction, allauth_views.ConfirmEmailVerificationCodeView):
    """Enter the code that came by mail."""


class ChangePassword(InOneTransaction, allauth_views.PasswordChangeView):
    """Change the password, knowing the present one."""


class SetPassword(InOneTransaction, allauth_views.PasswordSetView):
    """Set a first password, after proving by other means who one is."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        proof.demand(request)
        return super().dispatch(request, *args, **kwargs)


class ResetPassword(InOneTransaction, allauth_views.PasswordResetView):
    """Ask for a code because the password is forgotten."""


class ConfirmReset(InOneTransaction, allauth_views.ConfirmPasswordResetCodeView):
    """Enter the code that permits a new password."""


class CompleteReset(InOneTransaction, allauth_views.CompletePasswordResetView):
    """Set the new password; guesses counted before do not hold its owner up."""

    def form_valid(self, form: Any) -> HttpResponse:
        fence.forget(self._process.state["email"])
        return super().form_valid(form)


class ChangeAddress(InOneTransaction, allauth_views.EmailView):
    """Move the account to another address, which takes over when its code is entered."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        second = second_address(cast(User, self.request.user))
        return {**super().get_context_data(**kwargs), "second": second}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a new address and nothing else: allauth's other buttons are for accounts with many."""
        proof.demand(request)
        return ProcessFormView.post(self, request, *args, **kwargs)


def too_many(request: HttpRequest) -> HttpResponse:
    """Answer where allauth counted too many sign-ups, codes or resets (`handler429`)."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(WAIT_SECONDS)
    return response


def _door(view: Any, who: Access, *methods: str) -> Any:
    return access(who, *methods)(view.as_view())


login = _door(Login, PUBLIC, "GET", "POST")
logout = _door(allauth_views.LogoutView, PUBLIC, "GET", "POST")
inactive = _door(allauth_views.AccountInactiveView, PUBLIC)
request_code = _door(RequestCode, PUBLIC, "GET", "POST")
confirm_code = _door(ConfirmCode, PUBLIC, "GET", "POST")
sign_up = _door(SignUp, PUBLIC, "GET", "POST")
sign_up_by_passkey = _door(SignUpByPasskey, PUBLIC, "GET", "POST")
sign_up_by_orcid = _door(SignUpByOrcid, PUBLIC, "GET", "POST")
confirm_address = _door(ConfirmAddress, PUBLIC, "GET", "POST")
reset_password = _door(ResetPassword, PUBLIC, "GET", "POST")
confirm_reset = _door(ConfirmReset, PUBLIC, "GET", "POST")
complete_reset = _door(CompleteReset, PUBLIC, "GET", "POST")
reset_done = _door(allauth_views.PasswordResetFromKeyDoneView, PUBLIC)
reauthenticate = _door(Reauthenticate, SIGNED_IN, "GET", "POST")
change_password = _door(ChangePassword, SIGNED_IN, "GET", "POST")
set_password = _door(SetPassword, SIGNED_IN, "GET", "POST")
change_address = _door(ChangeAddress, SIGNED_IN, "GET", "POST")
