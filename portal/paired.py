"""Texts that are kept in pairs, English in `field` and Chinese in `field_zh`: which of the two a page shows."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language


def localised(thing: Any, field: str) -> str:
    """Return a paired text of a row, or of a stored document, in the language of the page, else in English."""
    chinese = f"{field}_zh"
    if isinstance(thing, Mapping):
        return (thing.get(chinese) if is_chinese() else "") or thing[field]
    return (getattr(thing, chinese) if is_chinese() else "") or getattr(thing, field)


def is_chinese() -> bool:
    """Tell whether the page is in Chinese, of whatever script."""
    return (get_language() or "").startswith("zh")
