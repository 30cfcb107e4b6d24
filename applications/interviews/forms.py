"""The forms of interviews: shapes only."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import Call
from portal import zones


class ProposeForm(forms.Form):
    """A slot: when it begins in the call's zone, and where."""

    use_required_attribute = False

    place = forms.CharField(
        label=_("Place or link"), max_length=300, help_text=_("An address, or the link to join. The team reads it.")
    )

    def __init__(self, call: Call, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["begins_at"] = zones.MomentInput(
            label=_("Begins"),
            zone=call.zone,
            help_text=_("Day and time in %(place)s. The slot lasts %(minutes)s minutes.")
            % {"place": zones.place(call.zone), "minutes": call.slot_minutes},
        )
        self.order_fields(["begins_at", "place"])


class MinutesForm(forms.Form):
    """What the panel keeps of an interview."""

    use_required_attribute = False

    minutes = forms.CharField(
        label=_("Minutes"), required=False, max_length=10000, widget=forms.Textarea(attrs={"rows": 8})
    )


class ReasonForm(forms.Form):
    """Why a slot is cancelled, or what is known of an absence."""

    use_required_attribute = False

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
