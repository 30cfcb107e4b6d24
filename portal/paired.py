"""Texts that are kept in pairs, English in `field` and Chinese in `field_zh`: which of the two a page shows."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language


def localised(thing: Any, field: str) -> str:
    """Return a paired text of a row, or of a stored document, in the language of the page, else in English."""
    chinese = f"{field}_zh"
    if isinstance(thing, Mapping):
        return (thing.get(chinese) if get_language() == "zh-hans" else "") or thing[field]
    return (getattr(thing, chinese) if get_language() == "zh-hans" else "") or getattr(thing, field)
