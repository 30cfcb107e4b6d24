"""Mass in milligrams with three decimals: the field, how people type it, how it is shown. Never a float."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.errors import Invalid

MASS_DIGITS, MASS_DECIMALS = 12, 3
GROUPED_FROM = 10_000
LARGEST_MASS_MG = Decimal(10) ** (MASS_DIGITS - MASS_DECIMALS) - Decimal("0.001")
_TYPED = re.compile(r"\d{1,9}(?:[.,]\d{1,3})?")
_AMBIGUOUS = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?"  # 1,250 or 1,250.5
    r"|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}"  # 1.250,5 or 1.250.000
    r"|\d{1,3}(?:[ \u00a0\u2009\u202f']\d{3})+(?:[.,]\d+)?"  # 1 250 or 1'250
)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，", "0123456789.,")


class MassField(models.DecimalField):
    """A mass in mg, NUMERIC(12, 3)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"], kwargs["decimal_places"] = MASS_DIGITS, MASS_DECIMALS
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(self, **{"form_class": MassInput, **kwargs})


class MassInput(forms.CharField):
    """A typed mass in mg; cleans to a Decimal or None."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "size": "12"})
    unit = "mg"

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # cleans to a number
        if isinstance(value, Decimal):
            return value
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_mass(text)
        except Invalid as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from None

    def prepare_value(self, value: Any) -> Any:
        return plain_mass(value) if isinstance(value, Decimal) else value


def parse_mass(text: str) -> Decimal:
    """Read a mass in mg as a person types it: `1.25` and `1,25` are both 1.25 mg.

    Raises:
        Invalid: with code `ambiguous-mass` for `1,250` (one and a quarter, or twelve hundred and fifty?),
            else `invalid-mass`.
    Source: portal policy, after the decimal comma trap of the EU funding portal.
    """
    typed = text.strip().translate(_FULL_WIDTH).removesuffix("mg").strip()
    if _AMBIGUOUS.fullmatch(typed):
        plain = re.sub(r"[^0-9]", "", typed)
        raise Invalid(
            _("“%(typed)s” can be read in two ways. Write %(first)s or %(second)s, without separators of thousands.")
            % {
                "typed": typed,
                "first": typed.replace(",", ".", 1) if typed.count(",") == 1 else plain,
                "second": plain,
            },
            code="ambiguous-mass",
        )
    if not _TYPED.fullmatch(typed) or not typed.isascii():
        raise Invalid(_("Enter a mass in mg with at most three decimals, such as 1.25."), code="invalid-mass")
    return Decimal(typed.replace(",", ".")).quantize(Decimal("0.001"))


def plain_mass(mass_mg: Decimal) -> str:
    """Return the number alone, without needless zeros: 1.25, 500."""
    text = f"{mass_mg:.3f}".rstrip("0").rstrip(".")
    return text or "0"


def api_mass(mass_mg: Decimal | None) -> str | None:
    """Return the mass as the API writes it: a decimal string with three decimals."""
    return None if mass_mg is None else f"{mass_mg:.3f}"


def format_mass(mass_mg: Decimal) -> str:
    """Return the mass with its unit for a person: `1.25 mg`, `1 731 000 mg`."""
    return gettext("%(number)s mg") % {"number": format_number(mass_mg)}


def format_number(number: Decimal) -> str:
    """Return a number of at most three decimals for a person, thousands apart from 10 000 on: `portal/formats`."""
    decimals = len(plain_mass(number).partition(".")[2])
    return str(formats.number_format(number, decimals, use_l10n=True, force_grouping=abs(number) >= GROUPED_FROM))
