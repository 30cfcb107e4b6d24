"""Somebody to invite, another part for somebody, conflicts, taking over, and a place where material would be."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.draft_forms import DayField, DraftForm, Prose
from applications.enums import PlaceKind
from applications.models import Application, InterestStatement, Place, TeamMember
from applications.team.actions import INVITED_ROLES
from applications.team.interests import LONGEST
from portal.accounts.forms import InstitutionMixin
from portal.units import MassInput

ROLES = [(role.value, role.label) for role in INVITED_ROLES]
ROLES_MEAN = _("A co-investigator may write; a reader may only read.")


class InviteForm(InstitutionMixin):
    """Somebody to invite to the team."""

    use_required_attribute = False
    name = forms.CharField(label=_("Name"), max_length=120)
    whom = forms.CharField(
        label=_("E-mail or ORCID iD"),
        max_length=254,
        help_text=_("Only the person who has this e-mail, or signs in with this ORCID iD, can take the place."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": "40"}),
    )
    role = forms.ChoiceField(
        label=_("Part"), choices=ROLES, initial=ROLES[0][0], widget=forms.RadioSelect, help_text=ROLES_MEAN
    )
    field_order = ["name", "whom", "role", "institution_name", "country_or_region"]

    def clean_whom(self) -> str:
        """An address has an @; anything else with a digit is meant as an iD, whose check digit the action looks at."""
        whom = str(self.cleaned_data["whom"])
        if "@" not in whom and not any(sign.isdigit() for sign in whom):
            raise forms.ValidationError(_("Enter an e-mail with an @, or an ORCID iD."), code="whom")
        return str(forms.EmailField(max_length=254).clean(whom)) if "@" in whom else whom

    def changes(self) -> dict[str, Any]:
        """Return what `actions.invite` takes."""
        whom = self.cleaned_data["whom"]
        said = {"name": self.cleaned_data["name"], "role": self.cleaned_data["role"]}
        return said | {"email" if "@" in whom else "orcid": whom, "institution": self.institution()}


class ChangeForm(forms.Form):
    """Another part for somebody; the principal investigator says, too, whether they receive the decision."""

    use_required_attribute = False
    role = forms.ChoiceField(label=_("Part"), choices=ROLES, widget=forms.RadioSelect, help_text=ROLES_MEAN)
    receives_decisions = forms.BooleanField(
        label=_("Receives the decision by e-mail, too"),
        required=False,
        help_text=_("A co-investigator only. Everybody on the team reads the decision in the portal."),
    )

    def __init__(self, *args: Any, member: TeamMember, says_who_receives: bool, **kwargs: Any) -> None:
        initial = {"role": member.role, "receives_decisions": member.receives_decisions}
        super().__init__(*args, initial=initial, **kwargs)
        if not says_who_receives:
            del self.fields["receives_decisions"]


class InterestsForm(forms.Form):
    """Whom somebody asks not to judge; that they know of nobody is an answer of its own."""

    use_required_attribute = False
    NONE, SOME = "none", "some"
    answer = forms.ChoiceField(
        label=_("Do you know of anybody who should not judge this application?"),
        choices=[(NONE, _("I know of none")), (SOME, _("These people or institutions should not judge it"))],
        widget=forms.RadioSelect,
    )
    text = Prose(
        label=_("Names, with the reason"),
        rows=5,
        max_length=LONGEST,
        help_text=_(
            "One per line: for example recent co-authors, family, former students or advisers. "
            "Your own institution and your team are counted without being named."
        ),
    )

    def __init__(self, *args: Any, own: InterestStatement | None, **kwargs: Any) -> None:
        initial = {"answer": self.SOME if own.text else self.NONE, "text": own.text} if own else None
        super().__init__(*args, initial=initial, **kwargs)

    def clean(self) -> dict[str, Any] | None:
        """Words and answer agree, so that neither is lost by a slip."""
        answer, text = self.cleaned_data.get("answer"), self.cleaned_data.get("text", "")
        if answer == self.SOME and not text and "text" not in self.errors:
            self.add_error("text", forms.ValidationError(_("Name them, or say that you know of none."), code="empty"))
        if answer == self.NONE and text:
            self.add_error(
                "answer", forms.ValidationError(_("You name somebody below: choose the other answer."), code="both")
            )
        return self.cleaned_data

    def changes(self) -> dict[str, Any]:
        """Return what `interests.state` takes."""
        return {"text": self.cleaned_data["text"]}


class HandoverForm(forms.Form):
    """The word of who takes an application over."""

    use_required_attribute = False
    confirms = forms.BooleanField(
        label=_("I take part as the principal investigator: I answer for this application and for the material.")
    )


class PlaceForm(InstitutionMixin, DraftForm):
    """A place of the material: what institution, what it does there, how much, when, and who carries it."""

    kind = forms.ChoiceField(
        label=_("What the place is"),
        choices=PlaceKind.choices,
        initial=PlaceKind.HOLDER.value,
        widget=forms.RadioSelect,
        help_text=_("A holder keeps the material and signs for it. A visited place only measures it."),
    )
    facility = forms.CharField(label=_("Laboratory or facility"), required=False, max_length=200)
    mass_mg = MassInput(label=_("Mass there at most"), required=False)
    pieces = forms.IntegerField(
        label=_("Whole pieces there at most"),
        required=False,
        min_value=0,
        max_value=999,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("Write the whole pieces as a number from 0 to 999.")
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "4"}),
    )
    from_on = DayField(label=_("From"), help_text=_("For example 2027-03-01."))
    until_on = DayField(label=_("Until"), help_text=_("For example 2027-06-30."))
    carrier = forms.CharField(label=_("Who carries it there"), required=False, max_length=200)
    texts = ("kind", "facility", "mass_mg", "pieces", "from_on", "until_on", "carrier")
    field_order = ["institution_name", "country_or_region", *texts]

    def __init__(self, *args: Any, application: Application, place: Place | None = None, **kwargs: Any) -> None:
        self.place = place
        super().__init__(*args, application=application, **kwargs)

    @property
    def parts(self) -> list[str]:
        """What the draft calls this place among its parts."""
        return [self.place.part] if self.place else []

    def saved_values(self, application: Application) -> dict[str, Any]:
        place = Place.objects.select_related("institution").filter(pk=self.place.pk).first() if self.place else None
        if place is None:
            return {}
        where = {
            "institution_name": place.institution.name,
            "country_or_region": place.institution.country_or_region,
        }
        return where | {name: getattr(place, name) for name in self.texts}

    def clean_institution_name(self) -> str:
        """A place belongs to an institution."""
        if not self.cleaned_data["institution_name"]:
            raise forms.ValidationError(_("Enter the name of the institution."), code="required")
        return str(self.cleaned_data["institution_name"])

    def clean_pieces(self) -> int:
        """No number is none."""
        return self.cleaned_data["pieces"] or 0

    def changes(self) -> dict[str, Any]:
        """Return what `places.put_place` takes."""
        return super().changes() | {"institution": self.institution()}
