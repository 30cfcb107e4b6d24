"""What somebody on the team says of whom they ask not to judge. Who reads it: `applications/interests.py`."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.access import TEAM, relations
from applications.enums import PublicStatus
from applications.models import Application, InterestStatement
from applications.since import locked
from portal import clock
from portal.audit.trail import record
from portal.errors import Denied, NotNow

OVER = (PublicStatus.DECIDED, PublicStatus.INELIGIBLE, PublicStatus.WITHDRAWN)
LONGEST = 4000


def state(application: Application, *, by: Any, text: str) -> None:
    """Say with whom there is a conflict; no words say that there is none. Each speaks for themselves alone.

    It may be said until the decision is released, also by who joins late: a conflict may arise on any day.

    Raises:
        Denied: `by` is not on the team.
        NotNow: the application has ended or is decided.
    """
    with transaction.atomic():
        if not relations(by, locked(application)) & TEAM:
            raise Denied(_("Only the team may do this."))
        if is_over(application):
            raise NotNow(_("This application has ended."), code="wrong-status")
        said = {"text": text.strip(), "at": clock.now()}
        InterestStatement.objects.update_or_create(application=application, user=by, defaults=said)
        record("application.state-interests", application, by=by)  # not even whether there are any


def is_over(application: Application) -> bool:
    """Tell whether nobody judges this application any more, as far as its team may know."""
    return application.public_status in OVER


def own(application: Application, user: Any) -> InterestStatement | None:
    """Return what this person stated, or None if they said nothing yet."""
    return application.interests.filter(user=user.pk).first()
