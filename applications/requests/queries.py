"""What the pages of sample requests show. Masses in mg."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from applications.models import Application, CallSample, DraftRequest


def offers(application: Application) -> list[CallSample]:
    """Return what the call offers, each with the draft's request for it as `line` (or None)."""
    lines = {line.sample_id: line for line in application.draft_requests.all()}
    found = list(application.call.offers.select_related("sample__mission"))
    for offer in found:
        offer.line = lines.get(offer.sample_id)  # type: ignore[attr-defined]
    return found


def lines_not_offered(application: Application, offered: Sequence[CallSample]) -> list[DraftRequest]:
    """Return requests of the draft that the call does not offer any more."""
    known = {offer.sample_id for offer in offered}
    lines = application.draft_requests.select_related("sample")
    return list(lines.exclude(sample__in=known))


def list_page(application: Application) -> dict[str, Any]:
    """Return what is offered with what is asked, and the sums of it in mg."""
    offered = offers(application)
    asked = [offer.line for offer in offered if offer.line]  # type: ignore[attr-defined]
    return {
        "offers": offered,
        "not_offered": lines_not_offered(application, offered),
        "asked_mg": sum((line.asked_mg for line in asked if line.asked_mg), Decimal(0)),
        "pieces": sum(1 for line in asked if line.whole),
    }
