"""Where allauth meets the portal: mail goes to the outbox, failures to the fence, people into our tables."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.userkit import user_email
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.accounts import fence, mail
from portal.accounts.models import User
from portal.audit.trail import record


class AccountAdapter(DefaultAccountAdapter):
    """Every decision the portal takes differently from allauth."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("E-mail or password is wrong."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes, or set a new password."),
        "enter_current_password": _("This is not your present password."),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _("This code is wrong. Look at the latest mail."),
        "email_taken": _("This address is already in use."),
        "duplicate_email": _("This is your address already."),
        "rate_limited": _("Please wait a minute before asking again."),
    }

    # --- Mail -------------------------------------------------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the mail into the outbox; whoever has the address is looked for whether or not somebody has."""
        user = context.get("user") or User.objects.filter(email=email.lower()).first()
        known: dict[str, Any] = {
            name: context[name] for name in ("code", "from_email", "to_email", "ip") if name in context
        }
        mail.write(template_prefix.rpartition("/")[2], email, user=user, context=known)

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        super().send_notification_mail(template_prefix, user, {**(context or {}), "user": user}, email)

    # --- The fence ----------------------------------------------------------------------------------

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Do not even look at a password while too many were wrong."""
        if fence.must_wait(credentials.get("email", ""), self.get_client_ip(request)):
            self._let_wait(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Check the password; a right one sent together with many wrong ones has to wait like them."""
        user = super().authenticate(request, **credentials)
        if user and fence.must_wait(credentials.get("email", ""), self.get_client_ip(request)):
            self._let_wait(request)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        if fence.count_failure(credentials.get("email", ""), self.get_client_ip(request)):
            self._let_wait(request)

    def _let_wait(self, request: HttpRequest) -> None:
        request.must_wait = True  # type: ignore[attr-defined]
        raise self.validation_error("too_many_login_attempts")

    # --- People -------------------------------------------------------------------------------------

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Fill a new account from the sign-up form."""
        data = form.cleaned_data
        user_email(user, data["email"])
        user.set_password(data["password1"])
        for name in ("name", "zone", "language"):
            setattr(user, name, data[name])
        user.name = " ".join(user.name.split())
        user.institution = form.institution()
        user.save()
        record("user.create", user, by=None)
        return user

    def set_password(self, user: Any, password: str) -> None:
        super().set_password(user, password)
        record("user.set-password", user, by=user)

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Take a confirmed address over; every other session of this account ends."""
        confirmed = super().confirm_email(request, email_address)
        if confirmed:
            user = email_address.user
            record("user.confirm-address", user, by=user)
            if request.user.is_authenticated and request.user.pk == user.pk:
                request.user.refresh_from_db()
                update_session_auth_hash(request, request.user)
        return confirmed

    # --- Pages --------------------------------------------------------------------------------------

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return _in_language_of_page(super().get_login_redirect_url(request))

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return _in_language_of_page(super().get_logout_redirect_url(request))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return _in_language_of_page(super().get_signup_redirect_url(request))

    def is_ajax(self, request: HttpRequest) -> bool:
        """Answer with pages only; programs use the API."""
        return False


def _in_language_of_page(url: str) -> str:
    return translate_url(url, get_language() or "")
