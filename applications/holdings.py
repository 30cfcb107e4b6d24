"""What awards keep of the samples: giving it back, and whether both domains still agree about it.

Holds are made where a decision is taken (`applications/decisions/`) and allocated by a publication; the ledger
itself is `samples/ledger.py`.
"""

from typing import Any

from applications.enums import Status
from applications.models import Application, Award
from samples import ledger
from samples.models import Hold


def release_award(award: Award, *, by: Any) -> None:
    """Return the mass of an award to what is free; an award whose hold was settled already keeps nothing.

    Raises:
        NotNow: somebody settled the hold at the same moment.
    """
    if award.hold.state == Hold.State.HELD:
        ledger.release(award.hold, by=by)
    elif award.hold.state == Hold.State.ALLOCATED:
        ledger.give_back(award.hold, by=by)


def release_awards(application: Application, *, by: Any) -> int:
    """Return everything an application was awarded, in the order of the samples; say how many awards it was.

    The decisions and awards stay as rows: what was decided is not undone, only what it kept.
    """
    kept = Award.objects.filter(
        decision__request__submission__application=application,
        hold__state__in=[Hold.State.HELD, Hold.State.ALLOCATED],
    ).select_related("hold__sample")
    awards = list(kept.order_by("hold__sample_id"))
    for award in awards:
        release_award(award, by=by)
    return len(awards)


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
    orphans = Hold.objects.filter(award__isnull=True).exclude(state=Hold.State.RELEASED)
    return found + [f"hold {hold.key} belongs to no award" for hold in orphans]


def _expected(award: Award, application: Application) -> str:
    if not award.decision.is_effective or application.status == Status.WITHDRAWN:
        return Hold.State.RELEASED
    return Hold.State.ALLOCATED if application.status == Status.PUBLISHED else Hold.State.HELD
