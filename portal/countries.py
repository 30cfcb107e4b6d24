"""Countries and regions that an institution can lie in, in the language of the page.

Codes are those of ISO 3166-1 alpha-2 and, for demonstrations, its user-assigned XA to XZ. Names are read from the
Unicode Common Locale Data Repository, as Babel packages it.
"""

from functools import cache

from babel.core import Locale
from django.conf import settings

from portal.paired import is_chinese

DEMONSTRATION = ("XA", "XB", "XC", "XD", "XE", "XF")
# What the repository names beside ISO 3166-1: parts of countries, unions, and codes without a place.
_NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "ZZ"})


def name_of(code: str) -> str:
    """Return the name of a country or region in the language of the page; the code itself where it is unknown."""
    chinese = is_chinese()
    if is_user_assigned(code):
        return f"演示国家或地区 {code[1]}" if chinese else f"Demonstration country {code[1]}"
    return _names(chinese).get(code, code)


def is_user_assigned(code: str) -> bool:
    """Tell whether ISO 3166-1 leaves this code to its users: XA to XZ."""
    return len(code) == 2 and code[0] == "X" and "A" <= code[1] <= "Z"


def is_known(code: str) -> bool:
    """Tell whether an institution can lie there."""
    return code in _names(False) or is_user_assigned(code)


def choices(held: str | None = None) -> list[tuple[str, str]]:
    """Return what a form offers, by name: places that do not exist only in a demonstration, or where `held`."""
    codes = {*_names(is_chinese()), *(DEMONSTRATION if settings.DEMO else ()), *([held] if held else ())}
    return sorted(((code, name_of(code)) for code in codes), key=lambda pair: pair[1])


@cache
def _names(chinese: bool) -> dict[str, str]:
    """Return the names of all countries and regions by code, without numbered parts of the world."""
    named = (Locale("zh", script="Hans") if chinese else Locale("en")).territories.items()
    pairs = {str(code): str(name) for code, name in named if code not in _NO_COUNTRIES}
    return {code: name for code, name in pairs.items() if len(code) == 2 and not is_user_assigned(code)}
