"""Whether a sample may be asked for at all. How much of it is free is read from the ledger's counters."""

from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from samples.enums import Origin, SampleStatus, UseClass
from samples.models import Sample

REQUESTABLE_USES = (UseClass.RESEARCH, UseClass.PUBLIC_INTEREST)


def why_not_requestable(sample: Sample) -> Any | None:
    """Return the sentence that says why nobody may ask for this sample, or None.

    Source: CNSA sample procedures 2020 (four uses; permanent and backup storage stay sealed).
    """
    name = {"sample": sample.catalogue_number}
    if sample.origin == Origin.PUBLICATIONS:
        return _("%(sample)s is known from publications only.") % name
    if sample.use_class not in REQUESTABLE_USES:
        return _("%(sample)s is kept in permanent or backup storage.") % name
    if sample.status != SampleStatus.CATALOGUED:
        return _("%(sample)s is not in the catalogue any more.") % name
    return None


def requestable() -> Q:
    """Return the same as a condition on samples."""
    return Q(origin=Origin.STOCK, use_class__in=REQUESTABLE_USES, status=SampleStatus.CATALOGUED)


def awardable_mg(sample: Sample) -> Decimal:
    """Return how much a decision could still hold, in mg, above the reserve floor."""
    return max(sample.free_mg - sample.reserve_floor_mg, Decimal("0.000"))
