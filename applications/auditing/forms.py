"""What an auditor's list can be narrowed to."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applications.access import visible_calls
from applications.enums import Status


class Filters(forms.Form):
    """Filters of the list, read from the address. A parameter that is not listed here is refused."""

    call = forms.ChoiceField(label=_("Call"), required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("any")), *((value, label) for value, label in Status.choices if value != Status.DRAFT)],
    )
    ELSEWHERE = frozenset({"cursor"})

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        calls = visible_calls(user).filter(applications__submission__isnull=False).distinct().order_by("-closes_at")
        choices = [(call.slug, call.local_title) for call in calls]
        self.fields["call"].choices = [("", _("any")), *choices]

    def clean(self) -> dict[str, Any]:
        if set(self.data) - set(self.fields) - self.ELSEWHERE:
            raise ValidationError(_("The address asks for something unknown."), code="unknown-parameter")
        return super().clean() or self.cleaned_data
