"""The forms of a call. They know shapes; what may be changed when is said by `actions.py`."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext_lazy as _

from applications.calls.actions import TEXTS
from applications.enums import CallStatus, DeclarationKind, PanelRole
from applications.models import SCALE_POINTS, Application, Call
from applications.models.call import default_limits
from portal import zones
from portal.units import MassInput
from portal.words import listed
from samples.models import Sample
from samples.rules.availability import requestable

DECLARED = ("text", "text_zh", "kind", "is_required", "asks_details")
UNITS = {"words": _("%(section)s: words in English"), "characters": _("%(section)s: characters in Chinese")}
MOMENTS = ("opens_at", "closes_at", "reviews_due_at")


class DayList(forms.CharField):
    """Days, one to a line: `2026-12-25`."""

    widget = forms.Textarea(attrs={"rows": 4})
    most = 60

    def to_python(self, value: Any) -> list[date]:
        if isinstance(value, list):
            return value
        days, wrong = set(), []
        for line in (super().to_python(value) or "").split():
            try:
                days.add(datetime.strptime(line, "%Y-%m-%d").date())
            except ValueError:
                wrong.append(line[:20])
        if wrong:
            words = {"lines": listed(wrong[:5])}
            raise forms.ValidationError(_("Not a day: %(lines)s. Write 2026-12-25, one to a line.") % words, code="day")
        if len(days) > self.most:
            raise forms.ValidationError(_("These are more than 60 days."), code="too-many")
        return sorted(days)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(day.isoformat() for day in value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial or [])).split() != str(data or "").split()


class CallForm(forms.ModelForm):
    """Texts in two languages, dates in the call's zone, and the policy of a call."""

    use_required_attribute = False
    holidays = DayList(
        label=_("Holidays"),
        required=False,
        help_text=_("One day to a line, such as 2026-12-25. They are no working days for questions."),
    )

    reviews_each = forms.IntegerField(
        label=_("Reviews of each application at least"),
        min_value=1,
        max_value=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 4}),
    )

    class Meta:
        model = Call
        fields = [
            "slug",
            *TEXTS,
            "zone",
            "opens_at",
            "closes_at",
            "reviews_due_at",
            "interviews_on",
            "results_on",
            "holidays",
            "is_practice",
            "slot_minutes",
            "hold_minutes",
            "announces_shortlist",
            "reviews_each",
            "science_first",
        ]
        widgets = {
            "interviews_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "results_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "slug": _("The end of the call’s address: small letters, digits and hyphens."),
            "zone": _("All times on this page are in this zone."),
            "agreement": _("Public from the first day, so that a legal office can read it before anybody applies."),
            "is_practice": _("Anybody may try it; nothing is judged, and what is written is deleted after 30 days."),
            "closes_at": _("23:59 closes before midnight. Nothing is ever shown as 24:00."),
        }

    def __init__(self, *args: Any, texts_only: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.data.get("zone") or self.instance.zone
        if not zones.is_known(zone):
            zone = self.instance.zone
        for name in MOMENTS:
            label = self.fields[name].label
            self.fields[name] = zones.MomentInput(
                zone=zone, label=label, required=False, help_text=self.fields[name].help_text
            )
        choices = [(name, "UTC" if name == "UTC" else f"{zones.place(name)} ({name})") for name in zones.names()]
        self.fields["zone"] = forms.ChoiceField(
            label=self.fields["zone"].label,
            choices=choices,
            help_text=self.fields["zone"].help_text,
            initial=self.instance.zone,
        )
        for name in TEXTS:
            if isinstance(self.fields[name].widget, forms.Textarea):
                self.fields[name].widget.attrs["rows"] = 12 if name.startswith("agreement") else 4
        if texts_only:
            for name in set(self.fields) - set(TEXTS):
                del self.fields[name]

    def _post_clean(self) -> None:
        """Leave the row alone: only the action writes."""


class LimitsForm(forms.Form):
    """How long each section may be, in English words and Chinese characters; the PDF in pages; who is named."""

    use_required_attribute = False
    longest = 20_000

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = [name for name in default_limits() if name in call.text_limits]
        for name in self.sections:
            heading = capfirst(Application._meta.get_field(name).verbose_name)
            for unit, label in UNITS.items():
                self.fields[f"{name}_{unit}"] = forms.IntegerField(
                    label=label % {"section": heading},
                    min_value=1,
                    max_value=self.longest,
                    initial=call.text_limits[name].get(unit),
                    widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 7}),
                )
        self.fields["file_page_limit"] = forms.IntegerField(
            label=capfirst(Call._meta.get_field("file_page_limit").verbose_name),
            min_value=1,
            max_value=200,
            initial=call.file_page_limit,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 7}),
        )
        self.fields["anonymity"] = Call._meta.get_field("anonymity").formfield(initial=call.anonymity)

    def pairs(self) -> list[list[forms.BoundField]]:
        """Return the two fields of each section."""
        return [[self[f"{name}_{unit}"] for unit in UNITS] for name in self.sections]

    def limits(self) -> dict[str, Any]:
        """Return what `actions.set_limits` takes."""
        said = self.cleaned_data
        sections = {name: {unit: said[f"{name}_{unit}"] for unit in UNITS} for name in self.sections}
        return {
            "text_limits": sections,
            "file_page_limit": said["file_page_limit"],
            "anonymity": said["anonymity"],
        }


