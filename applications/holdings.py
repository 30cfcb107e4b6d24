"""Gives back what awards keep: used where an application is withdrawn and where a decision is superseded.

Holds are made where a decision is taken (`applications/decisions/`) and allocated by a publication.
"""

from typing import Any

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
