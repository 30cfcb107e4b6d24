"""What the portal does by itself about invitations: it tells an account of an invitation to its ORCID iD, and reminds.

Both run from `applications/tasks.py`, apart from the request that invites, whose answer and time tell nothing. Each
is written once, however often this runs and however many workers run it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from applications import notices
from applications.enums import Status
from applications.models import Call, TeamMember
from portal import clock
from portal.audit.models import Event
from portal.audit.trail import kind_of, record

DAYS = (7, 2)
REMIND = "team_member.remind"
BATCH = 200


def tell_accounts() -> int:
    """Tell every account of an open invitation to the ORCID iD that it has; return how many were told."""
    accounts = get_user_model().objects.filter(orcid=OuterRef("orcid"), is_active=True)
    rows = _open(clock.now()).exclude(orcid="").filter(Exists(accounts), user__isnull=True)
    return sum(_tell_account(member) for member in rows.order_by("pk")[:BATCH])


def remind() -> int:
    """Remind who has not confirmed, seven and two days before the deadline; return how many were reminded."""
    now = clock.now()
    return sum(
        _remind(member, days) for days in sorted(DAYS) for member in _to_remind(now, days).order_by("pk")[:BATCH]
    )


def _open(now: datetime) -> QuerySet[TeamMember]:
    """Return the unconfirmed places in open calls to which somebody was invited."""
    rows = TeamMember.objects.filter(confirmed_at__isnull=True, invited_at__isnull=False)
    rows = rows.filter(application__status__in=[Status.DRAFT, Status.SUBMITTED, Status.RETURNED])
    return rows.filter(Call.open_at(now, to="application__call__"))


def _to_remind(now: datetime, days: int) -> QuerySet[TeamMember]:
    """Return who was invited before the day of this reminder and had neither it nor a later one."""
    before = timedelta(days=days)
    done = Event.objects.filter(about_type=kind_of(TeamMember), about_id=OuterRef("pk"), verb=REMIND)
    rows = _open(now).filter(application__call__closes_at__lte=now + before)
    rows = rows.filter(invited_at__lt=F("application__call__closes_at") - before)
    return rows.exclude(Exists(done.filter(facts__days__lte=days)))


def _tell_account(member: TeamMember) -> bool:
    with transaction.atomic():
        locked = _locked(member)
        account = get_user_model().objects.filter(orcid=member.orcid, is_active=True).first()
        if locked is None or locked.user_id or account is None:
            return False
        locked.user = account
        locked.save(update_fields=["user"])
        facts = {"application": locked.application.reference, "role": locked.role}
        notices.tell("team-member-invited", locked, record("team_member.find", locked, by=None, facts=facts))
        return True


def _remind(member: TeamMember, days: int) -> bool:
    with transaction.atomic():
        locked = _locked(member)
        if locked is None or not _to_remind(clock.now(), days).filter(pk=member.pk).exists():
            return False
        facts: dict[str, Any] = {"application": locked.application.reference, "days": days}
        notices.tell("team-member-reminded", locked, record(REMIND, locked, by=None, facts=facts))
        return True


def _locked(member: TeamMember) -> TeamMember | None:
    rows = TeamMember.objects.select_for_update(of=("self",)).select_related("application__call", "user")
    return rows.filter(pk=member.pk, confirmed_at__isnull=True).first()
