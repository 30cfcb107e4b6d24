"""The forms of questions, changes, standing and schedule on the office's and the chair's side: shape only."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.draft_forms import Prose
from applications.enums import ChangeKind
from applications.filters import CallFilters
from applications.models import Call
from portal.zones import MomentInput, place

LONGEST_QUESTION = 2000
_TWO_LINES = forms.Textarea(attrs={"rows": 2})


class AskForm(forms.Form):
    """A question to one applicant, and until when the answer is awaited."""

    use_required_attribute = False
    question = Prose(label=_("Question"), max_length=LONGEST_QUESTION, rows=5)
    due_at = MomentInput(label=_("Answer until"))
    for_panel = forms.BooleanField(
        label=_("The panel reads question and answer, too"),
        required=False,
        help_text=_("The chair and the reviewers of this application; never a rival or anybody with a conflict."),
    )

    def __init__(self, *args: Any, call: Call, as_chair: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_at"].zone = call.zone
        self.fields["due_at"].help_text = in_the_time_of(call)
        if as_chair:
            del self.fields["for_panel"]


class ChangeFilters(CallFilters):
    """What the list of changes can be narrowed to."""

    state = forms.ChoiceField(label=_("Show"), required=False, choices=[("", _("waiting")), ("all", _("everything"))])
    kind = forms.ChoiceField(label=_("What changes"), required=False, choices=[("", _("any")), *ChangeKind.choices])


class SettleForm(forms.Form):
    """Accept or decline, with words to the team."""

    use_required_attribute = False
    act = forms.ChoiceField(choices=[("accept", ""), ("decline", "")])
    answer = Prose(
        label=_("Answer to the team"), max_length=2000, rows=4, help_text=_("Needed where the change is not accepted.")
    )


class StandingForm(forms.Form):
    """Until when applicants are asked whether their request stands."""

    use_required_attribute = False
    due_at = MomentInput(label=_("Asked until"))

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_at"].zone = call.zone
        self.fields["due_at"].help_text = in_the_time_of(call)


class ScheduleForm(forms.Form):
    """One sentence to all applicants of a call, with new planned days if there are any."""

    use_required_attribute = False
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    text = forms.CharField(label=_("Sentence"), required=False, max_length=300, widget=_TWO_LINES)
    text_zh = forms.CharField(label=_("Sentence in Chinese"), required=False, max_length=300, widget=_TWO_LINES)
    interviews_on = forms.DateField(
        label=_("Interviews now planned for"),
        required=False,
        help_text=_("Only if it changes. For example 2027-03-01."),
    )
    results_on = forms.DateField(
        label=_("Results now planned for"), required=False, help_text=_("Only if it changes. For example 2027-06-30.")
    )

    def take_seen(self, number: int) -> None:
        """Let the next sending stand above the note that was written meanwhile."""
        self.data = self.data.copy()
        self.data["seen"] = str(number)


def in_the_time_of(call: Call) -> Any:
    """Say in which zone a moment is typed."""
    return _("In the time of the call, %(place)s.") % {"place": place(call.zone)}
