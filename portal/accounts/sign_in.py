"""The doors: allauth's pages that the portal uses, each declared open, in the portal's manner.

A refused form answers 422, a tired fence 429. Everything a form changes is one transaction, signing in aside: a
password must not be checked while a row is locked.
"""

from typing import Any

from allauth.account import views as allauth_views
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic.edit import ProcessFormView

from portal.accounts import fence
from portal.accounts.queries import institutions_offered
from portal.web import PUBLIC, SIGNED_IN, Access, access

WAIT_SECONDS = 300


class InOurManner:
    """Status codes of refused forms."""

    request: HttpRequest

    def form_invalid(self, form: Any) -> HttpResponse:
        must_wait = getattr(self.request, "must_wait", False)
        response = super().form_invalid(form)  # type: ignore[misc]
        if response.status_code == 200:
            response.status_code = 429 if must_wait else 422
        if must_wait:
            response["Retry-After"] = str(WAIT_SECONDS)
        return response


class InOneTransaction(InOurManner):
    """What a valid form changes, it changes wholly or not at all."""

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            return super().form_valid(form)  # type: ignore[misc]


class Login(InOurManner, allauth_views.LoginView):
    """Sign in."""


class Reauthenticate(InOurManner, allauth_views.ReauthenticateView):
    """Enter the password once more before something delicate."""


class SignUp(InOneTransaction, allauth_views.SignupView):
    """Make an account."""

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "zone": self.request.COOKIES.get("zone", "UTC")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "institutions": institutions_offered()}


class ConfirmAddress(InOneTransaction, allauth_views.ConfirmEmailVerificationCodeView):
    """Enter the code that came by mail."""


class ChangePassword(InOneTransaction, allauth_views.PasswordChangeView):
    """Change the password, knowing the present one."""


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

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a new address and nothing else: allauth's other buttons are for accounts with many."""
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
sign_up = _door(SignUp, PUBLIC, "GET", "POST")
confirm_address = _door(ConfirmAddress, PUBLIC, "GET", "POST")
reset_password = _door(ResetPassword, PUBLIC, "GET", "POST")
confirm_reset = _door(ConfirmReset, PUBLIC, "GET", "POST")
complete_reset = _door(CompleteReset, PUBLIC, "GET", "POST")
reset_done = _door(allauth_views.PasswordResetFromKeyDoneView, PUBLIC)
reauthenticate = _door(Reauthenticate, SIGNED_IN, "GET", "POST")
change_password = _door(ChangePassword, SIGNED_IN, "GET", "POST")
change_address = _door(ChangeAddress, SIGNED_IN, "GET", "POST")
