"""What a catalogue number may look like. It is opaque: no mission, mass or right is ever read from it."""

import unicodedata
from typing import Any

from django.utils.translation import gettext_lazy as _

LONGEST_NUMBER = 60
FORMULA_SIGNS = ("=", "+", "-", "@")  # a spreadsheet would calculate, not show it


def why_no_number(text: str) -> Any | None:
    """Return the sentence that says why this is no catalogue number, or None.

    Real numbers hold letters, digits, spaces, commas, dashes and slashes ("Lunar Sample 001", "74001,6040"); each is
    part of an address, so that no part between slashes may be empty or only dots.
    """
    if not text:
        return _("There is no catalogue number.")
    if len(text) > LONGEST_NUMBER:
        return _("A catalogue number has at most %(count)s characters.") % {"count": LONGEST_NUMBER}
    if text != " ".join(text.split()) or any(unicodedata.category(letter)[0] == "C" for letter in text):
        return _("“%(number)s” holds characters that nobody sees.") % {"number": text.strip()}
    if text.startswith(FORMULA_SIGNS):
        return _("“%(number)s” begins like a formula.") % {"number": text}
    if any(not part.strip(". ") for part in text.split("/")):
        return _("“%(number)s” cannot be part of an address.") % {"number": text}
    return None
