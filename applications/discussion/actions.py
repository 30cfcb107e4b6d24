"""Saying something in the discussion of an application. What was said is never changed."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.access import fields, relations
from applications.discussion.queries import SPEAKING, is_open, speakers
from applications.models import Application, DiscussionPost
from portal import clock
from portal.audit.trail import kind_of, record
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from portal.notifications.outbox import notify

TOLD = "discussion-continued"
AT_MOST_EVERY = timedelta(days=1)  # one mail for each person and thread; Source: portal policy


@transaction.atomic
def post(application: Application, *, by: Any, text: str) -> DiscussionPost:
    """Say something to everybody who takes part; they are told that something was said, at most once a day.

    Raises:
        Denied: `by` takes no part: their own review is not in, or a conflict came up.
        NotNow: the decision is recorded already.
        Invalid: it says nothing.
    """
    locked = Application.objects.select_for_update(no_key=True, of=("self",)).get(pk=application.pk)
    if not relations(by, locked) & SPEAKING:
        raise Denied(_("Who has sent a review, the chair, and who speaks by a waiver take part in this discussion."))
    if not is_open(locked):
        raise NotNow(_("The decision is recorded; the discussion can be read, not continued."), code="wrong-status")
    if not text.strip():
        raise Invalid(_("Write something."), code="text-missing", field="text")
    said = DiscussionPost.objects.create(application=locked, author=by, text=text.strip(), at=clock.now())
    event = record("application.discuss", locked, by=by, facts={"post": str(said.uid)})
    notify(TOLD, _to_be_told(locked, by), about=locked, event=event)
    return said


def _to_be_told(application: Application, by: Any) -> list[Any]:
    """Return the others who take part and were not told of this thread within a day."""
    recent = Notice.objects.filter(
        kind=TOLD,
        about_type=kind_of(Application),
        about_id=application.pk,
        created_at__gt=clock.now() - AT_MOST_EVERY,
    )
    others = speakers(application).exclude(pk=by.pk).exclude(pk__in=recent.values("recipient"))
    return [person for person in others if "discussion" in fields(person, application)]
