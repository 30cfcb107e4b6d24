"""The filters of the mail page and of the audit trail."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.filters import Filters
from portal.notifications.models import State


class MailFilters(Filters):
    """What the mail page can be narrowed to."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("any")), *State.choices])


class TrailFilters(Filters):
    """What the audit trail can be narrowed to."""

    verb = forms.CharField(
        label=_("What happened"),
        required=False,
        max_length=80,
        validators=[
            RegexValidator(
                r"^[a-z][a-z_]*\.[a-z][a-z_-]*$", _("Write it as in the list, for example application.submit.")
            )
        ],
    )
    actor = forms.UUIDField(label=_("By (public id)"), required=False)
    about = forms.CharField(label=_("Object (reference)"), required=False, max_length=80)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("since"), cleaned.get("until")
        if first and last and last < first:
            self.add_error("until", _("This day lies before the first one."))
        return cleaned


def start_of(day: date) -> datetime:
    """Return the moment a day begins in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """Return the moment the next day begins in the reader's zone."""
    return start_of(day + timedelta(days=1))
