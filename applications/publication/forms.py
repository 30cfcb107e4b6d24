"""The forms of publications: shapes only."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SignForm(forms.Form):
    """A signature on the list with this hash."""

    use_required_attribute = False

    manifest_sha256 = forms.RegexField(regex=r"^[0-9a-f]{64}$", widget=forms.HiddenInput)


class RecallForm(forms.Form):
    """Why a publication is taken back."""

    use_required_attribute = False

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class Filters(forms.Form):
    """What the public list of selections is narrowed by."""

    use_required_attribute = False

    call = forms.ChoiceField(label=_("Call"), required=False)
    mission = forms.ChoiceField(label=_("Mission"), required=False)
    country = forms.ChoiceField(label=_("Country or region"), required=False)

    def __init__(self, choices: dict[str, list[tuple[str, str]]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in choices.items():
            self.fields[name].choices = [("", _("All")), *offered]
