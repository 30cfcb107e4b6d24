"""Several files at once; and of what they said, which version stays and whether it is sent."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from applications.offline import received
from applications.offline.actions import MINE, WEB
from applications.offline.preview import SAVABLE, Outcome, Row
from portal.files import MEGABYTES, SEVERAL, TOO_LARGE

MOST_FILES = 60
MOST_COMPLAINTS = 10


class FilesInput(forms.FileInput):
    """A choice of several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several uploaded files; one that is empty does not hold up the others."""

    widget = FilesInput(attrs={"accept": ".txt,.xlsx,.zip"})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        sent = list(data) if isinstance(data, list | tuple) else [data]
        if len(sent) > MOST_FILES:
            words = ngettext("At most %(most)s file at once.", "At most %(most)s files at once.", MOST_FILES)
            raise forms.ValidationError(words % {"most": MOST_FILES}, code="too-many-files")
        return [super(FilesField, self).clean(one, initial) for one in sent or [None]]


class UploadForm(forms.Form):
    """Forms as text, the sheet, or a ZIP of them. What they say is in `entries`, what is wrong in `faults`."""

    use_required_attribute = False
    entries: Sequence[Any] = ()
    faults: Sequence[Any] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_text = _("Text forms, the workbook, or a ZIP of them; up to %(megabytes)s MB together.")
        self.fields[SEVERAL] = FilesField(
            label=_("Files"), max_length=255, allow_empty_file=True, help_text=help_text % {"megabytes": MEGABYTES}
        )

    def clean(self) -> dict[str, Any]:
        """Read the files: where nothing in them can be read, say why; else the next page says what is wrong."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        files = cleaned[SEVERAL]
        if sum(one.size for one in files) > MEGABYTES * 1024 * 1024:
            self.add_error(SEVERAL, forms.ValidationError(TOO_LARGE, code="file-too-large"))
            return cleaned
        self.entries, self.faults = received.read((one.name, one.read()) for one in files)
        if not self.entries:
            for fault in self.faults[:MOST_COMPLAINTS]:
                where = ", ".join(part for part in (fault.file, fault.place) if part)
                self.add_error(SEVERAL, forms.ValidationError(f"{where}: {fault.reason}", code="unreadable"))
            if not self.faults:
                self.add_error(SEVERAL, forms.ValidationError(_("There is no review in it."), code="nothing-inside"))
        return cleaned


class SaveForm(forms.Form):
    """Which version stays where both were written, and whether what is complete is sent at once."""

    use_required_attribute = False
    send = forms.BooleanField(label=gettext_lazy("Send those that are complete"), required=False)

    def __init__(self, *args: Any, rows: Sequence[Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        for row in rows:
            if row.outcome in SAVABLE:
                hidden = forms.IntegerField(widget=forms.HiddenInput, min_value=0, initial=row.version, required=False)
                self.fields[f"seen_{row.reference}"] = hidden
            if row.outcome == Outcome.CONFLICTING:
                self.fields[f"choice_{row.reference}"] = forms.ChoiceField(
                    label=_("Which one stays?"),
                    required=False,
                    widget=forms.RadioSelect,
                    choices=[(WEB, _("What is saved on the web")), (MINE, _("What I uploaded"))],
                )

    @property
    def shown(self) -> list[tuple[Row, Any, Any]]:
        """Each row with its hidden version and its choice, as far as it has them."""
        return [
            (row, self._bound(f"seen_{row.reference}"), self._bound(f"choice_{row.reference}")) for row in self.rows
        ]

    def _bound(self, name: str) -> Any:
        return self[name] if name in self.fields else None

    def said(self) -> dict[str, Any]:
        """Return what the action takes."""
        typed = self.cleaned_data
        seen = {row.reference: typed.get(f"seen_{row.reference}") for row in self.rows}
        choices = {row.reference: typed.get(f"choice_{row.reference}", "") for row in self.rows}
        known = {reference: version for reference, version in seen.items() if version is not None}
        return {"seen": known, "choices": choices, "send": typed["send"]}
