"""What one sample request may ask for. What a decision may award is `applications/rules/granting.py`."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.models import CallSample, DraftRequest
from portal.units import format_mass
from samples.rules.availability import why_not_requestable


def complaints_about_request(line: DraftRequest, offer: CallSample | None) -> list[Any]:
    """Return why this request cannot be submitted: not offered, not requestable, wrong or too much mass (mg)."""
    name = {"sample": line.sample.catalogue_number}
    if offer is None:
        return [_("%(sample)s is not offered in this call.") % name]
    if reason := why_not_requestable(line.sample):
        return [reason]
    if not line.sample.is_divisible:
        return [] if line.whole else [_("%(sample)s is lent only as a whole piece.") % name]
    if line.whole or line.asked_mg is None or line.least_mg is None:
        return [_("Give the mass and the least useful mass of %(sample)s in mg.") % name]
    complaints = []
    if line.asked_mg <= 0 or line.least_mg <= 0:
        complaints.append(_("A mass of %(sample)s is more than zero.") % name)
    if line.least_mg > line.asked_mg:
        complaints.append(_("The least useful mass of %(sample)s is more than the mass asked.") % name)
    if offer.offered_mg is not None and line.asked_mg > offer.offered_mg:
        complaints.append(
            _("The call offers %(offered)s of %(sample)s; you ask for %(asked)s.")
            % {**name, "offered": format_mass(offer.offered_mg), "asked": format_mass(line.asked_mg)}
        )
    return complaints
