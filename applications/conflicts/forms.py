"""The forms about conflicts: shape only; what may be done is decided in `actions.py` and `settling.py`."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.conflicts.actions import Answered
from applications.conflicts.queries import Line
from applications.enums import InterestAnswer

LONGEST = 2000
NOT_YET = ("", _("Not answered yet"))


class AnswerForm(forms.Form):
    """The pledge, as long as it was not given, and an answer for every line of a page that no conflict closes."""

    use_required_attribute = False
    shown = forms.CharField(widget=forms.HiddenInput, required=False)  # references, as the page had them
    then = forms.CharField(widget=forms.HiddenInput, required=False)  # the cursor of the next page

    def __init__(self, *args: Any, lines: Sequence[Line], pledged: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.pledged = lines, pledged
        if not pledged:
            self.fields["accepts"] = forms.BooleanField(
                label=_("I accept these terms for this call"),
                error_messages={"required": _("Accept the terms: nothing opens before.")},
            )
        for line in self.open_lines():
            reference = line.row.reference
            self.fields[f"answer_{reference}"] = forms.ChoiceField(
                label=_("Conflict with %(reference)s") % {"reference": reference},
                choices=[NOT_YET, *InterestAnswer.choices],
                required=False,
                initial=line.answer,
            )
            self.fields[f"words_{reference}"] = forms.CharField(
                label=_("What the minor interest in %(reference)s is") % {"reference": reference},
                max_length=LONGEST,
                required=False,
                initial=line.words,
            )
        self.fields["rest"] = forms.BooleanField(
            label=_("I have no conflict with the rest: every application of this call that I have not answered"),
            required=False,
        )

    def open_lines(self) -> list[Line]:
        """Return the lines that take an answer."""
        return [line for line in self.lines if not line.is_closed]

    def rows(self) -> Iterator[tuple[Line, Any, Any]]:
        """Yield each line with its two fields; none where it is closed."""
        for line in self.lines:
            name = line.row.reference
            fields = (None, None) if line.is_closed else (self[f"answer_{name}"], self[f"words_{name}"])
            yield line, *fields

    def said(self) -> dict[str, Answered]:
        """Return what differs from what was answered before, by reference."""
        found = {}
        for line in self.open_lines():
            name = line.row.reference
            answer, words = self.cleaned_data[f"answer_{name}"], self.cleaned_data[f"words_{name}"]
            if answer and (answer, words) != (line.answer, line.words):
                found[name] = Answered(InterestAnswer(answer), words)
        return found


class ReasonForm(forms.Form):
    """A reason and nothing else."""

    use_required_attribute = False
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=LONGEST)


class RuleForm(ReasonForm):
    """Whether a hint is a conflict, and why."""

    field_order = ("bars", "reason")
    bars = forms.TypedChoiceField(
        label=_("Ruling"),
        choices=[("yes", _("It is a conflict: the application is closed to them at once")), ("no", _("It is none"))],
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
    )


class ExpertForm(forms.Form):
    """Somebody with an account, by exact address: there is no directory to browse."""

    use_required_attribute = False
    email = forms.EmailField(label=_("E-mail of an account"))
