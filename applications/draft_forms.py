"""The forms of a draft, whichever room they stand in, are built on these. Drafts may be empty anywhere."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.forms import BoundField
from django.http import HttpRequest
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.differences import Piece, compared
from applications.enums import ApplicationLanguage
from applications.models import Application
from applications.rules import lengths
from portal import files
from portal.errors import Invalid

DAY = "%Y-%m-%d"
MOST_CHARACTERS = 200_000  # far above every limit of a call: against abuse, not against writers
TOO_LONG = _("This text has %(show_value)s characters. No more than %(limit_value)s can be saved in one field.")


class Prose(forms.CharField):
    """A long text. A line break counts as one character, whatever the browser sends.

    It may be longer than the call lets it be, and is saved so; only submitting asks for the limit.
    """

    widget = forms.Textarea

    def __init__(self, *, rows: int = 10, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.widget.attrs["rows"] = rows
        self.validators.append(MaxLengthValidator(MOST_CHARACTERS, TOO_LONG))

    def to_python(self, value: Any) -> str:
        return lengths.normalised(str(super().to_python(value)))

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}  # no maxlength: a browser must not cut what somebody pastes


def _limits() -> str:
    words = gettext("One PDF of at most %(megabytes)s MB, without password, scripts or attachments.")
    return words % {"megabytes": files.MEGABYTES}


class PdfField(forms.FileField):
    """One PDF, checked and kept here: before any lock is taken, and outside any transaction."""

    widget = forms.FileInput(attrs={"accept": "application/pdf,.pdf"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("PDF"), "help_text": lazy(_limits, str)(), **kwargs})

    def clean(self, data: Any, initial: Any = None) -> files.Kept | None:
        """Return the file as it is kept; None where there is none and none is asked for."""
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return files.keep_pdf(upload)
        except Invalid as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from None


class DayField(forms.DateField):
    """A day, written in the one way that is read alike everywhere: year first."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"inputmode": "numeric", "size": "12"}, format=DAY)
        super().__init__(**{"required": False, "input_formats": [DAY], "widget": widget, **kwargs})

    def to_python(self, value: Any) -> date | None:
        """Read the day; the complaint names the field, since the summary of errors stands far from it."""
        try:
            return super().to_python(value)
        except forms.ValidationError:
            words = _("Write “%(label)s” as a day, such as 2027-03-01.")
            raise forms.ValidationError(words, code="invalid", params={"label": self.label}) from None


class Counted:
    """A field of a form on the page, with the line below it that says how long its text may be."""

    def __init__(self, bound: BoundField, limits: Mapping[str, int], language: str) -> None:
        self.bound = bound
        text = str(bound.value() or "")
        self.length = lengths.length_of(text, limits=limits, language=language) if limits else None

    @property
    def id(self) -> str:
        """The id of the line, by which the control is described."""
        return f"{self.bound.auto_id}_count"

    @property
    def sentences(self) -> tuple[Promise, Promise]:
        """What the script writes into the line: where the text fits, and where it is too long."""
        assert self.length is not None
        return lengths.sentences(self.length.unit)


class DraftForm(forms.Form):
    """Part of a draft, with the version its writer had before them."""

    use_required_attribute = False
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    texts: tuple[str, ...] = ()

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        self.application = application
        kwargs.setdefault("initial", {})
        kwargs["initial"] |= {"version": application.version, **self.saved_values(application)}
        super().__init__(*args, **kwargs)
        for name in self.fields:
            if lengths.limits_of(application.call, name):
                self.fields[name].widget.attrs["aria-describedby"] = f"{self[name].auto_id}_count"

    def saved_values(self, application: Application) -> dict[str, Any]:
        """Return what the draft says now, by field."""
        return {name: getattr(application, name) for name in self.texts}

    def changes(self) -> dict[str, Any]:
        """Return what `actions.save` takes."""
        return {name: self.cleaned_data[name] for name in self.texts}

    def counted(self) -> list[Counted]:
        """Return the fields that are shown, each with its count where the call limits it."""
        language = self.application.language or ApplicationLanguage.ENGLISH
        call = self.application.call
        return [Counted(bound, lengths.limits_of(call, bound.name), language) for bound in self if not bound.is_hidden]

    def others(self) -> list["Other"]:
        """Return every field in which the draft says something else than was typed."""
        saved = self.saved_values(self.application)
        typed = {name: self._typed(name) for name in saved if name in self.fields}
        return [other_of(self[name], saved[name], value) for name, value in typed.items() if value != saved[name]]

    def _typed(self, name: str) -> Any:
        cleaned = getattr(self, "cleaned_data", {})
        return cleaned[name] if name in cleaned else str(self[name].value() or "")


class Other:
    """A field that somebody saved meanwhile: their text and the one typed here, with what differs."""

    def __init__(self, label: Any, saved: Any, typed: Any, choices: Iterable[tuple[Any, Any]] = ()) -> None:
        self.label, self._choices = label, dict(choices)
        self._both = compared(self._said(saved), self._said(typed))

    def _said(self, value: Any) -> str:
        if isinstance(value, bool):
            return str(_("yes") if value else _("no"))
        return str(self._choices.get(value, "" if value is None else value))

    @property
    def theirs(self) -> list[Piece]:
        """Their text in pieces; marked is what the text typed here does not say."""
        return self._both[0]

    @property
    def mine(self) -> list[Piece]:
        """The text typed here in pieces; marked is what theirs does not say."""
        return self._both[1]


def other_of(bound: BoundField, saved: Any, typed: Any) -> Other:
    """Return a field of a form as somebody else saved it beside what was typed, choices in their words."""
    return Other(bound.label, saved, typed, getattr(bound.field, "choices", None) or ())


class Removal(DraftForm):
    """A button that removes nothing of what somebody saved since the page was opened; `parts` are what it removes."""

    def __init__(self, *args: Any, parts: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = list(parts)


class Confirmation(forms.Form):
    """A button and nothing else."""


def button(request: HttpRequest) -> Confirmation:
    """Return the form of a page that asks one question with one button."""
    return Confirmation(request.POST if request.method == "POST" else None)
