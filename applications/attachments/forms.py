"""The one PDF of an application; it is checked here, before any lock is taken and outside any transaction."""

from typing import Any

from django import forms
from django.core.files import File
from django.utils.translation import gettext_lazy as _

from applications.attachments import actions, queries
from applications.models import Application, PartialUpload
from applications.rules.attachments import check_page_limit
from portal import files, parts
from portal.errors import Invalid

NOT_WHOLE = _("The file did not arrive whole. Choose it again.")


class FileForm(forms.Form):
    """One PDF: sent with the form, or before it in parts (`upload` names them)."""

    use_required_attribute = False
    upload = forms.CharField(required=False, widget=forms.HiddenInput)
    file = forms.FileField(
        label=_("PDF"),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )

    def __init__(self, *args: Any, application: Application, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.application, self.by = application, by
        self.came_as: PartialUpload | None = None
        limits = _("One PDF of at most %(pages)s pages and %(megabytes)s MB, without password.")
        numbers = {"pages": application.call.file_page_limit, "megabytes": files.MEGABYTES}
        self.fields["file"].help_text = limits % numbers
        self.fields["file"].required = not self.data.get("upload")

    def clean(self) -> dict[str, Any]:
        """Check what was sent; parts of a file that is refused are forgotten."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        if not (cleaned.get("upload") or cleaned.get("file")):  # the name of an upload that says nothing
            self.add_error("file", forms.ValidationError(self.fields["file"].error_messages["required"], "required"))
            return cleaned
        try:
            cleaned["file"] = (
                self._whole(cleaned["upload"]) if cleaned.get("upload") else self._checked(cleaned["file"])
            )
        except Invalid as refusal:
            self.add_error("file", forms.ValidationError(refusal.message, code=refusal.code))
        return cleaned

    def _whole(self, name: str) -> files.Kept:
        upload = queries.on_its_way(self.application, self.by, name)
        if upload is None or upload.received_bytes < upload.expected_bytes:
            raise Invalid(NOT_WHOLE, code="file-not-whole")
        try:
            with parts.opened(upload.uid) as content:
                kept = self._checked(File(content))
        except (Invalid, FileNotFoundError) as fault:
            actions.forget(upload)
            if isinstance(fault, Invalid):
                raise
            raise Invalid(NOT_WHOLE, code="file-not-whole") from None
        self.came_as = upload
        return kept

    def _checked(self, upload: File) -> files.Kept:
        kept = files.keep_pdf(upload)
        check_page_limit(self.application.call, kept.pages)
        return kept


class RoomForm(forms.Form):
    """How large a file is that will come in parts."""

    bytes = forms.IntegerField(min_value=0, max_value=2**31 - 1)
