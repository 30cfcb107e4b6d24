"""The forms of accounts: allauth's in the portal's words, profile, tokens, roles and invitations.

Shape only. What may be done is decided by allauth's flows and the actions beside this file.
"""

import uuid
from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portal import countries, zones
from portal.accounts.institutions import institution_named, known_as
from portal.accounts.models import ApiToken, Institution, User
from portal.accounts.queries import has_confirmed
from portal.accounts.tokens import LIFETIMES
from portal.errors import Invalid
from portal.roles import PORTAL_ROLES

NEW_PASSWORD = _("At least 10 characters. Pasting is welcome.")
WORDS = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "oldpassword": _("Present password"),
    "code": _("Code"),
}


class Plain:
    """Puts one of allauth's forms into the portal's words: no placeholders, one password field, no HTML hints."""

    use_required_attribute = False
    new_password_label = _("New password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, forms.Field] = self.fields
        fields.pop("password2", None)
        for name, field in fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = WORDS.get(name, field.label)
            field.help_text = ""
        if "password1" in fields:
            fields["password1"].label = self.new_password_label
            fields["password1"].help_text = NEW_PASSWORD


class LoginForm(Plain, allauth_forms.LoginForm):
    """Sign in; fields `login` and `password`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class AddEmailForm(Plain, allauth_forms.AddEmailForm):
    """The address an account is to move to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail")


class ChangePasswordForm(Plain, allauth_forms.ChangePasswordForm):
    """A new password, with the present one."""


class ResetPasswordForm(Plain, allauth_forms.ResetPasswordForm):
    """The address of which the password was forgotten."""


class ResetPasswordKeyForm(Plain, allauth_forms.ResetPasswordKeyForm):
    """A new password after the code was right."""


class ReauthenticateForm(Plain, allauth_forms.ReauthenticateForm):
    """The password once more."""


class SetPasswordForm(Plain, allauth_forms.SetPasswordForm):
    """A first password, for an account that had none."""


class RequestCodeForm(Plain, allauth_forms.RequestLoginCodeForm):
    """The address to which a code for signing in goes."""

    def clean_email(self) -> str:
        """Send codes to proved addresses only: the account of another one may hold somebody else's password."""
        email = super().clean_email()
        if self._user and not has_confirmed(self._user, email):
            self._user = None
        return email


class CodeForm(Plain):
    """A code from a mail."""


class ConfirmEmailCodeForm(CodeForm, allauth_forms.ConfirmEmailVerificationCodeForm):
    """The code that proves an address."""


class ConfirmSignInCodeForm(CodeForm, allauth_forms.ConfirmLoginCodeForm):
    """The code that signs in."""


class ConfirmResetCodeForm(CodeForm, allauth_forms.ConfirmPasswordResetCodeForm):
    """The code that permits a new password."""


def zone_field(**kwargs: Any) -> forms.ChoiceField:
    """Return the choice of a time zone, grouped by continent."""
    choices = zones.ZoneForm().fields["zone"].choices
    return forms.ChoiceField(label=_("Time zone"), choices=choices, **kwargs)


class InstitutionMixin(forms.Form):
    """Where somebody works: a name, proposed from those known, and its country or region."""

    institution_name = forms.CharField(
        label=_("Institution"),
        max_length=200,
        required=False,
        help_text=_("Its name or acronym. One that is not proposed may be typed."),
        widget=forms.TextInput(attrs={"list": "institutions", "autocomplete": "organization"}),
    )
    country_or_region = forms.ChoiceField(
        label=_("Country or region"), required=False, help_text=_("Where the institution is.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.get_initial_for_field(self.fields["country_or_region"], "country_or_region")
        self.fields["country_or_region"].choices = [("", _("Choose")), *countries.choices(held)]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        data = self.cleaned_data
        try:
            known = known_as(data.get("institution_name") or "", data.get("country_or_region") or "")
        except Invalid as refusal:
            self.add_error("institution_name", refusal.message)
            return cleaned
        if known and not data.get("country_or_region") and "country_or_region" in data:
            data["country_or_region"] = known.country_or_region  # one verified place of that name says where it is
        if data.get("institution_name") and "country_or_region" in data and not data["country_or_region"]:
            self.add_error("country_or_region", _("Choose the country or region of the institution."))
        if data.get("country_or_region") and "institution_name" in data and not data["institution_name"]:
            self.add_error("institution_name", _("Enter the name of the institution."))
        return cleaned

    def institution(self) -> Institution | None:
        """Return the institution named, made if nobody has named it before."""
        name = self.cleaned_data["institution_name"]
        return institution_named(name, self.cleaned_data["country_or_region"]) if name else None


class SignUpForm(Plain, InstitutionMixin, allauth_forms.SignupForm):
    """Sign up: address, password, name; institution, zone and language may be left for the profile."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("In full, as letters to you and the records should name you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language of mails"), choices=settings.LANGUAGES, required=False)
    new_password_label = _("Password")
    account_already_exists: bool
    by_passkey: bool
    field_order = ("email", "password1", "name", "institution_name", "country_or_region", "zone", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"] = zone_field(required=False)
        if not self.is_bound:
            self.fields["zone"].widget.attrs["data-zone"] = ""  # a script proposes the browser's zone
        self.fields["language"].initial = get_language()
        for name, field in InstitutionMixin.base_fields.items():
            self.fields[name].help_text = field.help_text
        self.fields["name"].help_text = _("In full, as letters to you and the records should name you.")
        self.order_fields(self.field_order)

    def clean_zone(self) -> str:
        return self.cleaned_data["zone"] or "UTC"

    def clean_language(self) -> str:
        return self.cleaned_data["language"] or get_language() or settings.LANGUAGE_CODE

    def try_save(self, request: HttpRequest) -> tuple[User | None, Any]:
        """Make the account, or write to its owner that somebody tried; neither answer nor time tells which."""
        if not self.account_already_exists:
            try:
                with transaction.atomic():
                    return super().try_save(request)
            except IntegrityError:  # the same address at the same moment
                self.account_already_exists = True
        else:
            self._make_and_discard(request)
        return super().try_save(request)

    def _make_and_discard(self, request: HttpRequest) -> None:
        """Do the same work for an account that is not kept."""
        address = self.cleaned_data["email"]
        with transaction.atomic():
            self.cleaned_data["email"] = f"{uuid.uuid4().hex}@account.invalid"
            self.account_already_exists = False
            self.save(request)
            transaction.set_rollback(True)
        self.cleaned_data["email"], self.account_already_exists = address, True


class ProfileForm(InstitutionMixin):
    """What people say of themselves."""

    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("In full, as letters to you and the records should name you.")
    )
    native_name = forms.CharField(
        label=_("Name in your own script"), max_length=200, required=False, help_text=_("If it is written differently.")
    )
    department = forms.CharField(label=_("Department"), max_length=200, required=False)
    language = forms.ChoiceField(label=_("Language of mails"), choices=settings.LANGUAGES)
    field_order = (*("name", "native_name", "institution_name", "country_or_region", "department", "zone", "language"),)
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"] = zone_field(help_text=_("Times are shown in this zone beside the call’s."))
        self.order_fields(self.field_order)

    @staticmethod
    def values_of(user: User) -> dict[str, Any]:
        """Return what the form shows at first."""
        names = ("name", "native_name", "department", "zone", "language")
        values = {name: getattr(user, name) for name in names}
        if user.institution:
            values["institution_name"] = user.institution.name
            values["country_or_region"] = user.institution.country_or_region
        return values

    def changes(self) -> dict[str, Any]:
        """Return what `actions.change_profile` takes."""
        names = ("name", "native_name", "department", "zone", "language")
        return {**{name: self.cleaned_data[name] for name in names}, "institution": self.institution()}


class MailedCodeForm(forms.Form):
    """A code that the portal has just mailed."""

    code = forms.CharField(
        label=_("Code"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "one-time-code"})
    )
    use_required_attribute = False


class SecondAddressForm(forms.Form):
    """An address beside that of the account."""

    email = forms.EmailField(
        label=_("Second e-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    use_required_attribute = False

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class DecisionsForm(forms.Form):
    """Where decisions go."""

    also_to_second = forms.BooleanField(label=_("Send decisions there too"), required=False)


class CredentialForm(forms.Form):
    """What a device answers; a script puts it there."""

    credential = forms.JSONField(
        widget=forms.HiddenInput,
        error_messages={
            "required": _("The passkey did not answer. It needs JavaScript; signing in by e-mail does not.")
        },
    )

    def add_error(self, field: str | None, error: Any) -> None:
        """Say it above the form: nobody sees the field."""
        super().add_error(None if field == "credential" else field, error)

    def clean_credential(self) -> dict[str, Any]:
        credential = self.cleaned_data["credential"]
        if not isinstance(credential, dict):
            raise forms.ValidationError(self.fields["credential"].error_messages["invalid"])
        return credential


class PasskeyNameForm(forms.Form):
    """What a passkey is called."""

    name = forms.CharField(
        label=_("Name of the passkey"),
        max_length=100,
        help_text=_("For example the device it is kept on."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    use_required_attribute = False


class NewPasskeyForm(PasskeyNameForm, CredentialForm):
    """A passkey that a device has just made."""

    field_order = ("name", "credential")


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(
        label=pgettext_lazy("of a token", "Name"), max_length=100, help_text=_("What will use it, for your own memory.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[
            (ApiToken.SCOPES[0], _("read: what you may read")),
            (ApiToken.SCOPES[1], _("apply: write and submit your applications")),
            (ApiToken.SCOPES[2], _("review: write your reviews")),
            (ApiToken.SCOPES[3], _("manage: what your roles let you manage")),
        ],
        widget=forms.CheckboxSelectMultiple,
        initial=["read"],
    )
    days = forms.TypedChoiceField(
        label=_("How long it lasts"),
        choices=[(str(days), format_lazy(_("{days} days"), days=days)) for days in LIFETIMES],
        coerce=int,
        initial=str(LIFETIMES[1]),
    )
    use_required_attribute = False


class InvitationForm(forms.Form):
    """An address and the role offered to it."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(
        label=_("Role"), choices=[(role.code, role.name) for role in PORTAL_ROLES], widget=forms.RadioSelect
    )
    use_required_attribute = False


class RoleForm(forms.Form):
    """One role of one person."""

    role = forms.ChoiceField(label=_("Role"), choices=[(role.code, role.name) for role in PORTAL_ROLES])
    use_required_attribute = False


class ReasonForm(forms.Form):
    """Why an account is closed or opened again."""

    reason = forms.CharField(label=_("Reason"), max_length=500)
    use_required_attribute = False
