"""What is asked of one offered sample: shape only; a request may stay incomplete until the application is submitted.

The forms of lists and groups are in `list_forms.py` and `group_forms.py`.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet, ManagementForm, formset_factory
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from applications.draft_forms import DraftForm, Other, Prose
from applications.enums import Effect
from applications.models import Application, CallSample, DraftRequest
from applications.pages import BY_ITSELF
from applications.rules import masses
from applications.rules.masses import Balance, Run
from portal.errors import Invalid
from portal.units import MassInput
from samples.rules.techniques import code_of, label_of

TECHNIQUES = "techniques"  # the id of the list that a browser suggests from
MORE = "more"


class TechniqueInput(forms.CharField):
    """A technique in the words of the vocabulary, which keeps its code, or in somebody's own words."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=masses.LONGEST_TECHNIQUE, **kwargs)
        self.widget.attrs |= {"list": TECHNIQUES, "size": "36"}

    def clean(self, value: Any) -> str:
        return code_of(super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        return label_of(value) if isinstance(value, str) else value


class Typed(forms.CharField):
    """A number as people type it, read by `parse`."""

    def __init__(self, parse: Callable[[str], Any], *, unit: str = "", **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.parse, self.unit = parse, unit
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "size": "6"}

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return self.parse(text)
        except Invalid as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from None


class RunForm(forms.Form):
    """A measurement planned: an empty row plans nothing."""

    use_required_attribute = False
    technique = TechniqueInput(label=_("Technique"))
    mass_mg = MassInput(label=_("Mass of one run"), required=False, widget=forms.TextInput(MassInput.widget.attrs))
    runs = Typed(masses.parse_count, label=_("Number of runs"))
    loss_percent = Typed(masses.parse_loss, label=_("Lost on the way"), unit="%")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.has_changed():
            return found
        if found.get("mass_mg", 1) is None:
            self.add_error("mass_mg", forms.ValidationError(_("Say how much one run needs, in mg."), code="run-mass"))
        elif not found.get("mass_mg", 1):
            self.add_error(
                "mass_mg", forms.ValidationError(_("The mass of one run is more than zero."), code="run-mass")
            )
        if found.get("runs", 1) is None:
            self.add_error("runs", forms.ValidationError(_("Say how many runs you plan."), code="run-count"))
        return found

    def run(self, technique: str) -> Run | None:
        """Return what is planned, by the `technique` of the request where the row names none; nothing of a gap."""
        said = self.cleaned_data if self.is_valid() and self.has_changed() else {}
        if not said:
            return None
        return Run(
            said["technique"] or technique, said["mass_mg"], said["runs"], said["loss_percent"] or masses.NOTHING
        )


class Rows(BaseFormSet):
    """As many rows as were sent, counted here: a page that lost its counter loses no measurement."""

    more = False

    @cached_property
    def management_form(self) -> ManagementForm:
        count = self._sent() + self.more if self.is_bound else len(self.initial or []) + 1
        count = max(1, min(count, masses.MOST_PLANNED))
        form = ManagementForm(
            {f"{self.prefix}-TOTAL_FORMS": count, f"{self.prefix}-INITIAL_FORMS": 0}, prefix=self.prefix
        )
        form.full_clean()
        return form

    def total_form_count(self) -> int:
        return int(self.management_form.cleaned_data["TOTAL_FORMS"])

    def initial_form_count(self) -> int:
        return 0

    def _sent(self) -> int:
        found = [number for number in range(masses.MOST_PLANNED) if self._has(number)]
        return max(found, default=-1) + 1

    def _has(self, number: int) -> bool:
        return any(f"{self.prefix}-{number}-{name}" in self.data for name in RunForm.base_fields)


RunRows = formset_factory(RunForm, formset=Rows, extra=0, max_num=masses.MOST_PLANNED)


class RequestForm(DraftForm):
    """What is asked of one offered sample: of powder a mass, of anything else the whole piece; and what is planned."""

    texts = ("whole", "asked_mg", "least_mg", "technique", "effect", "justification", "contaminants", "alternatives")
    whole = forms.BooleanField(label=_("The whole piece"), required=False)
    asked_mg = MassInput(label=_("Mass you ask for"), required=False)
    least_mg = MassInput(
        label=_("Least mass that still answers the question"),
        required=False,
        help_text=_("Below this you would rather have none."),
    )
    technique = TechniqueInput(
        label=_("Technique"),
        help_text=_("Choose from the list, or use your own words. A run below without one uses this."),
    )
    effect = forms.ChoiceField(label=_("Effect on the sample"), choices=Effect.choices, widget=forms.RadioSelect)
    justification = Prose(
        label=_("Why this sample, and why not less"),
        max_length=3000,
        rows=5,
        help_text=_("The panel reads this beside the mass."),
    )
    contaminants = Prose(
        label=_("Contaminants that would ruin the measurement"),
        max_length=2000,
        rows=3,
        help_text=_("Such as tool metals, epoxy, a coating, earlier beams, water or air. Say so if there are none."),
    )
    alternatives = Prose(
        label=_("Why not an existing section or a returned remainder"),
        max_length=2000,
        rows=3,
        help_text=_("Material that was cut or lent before costs the collection nothing."),
    )

    def __init__(self, *args: Any, offer: CallSample, line: DraftRequest | None, **kwargs: Any) -> None:
        self.offer, self.line = offer, line
        self.parts = [(line or DraftRequest(sample=offer.sample)).part]
        super().__init__(*args, **kwargs)
        for name in ("whole",) if offer.sample.is_divisible else ("asked_mg", "least_mg"):
            del self.fields[name]
        planned = masses.planned(line.runs) if line else []
        self.rows: Any = RunRows(self.data if self.is_bound else None, prefix="runs", initial=_shown(planned))
        self.rows.more = self.data.get("do") == MORE

    def saved_values(self, application: Application) -> dict[str, Any]:
        if self.line is None:
            return {"effect": Effect.NON_DESTRUCTIVE}
        return {name: getattr(self.line, name) for name in self.texts}

    def is_valid(self) -> bool:
        rows_hold = not self.is_bound or self.rows.is_valid()
        if not rows_hold and BY_ITSELF in self.data:  # who sees no summary is told why nothing is saved
            self.add_error(None, _("A planned measurement is not complete."))
        return super().is_valid() and rows_hold

    def clean_whole(self) -> bool:
        """A piece is asked for by its tick; without it nothing is asked."""
        if not self.cleaned_data["whole"]:
            raise forms.ValidationError(_("Tick this: the piece is lent only as a whole."), code="whole")
        return True

    def changes(self) -> dict[str, Any]:
        """Return what `actions.put` takes."""
        return {"whole": not self.offer.sample.is_divisible, **self.cleaned_data, "runs": self.planned()}

    def planned(self) -> list[Run]:
        """Return the runs typed so far, those with a gap left out."""
        technique = self.cleaned_data.get("technique", "")
        return [run for run in (row.run(technique) for row in self.rows.forms) if run]

    def balance(self) -> Balance:
        """Return what the runs need beside what is asked: as typed, or as saved."""
        if not self.is_bound:
            return masses.balance(self.line) if self.line else Balance([], None)
        self.is_valid()
        if not self.offer.sample.is_divisible:
            return Balance(self.planned(), self.offer.sample.initial_mg, is_piece=True)
        return Balance(self.planned(), self.cleaned_data.get("asked_mg"), self.cleaned_data.get("least_mg"))

    def others(self) -> list[Other]:
        """Return what the request says now where it differs, its runs among it."""
        rows = DraftRequest.objects.filter(application=self.application, sample=self.offer.sample)
        self.line = rows.first() or DraftRequest(effect="")  # read again: somebody saved it meanwhile
        theirs, mine = (_in_words(runs) for runs in (masses.planned(self.line.runs), self.planned()))
        return super().others() + ([Other(_("Measurements planned"), theirs, mine)] if theirs != mine else [])


def _shown(runs: list[Run]) -> list[dict[str, Any]]:
    return [
        {
            "technique": run.technique,
            "mass_mg": run.mass_mg,
            "runs": run.runs,
            "loss_percent": masses.plain_percent(run.loss_percent),
        }
        for run in runs
    ]


def _in_words(runs: list[Run]) -> str:
    return "\n".join(f"{run.label}: {run.said}" for run in runs)
