"""The forms of screening and advice: shape only; what may be done is decided in `actions.py`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.enums import Feasibility, ScreeningReason
from applications.filters import SubmissionFilters
from portal.filters import Filters
from portal.units import MassInput
from portal.zones import MomentInput, place

LONGEST_REASON = 4000
_AREA = forms.Textarea(attrs={"rows": 5})


class ScreeningFilters(SubmissionFilters):
    """What the list of submissions can be narrowed to."""

    reference = forms.CharField(
        label=_("Reference"), required=False, max_length=24, help_text=_("The whole reference, such as LSA-2026-48213.")
    )


class AdviceFilters(Filters):
    """Whether the curator's list shows only what waits for advice."""

    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", _("what waits for advice")), ("all", _("everything in screening"))],
    )


class SeenForm(forms.Form):
    """The number of the submission that was read, so that no other one is judged."""

    use_required_attribute = False
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class RejectForm(SeenForm):
    """Why an application is not eligible."""

    reason_code = forms.ChoiceField(label=_("Reason"), choices=[("", _("Choose a reason")), *ScreeningReason.choices])
    reason = forms.CharField(
        label=_("In words"), widget=_AREA, max_length=LONGEST_REASON, help_text=_("What exactly, and what follows.")
    )


class ReturnForm(RejectForm):
    """What has to be completed, and until when."""

    due_at = MomentInput(label=_("To be submitted again by"))

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_at"].zone = zone
        hint = _("In the time of the call, %(place)s. It may lie after the deadline of the call.")
        self.fields["due_at"].help_text = hint % {"place": place(zone)}


class ClearForm(SeenForm):
    """Why what was found names nobody."""

    reason = forms.CharField(
        label=_("Why nobody is named"), widget=forms.Textarea(attrs={"rows": 3}), max_length=LONGEST_REASON
    )


class AdviceForm(forms.Form):
    """The curator's advice on one sample request."""

    use_required_attribute = False
    feasibility = forms.ChoiceField(label=_("Advice"), choices=Feasibility.choices, widget=forms.RadioSelect)
    feasible_mg = MassInput(
        label=_("Mass that could be given"), required=False, help_text=_("Only where it is partly feasible.")
    )
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=LONGEST_REASON
    )

    def __init__(self, *args: Any, whole: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if whole:
            del self.fields["feasible_mg"]
            choices = [choice for choice in Feasibility.choices if choice[0] != Feasibility.PARTLY]
            self.fields["feasibility"].choices = choices


class WaiverForm(forms.Form):
    """Why a request needs no advice."""

    use_required_attribute = False
    note = forms.CharField(
        label=_("Why no advice is needed"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_REASON,
        help_text=_("The panel reads this instead of the curator’s advice."),
    )
