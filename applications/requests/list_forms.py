"""The forms of the page of samples: what to look for, and what to ask for right in the list."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import CallSample
from applications.requests.queries import field_of
from portal.units import MassInput
from samples.enums import Hemisphere, Preparation
from samples.models import Sample


class FilterForm(forms.Form):
    """Narrows what the call offers."""

    side = forms.ChoiceField(label=_("Side"), required=False, choices=[("", _("Both sides")), *Hemisphere.choices])
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Every kind")), *Preparation.choices])
    q = forms.CharField(label=_("Number or words"), required=False, max_length=80)

    def chosen(self) -> dict[str, str]:
        """Return what is looked for; what cannot be understood narrows nothing."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}


class PickForm(forms.Form):
    """A tick for every piece and a mass for every powder that is offered, in one form."""

    use_required_attribute = False
    families: ClassVar[dict[str, Any]] = {"pick": _("Sample picked from the offer: mass in mg, or the whole piece")}

    def __init__(self, *args: Any, offers: Iterable[CallSample], asked: set[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers, self.asked = list(offers), asked
        for offer in self.offers:
            self.fields[field_of(offer.sample.catalogue_number)] = _field(offer.sample)

    def rows(self, offers: Iterable[CallSample]) -> list[tuple[CallSample, Any, bool]]:
        """Return offers of the page, each with its field and whether it is asked for already."""
        return [(one, self[field_of(one.sample.catalogue_number)], one.sample_id in self.asked) for one in offers]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        picked = self._picked(found)
        for sample in picked:
            if sample.pk in self.asked:
                words = _("%(sample)s is asked for already: change it on its own page.")
                self.add_error(None, words % {"sample": sample.catalogue_number})
        if not picked and not self.errors:
            raise forms.ValidationError(_("Tick a piece or give a mass first."), code="nothing-picked")
        return found

    def picked(self) -> dict[Sample, Decimal | None]:
        """Return what `actions.pick` takes."""
        return self._picked(self.cleaned_data)

    def _picked(self, found: dict[str, Any]) -> dict[Sample, Decimal | None]:
        values = [(offer.sample, found.get(field_of(offer.sample.catalogue_number))) for offer in self.offers]
        return {
            sample: None if value is True else value
            for sample, value in values
            if value is not None and value is not False
        }


def _field(sample: Sample) -> forms.Field:
    name = {"sample": sample.catalogue_number}
    if sample.is_divisible:
        return MassInput(label=_("Mass of %(sample)s in mg") % name, required=False)
    return forms.BooleanField(label=_("Ask for %(sample)s") % name, required=False)
