"""Which rows a conflict of interest takes from whoever reads tables by a role for the whole portal.

The domain that knows the conflicts says so for its models (`applications/barring.py`); the tables of `portal/admin.py`
and the trail of `portal/office/` leave those rows out. Domain pages have their own rule: each domain's `access.py`.
"""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Q

_rows: dict[type[models.Model], Callable[[Any], Q]] = {}


def bar(model: type[models.Model], rows: Callable[[Any], Q]) -> None:
    """Say which rows of a model a person with a conflict does not read: `rows(user)` is the condition."""
    _rows[model] = rows


def without_barred(user: Any, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Return the rows without those that a conflict takes from this person."""
    found = _rows.get(rows.model)
    return rows.exclude(found(user)) if found else rows
