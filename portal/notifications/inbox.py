"""A person's list of notices in the portal. Its page is in `portal/office/`."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from portal import clock
from portal.notifications.models import Notice, State


def notices_of(user: Any) -> QuerySet[Notice]:
    """Return the notices of a person's list; what was cancelled before it was mailed never stood there."""
    return Notice.objects.filter(recipient=user, in_app=True).exclude(state=State.CANCELLED)


def unread(user: Any) -> int:
    """Count the notices a person has not read."""
    return notices_of(user).filter(read_at=None).count()


def mark_read(user: Any, uid: UUID | None = None) -> None:
    """Mark one notice of a person as read, or all."""
    notices = notices_of(user).filter(read_at=None)
    if uid:
        notices = notices.filter(uid=uid)
    notices.update(read_at=clock.now())
