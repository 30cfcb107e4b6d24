"""The one PDF of an application; it is checked here, before any lock is taken."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal import files
from portal.errors import Invalid


class FileForm(forms.Form):
    """One PDF; it is checked here, before any lock is taken."""

    use_required_attribute = False
    file = forms.FileField(
        label=_("PDF"),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limits = _("One PDF of at most %(megabytes)s MB, without password, scripts or attachments.")
        self.fields["file"].help_text = limits % {"megabytes": files.MEGABYTES}

    def clean_file(self) -> files.Kept:
        try:
            return files.keep_pdf(self.cleaned_data["file"])
        except Invalid as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from None
