"""What the pages of the office show: a page of a list each, in a fixed number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal import paging
from portal.audit.models import Event
from portal.barred import without_barred
from portal.notifications import inbox, kinds, letters
from portal.notifications.letters import Line
from portal.notifications.models import Notice, State
from portal.office.forms import end_of, start_of

SIZE = 30


@dataclass(frozen=True)
class Mail:
    """A row of the mail page. `shown` is False where only kind and state are anybody's business."""

    notice: Notice
    shown: bool

    @property
    def can_be_sent_again(self) -> bool:
        return self.notice.state == State.DEAD and not self.notice.account


def notifications(user: Any, cursor: str | None) -> tuple[paging.Page, list[Line]]:
    """Return a page of a person's notices and their sentences, newest first."""
    page = paging.page(inbox.notices_of(user), order=("-created_at", "-uid"), cursor=cursor, size=SIZE)
    return page, letters.lines(user, page.rows)


def mail(user: Any, filters: Mapping[str, Any], cursor: str | None) -> tuple[paging.Page, list[Mail]]:
    """Return a page of everything that was to be mailed, newest first, as far as `user` may look at it."""
    notices = Notice.objects.exclude(state=State.IN_APP).select_related("recipient", "event")
    if filters.get("state"):
        notices = notices.filter(state=filters["state"])
    page = paging.page(notices.defer("subject", "body"), order=("-created_at", "-uid"), cursor=cursor, size=SIZE)
    open_to = _open_to(user, page.rows)
    return page, [Mail(row, not row.account and (row.kind, row.about_id) in open_to) for row in page.rows]


def trail(user: Any, filters: Mapping[str, Any], cursor: str | None) -> paging.Page:
    """Return a page of the audit trail, newest first, without what a conflict takes from this reader."""
    events = without_barred(user, Event.objects.filter(_wanted(filters)).select_related("actor", "text"))
    if filters.get("about"):
        events = _about(events, filters["about"])
    return paging.page(events, order=("-at", "-version", "-uid"), cursor=cursor, size=SIZE)


def _open_to(user: Any, notices: list[Notice]) -> set[tuple[str, int | None]]:
    """Kind and object of the notices whose object the user may open: an office has conflicts of interest, too."""
    ids: dict[str, set[int]] = {}
    for notice in notices:
        if not notice.account:
            ids.setdefault(notice.kind, set()).add(notice.about_id or 0)
    return {(code, pk) for code, wanted in ids.items() for pk in kinds.kind(code).fetch(user, wanted)}


def _wanted(filters: Mapping[str, Any]) -> Q:
    wanted = Q()
    if filters.get("verb"):
        wanted &= Q(verb=filters["verb"])
    if filters.get("actor"):
        wanted &= Q(actor__uid=filters["actor"])
    if filters.get("since"):
        wanted &= Q(at__gte=start_of(filters["since"]))
    if filters.get("until"):
        wanted &= Q(at__lt=end_of(filters["until"]))
    return wanted


def _about(events: QuerySet[Event], reference: str) -> QuerySet[Event]:
    """The events of whatever was ever known by a reference, those from before it had one included."""
    named = Event.objects.filter(
        about_reference=reference, about_type=OuterRef("about_type"), about_id=OuterRef("about_id")
    )
    return events.filter(Exists(named))
