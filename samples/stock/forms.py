"""The forms of the stock. What they take in is checked again by the actions."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.errors import Invalid
from portal.units import MassInput
from samples.enums import UseClass
from samples.models import Dataset, Mission, Sample, Treatment
from samples.rules.identifiers import tidy_doi, tidy_igsn
from samples.rules.numbers import why_no_number
from samples.rules.techniques import choices, label_of, technique
from samples.stock import entries
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


class IdentifierField(forms.CharField):
    """An identifier that others gave, as it was pasted; cleans to how it is kept (`samples/rules/identifiers.py`)."""

    def __init__(self, tidy: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": 200, **kwargs})
        self.tidy = tidy

    def clean(self, value: Any) -> str:
        try:
            return self.tidy(super().clean(value))
        except Invalid as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from None


def igsn_field() -> IdentifierField:
    """Return the field of an IGSN."""
    hint = _("As it was registered, for example 10.12345/ABC001. Empty if there is none.")
    return IdentifierField(tidy_igsn, label="IGSN", help_text=hint)


class DescriptionForm(forms.ModelForm):
    """What is said about a sample; `version` keeps two curators from overwriting each other."""

    use_required_attribute = False
    version = forms.CharField(widget=forms.HiddenInput)
    igsn = igsn_field()

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
    igsn = igsn_field()
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


class EntryForm(forms.ModelForm):
    """What is written of a sample; `version` keeps two curators from overwriting each other."""

    use_required_attribute = False
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = entries.version_of(self.instance)
        else:
            del self.fields["version"]

    def _post_clean(self) -> None:
        """Leave the row alone: only the action writes it."""


class TreatmentForm(EntryForm):
    """A step of a sample's history."""

    class Meta:
        model = Treatment
        fields = list(entries.FIELDS[entries.HISTORY])
        labels = {"day": _("Day"), "description": _("What was done, and with what")}
        help_texts = {
            "day": _("Empty if it is not known."),
            "source": _("Where this is known from: a logbook, a report, a paper."),
        }
        widgets = {
            "day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "description": LONG_TEXT,
            "description_zh": LONG_TEXT,
        }


class DatasetForm(EntryForm):
    """Data that exist on a sample. The technique is one of the vocabulary, or said in words."""

    technique = forms.ChoiceField(label=_("Technique"), required=False)
    technique_words = forms.CharField(
        label=_("Technique, in words"), max_length=120, required=False, help_text=_("Only where the list has none.")
    )
    doi = IdentifierField(tidy_doi, label="DOI", help_text=_("For example 10.12345/abc."))
    url = forms.URLField(
        label=_("Address"), max_length=500, required=False, assume_scheme="https", help_text=_("Where there is no DOI.")
    )
    field_order = ["measured", "measured_zh", "technique", "technique_words", "published_in", "doi", "url"]

    class Meta:
        model = Dataset
        fields = list(entries.FIELDS[entries.DATA])
        labels = {"measured": _("What was measured"), "measured_zh": _("What was measured, in Chinese")}
        help_texts = {"published_in": _("As it is cited; or “not published” and who holds the data.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [(label, list(members)) for label, members in choices(get_language() or "en")]
        held = self.instance.technique
        if technique(held) is None:
            self.initial |= {"technique": "", "technique_words": held}
        elif held not in {code for _label, members in groups for code, _name in members}:
            groups.insert(0, (_("As it is"), [(held, label_of(held))]))  # a group of techniques, from a file
        self.fields["technique"].choices = [("", _("Choose")), *groups]

    def clean(self) -> dict[str, Any]:
        typed = super().clean()
        chosen, words = typed.get("technique", ""), typed.pop("technique_words", "")
        if chosen and words:
            self.add_error("technique_words", _("Choose a technique or write one, not both."))
        if "technique" in typed and not chosen and not words:
            self.add_error("technique", _("Choose a technique, or write one below."))
        return {**typed, "technique": chosen or words}


ENTRY_FORMS = {entries.HISTORY: TreatmentForm, entries.DATA: DatasetForm}
