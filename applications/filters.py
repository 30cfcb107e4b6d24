"""What the lists of staff can be narrowed to in more than one room. How an address is read: `portal/filters.py`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.access import visible_calls
from applications.enums import Status
from portal.filters import Filters


class CallFilters(Filters):
    """A list narrowed to one call, of those in which something was submitted."""

    call = forms.ChoiceField(label=_("Call"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        calls = visible_calls(user).filter(applications__submission__isnull=False).distinct().order_by("-closes_at")
        field: Any = self.fields["call"]
        field.choices = [("", _("any")), *((call.slug, call.local_title) for call in calls)]


class SubmissionFilters(CallFilters):
    """Submitted applications, by call and status."""

    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("any")), *((value, label) for value, label in Status.choices if value != Status.DRAFT)],
    )
