"""What may be asked of the catalogue: an allow-list of parameters, read into `Filters`."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from portal.errors import Invalid
from portal.units import MassInput
from samples.catalogue.queries import CHOICES, FACETS, SORTS, Filters

BESIDE = {"cursor", "format"}
VIEWS = [("cards", _("Cards")), ("table", _("Table"))]
ORDERS = [
    ("", _("Offered first, by number")),
    ("number", _("Catalogue number")),
    ("free", _("Most free mass first")),
    ("newest", _("Newest first")),
]
FORMATS = ("csv", "json")
TYPED = {"q", "least"}  # what a person types is answered at its field; anything else comes from a link


class FilterForm(forms.Form):
    """The filters of the catalogue, as they stand in its address."""

    use_required_attribute = False

    q = forms.CharField(label=_("Number or words"), max_length=60, required=False)
    mission = forms.TypedMultipleChoiceField(required=False)
    hemisphere = forms.MultipleChoiceField(choices=CHOICES["hemisphere"].choices, required=False)
    kind = forms.MultipleChoiceField(choices=CHOICES["kind"].choices, required=False)
    acquisition = forms.MultipleChoiceField(choices=CHOICES["acquisition"].choices, required=False)
    known_from = forms.MultipleChoiceField(choices=CHOICES["known_from"].choices, required=False)
    call = forms.SlugField(max_length=60, required=False)
    least = MassInput(label=_("Free mass, at least"), required=False)
    sort = forms.ChoiceField(label=_("Order"), choices=ORDERS, required=False)
    view = forms.ChoiceField(choices=VIEWS, required=False)

    def __init__(self, data: QueryDict, missions: list[Any]) -> None:
        super().__init__(data, auto_id="f_%s")
        self.fields["mission"].choices = [(mission.code, mission.local_name) for mission in missions]
        self.fields["q"].widget.attrs |= {"size": "16", "type": "search"}

    def filters(self) -> Filters:
        """Return the filters; one that cannot be read as typed is left out, its error stands at the field.

        Raises:
            Invalid: the address has parameters, or values of links, that the portal does not know.
        """
        unknown = set(self.data) - set(self.fields) - BESIDE
        if unknown or set(self.errors) - TYPED or self.data.get("format", "csv") not in FORMATS:
            raise Invalid(_("This address asks for something the catalogue does not know."), code="unknown-parameter")
        said = {name: self.cleaned_data.get(name) for name in ("q", "least", "call")}
        facets = {name: tuple(self.cleaned_data[name]) for name in FACETS}
        return Filters(**facets, q=said["q"] or "", least=said["least"], call=said["call"] or "")

    @property
    def order(self) -> tuple[str, ...]:
        """The columns to order by."""
        return SORTS[self.cleaned_data["sort"]]

    @property
    def shape(self) -> str:
        """Cards or table."""
        return self.cleaned_data["view"] or "cards"
