"""Somebody to invite to the team, and a place where material would be."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.enums import PlaceKind
from applications.team.actions import INVITED_ROLES
from portal.accounts.forms import InstitutionMixin
from portal.units import MassInput


class InviteForm(InstitutionMixin):
    """Somebody to invite to the team."""

    use_required_attribute = False
    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, help_text=_("The invitation can be taken only with this address.")
    )
    role = forms.ChoiceField(
        label=_("Part"),
        choices=[(role.value, role.label) for role in INVITED_ROLES],
        initial=INVITED_ROLES[0].value,
        widget=forms.RadioSelect,
        help_text=_("A co-investigator may write; a reader may only read."),
    )
    field_order = ["name", "email", "role", "institution_name", "country_or_region"]

    def changes(self) -> dict[str, Any]:
        """Return what `actions.invite` takes."""
        return {name: self.cleaned_data[name] for name in ("name", "email", "role")} | {
            "institution": self.institution()
        }


class PlaceForm(InstitutionMixin):
    """A place of the material: what institution, what it does there, how much, when, and who carries it."""

    use_required_attribute = False
    kind = forms.ChoiceField(
        label=_("What the place is"),
        choices=PlaceKind.choices,
        initial=PlaceKind.HOLDER.value,
        widget=forms.RadioSelect,
    )
    facility = forms.CharField(label=_("Laboratory or facility"), required=False, max_length=200)
    mass_mg = MassInput(label=_("Mass there at most"), required=False)
    pieces = forms.IntegerField(
        label=_("Whole pieces there at most"), required=False, min_value=0, max_value=999, initial=0
    )
    from_on = forms.DateField(label=_("From"), required=False, help_text=_("For example 2027-03-01."))
    until_on = forms.DateField(label=_("Until"), required=False, help_text=_("For example 2027-06-30."))
    carrier = forms.CharField(label=_("Who carries it there"), required=False, max_length=200)
    field_order = ["institution_name", "country_or_region", "kind", "facility", "mass_mg", "pieces"]

    def clean_institution_name(self) -> str:
        """A place belongs to an institution."""
        if not self.cleaned_data["institution_name"]:
            raise forms.ValidationError(_("Enter the name of the institution."), code="required")
        return str(self.cleaned_data["institution_name"])

    def changes(self) -> dict[str, Any]:
        """Return what `places.put_place` takes."""
        names = ("kind", "facility", "mass_mg", "from_on", "until_on", "carrier")
        said = {name: self.cleaned_data[name] for name in names} | {"pieces": self.cleaned_data["pieces"] or 0}
        return said | {"institution": self.institution()}
