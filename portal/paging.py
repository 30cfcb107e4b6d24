"""Keyset paging, one for pages and API: constant cost at any depth, no count, stable under inserts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from portal.errors import Invalid

LARGEST_PAGE = 100
USUAL_PAGE = 50


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the cursors of its neighbours (None where there is none)."""

    rows: list[Any]
    next: str | None
    previous: str | None


def page(queryset: QuerySet, order: Sequence[str], cursor: str | None = None, size: int = USUAL_PAGE) -> Page:
    """Return the page of `queryset` that a cursor names; without one, the first.

    `order` names columns without nulls, a minus for descending; the last one is unique and no primary key,
    since cursors go outside. Rows may be model instances or dicts.

    Raises:
        Invalid: the cursor is not one of this list's.
    """
    size = max(1, min(size, LARGEST_PAGE))
    salt = "paging:" + ",".join(order)
    back, values = _read(cursor, salt, len(order)) if cursor else (False, None)
    wanted = [_turned(name) for name in order] if back else list(order)
    rows = queryset.order_by(*wanted)
    if values is not None:
        rows = rows.filter(_beyond(wanted, values))
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    has_next = bool(found) and (more if not back else True)
    has_previous = bool(found) and ((cursor is not None) if not back else more)
    return Page(
        found,
        _cursor(found[-1], order, salt, back=False) if has_next else None,
        _cursor(found[0], order, salt, back=True) if has_previous else None,
    )


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Everything after the row with these values: a > x, or a = x and b > y, and so on."""
    beyond, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        column, lookup = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        beyond |= equal & Q(**{f"{column}__{lookup}": value})
        equal &= Q(**{column: value})
    first, lookup = (order[0][1:], "lte") if order[0].startswith("-") else (order[0], "gte")
    return Q(**{f"{first}__{lookup}": values[0]}) & beyond  # the bound that an index can use


def _cursor(row: Any, order: Sequence[str], salt: str, *, back: bool) -> str:
    values = [_plain(_value(row, name.lstrip("-"))) for name in order]
    return signing.Signer(salt=salt).sign_object([back, values], compress=True)  # the same row, the same cursor


def _read(cursor: str, salt: str, length: int) -> tuple[bool, list[Any]]:
    try:
        back, values = signing.Signer(salt=salt).unsign_object(cursor)
    except (signing.BadSignature, ValueError, TypeError):
        raise Invalid(_("This page does not exist. Start again from the first one."), code="bad-cursor") from None
    if len(values) != length:
        raise Invalid(_("This page does not exist. Start again from the first one."), code="bad-cursor")
    return back, values


def _value(row: Any, path: str) -> Any:
    if isinstance(row, dict):
        return row[path]
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value
