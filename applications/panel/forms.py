"""The forms of the chair: shape only; what may be done is decided in `actions.py`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import Shortlisting
from applications.panel.actions import version_of
from applications.panel.overview import DISPUTED, GAPS, LATE, NO_LEAD, TOO_FEW
from portal.filters import Filters

LONGEST_REASON = 4000


class OverviewFilters(Filters):
    """What the matrix is narrowed to; `format` asks for the same as a file."""

    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("every application")),
            (TOO_FEW, _("fewer reviewers than the call asks for")),
            (NO_LEAD, _("a lead reader is lacking")),
            (LATE, _("a review is late")),
            (DISPUTED, _("scores lie a point or more apart")),
            (GAPS, _("nobody assigned is expert")),
        ],
    )
    format = forms.ChoiceField(required=False, choices=[("", ""), ("csv", "CSV"), ("xlsx", "XLSX")])


class RemindForm(forms.Form):
    """Who is reminded, by public id."""

    use_required_attribute = False
    people = forms.MultipleChoiceField(
        label=_("Who is reminded"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one person.")},
    )

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].choices = people


class AssignForm(forms.Form):
    """Who is to review, by public id, and whether as a lead reader."""

    reviewer = forms.UUIDField(label=_("Reviewer"), widget=forms.HiddenInput)
    leads = forms.BooleanField(label=_("lead reader"), required=False, widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """Why an assignment ends, or a review is given back to its writer."""

    use_required_attribute = False
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=LONGEST_REASON)


class ConcludeForm(forms.Form):
    """Which applications leave review together."""

    use_required_attribute = False
    references = forms.MultipleChoiceField(label=_("Ready"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, references: list[str], **kwargs: Any) -> None:
        super().__init__(*args, initial={"references": references}, **kwargs)
        self.fields["references"].choices = [(one, one) for one in references]


class ShortlistForm(forms.Form):
    """Whether an application is invited to an interview, and why not."""

    use_required_attribute = False
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    invited = forms.TypedChoiceField(
        label=_("Interview"),
        choices=[("yes", _("Invited")), ("no", _("Not invited"))],
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST_REASON,
        help_text=_("Needed where the application is not invited."),
    )

    def __init__(self, *args: Any, entry: Shortlisting | None, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"seen": version_of(entry)}
        if entry:
            initial |= {"invited": "yes" if entry.invited else "no", "reason": entry.reason}
        super().__init__(*args, initial=initial, **kwargs)

    def take_version(self, entry: Shortlisting | None) -> None:
        """Let what was typed replace this entry when it is sent again, now that both were shown."""
        self.data = self.data.copy()
        self.data["seen"] = version_of(entry)
