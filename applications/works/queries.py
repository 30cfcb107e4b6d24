"""The list of works that somebody gave: their own, and nobody else reads it."""

from typing import Any

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce

from applications.models import Work
from portal import paging

ORDER = ("-dated", "key")
SIZE = 50


def own_works(user: Any) -> QuerySet[Work]:
    """Return the works that this person listed."""
    return Work.objects.filter(user=user.pk)


def works_page(user: Any, cursor: str | None) -> paging.Page:
    """Return a page of the own list, the latest first."""
    return paging.page(own_works(user).annotate(dated=Coalesce("year", Value(0))), ORDER, cursor, SIZE)
