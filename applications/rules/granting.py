"""What a decision may award of one sample request. The hold itself is the ledger's: `samples/ledger.py`."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from applications.enums import Outcome, Status, Verdict
from applications.models import Decision, SampleRequest
from portal.errors import Invalid, NotNow
from portal.units import format_mass

DECIDABLE = frozenset({Status.DELIBERATED, Status.DECIDED})


def check_can_decide(request: SampleRequest) -> None:
    """Refuse a decision before deliberation or after publication.

    Raises:
        NotNow: the application is not in deliberation, or this request is not of its present submission.
    """
    application = request.submission.application
    if application.status not in DECIDABLE:
        raise NotNow(_("A request is decided after deliberation and before publication."), code="not-deliberated")
    if application.submission_id != request.submission_id:
        raise NotNow(_("A newer submission has replaced this request."), code="replaced")


def check_can_award(request: SampleRequest, verdict: str, mass_mg: Decimal | None) -> None:
    """Refuse an award of more than was asked, of a part of a whole piece, or of no mass.

    Raises:
        Invalid: beside the field `mass_mg`.
    Source: portal policy; LESEC notice of November 2024 for whole pieces.
    """
    if verdict != Verdict.AWARD:
        if mass_mg is not None:
            raise Invalid(_("Only an award has a mass."), code="mass-without-award", field="mass_mg")
        return
    if request.whole:
        if mass_mg is not None:
            raise Invalid(_("A whole piece is awarded whole; leave the mass empty."), code="piece", field="mass_mg")
        return
    if mass_mg is None or mass_mg <= 0:
        raise Invalid(_("Give the mass to award in mg."), code="mass-missing", field="mass_mg")
    if request.asked_mg is not None and mass_mg > request.asked_mg:
        raise Invalid(
            _("%(asked)s were asked; more cannot be awarded.") % {"asked": format_mass(request.asked_mg)},
            code="more-than-asked",
            field="mass_mg",
        )


def outcome_of(decisions: Sequence[Decision]) -> Outcome:
    """Return what the effective decisions on an application's requests say as a whole.

    Selected means everything asked for; anything less that is given is selected in part.

    Source: portal policy.
    """
    verdicts = {decision.verdict for decision in decisions}
    if Verdict.AWARD in verdicts:
        complete = all(decision.verdict == Verdict.AWARD and is_given_in_full(decision) for decision in decisions)
        return Outcome.SELECTED if complete else Outcome.SELECTED_IN_PART
    return Outcome.RESERVE if Verdict.RESERVE in verdicts else Outcome.NOT_SELECTED


def is_given_in_full(decision: Decision) -> bool:
    """Whether an awarding decision gives the whole piece, or all the mass that was asked."""
    return decision.award.whole or decision.award.mass_mg == decision.request.asked_mg
