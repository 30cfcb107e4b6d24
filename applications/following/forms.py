"""What a team may still say after submitting: shape only. What may be done is decided in the actions."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.documents import institution_words
from applications.draft_forms import PdfField, Prose
from applications.enums import AuthorisationState, ChangeKind, TeamRole
from applications.models import Application, Call, Clarification
from portal.accounts.forms import InstitutionMixin
from portal.units import MassInput, format_mass


class WithdrawForm(forms.Form):
    """Why an application ends, if its investigator wants to say."""

    use_required_attribute = False
    reason = Prose(label=_("Reason"), max_length=2000, rows=4, help_text=_("For the record; nobody has to give one."))


class AnswerForm(forms.Form):
    """An answer to one question: words, and one PDF if it helps; the file is checked before any lock is taken."""

    use_required_attribute = False
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    answer = Prose(label=_("Your answer"), max_length=5000, rows=8)
    file = PdfField(required=False)
    drop_file = forms.BooleanField(label=_("Leave the file away"), required=False)

    def __init__(self, *args: Any, clarification: Clarification, mark: str, **kwargs: Any) -> None:
        super().__init__(*args, initial={"answer": clarification.answer, "seen": mark}, **kwargs)
        if not clarification.file_sha256:
            del self.fields["drop_file"]

    def take_mark(self, mark: str) -> None:
        """Let the next sending of this form replace the answer that stands now."""
        self.data = self.data.copy()
        self.data["seen"] = mark

    def changes(self) -> dict[str, Any]:
        """Return what `actions.answer` takes."""
        said = self.cleaned_data
        return {
            "text": said["answer"],
            "file": said.get("file"),
            "drop_file": said.get("drop_file", False),
            "seen": said["seen"],
        }


class NamingForm(forms.Form):
    """Whether the principal investigator may be named in public."""

    names = forms.TypedChoiceField(choices=[("yes", ""), ("no", "")], coerce=lambda word: word == "yes")


class RedeclareForm(forms.Form):
    """The declarations of a call, made anew: each ticked by hand, with words where it asks for some."""

    use_required_attribute = False
    codes = forms.MultipleChoiceField(
        label=_("I declare"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.declarations = list(call.declarations.all())
        self.fields["codes"].choices = [(one.code, one.local_text) for one in self.declarations]
        for one in self.declarations:
            if one.asks_details:
                self.fields[f"details_{one.code}"] = Prose(label=one.local_text, max_length=2000, rows=3)

    def answers(self) -> dict[str, str]:
        """Return what `changing.declare_again` takes."""
        return {code: self.cleaned_data.get(f"details_{code}", "") for code in self.cleaned_data["codes"]}


# --- Changes, one form for each kind -------------------------------------------------------------------


class ChangeForm(forms.Form):
    """A change in words: funding, laboratory, and the base of the others."""

    use_required_attribute = False
    text = Prose(label=_("What changes, and since when"), max_length=2000, rows=5)

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.application = application
        self.order_fields([*(name for name in self.fields if name != "text"), "text"])

    def facts(self) -> dict[str, Any]:
        """Return what the change says in data."""
        return {}


class InstitutionChange(InstitutionMixin, ChangeForm):
    """The institution that would hold the samples now."""

    def clean_institution_name(self) -> str:
        """A change of institution names one."""
        if not self.cleaned_data["institution_name"]:
            raise forms.ValidationError(_("Enter the name of the institution."), code="required")
        return str(self.cleaned_data["institution_name"])

    def facts(self) -> dict[str, Any]:
        place = self.institution()
        return {"institution": institution_words(place)} if place else {}


class InvestigatorChange(ChangeForm):
    """Who of the confirmed co-investigators takes over."""

    member = forms.ChoiceField(
        label=_("Who takes over"),
        widget=forms.RadioSelect,
        help_text=_("A co-investigator who has confirmed. You stay on the team."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team = self.application.team.filter(confirmed_at__isnull=False, role=TeamRole.CO_INVESTIGATOR)
        self.fields["member"].choices = [(str(one.uid), one.name) for one in team]

    def facts(self) -> dict[str, Any]:
        return {"member": self.cleaned_data["member"]}


class TeamChange(ChangeForm):
    """Somebody who leaves, or somebody to be invited."""

    remove = forms.ChoiceField(label=_("Who leaves the team"), required=False)
    name = forms.CharField(label=_("Name of who joins"), required=False, max_length=120)
    email = forms.EmailField(label=_("E-mail of who joins"), required=False, max_length=254)
    role = forms.ChoiceField(
        label=_("Part of who joins"),
        required=False,
        choices=[(role.value, role.label) for role in (TeamRole.CO_INVESTIGATOR, TeamRole.READER)],
        initial=TeamRole.CO_INVESTIGATOR.value,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(one.uid), one.name) for one in self.application.team.all()]
        self.fields["remove"].choices = [("", _("nobody")), *choices]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        joins = bool(said.get("name") or said.get("email"))
        if "email" not in self.errors and joins and not (said.get("name") and said.get("email")):
            raise forms.ValidationError(_("Give the name and the e-mail of who joins."), code="half")
        if not self.errors and joins == bool(said.get("remove")):
            raise forms.ValidationError(_("Report one change at a time: who leaves, or who joins."), code="one")
        return said

    def facts(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said["remove"]:
            return {"remove": said["remove"]}
        role = said["role"] or TeamRole.CO_INVESTIGATOR.value
        return {"add": {"name": " ".join(said["name"].split()), "email": said["email"].strip().lower(), "role": role}}


class AuthorisationChange(ChangeForm):
    """What an authorisation has become, for one mission at one holding institution of the submission."""

    about = forms.ChoiceField(label=_("Mission and institution"))
    state = forms.ChoiceField(
        label=_("Does a law or funder rule on your side ask for an authorisation?"),
        choices=AuthorisationState.choices,
        widget=forms.RadioSelect,
    )
    reference = forms.CharField(label=_("Reference"), required=False, max_length=120)
    expires_on = forms.DateField(label=_("Expires"), required=False, help_text=_("For example 2027-06-30."))
    expected_on = forms.DateField(
        label=_("Expected"), required=False, help_text=_("Where it is pending. For example 2027-03-01.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pairs = stated_pairs(self.application)
        self.fields["about"].choices = [
            (str(number), f"{mission} · {place['name']}") for number, (mission, place) in enumerate(self.pairs)
        ]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("state") == AuthorisationState.OBTAINED and not said.get("reference", "").strip():
            self.add_error("reference", _("Give the reference of what was obtained."))
        return said

    def facts(self) -> dict[str, Any]:
        said = self.cleaned_data
        mission, place = self.pairs[int(said["about"])]
        days = {name: said[name].isoformat() if said[name] else None for name in ("expires_on", "expected_on")}
        return {
            "mission": mission,
            "institution": place,
            "state": said["state"],
            "reference": said["reference"],
            **days,
        }


def stated_pairs(application: Application) -> Sequence[tuple[str, dict[str, Any]]]:
    """Return each mission asked for with each institution that the submission says would hold its material."""
    assert application.submission is not None
    said = application.submission.document
    stated = [(one["mission"], one["institution"]) for one in said.get("authorisations", []) if one["institution"]]
    if stated:
        return stated
    missions = sorted({one["mission"] for one in said["requests"]})
    return [(mission, said["institution"]) for mission in missions if said.get("institution")]


class SmallerNeed(ChangeForm):
    """How much is needed now of each sample asked for, in mg."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert self.application.submission is not None
        self.requests = list(self.application.submission.requests.select_related("sample__mission"))
        for asked in self.requests:
            number = asked.sample.catalogue_number
            if asked.whole:
                words = _("%(sample)s is not needed any more") % {"sample": number}
                field: forms.Field = forms.BooleanField(label=words, required=False)
            else:
                words = _("%(sample)s: needed now") % {"sample": number}
                hint = _("You asked for %(asked)s, at least %(least)s. Leave it empty if nothing changes.")
                masses = {"asked": format_mass(asked.asked_mg), "least": format_mass(asked.least_mg)}
                field = MassInput(label=words, required=False, help_text=hint % masses)
            self.fields[f"need_{asked.uid}"] = field
        self.order_fields([*(name for name in self.fields if name != "text"), "text"])

    def facts(self) -> dict[str, Any]:
        return {"needs": {str(asked.uid): self._need(asked) for asked in self.requests}}

    def _need(self, asked: Any) -> Decimal | None:
        value = self.cleaned_data.get(f"need_{asked.uid}")
        if asked.whole:
            return Decimal(0) if value else None
        return value


CHANGES: dict[str, type[ChangeForm]] = {
    ChangeKind.INSTITUTION: InstitutionChange,
    ChangeKind.INVESTIGATOR: InvestigatorChange,
    ChangeKind.TEAM: TeamChange,
    ChangeKind.FUNDING: ChangeForm,
    ChangeKind.AUTHORISATION: AuthorisationChange,
    ChangeKind.LABORATORY: ChangeForm,
    ChangeKind.SMALLER_NEED: SmallerNeed,
}
