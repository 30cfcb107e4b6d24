"""The forms of the applicant's way: shape only. Drafts may be empty anywhere; completeness is asked at the end."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.apply.team import INVITED_ROLES
from applications.enums import Effect
from applications.models import Application, Call, CallSample, DraftRequest
from portal import files
from portal.accounts.forms import InstitutionMixin
from portal.errors import Invalid
from portal.units import MassInput


class Prose(forms.CharField):
    """A long text. A line break counts as one character, whatever the browser sends."""

    widget = forms.Textarea

    def __init__(self, *, rows: int = 10, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.widget.attrs["rows"] = rows

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}  # no maxlength: a browser must not cut what somebody pastes


class DraftForm(forms.Form):
    """Part of a draft, with the version its writer had before them."""

    use_required_attribute = False
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    texts: tuple[str, ...] = ()

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        self.application = application
        kwargs.setdefault("initial", {})
        kwargs["initial"] |= {"version": application.version, **self.saved_values(application)}
        super().__init__(*args, **kwargs)

    def saved_values(self, application: Application) -> dict[str, Any]:
        """Return what the draft says now, by field."""
        return {name: getattr(application, name) for name in self.texts}

    def changes(self) -> dict[str, Any]:
        """Return what `actions.save` takes."""
        return {name: self.cleaned_data[name] for name in self.texts}

    def others(self) -> list[tuple[Any, str]]:
        """Return label and present text of every field in which the draft says something else than was typed."""
        saved = self.saved_values(self.application)
        typed = {name: self.data.get(name, "").replace("\r\n", "\n") for name in saved if name in self.fields}
        return [
            (self.fields[name].label, value)
            for name, value in saved.items()
            if name in typed and isinstance(value, str) and value != typed[name]
        ]


class ScienceForm(DraftForm):
    """Title, question and plan."""

    texts = ("title", "question", "plan")
    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=200,
        help_text=_("It becomes public if you are selected."),
        widget=forms.TextInput(attrs={"size": "60"}),
    )
    question = Prose(
        label=_("Scientific question"), max_length=4000, help_text=_("What would be known that is not known now?")
    )
    plan = Prose(label=_("Research plan"), max_length=12000, rows=14, help_text=_("Steps, time and who does what."))


class MethodsForm(DraftForm):
    """Methods and why less mass would not do."""

    texts = ("methods",)
    methods = Prose(
        label=_("Methods and least mass"),
        max_length=8000,
        rows=14,
        help_text=_("For each technique: mass per run in mg, number of runs, loss, and what is left."),
    )


class SummaryForm(DraftForm):
    """What may be public."""

    texts = ("public_summary", "names_principal_investigator")
    public_summary = Prose(
        label=_("Public summary"),
        max_length=1500,
        rows=6,
        help_text=_("Three or four sentences for readers outside the field."),
    )
    names_principal_investigator = forms.BooleanField(
        label=_("The principal investigator may be named in public"),
        required=False,
        help_text=_("Without this, a selection is published under the institution alone."),
    )


class InstitutionForm(InstitutionMixin, DraftForm):
    """The institution that would hold the samples, chosen from those known or typed."""

    def saved_values(self, application: Application) -> dict[str, Any]:
        place = application.institution
        return {
            "institution_name": place.name if place else "",
            "country_or_region": place.country_or_region if place else "",
        }

    def changes(self) -> dict[str, Any]:
        return {"institution": self.institution()}


SECTION_FORMS: dict[str, type[DraftForm]] = {
    "science": ScienceForm,
    "methods": MethodsForm,
    "summary": SummaryForm,
    "institution": InstitutionForm,
}


class RequestForm(DraftForm):
    """What is asked of one offered sample: of powder a mass, of anything else the whole piece."""

    whole = forms.BooleanField(label=_("The whole piece"), required=False)
    asked_mg = MassInput(label=_("Mass you ask for"), required=False)
    least_mg = MassInput(
        label=_("Least mass that still answers the question"),
        required=False,
        help_text=_("Below this you would rather have none."),
    )
    technique = forms.CharField(label=_("Technique"), required=False, max_length=120)
    effect = forms.ChoiceField(label=_("Effect on the sample"), choices=Effect.choices, widget=forms.RadioSelect)
    justification = Prose(
        label=_("Why this sample, and why not less"),
        max_length=3000,
        rows=5,
        help_text=_("The panel reads this beside the mass."),
    )

    def __init__(self, *args: Any, offer: CallSample, line: DraftRequest | None, **kwargs: Any) -> None:
        self.offer, self.line = offer, line
        super().__init__(*args, **kwargs)
        for name in ("whole",) if offer.sample.is_divisible else ("asked_mg", "least_mg"):
            del self.fields[name]

    def saved_values(self, application: Application) -> dict[str, Any]:
        if self.line is None:
            return {"effect": Effect.NON_DESTRUCTIVE}
        names = ("whole", "asked_mg", "least_mg", "technique", "effect", "justification")
        return {name: getattr(self.line, name) for name in names}

    def clean_whole(self) -> bool:
        """A piece is asked for by its tick; without it nothing is asked."""
        if not self.cleaned_data["whole"]:
            raise forms.ValidationError(_("Tick this: the piece is lent only as a whole."), code="whole")
        return True

    def changes(self) -> dict[str, Any]:
        """Return what `actions.put_request` takes."""
        return {"whole": not self.offer.sample.is_divisible} | self.cleaned_data


class FileForm(forms.Form):
    """One PDF; it is checked here, before any lock is taken."""

    use_required_attribute = False
    file = forms.FileField(
        label=_("PDF"),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limits = _("One PDF of at most %(megabytes)s MB, without password, scripts or attachments.")
        self.fields["file"].help_text = limits % {"megabytes": files.MEGABYTES}

    def clean_file(self) -> files.Kept:
        try:
            return files.keep_pdf(self.cleaned_data["file"])
        except Invalid as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from None


class DeclarationsForm(forms.Form):
    """The declarations of a call."""

    use_required_attribute = False
    codes = forms.MultipleChoiceField(
        label=_("I declare"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["codes"].choices = [(one.code, one.local_text) for one in call.declarations.all()]  # type: ignore[attr-defined]


class InviteForm(InstitutionMixin):
    """Somebody to invite to the team."""

    use_required_attribute = False
    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, help_text=_("The invitation can be taken only with this address.")
    )
    role = forms.ChoiceField(
        label=_("Part"),
        choices=[(role.value, role.label) for role in INVITED_ROLES],
        initial=INVITED_ROLES[0].value,
        widget=forms.RadioSelect,
        help_text=_("A co-investigator may write; a reader may only read."),
    )
    field_order = ["name", "email", "role", "institution_name", "country_or_region"]

    def changes(self) -> dict[str, Any]:
        """Return what `actions.invite` takes."""
        return {name: self.cleaned_data[name] for name in ("name", "email", "role")} | {
            "institution": self.institution()
        }


class SubmitForm(forms.Form):
    """Nothing but the version that was read: the submission itself is one small request without a file."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)


class WithdrawForm(forms.Form):
    """Why an application ends, if its investigator wants to say."""

    use_required_attribute = False
    reason = Prose(label=_("Reason"), max_length=2000, rows=4, help_text=_("For the record; nobody has to give one."))


class Confirmation(forms.Form):
    """A button and nothing else."""
