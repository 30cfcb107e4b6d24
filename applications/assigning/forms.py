"""The forms of assigning: shape only; what may be done is decided in `rounds.py` and `actions.py`."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications.assigning.actions import LONGEST_SUGGESTION
from applications.assigning.queries import Candidate
from applications.assigning.rounds import LARGEST_SEED
from applications.enums import RoundMode, Wish
from applications.models import Application, AssignmentRound, PanelMember
from samples.rules.techniques import label_of, techniques

MOST_EACH, MOST_REVIEWS = 9, 200
LEADS, REVIEWS = "lead", "reviewer"
ACCEPT, EXCEPT, DECLINE = "accept", "except", "decline"
ANSWERS = (
    (ACCEPT, _("I accept all of them")),
    (EXCEPT, _("I accept all but those ticked below")),
    (DECLINE, _("I decline all of them")),
)
ONE_ACCEPTED, ONE_DECLINED = (ACCEPT, _("I accept it")), (DECLINE, _("I decline it"))


def _digits(size: int = 4) -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "numeric", "size": size})


class VersionForm(forms.Form):
    """What an act rests on: the version of the round that was read, 0 before any."""

    use_required_attribute = False
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, round_: AssignmentRound | None, **kwargs: Any) -> None:
        kwargs["initial"] = {"version": round_.version if round_ else 0} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)

    def take_version(self, round_: AssignmentRound | None) -> None:
        """Let what was typed act on this version when it is sent again, now that both were shown."""
        self.data = self.data.copy()
        self.data["version"] = round_.version if round_ else 0


class RoundForm(VersionForm):
    """How reviewers are found."""

    mode = forms.ChoiceField(label=_("How reviewers are found"), choices=RoundMode.choices, widget=forms.RadioSelect)
    each = forms.IntegerField(
        label=_("Reviewers of each application"), min_value=1, max_value=MOST_EACH, widget=_digits()
    )
    most = forms.IntegerField(
        label=_("Applications of one reviewer at most"),
        required=False,
        min_value=1,
        max_value=MOST_REVIEWS,
        widget=_digits(),
        help_text=_("Nobody gets more than they agreed to, whatever stands here."),
    )
    with_chair = forms.BooleanField(label=_("Propose the chair as a reviewer, too"), required=False)
    seed = forms.IntegerField(
        label=_("Number of the draw"),
        required=False,
        min_value=0,
        max_value=LARGEST_SEED,
        widget=_digits(12),
        help_text=_("It decides between equals: the same number gives the same proposals. Empty: a new draw."),
    )

    def __init__(self, *args: Any, round_: AssignmentRound | None, mode: RoundMode, each: int, **kwargs: Any) -> None:
        initial = {"mode": mode, "each": each}
        if round_ is not None:
            names = ("mode", "each", "most", "with_chair", "seed")
            initial = {name: getattr(round_, name) for name in names}
        super().__init__(*args, round_=round_, initial=initial, **kwargs)
        if round_ is not None and round_.released_at is not None:
            self.fields["mode"].disabled = True  # what members may take up by themselves rests on it


class EditForm(VersionForm):
    """Which part everybody on the panel is proposed for in one application."""

    def __init__(
        self, *args: Any, round_: AssignmentRound | None, candidates: Sequence[Candidate], **kwargs: Any
    ) -> None:
        super().__init__(*args, round_=round_, **kwargs)
        self.candidates = candidates
        parts = [("", _("not proposed")), (REVIEWS, _("reviewer")), (LEADS, _("lead reader"))]
        for one in candidates:
            if one.obstacle and one.proposal is None:
                continue
            part = "" if one.proposal is None else LEADS if one.proposal.is_lead else REVIEWS
            self.fields[f"part_{one.seat.user.uid}"] = forms.ChoiceField(
                label=one.seat.user.name, choices=parts, required=False, initial=part
            )

    def rows(self) -> list[tuple[Candidate, Any]]:
        """Return everybody with their field, none where something is in the way."""
        names = [f"part_{one.seat.user.uid}" for one in self.candidates]
        pairs = zip(self.candidates, names, strict=True)
        return [(one, self[name] if name in self.fields else None) for one, name in pairs]

    def chosen(self) -> dict[Any, bool]:
        """Return who is proposed, by public id, and whether they lead."""
        parts = {one.seat.user.uid: self.cleaned_data.get(f"part_{one.seat.user.uid}") for one in self.candidates}
        return {uid: part == LEADS for uid, part in parts.items() if part}


class ExpertiseForm(forms.Form):
    """What a member of a panel knows, and how much they take."""

    use_required_attribute = False
    techniques = forms.MultipleChoiceField(
        label=_("Expert in"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A broad concept stands for everything below it."),
    )
    most = forms.IntegerField(
        label=_("Applications in this call at most"),
        required=False,
        min_value=1,
        max_value=MOST_REVIEWS,
        widget=_digits(),
        help_text=_("Empty: as many as the chair asks for."),
    )

    def __init__(self, *args: Any, seat: PanelMember, **kwargs: Any) -> None:
        super().__init__(*args, initial={"techniques": seat.techniques, "most": seat.most_reviews}, **kwargs)
        language = get_language() or "en"
        top = {one.code for one in techniques() if not one.broader}  # whoever knows that would know everything
        named = sorted((one for one in techniques() if one.broader), key=lambda one: one.label_in(language).casefold())
        self.fields["techniques"].choices = [
            (one.code, one.label_in(language) + ("" if one.broader in top else f" ({label_of(one.broader)})"))
            for one in named
        ]


class WishesForm(forms.Form):
    """What somebody would like to review: one choice for each application of a page."""

    use_required_attribute = False

    def __init__(self, *args: Any, applications: Sequence[Application], own: Mapping[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.applications = applications
        for one in applications:
            self.fields[f"wish_{one.reference}"] = forms.TypedChoiceField(
                label=_("My wish for %(reference)s") % {"reference": one.reference},
                choices=[("", _("no wish")), *Wish.choices],
                coerce=lambda value: Wish(int(value)),
                empty_value=None,
                required=False,
                initial=own.get(one.pk, ""),
            )

    def rows(self) -> list[tuple[Application, Any]]:
        """Return each application with its field."""
        return [(one, self[f"wish_{one.reference}"]) for one in self.applications]

    def wishes(self) -> dict[str, Wish | None]:
        """Return what was chosen, by reference; what was not sent at all is left as it is."""
        names = {one.reference: f"wish_{one.reference}" for one in self.applications}
        return {reference: self.cleaned_data[name] for reference, name in names.items() if name in self.data}


class AnswerForm(forms.Form):
    """The answer to being asked for reviews."""

    use_required_attribute = False
    answer = forms.ChoiceField(label=_("Your answer"), choices=ANSWERS, widget=forms.RadioSelect)
    references = forms.MultipleChoiceField(
        label=_("What I decline"), required=False, widget=forms.CheckboxSelectMultiple
    )
    suggestion = forms.CharField(
        label=_("Whom to ask instead"),
        required=False,
        max_length=LONGEST_SUGGESTION,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, asked: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What was shown is what is answered: nothing that was added since is accepted unread.
        shown = self.data.getlist("shown")[:MOST_REVIEWS] if self.is_bound else asked
        self.asked = [one for one in shown if "\0" not in one]  # forged: no reference has it
        self._offer(list(dict.fromkeys([*self.asked, *asked])))

    def show_anew(self, asked: Sequence[str]) -> None:
        """Let what waits now be answered when the form is sent again."""
        self.asked = list(asked)
        self._offer(self.asked)

    def _offer(self, references: Sequence[str]) -> None:
        """Let the answer be about these; about a single one there is nothing to except."""
        single = len(references) == 1
        self.fields["answer"].choices = [ONE_ACCEPTED, ONE_DECLINED] if single else ANSWERS
        self.fields["references"].choices = [] if single else [(one, one) for one in references]

    def clean(self) -> dict[str, Any]:
        """Ask which ones are declined, where not all are."""
        found = super().clean() or {}
        if found.get("answer") == EXCEPT and not found.get("references") and "references" not in self.errors:
            self.add_error("references", _("Tick what you decline, or accept all."))
        if found.get("answer") == ACCEPT and found.get("references"):
            self.add_error("references", _("You ticked some and accept all. Which is meant?"))
        return found

    def content(self) -> dict[str, Any]:
        """Return the answer as the action takes it."""
        found = self.cleaned_data
        declined = {ACCEPT: (), EXCEPT: found["references"], DECLINE: self.asked}[found["answer"]]
        return {"asked": self.asked, "declined": declined, "suggestion": found["suggestion"]}
