"""Writes and reads the audit trail. Who may read it, and where, is the matter of `portal/office/`."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Max, QuerySet

from portal import clock
from portal.audit.models import Event, EventText

# What an object is known by outside, in the order of preference; none of these is a name or a text.
REFERENCES = ("reference", "catalogue_number", "slug", "uid")


def record(
    verb: str,
    about: models.Model,
    *,
    by: Any,
    reason: str = "",
    old: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Event:
    """Write that `verb` ("application.submit") happened to `about`, in the transaction of the act itself.

    `by` is the person, or None where the portal acted by itself. `facts` hold ids, codes and field names only;
    words belong into `reason`, and replaced values into `old`, which erasure may blank.
    """
    about_type, about_id = kind_of(about), about.pk
    with transaction.atomic(savepoint=False):
        _lock(about_type, about_id)
        last = Event.objects.filter(about_type=about_type, about_id=about_id).aggregate(last=Max("version"))["last"]
        event = Event.objects.create(
            at=clock.now(),
            verb=verb,
            actor=by,
            about_type=about_type,
            about_id=about_id,
            about_reference=reference_of(about),
            version=(last or 0) + 1,
            facts=dict(facts or {}),
        )
        if reason or old:
            EventText.objects.create(event=event, reason=reason, old=dict(old or {}))
    return event


def record_made(verb: str, made: Iterable[tuple[models.Model, str, Mapping[str, Any]]], *, by: Any) -> None:
    """Write the first event of many objects made in this transaction, in one statement.

    Each comes with what it is known by outside and with its facts. Nobody else can write about them before the
    transaction is over, so no event of theirs has to wait for another.
    """
    moment = clock.now()
    Event.objects.bulk_create(
        Event(
            at=moment,
            verb=verb,
            actor=by,
            about_type=kind_of(about),
            about_id=about.pk,
            about_reference=reference[:80],
            version=1,
            facts=dict(facts),
        )
        for about, reference, facts in made
    )


def trail(about: models.Model) -> QuerySet[Event]:
    """Return everything that happened to an object, oldest first, with actors and words."""
    events = Event.objects.filter(about_type=kind_of(about), about_id=about.pk)
    return events.select_related("actor", "text").order_by("version")


def blank(event: Event) -> None:
    """Erase the words of an event; that it happened stays."""
    EventText.objects.filter(event=event, blanked_at=None).update(reason="", old={}, blanked_at=clock.now())


def kind_of(about: models.Model | type[models.Model]) -> str:
    """Return the label by which the trail calls the model of an object ("applications.application")."""
    return about._meta.label_lower


def reference_of(about: models.Model) -> str:
    """Return what an object is known by outside: its reference, number, short name or public id."""
    return next(
        (str(value)[:80] for name in REFERENCES if (value := getattr(about, name, None))),
        "",
    )


def _lock(about_type: str, about_id: int) -> None:
    """Let the events of one object wait for each other, so that versions have neither gaps nor twins."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))",
            [f"{about_type}:{about_id}"],
        )
