"""What a member of a panel may know before it declares, and has answered: references, people and institutions."""

from typing import Any

from applications.access import declarable_by
from applications.models import Call
from applications.reading import Declarable, declarable, declares_without_names
from applications.rules.conflicts import conflicts_among
from portal import paging

SIZE = 30


def declarable_page(user: Any, call: Call, cursor: str | None) -> tuple[paging.Page, list[Declarable]]:
    """Return a page of everything before the panel of a call: references, people and institutions, nothing else.

    In a call without names a reviewer has the references alone.
    """
    rows = declarable_by(user).filter(call=call).select_related("principal_investigator__institution", "institution")
    page = paging.page(rows, ("reference",), cursor, SIZE)
    barred = conflicts_among([user], page.rows)
    bare = declares_without_names(user, call)
    return page, [declarable(row, barred.get((row.pk, user.pk), []), anonymous=bare) for row in page.rows]
