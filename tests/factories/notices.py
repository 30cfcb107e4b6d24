"""People and notices for the tests of audit trail, outbox and office."""

import itertools
from typing import Any

from django.contrib.auth import get_user_model

from portal.audit.trail import record
from portal.notifications.models import Notice
from portal.notifications.outbox import notify
from portal.roles import Role

_numbers = itertools.count(1)


def person(role: Role | None = None, **fields: Any) -> Any:
    """Make an active person, with a portal-wide role where one is given."""
    number = next(_numbers)
    made = get_user_model().objects.create_user(
        email=fields.pop("email", f"person{number}@example.org"), name=fields.pop("name", f"Person {number}"), **fields
    )
    if role:
        event = record("user.grant", made, by=None)
        made.role_grants.create(role=role.code, at=event.at)
    return made


def notice(kind: str, recipient: Any, about: Any, verb: str = "user.change") -> Notice:
    """Write a notice about an event that is recorded for it."""
    event = record(verb, about, by=None)
    notify(kind, [recipient], about=about, event=event)
    return Notice.objects.get(event=event)
