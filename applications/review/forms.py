"""The form of a review: one scale per criterion, one opinion per sample request, three texts. Shape only."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.draft_forms import Other, other_of
from applications.enums import Confidence
from applications.models import Criterion, Review, SampleRequest
from applications.reviewing import LONGEST_REASON, LONGEST_TEXT, Opinion, misfit
from portal.units import MassInput, plain_mass

NOT_APPLICABLE = "na"
PARTS = ("mass", "because")  # what is said of each sample


def _text(label: Any, rows: int) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=LONGEST_TEXT, widget=widget)


class ReviewForm(forms.Form):
    """Everything may be empty in a draft; what a submitted review needs is asked by the action.

    `by_itself` keeps what is right where one field is wrong: that field stays as it was saved, and `left_out` says why.
    """

    use_required_attribute = False
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    confidence = forms.TypedChoiceField(
        label=_("How sure you are"),
        required=False,
        choices=Confidence.choices,
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
        help_text=_("Shown beside your scores. It weighs nothing."),
    )
    for_applicant = _text(_("To the applicant"), 4)
    for_panel = _text(_("To the panel"), 3)
    private_note = _text(_("Private note"), 2)

    def __init__(
        self,
        *args: Any,
        criteria: Sequence[Criterion],
        requests: Sequence[SampleRequest],
        review: Review | None = None,
        by_itself: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, initial=_initial(review), **kwargs)
        self.criteria, self.requests = criteria, requests
        self.by_itself, self.left_out = by_itself, list[str]()
        for criterion in criteria:
            points = [(str(point), words) for point, words in criterion.points]
            self.fields[f"score_{criterion.code}"] = forms.ChoiceField(
                label=criterion.local_name,
                required=False,
                widget=forms.RadioSelect,
                choices=[*points, (NOT_APPLICABLE, _("Does not apply"))],
            )
        for request in requests:
            if not request.whole:
                self.fields[f"mass_{request.uid}"] = MassInput(label=_("I would give"), required=False)
            self.fields[f"because_{request.uid}"] = forms.CharField(
                label=_("Because"), required=False, max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2})
            )

    def clean(self) -> dict[str, Any]:
        """Say of every mass whether it fits its request; where this is sent by itself, set aside what is wrong."""
        typed = super().clean() or self.cleaned_data
        for request in self.requests:
            if refusal := misfit(request, typed.get(f"mass_{request.uid}")):
                for name, messages in refusal.errors.items():
                    self.add_error(name, messages)
        if self.by_itself:
            self._set_aside()
        return typed

    def _set_aside(self) -> None:
        """Let every wrong field be as it was saved, so that the rest can be kept; a wrong version is another matter."""
        samples = {f"{part}_{one.uid}": one.sample.catalogue_number for one in self.requests for part in PARTS}
        for name in [name for name in self.errors if name in self.fields and name != "version"]:
            field, saved = self.fields[name], self.initial.get(name)
            named = samples.get(name, field.label)
            for message in self.errors.pop(name):
                is_named = str(message).startswith(str(named))
                parts = {"field": named, "message": message}
                self.left_out.append(str(message if is_named else _("%(field)s: %(message)s") % parts))
            self.cleaned_data[name] = field.clean("") if saved is None else saved

    @property
    def scales(self) -> list[Any]:
        """The criteria in the order of the call, with their weights."""
        return [(self[f"score_{criterion.code}"], criterion.weight) for criterion in self.criteria]

    @property
    def weights(self) -> str:
        """The weights by field, as the script reads them that shows the mean while it is scored."""
        return json.dumps({f"score_{criterion.code}": float(criterion.weight) for criterion in self.criteria})

    def others(self, review: Review | None) -> list[Other]:
        """Return every field in which the saved review says something else than was typed here."""
        saved = _initial(review)
        pairs = [(bound, saved.get(bound.name), bound.value()) for bound in self if not bound.is_hidden]
        return [
            other_of(bound, _text_of(one), _text_of(two)) for bound, one, two in pairs if _text_of(one) != _text_of(two)
        ]

    @property
    def opinions(self) -> list[Any]:
        """Each request with its fields."""
        return [
            (request, None if request.whole else self[f"mass_{request.uid}"], self[f"because_{request.uid}"])
            for request in self.requests
        ]

    def content(self) -> dict[str, Any]:
        """Return what the action takes: version, scores by code, texts, opinions by the request's public id."""
        typed = self.cleaned_data
        chosen = {criterion.code: typed[f"score_{criterion.code}"] for criterion in self.criteria}
        return {
            "version": typed["version"],
            "scores": {
                code: None if value == NOT_APPLICABLE else int(value) for code, value in chosen.items() if value
            },
            "for_applicant": typed["for_applicant"],
            "for_panel": typed["for_panel"],
            "private_note": typed["private_note"],
            "confidence": typed["confidence"],
            "mass_opinions": {
                str(request.uid): Opinion(typed.get(f"mass_{request.uid}"), typed[f"because_{request.uid}"])
                for request in self.requests
            },
        }

    def take_version(self, version: int) -> None:
        """Let what was typed replace this version when it is sent again, now that both were shown."""
        self.data = self.data.copy()
        self.data["version"] = str(version)


def _text_of(value: Any) -> str:
    """Write a saved and a typed value alike, so that they can be compared."""
    if isinstance(value, Decimal):
        return plain_mass(value)
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def _initial(review: Review | None) -> dict[str, Any]:
    if review is None:
        return {"version": 0}
    initial: dict[str, Any] = {
        "version": review.version,
        "for_applicant": review.for_applicant,
        "for_panel": review.for_panel,
        "private_note": review.private_note,
        "confidence": review.confidence,
    }
    for score in review.scores.all():
        initial[f"score_{score.criterion.code}"] = NOT_APPLICABLE if score.value is None else str(score.value)
    for opinion in review.mass_opinions.all():
        initial[f"mass_{opinion.request.uid}"] = opinion.would_give_mg
        initial[f"because_{opinion.request.uid}"] = opinion.because
    return initial
