"""The chair's verdicts: each on one sample request, changed only by a decision that supersedes it.

What may be awarded is said by `applications/rules/granting.py`; the mass is held by `samples/ledger.py`; nothing of it
is seen outside the deciding staff before a publication (`applications/publication/`).
"""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import holdings
from applications.enums import Verdict
from applications.models import Application, Award, Decision, SampleRequest
from applications.rules.granting import check_can_award, check_can_decide
from applications.workflow import APPLICATION, THE_CHAIR
from portal import clock
from portal.audit.trail import record
from portal.errors import Invalid, NotNow
from samples import ledger

NOTHING_YET = "none"


def decide(
    request: SampleRequest,
    *,
    by: Any,
    verdict: str,
    reason: str,
    mass_mg: Decimal | None = None,
    reserve_rank: int | None = None,
    waits_for: str = "",
    seen: str = "",
) -> Decision:
    """Decide one sample request: award (mg, or whole where `mass_mg` is None), reserve or decline.

    An award holds its mass at once; `waits_for` says which authorisation it still waits for. `seen` is the uid of the
    decision the chair was looking at, or `none`.

    Raises:
        Denied: `by` does not chair the call, or a conflict bars them.
        NotNow: not in deliberation, decided by somebody else meanwhile, or not enough is free.
        Invalid: no reason, more than was asked, a rank without the reserve list.
    """
    with transaction.atomic():
        application = Application.objects.select_for_update().get(submissions=request.submission_id)
        THE_CHAIR.check_holds(application, by)
        request.submission.application = application
        check_can_decide(request)
        _check_is_complete(verdict, reason, reserve_rank)
        check_can_award(request, verdict, mass_mg)
        earlier = _superseded(request, seen, by=by)
        decision = Decision.objects.create(
            request=request,
            verdict=verdict,
            reason=reason.strip(),
            reserve_rank=reserve_rank,
            by=by,
            at=clock.now(),
            supersedes=earlier,
        )
        if verdict == Verdict.AWARD:
            _give(decision, mass_mg, waits_for, by=by)
        facts = {"request": str(request.uid), "decision": str(decision.uid), "verdict": str(verdict)}
        record("decision.supersede" if earlier else "decision.make", application, by=by, facts=facts)
        return decision


def conclude(application: Application, *, by: Any) -> None:
    """Say that every request of an application is decided. What was decided stays hidden until its publication.

    Raises:
        Denied: `by` does not chair the call, or a conflict bars them.
        NotNow: not in deliberation, or a request is undecided.
    """
    APPLICATION.advance(application, "decide", by=by)


def _give(decision: Decision, mass_mg: Decimal | None, waits_for: str, *, by: Any) -> None:
    """Hold what an award gives."""
    hold = ledger.hold(decision.request.sample, mass_mg, by=by)
    Award.objects.create(
        decision=decision,
        hold=hold,
        whole=decision.request.whole,
        mass_mg=hold.mass_mg,
        waits_for=waits_for.strip(),
    )


def _check_is_complete(verdict: str, reason: str, reserve_rank: int | None) -> None:
    if verdict not in Verdict.values:
        raise Invalid(_("Choose a verdict."), code="verdict-missing", field="verdict")
    if not reason.strip():
        raise Invalid(
            _("Give the reason: the applicant reads it with the decision."), code="reason-missing", field="reason"
        )
    if reserve_rank is not None and (verdict != Verdict.RESERVE or reserve_rank < 1):
        raise Invalid(
            _("Only the reserve list has places, from 1 on."), code="rank-without-reserve", field="reserve_rank"
        )


def _superseded(request: SampleRequest, seen: str, *, by: Any) -> Decision | None:
    """End the effective decision and give back what it holds, before the new one takes anything."""
    earlier = Decision.objects.select_for_update().filter(request=request, is_effective=True).first()
    present = str(earlier.uid) if earlier else NOTHING_YET
    if seen and seen != present:
        raise NotNow(
            _("Somebody else has decided this request meanwhile. Read their decision and decide again."), code="stale"
        )
    if earlier is None:
        return None
    award = Award.objects.filter(decision=earlier).select_related("hold__sample").first()
    if award is not None:
        holdings.release_award(award, by=by)
    earlier.is_effective = False
    earlier.save(update_fields=["is_effective"])
    return earlier
