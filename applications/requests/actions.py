"""Asking for samples in a draft; what may be asked is `applications/rules/requests.py`. Masses in mg.

How requests belong together is written in `grouping.py`.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.drafting import open_draft, saved
from applications.models import Application, CallSample, DraftRequest
from applications.requests.queries import field_of
from applications.rules.masses import Run, rows
from applications.rules.requests import complaints_about_request
from portal.errors import Invalid, NotNow
from samples.models import Sample
from samples.rules.availability import why_not_requestable


def put(
    application: Application,
    *,
    by: Any,
    sample: Sample,
    whole: bool,
    asked_mg: Decimal | None = None,
    least_mg: Decimal | None = None,
    technique: str = "",
    effect: str = "",
    justification: str = "",
    contaminants: str = "",
    alternatives: str = "",
    runs: Sequence[Run] = (),
    version: int | None = None,
) -> DraftRequest:
    """Ask for an offered sample, or change what is asked of it. Masses in mg may still be missing, never too much.

    Raises:
        Denied, NotNow: as `open_draft`.
        Invalid: the call does not offer the sample, or not as much; or runs that cannot be.
    """
    line = {"whole": whole, "asked_mg": asked_mg, "least_mg": least_mg, "technique": technique, "runs": rows(runs)}
    line |= {"justification": justification, "contaminants": contaminants, "alternatives": alternatives}
    line |= {"effect": effect} if effect else {}
    name = name_of(sample)
    with transaction.atomic():
        open_draft(application, by=by, version=version, names=[name])
        offered = application.call.offers.filter(sample=sample).first()
        check_can_ask(DraftRequest(application=application, sample=sample, **line), offered)
        request, made = DraftRequest.objects.get_or_create(application=application, sample=sample, defaults=line)
        changed = made or any(getattr(request, key) != value for key, value in line.items())
        for key, value in line.items():
            setattr(request, key, value)
        request.save()
        saved(application, by=by, names=[name] if changed else [])
        return request


def pick(application: Application, *, by: Any, asked: Mapping[Sample, Decimal | None]) -> None:
    """Ask for several offered samples at once: powders by a mass in mg, pieces (None) whole. What is asked stays.

    Raises:
        Denied, NotNow: as `open_draft`; code `asked-already` where somebody else asked for one meanwhile.
        Invalid: as `put`, each beside the field of its offer.
    """
    with transaction.atomic():
        open_draft(application, by=by)
        offered = {one.sample_id: one for one in application.call.offers.all()}
        errors: dict[str | None, list[Any]] = {}
        lines = [
            DraftRequest(application=application, sample=sample, whole=not sample.is_divisible, asked_mg=mass_mg)
            for sample, mass_mg in asked.items()
        ]
        for line in lines:
            try:
                check_can_ask(line, offered.get(line.sample_id))
            except Invalid as refusal:
                errors[field_of(line.sample.catalogue_number)] = [refusal.message]
        if errors:
            raise Invalid(code="request-refused", errors=errors)
        taken = application.draft_requests.filter(sample__in=asked).select_related("sample").first()
        if taken:
            raise asked_already(taken.sample)
        DraftRequest.objects.bulk_create(lines)
        saved(application, by=by, names=[line.part for line in lines])


def drop(application: Application, *, by: Any, sample: Sample, version: int | None = None) -> None:
    """Ask no longer for a sample; without a request for it nothing happens.

    Raises:
        Denied, NotNow: as `open_draft`.
    """
    with transaction.atomic():
        open_draft(application, by=by, version=version, names=[name_of(sample)])
        deleted, _rows = DraftRequest.objects.filter(application=application, sample=sample).delete()
        if deleted:
            saved(application, by=by, names=[name_of(sample)])


def name_of(sample: Sample) -> str:
    """Return the name under which the request for a sample is saved."""
    return DraftRequest(sample=sample).part


def asked_already(sample: Sample) -> NotNow:
    """Return the refusal to ask a second time for a sample."""
    words = _("%(sample)s is asked for already: change it on its own page.") % {"sample": sample.catalogue_number}
    return NotNow(words, code="asked-already")


def check_can_ask(line: DraftRequest, offer: CallSample | None) -> None:
    """Refuse what could never be submitted; a mass not typed yet is refused only then.

    Raises:
        Invalid: beside `asked_mg`, `least_mg` or `whole`.
    """
    if offer and line.sample.is_divisible and not line.whole:
        typed = [mass for mass in (line.asked_mg, line.least_mg) if mass is not None]
        if not typed and why_not_requestable(line.sample) is None:
            return
        line = copy(line)
        line.asked_mg = typed[0] if typed else None
        line.least_mg = typed[-1] if typed else None
    for complaint in complaints_about_request(line, offer):
        least_is_more = line.asked_mg is not None and line.least_mg is not None and line.least_mg > line.asked_mg
        field = "least_mg" if least_is_more else "asked_mg" if line.sample.is_divisible else "whole"
        raise Invalid(complaint, code="request-refused", field=field)
