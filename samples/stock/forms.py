"""The forms of the stock. What they take in is checked again by the actions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.units import MassInput
from samples.enums import UseClass
from samples.models import Mission, Sample
from samples.rules.numbers import why_no_number
from samples.stock.actions import DESCRIPTIVE, version_of
from samples.stock.queries import STATES

LONG_TEXT = forms.Textarea(attrs={"rows": 3})


class StockForm(forms.Form):
    """Find samples in the stock."""

    use_required_attribute = False

    q = forms.CharField(label=_("Number or place"), max_length=60, required=False)
    only = forms.ChoiceField(
        label=_("Show"),
        choices=[
            ("", _("Everything")),
            ("unpublished", _("Not published")),
            ("published", _("In the public catalogue")),
            ("withdrawn", _("Withdrawn")),
            ("publications", _("Known from publications")),
        ],
        required=False,
    )

    def wanted(self) -> dict[str, str]:
        """Return what is looked for; what is not understood is not looked for."""
        self.is_valid()
        only = self.cleaned_data.get("only", "")
        return {"words": self.cleaned_data.get("q", ""), "only": only if only in STATES else ""}


class NumberField(forms.CharField):
    """A catalogue number."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and (reason := why_no_number(value)):
            raise forms.ValidationError(reason, code="no-number")


class DescriptionForm(forms.ModelForm):
    """What is said about a sample; `version` keeps two curators from overwriting each other."""

    use_required_attribute = False
    version = forms.CharField(widget=forms.HiddenInput)

    class Meta:
        model = Sample
        fields = list(DESCRIPTIVE)
        labels = {"acquisition": _("Collected by")}
        widgets = {"description": LONG_TEXT, "description_zh": LONG_TEXT}
        help_texts = {"reserve_floor_mg": _("No decision gives more than leaves this in stock.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = version_of(self.instance)

    def _post_clean(self) -> None:
        """Leave the row alone: only the action writes it."""


class SplitForm(forms.Form):
    """A new number for a part of a sample."""

    use_required_attribute = False

    catalogue_number = NumberField(label=_("Catalogue number of the split"), max_length=60)
    mass_mg = MassInput(label=_("Mass"), help_text=_("Write 1.25 or 1,25."))
    preparation = forms.ChoiceField(label=_("Kind"), choices=Sample._meta.get_field("preparation").choices)
    use_class = forms.ChoiceField(label=_("Use"), choices=UseClass.choices, initial=UseClass.RESEARCH)
    description = forms.CharField(label=_("Description"), max_length=5000, required=False, widget=LONG_TEXT)
    description_zh = forms.CharField(
        label=_("Description in Chinese"), max_length=5000, required=False, widget=LONG_TEXT
    )
    location = forms.CharField(label=_("Storage location"), max_length=120, required=False)
    publish = forms.BooleanField(label=_("Show it in the public catalogue at once"), required=False)


class AccessionForm(SplitForm):
    """A new sample with its mass."""

    catalogue_number = NumberField(label=_("Catalogue number"), max_length=60)
    mission = forms.ModelChoiceField(
        label=_("Mission"), queryset=Mission.objects.all(), to_field_name="code", empty_label=_("Choose")
    )
    acquisition = forms.ChoiceField(label=_("Collected by"), choices=Sample._meta.get_field("acquisition").choices)
    source = forms.CharField(label=_("Source"), max_length=500, required=False)
    field_order = ["catalogue_number", "mission", "acquisition", "preparation", "use_class", "mass_mg"]


class LossForm(forms.Form):
    """Mass lost in preparation."""

    use_required_attribute = False

    mass_mg = MassInput(label=_("Lost mass"), help_text=_("Write 1.25 or 1,25."))
    reason = forms.CharField(label=_("What happened"), max_length=1000, widget=LONG_TEXT)


class ReasonForm(forms.Form):
    """Why."""

    use_required_attribute = False

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=LONG_TEXT)


class ConfirmForm(forms.Form):
    """Nothing to fill in: the button says it."""
