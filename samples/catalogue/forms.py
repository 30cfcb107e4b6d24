"""What may be asked of the catalogue: an allow-list of parameters, read into `Filters`."""

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from portal.errors import Invalid
from portal.sheets import KINDS
from portal.units import MassInput
from samples.catalogue.queries import CHOICES, MANY, MOST_COMPARED, SORTS, Filters
from samples.rules.numbers import LONGEST_NUMBER

BESIDE = {"cursor", "format", "compare"}
VIEWS = [("cards", _("Cards")), ("table", _("Table"))]
ORDERS = [
    ("", _("Offered first, by number")),
    ("number", _("Catalogue number")),
    ("free", _("Most free mass first")),
    ("initial", _("Most initial mass first")),
    ("newest", _("Newest first")),
]
FORMATS = tuple(KINDS)
UNKNOWN = _("This address asks for something the catalogue does not know.")
TYPED = {"q", "least"}  # what a person types is answered at its field; anything else comes from a link


def compared(data: QueryDict, name: str) -> list[str]:
    """Return the numbers that an address holds for a comparison, each once.

    Raises:
        Invalid: they are too many, or none of them can be a number.
    """
    numbers = list(dict.fromkeys(data.getlist(name)))
    if len(numbers) > MOST_COMPARED or any(len(number) > LONGEST_NUMBER or "\0" in number for number in numbers):
        raise Invalid(
            _("At most %(count)s samples stand side by side.") % {"count": MOST_COMPARED}, code="unknown-parameter"
        )
    return numbers


class SlugsField(forms.MultipleChoiceField):
    """Short names of calls; one that is unknown finds nothing."""

    def valid_value(self, value: str) -> bool:
        return len(value) <= 60 and re.fullmatch(r"[-\w]+", value) is not None


class FilterForm(forms.Form):
    """The filters of the catalogue, as they stand in its address."""

    use_required_attribute = False

    q = forms.CharField(
        label=_("Number or words"),
        max_length=60,
        required=False,
        widget=forms.SearchInput(attrs={"size": "16", "autocomplete": "off"}),
    )
    mission = forms.TypedMultipleChoiceField(required=False)
    hemisphere = forms.MultipleChoiceField(choices=CHOICES["hemisphere"].choices, required=False)
    kind = forms.MultipleChoiceField(choices=CHOICES["kind"].choices, required=False)
    acquisition = forms.MultipleChoiceField(choices=CHOICES["acquisition"].choices, required=False)
    known_from = forms.MultipleChoiceField(choices=CHOICES["known_from"].choices, required=False)
    call = SlugsField(required=False)
    least = MassInput(label=_("Free mass, at least"), required=False)
    sort = forms.ChoiceField(label=_("Order"), choices=ORDERS, required=False)
    view = forms.ChoiceField(choices=VIEWS, required=False)

    def __init__(self, data: QueryDict, missions: list[Any]) -> None:
        super().__init__(data, auto_id="f_%s")
        self.fields["mission"].choices = [(mission.code, mission.local_name) for mission in missions]

    def filters(self) -> Filters:
        """Return the filters; one that cannot be read as typed is left out, its error stands at the field.

        Raises:
            Invalid: the address has parameters, or values of links, that the portal does not know.
        """
        unknown = set(self.data) - set(self.fields) - BESIDE
        if unknown or set(self.errors) - TYPED or self.data.get("format", "csv") not in FORMATS:
            raise Invalid(UNKNOWN, code="unknown-parameter")
        chosen = {name: tuple(self.cleaned_data[name]) for name in MANY}
        return Filters(**chosen, q=self.cleaned_data.get("q", ""), least=self.cleaned_data.get("least"))

    @property
    def order(self) -> tuple[str, ...]:
        """The columns to order by."""
        return SORTS[self.cleaned_data["sort"]]

    @property
    def shape(self) -> str:
        """Cards or table."""
        return self.cleaned_data["view"] or "cards"


class CompareForm:
    """The numbers that stand in the address of a comparison; nothing is typed into it."""

    def __init__(self, data: QueryDict) -> None:
        self.data = data

    def numbers(self) -> list[str]:
        """Return the numbers, each once, in their order.

        Raises:
            Invalid: the address has parameters that the portal does not know, or too many numbers.
        """
        if set(self.data) - {"sample", "format"} or self.data.get("format", "csv") not in FORMATS:
            raise Invalid(UNKNOWN, code="unknown-parameter")
        return compared(self.data, "sample")
