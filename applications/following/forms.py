"""What an applicant may still say after submitting."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.draft_forms import Prose


class WithdrawForm(forms.Form):
    """Why an application ends, if its investigator wants to say."""

    use_required_attribute = False
    reason = Prose(label=_("Reason"), max_length=2000, rows=4, help_text=_("For the record; nobody has to give one."))
