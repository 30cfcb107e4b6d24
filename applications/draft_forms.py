"""The forms of a draft, whichever room they stand in, are built on these. Drafts may be empty anywhere."""

from typing import Any

from django import forms
from django.http import HttpRequest

from applications.models import Application


class Prose(forms.CharField):
    """A long text. A line break counts as one character, whatever the browser sends."""

    widget = forms.Textarea

    def __init__(self, *, rows: int = 10, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.widget.attrs["rows"] = rows

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}  # no maxlength: a browser must not cut what somebody pastes


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

    def saved_values(self, application: Application) -> dict[str, Any]:
        """Return what the draft says now, by field."""
        return {name: getattr(application, name) for name in self.texts}

    def changes(self) -> dict[str, Any]:
        """Return what `actions.save` takes."""
        return {name: self.cleaned_data[name] for name in self.texts}

    def others(self) -> list[tuple[Any, str]]:
        """Return label and present text of every field in which the draft says something else than was typed."""
        saved = self.saved_values(self.application)
        typed = {name: self.data.get(name, "").replace("\r\n", "\n") for name in saved if name in self.fields}
        return [
            (self.fields[name].label, value)
            for name, value in saved.items()
            if name in typed and isinstance(value, str) and value != typed[name]
        ]


class Confirmation(forms.Form):
    """A button and nothing else."""


def button(request: HttpRequest) -> Confirmation:
    """Return the form of a page that asks one question with one button."""
    return Confirmation(request.POST if request.method == "POST" else None)