class OfferForm(forms.Form):
    """One sample to offer."""

    use_required_attribute = False
    sample = forms.ModelChoiceField(Sample.objects.none(), to_field_name="catalogue_number", label=_("Sample"))
    offered_mg = MassInput(
        label=_("Mass offered"), required=False, help_text=_("For powder only; other pieces are offered whole.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sample"].queryset = Sample.objects.filter(requestable(), published_at__isnull=False)


class CriterionForm(forms.Form):
    """One criterion: its words stand one to a line, from 1 (least) to 5 (best)."""

    use_required_attribute = False
    name = forms.CharField(label=_("Criterion"), max_length=120)
    name_zh = forms.CharField(label=_("Criterion in Chinese"), max_length=120)
    weight = forms.DecimalField(label=_("Weight in percent"), min_value=1, max_value=100, decimal_places=2)
    about_team = forms.BooleanField(
        label=_("About the team"),
        required=False,
        help_text=_("Where the science is scored first, it opens after every other criterion is scored."),
    )
    words = forms.CharField(
        label=_("Words on the scale"), widget=forms.Textarea(attrs={"rows": 5}), help_text=_("Five lines, 1 to 5.")
    )
    words_zh = forms.CharField(
        label=_("Words in Chinese"), widget=forms.Textarea(attrs={"rows": 5}), help_text=_("Five lines, 1 to 5.")
    )

    def _lines(self, name: str) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data[name].splitlines() if line.strip()]
        if len(lines) != SCALE_POINTS:
            raise forms.ValidationError(_("Write five lines, one for each point of the scale."), code="scale")
        return lines

    def clean_words(self) -> list[str]:
        return self._lines("words")

    def clean_words_zh(self) -> list[str]:
        return self._lines("words_zh")


class DeclarationForm(forms.Form):
    """One sentence that every applicant declares. Its code stays, however it is reworded."""

    use_required_attribute = False
    code = forms.SlugField(widget=forms.HiddenInput, required=False, max_length=40)
    kind = forms.ChoiceField(label=_("About"), choices=DeclarationKind.choices, initial=DeclarationKind.OTHER)
    is_required = forms.BooleanField(label=_("Must be made"), required=False, initial=True)
    asks_details = forms.BooleanField(label=_("Asks for words of the applicant"), required=False)
    text = forms.CharField(label=_("Declaration"), widget=forms.Textarea(attrs={"rows": 3}))
    text_zh = forms.CharField(label=_("Declaration in Chinese"), widget=forms.Textarea(attrs={"rows": 3}))

    field_order = ("code", "text", "text_zh", "kind", "is_required", "asks_details")

    def __init__(self, *args: Any, texts_only: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("code", "kind", "is_required", "asks_details"):
            self.fields[name].disabled = texts_only


class Rows(forms.BaseFormSet):
    """A list of rows that can be emptied to drop them; behaves as one form towards `attempt`."""

    can_delete_extra = True

    @property
    def fields(self) -> dict[str, Any]:
        return {}

    def add_error(self, field: str | None, error: Any) -> None:
        self._non_form_errors.extend(error.messages)

    def kept_rows(self) -> list[dict[str, Any]]:
        """Return the cleaned rows that are neither empty nor dropped."""
        kept = [form.cleaned_data for form in self.forms if form.has_changed() or form.initial]
        return [
            {name: value for name, value in row.items() if name != "DELETE"}
            for row in kept
            if row and not row.get("DELETE")
        ]


def _codes(rows: list[dict[str, Any]], source: str) -> list[dict[str, Any]]:
    """Give each row a code made of its English text, unique in the list."""
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        code = row.get("code") or slugify(row[source])[:36] or f"row-{number}"
        row["code"] = code if code not in seen else f"{code}-{number}"
        seen.add(row["code"])
    return rows


class CriteriaRows(Rows):
    """Every criterion of a call."""

    def rows(self) -> list[dict[str, Any]]:
        return _codes(self.kept_rows(), "name")


class DeclarationRows(Rows):
    """Every declaration of a call."""

    def rows(self) -> list[dict[str, Any]]:
        return _codes(self.kept_rows(), "text")


CriteriaFormSet = forms.formset_factory(CriterionForm, formset=CriteriaRows, extra=2, can_delete=True, max_num=12)


def declaration_rows(call: Call) -> type[DeclarationRows]:
    """Return the rows of a call's declarations: free in a draft; afterwards those that there are."""
    free = call.status == CallStatus.DRAFT
    return forms.formset_factory(
        DeclarationForm, formset=DeclarationRows, extra=2 if free else 0, can_delete=free, max_num=20
    )


class SeatForm(forms.Form):
    """Somebody for the panel, by exact address: there is no directory to browse."""

    use_required_attribute = False
    email = forms.EmailField(label=_("E-mail of an account"))
    role = forms.ChoiceField(label=_("Role"), choices=PanelRole.choices)

    def clean_email(self) -> Any:
        user = get_user_model().objects.filter(email__iexact=self.cleaned_data["email"], is_active=True).first()
        if user is None:
            raise forms.ValidationError(_("There is no account with this address."), code="unknown")
        return user


class ExtendForm(forms.Form):
    """A later deadline for everybody, with the reason."""

    use_required_attribute = False
    reason = forms.CharField(label=_("Reason"), max_length=500)

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["closes_at"] = zones.MomentInput(zone=call.zone, label=_("New deadline"))
        self.order_fields(["closes_at", "reason"])


class ReasonForm(forms.Form):
    """A reason and nothing else."""

    use_required_attribute = False
    reason = forms.CharField(label=_("Reason"), max_length=500)
