"""What awards hold of the samples, between the two domains: giving it back, and whether both sides still agree.

Decisions place holds (`applications/decisions/`), publications allocate them (`applications/publication/`); the
ledger itself is `samples/ledger.py`.
"""

from typing import Any

from django.db import transaction

from applications.enums import Status
from applications.models import Application, Award
from samples import ledger
from samples.models import Hold

LIVE = Hold.State.HELD
TAKEN = Hold.State.ALLOCATED


def release_awards(application: Application, *, by: Any) -> int:
    """Give back everything an application holds or was allocated, when it is withdrawn; return how many holds ended.

    The caller has locked the application. Samples are taken in the order of their ids.
    """
    with transaction.atomic():
        held = Hold.objects.filter(award__decision__request__submission__application=application)
        holds = list(held.filter(state__in=[LIVE, TAKEN]).select_related("sample").order_by("sample_id", "pk"))
        for hold in holds:
            give_back = ledger.release if hold.state == LIVE else ledger.give_back
            give_back(hold, by=by)
    return len(holds)


def faults() -> list[str]:
    """Return every award whose hold does not stand as the application's status says; empty when all agree."""
    found = []
    awards = Award.objects.select_related("hold", "decision__request__submission__application").order_by("pk")
    for award in awards.iterator():
        application = award.decision.request.submission.application
        expected = _expected(award, application)
        if award.hold.state != expected:
            found.append(f"{application.reference}: hold {award.hold.key} is {award.hold.state}, not {expected}")
        if award.hold.mass_mg != award.mass_mg or award.hold.sample_id != award.decision.request.sample_id:
            found.append(f"{application.reference}: hold {award.hold.key} is not what was awarded")
    orphans = Hold.objects.filter(state=LIVE, award__isnull=True)
    return found + [f"hold {hold.key} belongs to no award" for hold in orphans]


def _expected(award: Award, application: Application) -> str:
    if not award.decision.is_effective or application.status == Status.WITHDRAWN:
        return Hold.State.RELEASED
    return TAKEN if application.status == Status.PUBLISHED else LIVE
