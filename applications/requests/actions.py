"""Asking for samples in a draft; what may be asked is `applications/rules/requests.py`. Masses in mg."""

from decimal import Decimal
from typing import Any

from django.db import transaction

from applications.drafting import open_draft, saved
from applications.models import Application, DraftRequest
from applications.rules.requests import complaints_about_request
from portal.errors import Invalid
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
    version: int | None = None,
) -> DraftRequest:
    """Ask for an offered sample, or change what is asked of it. Masses in mg may still be missing, never too much.

    Raises:
        Denied, NotNow: as `save`.
        Invalid: the call does not offer the sample, or not as much.
    """
    line = {"whole": whole, "asked_mg": asked_mg, "least_mg": least_mg, "technique": technique}
    line |= {"effect": effect, "justification": justification} if effect else {"justification": justification}
    name = f"request:{sample.catalogue_number}"
    with transaction.atomic():
        open_draft(application, by=by, version=version, names=[name])
        _check_can_ask(application, DraftRequest(application=application, sample=sample, **line))
        request, made = DraftRequest.objects.get_or_create(application=application, sample=sample, defaults=line)
        changed = made or any(getattr(request, key) != value for key, value in line.items())
        for key, value in line.items():
            setattr(request, key, value)
        request.save()
        saved(application, by=by, names=[name] if changed else [])
        return request


def drop(application: Application, *, by: Any, sample: Sample) -> None:
    """Ask no longer for a sample; without a request for it nothing happens.

    Raises:
        Denied, NotNow: as `save`.
    """
    with transaction.atomic():
        open_draft(application, by=by)
        deleted, _rows = DraftRequest.objects.filter(application=application, sample=sample).delete()
        if deleted:
            saved(application, by=by, names=[f"request:{sample.catalogue_number}"])


def _check_can_ask(application: Application, line: DraftRequest) -> None:
    """Refuse what could never be submitted; a mass not typed yet is refused only then.

    Raises:
        Invalid: beside `asked_mg`, `least_mg` or `whole`.
    """
    offer = application.call.offers.filter(sample=line.sample).select_related("sample").first()
    if offer and line.sample.is_divisible and not line.whole:
        typed = [mass for mass in (line.asked_mg, line.least_mg) if mass is not None]
        if not typed and why_not_requestable(line.sample) is None:
            return
        line.asked_mg = typed[0] if typed else None
        line.least_mg = typed[-1] if typed else None
    for complaint in complaints_about_request(line, offer):
        least_is_more = line.asked_mg is not None and line.least_mg is not None and line.least_mg > line.asked_mg
        field = "least_mg" if least_is_more else "asked_mg" if line.sample.is_divisible else "whole"
        raise Invalid(complaint, code="request-refused", field=field)
