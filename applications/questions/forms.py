"""The forms of questions on a call. What may be asked, answered and published when is said by `actions.py`."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import CallQuestion
from applications.questions.actions import LONGEST, TEXTS

CHOSEN = re.compile(r"(?P<uid>[0-9a-f-]{36}):(?P<seen>[0-9]{1,9})", re.ASCII)


class Words(forms.CharField):
    """A text in which a line break counts as one character, whatever the browser sends."""

    widget = forms.Textarea

    def __init__(self, *, rows: int = 5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs["rows"] = rows

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}  # no maxlength: a browser must not cut what somebody pastes


class AskForm(forms.Form):
    """One question."""

    use_required_attribute = False
    asked = Words(
        label=_("Your question"),
        max_length=LONGEST,
        help_text=_("In English or Chinese. One question at a time is answered best."),
    )


class AnswerForm(forms.ModelForm):
    """The wording for everybody and the answer, in both languages; each part may still be empty."""

    use_required_attribute = False
    question = Words(label=_("Question as published"), rows=4, max_length=LONGEST, required=False)
    question_zh = Words(label=_("Question as published, in Chinese"), rows=4, max_length=LONGEST, required=False)
    answer = Words(label=_("Answer"), rows=6, max_length=2 * LONGEST, required=False)
    answer_zh = Words(label=_("Answer in Chinese"), rows=6, max_length=2 * LONGEST, required=False)

    class Meta:
        model = CallQuestion
        fields = TEXTS

    def _post_clean(self) -> None:
        """Leave the row alone: only the action writes."""


class PublishForm(forms.Form):
    """Which answers are published, each with the version that was read."""

    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        """Read every box: `uid:version`."""
        boxes = self.data.getlist("chosen") if hasattr(self.data, "getlist") else []
        found = [CHOSEN.fullmatch(box) for box in boxes]
        if not all(found):
            raise forms.ValidationError(_("Choose from the list."), code="unknown")
        try:
            self.chosen = {UUID(match["uid"]): int(match["seen"]) for match in found if match}
        except ValueError:
            raise forms.ValidationError(_("Choose from the list."), code="unknown") from None
        return self.cleaned_data
