"""What the principal investigator declares, and what the team states of authorisations."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.draft_forms import Prose
from applications.enums import AuthorisationState
from applications.models import Call


class DeclarationsForm(forms.Form):
    """The declarations of a call."""

    use_required_attribute = False
    codes = forms.MultipleChoiceField(
        label=_("I declare"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, *args: Any, call: Call, declared: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, initial={"codes": list(declared)}, **kwargs)
        self.fields["codes"].choices = [(one.code, one.local_text) for one in call.declarations.all()]  # type: ignore[attr-defined]

    def answers(self) -> dict[str, str]:
        """Return what `actions.declare` takes."""
        return dict.fromkeys(self.cleaned_data["codes"], "")


class AuthorisationForm(forms.Form):
    """What is stated for one mission at one holding institution."""

    use_required_attribute = False
    state = forms.ChoiceField(
        label=_("Does a law or funder rule on your side ask for an authorisation?"),
        choices=AuthorisationState.choices,
        widget=forms.RadioSelect,
    )
    reference = forms.CharField(label=_("Reference"), required=False, max_length=120)
    expires_on = forms.DateField(label=_("Expires"), required=False, help_text=_("For example 2027-06-30."))
    expected_on = forms.DateField(
        label=_("Expected"), required=False, help_text=_("Where it is pending. For example 2027-03-01.")
    )
    note = Prose(label=_("Note"), rows=3, max_length=1000)
