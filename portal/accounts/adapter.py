"""Where allauth meets the portal: mail goes to the outbox, failures to the fence, people into our tables."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.userkit import user_email
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse, translate_url
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from portal.accounts import fence, identity, mail, orcid, passkeys, proof, provider
from portal.accounts.actions import affiliate
from portal.accounts.institutions import one_line
from portal.accounts.models import User
from portal.accounts.queries import second_address
from portal.audit.trail import record
from portal.errors import Refused

ORCID_WAITING = "orcid_waiting"  # in the session: whom ORCID has vouched for until the address is proved


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
        request.must_wait = True
        raise self.validation_error("too_many_login_attempts")

    # --- People -------------------------------------------------------------------------------------

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Fill a new account from the sign-up form."""
        data = form.cleaned_data
        user_email(user, data["email"])
        user.set_password(data.get("password1") or None)
        for name in ("name", "zone", "language"):
            setattr(user, name, data[name])
        user.name = one_line(user.name)
        user.institution = form.institution()
        user.save()
        record("user.create", user, by=None)
        if user.institution:
            affiliate(user, user.institution)
        return user

    def set_password(self, user: Any, password: str) -> None:
        super().set_password(user, password)
        record("user.set-password", user, by=user)

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Take a confirmed address over; every other session of this account ends, and a second address stays.

        What ORCID vouched for in this session is tied to the account only now: until its address was proved, the
        account may be one that somebody made with another person's address.
        """
        user = email_address.user
        with transaction.atomic():
            second = second_address(user) if user_email(user) != email_address.email else ""
            EmailAddress.objects.filter(user=user, email=second).delete()  # allauth would forget it
            confirmed = super().confirm_email(request, email_address)
            if second:
                EmailAddress.objects.create(user=user, email=second, verified=True, primary=False)
            if confirmed:
                record("user.confirm-address", user, by=user)
        if confirmed:
            # On its own: a new address locks the account's row against rows that name it, whose writers hold
            # applications already. What a conflict closes is closed without it; this suspends what was written.
            with transaction.atomic():
                identity.changed(user)
            self._link_waiting(request, user)
            if request.user.is_authenticated and request.user.pk == user.pk:
                request.user.refresh_from_db()
                update_session_auth_hash(request, request.user)
        return confirmed

    def _link_waiting(self, request: HttpRequest, user: User) -> None:
        waiting = request.session.get(ORCID_WAITING) or {}
        if waiting.get("user") != str(user.uid):
            return
        del request.session[ORCID_WAITING]
        try:
            orcid.link(user, waiting["orcid"], by=user, ip=self.get_client_ip(request), about=waiting["about"])
        except Refused as refusal:
            messages.error(request, refusal.message)

    # --- Ways in ------------------------------------------------------------------------------------

    def get_login_stages(self) -> list[str]:
        """Ask for no second factor: a passkey is a way in of its own (ADR 0008)."""
        return [
            "allauth.account.stages.LoginByCodeStage",
            "allauth.account.stages.EmailVerificationStage",
            "allauth.mfa.webauthn.stages.PasskeySignupStage",
        ]

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Ask on one page, which offers whatever this person has."""
        return [{"id": "reauthenticate", "description": "", "url": reverse("account_reauthenticate")}]

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


class PasskeyAdapter(DefaultMFAAdapter):
    """What a device is told about the portal and the person for whom it makes a passkey."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This passkey was not accepted. Try once more, or sign in by e-mail."),
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": passkeys.domain(context.request), "name": str(_("Lunar Sample Access"))}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """Name the person; the handle is the public id, never the key of a row."""
        return {"id": user.uid.bytes, "display_name": user.name, "name": user.email}


class OrcidAdapter(DefaultSocialAccountAdapter):
    """What becomes of somebody for whom ORCID has vouched."""

    def get_requests_session(self) -> Any:
        return provider.patience()

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never make an account without its form: the address has to be proved."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let known iDs in; link where that was asked for; send everybody else to the form of a new account."""
        account = sociallogin.account
        with override((sociallogin.state.get("data") or {}).get("language") or get_language()):
            if sociallogin.state.get("process") == AuthProcess.CONNECT:
                self._link(request, account)
            elif not sociallogin.is_existing:
                request.session[ORCID_WAITING] = {
                    "orcid": account.uid,
                    "about": account.extra_data,
                    "email": getattr(sociallogin, "proposed_email", ""),
                    "next": sociallogin.state.get("next") or "",
                }
                raise ImmediateHttpResponse(redirect("socialaccount_signup"))

    def _link(self, request: HttpRequest, account: Any) -> None:
        """Link an iD to the account that is signed in and has just proved itself, and to no other."""
        if request.user.is_authenticated and proof.is_recent(request):
            try:
                ip = fence.ip_of(request)
                orcid.link(request.user, account.uid, by=request.user, ip=ip, about=account.extra_data)
                messages.success(request, _("Your ORCID iD is linked."))
            except Refused as refusal:
                messages.error(request, refusal.message)
        else:
            messages.error(request, _("That took too long. Nothing was linked; try once more."))
        raise ImmediateHttpResponse(redirect("accounts:ways"))

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """Say what became of it, and that the e-mail address opens the same account."""
        why = "cancelled" if error == AuthError.CANCELLED else "silent" if exception else "lost"
        status = {"cancelled": 200, "silent": 503, "lost": 400}[why]
        state = (extra_context or {}).get("state") or {}
        linking = state.get("process") == AuthProcess.CONNECT
        known = {"why": why, "linking": linking, "next": state.get("next") or ""}
        with override((state.get("data") or {}).get("language") or get_language()):
            raise ImmediateHttpResponse(render(request, "socialaccount/problem.html", known, status=status))


def _in_language_of_page(url: str) -> str:
    return translate_url(url, get_language() or "")
