"""Handing the whole application over: the principal investigator offers it, a member takes it, and both change parts.

Until it is taken nothing changes. Afterwards what the former one declared counts for nothing: it is asked anew. After
the deadline another principal investigator is a change to report.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import notices
from applications.drafting import is_in_the_teams_hands, open_draft, saved
from applications.models import Application, TeamMember
from applications.since import locked
from applications.succession import COLUMNS, swap
from portal import clock
from portal.audit.trail import record
from portal.errors import Denied, NotNow


def offer(member: TeamMember, *, by: Any) -> None:
    """Ask a confirmed member to become the principal investigator; a later offer takes the place of an earlier one.

    Raises:
        Denied: `by` is not the principal investigator.
        NotNow: as `open_draft`; the call is closed, or the member has not confirmed.
    """
    application = member.application
    with transaction.atomic():
        _open(application, by=by)
        confirmed = application.team.select_related("user").filter(pk=member.pk, confirmed_at__isnull=False).first()
        if confirmed is None:
            raise NotNow(_("Only somebody who has confirmed can take over."), code="unconfirmed")
        application.handover_to = confirmed
        application.save(update_fields=["handover_to"])
        event = record("team_member.offer-handover", confirmed, by=by, facts={"application": application.reference})
        notices.tell("handover-offered", confirmed, event)


def take_back(application: Application, *, by: Any) -> None:
    """Take the offer back, or, as the one to whom it was made, decline it.

    Raises:
        Denied: `by` is neither.
        NotNow: nothing is offered.
    """
    with transaction.atomic():
        member = locked(application).handover_to
        if member is None:
            raise NotNow(_("Nothing is offered now."), code="not-offered")
        if by.pk not in (application.principal_investigator_id, member.user_id):
            raise Denied(_("Only the two concerned may do this."))
        application.handover_to = None
        application.save(update_fields=["handover_to"])
        record("team_member.end-handover", member, by=by, facts={"application": application.reference})


def accept(application: Application, *, by: Any) -> None:
    """Become the principal investigator; the former one stays as a co-investigator who has confirmed.

    Raises:
        Denied: it is not offered to `by`.
        NotNow: as `open_draft`; or the call is closed.
    """
    with transaction.atomic():
        member = locked(application).handover_to
        if member is None or member.user_id != by.pk or member.confirmed_at is None:
            raise Denied(_("The application is not offered to you."), code="not-offered")
        _check_is_open(application)
        former = swap(application, member)
        parts = ["declared", "names_principal_investigator", "team"]
        saved(application, by=by, names=parts, columns=COLUMNS)
        event = record("application.hand-over", application, by=by, facts=_both(former, by))
        notices.tell("handover-accepted", application, event)


def _open(application: Application, *, by: Any) -> None:
    open_draft(application, by=by, principal=True)
    _check_is_open(application)


def _check_is_open(application: Application) -> None:
    if not application.call.is_open(clock.now()) or not is_in_the_teams_hands(application):
        raise NotNow(_("The call is closed. Report another principal investigator as a change instead."), code="closed")


def _both(former: Any, now: Any) -> dict[str, str]:
    return {"from": str(former.uid), "to": str(now.uid)}
