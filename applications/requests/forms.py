"""What is asked of one offered sample: shape only; a request may stay incomplete until the application is submitted."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.draft_forms import DraftForm, Prose
from applications.enums import Effect
from applications.models import Application, CallSample, DraftRequest
from portal.units import MassInput


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
