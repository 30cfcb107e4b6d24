"""The form of one verdict. What may be awarded is said by the rules; the form knows shapes only."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.decisions.actions import NOTHING_YET
from applications.enums import Verdict
from applications.models import SampleRequest
from portal.units import MassInput


class VerdictForm(forms.Form):
    """A verdict on one sample request; `seen` is the decision that was effective when the page was read."""

    use_required_attribute = False

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    verdict = forms.ChoiceField(label=_("Verdict"), choices=Verdict.choices, widget=forms.RadioSelect)
    mass_mg = MassInput(label=_("Award"), required=False)
    reserve_rank = forms.IntegerField(
        label=_("Place on the reserve list"),
        required=False,
        min_value=1,
        max_value=999,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "4"}),
    )
    waits_for = forms.CharField(label=_("Waits for an authorisation"), max_length=500, required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, request: SampleRequest, *args: Any, **kwargs: Any) -> None:
        decision = next(iter(request.effective), None)
        award = getattr(decision, "award", None) if decision else None
        initial = {
            "seen": str(decision.uid) if decision else NOTHING_YET,
            "verdict": decision.verdict if decision else None,
            "mass_mg": award.mass_mg if award and not award.whole else None,
            "reserve_rank": decision.reserve_rank if decision else None,
            "waits_for": award.waits_for if award else "",
            "reason": decision.reason if decision else "",
        }
        super().__init__(*args, initial=initial, prefix=f"r{request.uid.hex[:8]}", **kwargs)
        self.request, self.decision, self.present = request, decision, initial["seen"]
        if request.whole:
            del self.fields["mass_mg"]
