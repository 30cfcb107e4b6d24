"""What is done to the stock: taken in, split, lost, corrected, described, published, withdrawn. Masses in mg.

Mass moves through `samples/ledger.py` alone. `by=None` is the portal itself: commands and what it starts with.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow
from portal.roles import Permission
from samples import ledger
from samples.enums import Origin, SampleStatus
from samples.models import Movement, Sample
from samples.rules.identifiers import tidy_igsn
from samples.rules.numbers import why_no_number

DESCRIPTIVE = (
    "acquisition",
    "use_class",
    "description",
    "description_zh",
    "igsn",
    "location",
    "source",
    "reserve_floor_mg",
)
INHERITED = ("mission", "acquisition", "is_demonstration")


def accession(*, by: Any, mass_mg: Decimal | None = None, publish: bool = False, **facts: Any) -> Sample:
    """Take a new sample into the catalogue, and its mass (mg) into the ledger; `facts` are fields of `Sample`.

    A sample known from publications has no mass here: what its source says is `stated_mass_mg`.

    Raises:
        Denied: by is no keeper of the stock.
        Invalid: the number is taken or no number, the IGSN likewise, or stock comes without mass.
    """
    allow(by)
    _check_new(mass_mg, facts)
    with transaction.atomic():
        sample = _create(publish, facts)
        if mass_mg is not None:
            ledger.accession(sample, mass_mg, by=by)
        record("sample.accession", sample, by=by, facts={"origin": str(sample.origin)})
        sample.refresh_from_db()
        return sample


def split(
    parent: Sample, *, by: Any, mass_mg: Decimal, reason: str = "", publish: bool = False, **facts: Any
) -> Sample:
    """Take mass (mg) from a sample and give it a number of its own; what the child is stands in `facts`.

    Raises:
        Denied: by is no keeper of the stock.
        NotNow: the parent has not as much free above its reserve floor.
        Invalid: the number is taken or no number, or the IGSN likewise.
    """
    allow(by)
    with transaction.atomic():
        parent = _locked(parent)
        if parent.origin == Origin.PUBLICATIONS:
            raise NotNow(_("What is known from publications has no mass here."), code="no-balance")
        facts = {name: getattr(parent, name) for name in INHERITED} | facts | {"parent": parent}
        _check_new(mass_mg, facts)
        child = _create(publish, facts)
        ledger.split(parent, child, mass_mg, by=by)
        record("sample.split", parent, by=by, reason=reason, facts={"child": child.catalogue_number})
        record("sample.accession", child, by=by, facts={"parent": parent.catalogue_number})
        child.refresh_from_db()
        return child


def lose(sample: Sample, *, by: Any, mass_mg: Decimal, reason: str) -> Movement:
    """Record what was lost in preparation, in mg.

    Raises:
        Denied: by is no keeper of the stock.
        NotNow: not as much is free.
    """
    allow(by)
    with transaction.atomic():
        movement = ledger.lose(_locked(sample), mass_mg, by=by)
        record("sample.lose", sample, by=by, reason=reason)
        return movement


def correct(movement: Movement, *, by: Any, reason: str) -> Movement:
    """Mend a mistake by the opposite movement.

    Raises:
        Denied: by is no keeper of the stock.
        NotNow: it was corrected already, belongs to a decision or a split, or the mass has gone on.
    """
    allow(by)
    with transaction.atomic():
        _locked(movement.sample)
        made = ledger.reverse(movement, by=by)
        record("sample.correct", movement.sample, by=by, reason=reason, facts={"of": movement.reason})
        return made


def edit(sample: Sample, *, by: Any, version: str, **fields: Any) -> Sample:
    """Change what is said about a sample; number, mission, kind and mass stay.

    Raises:
        Denied: by is no keeper of the stock.
        NotNow: somebody else changed it since `version` (code `stale`).
        Invalid: it is known from publications and would lose its source; the IGSN is none, or another sample's.
    """
    allow(by)
    with transaction.atomic():
        sample = _locked(sample)
        if version_of(sample) != version:
            raise NotNow(_("Somebody changed this sample after you opened the form."), code="stale")
        if sample.origin == Origin.PUBLICATIONS and not fields.get("source", sample.source):
            raise Invalid(_("What is known from publications needs its source."), code="no-source", field="source")
        if "igsn" in fields:
            fields["igsn"] = _free_igsn(fields["igsn"], sample)
        changed = [name for name in DESCRIPTIVE if name in fields and getattr(sample, name) != fields[name]]
        old = {name: str(getattr(sample, name)) for name in changed}
        for name in changed:
            setattr(sample, name, fields[name])
        if changed:
            sample.save(update_fields=changed)
            record("sample.edit", sample, by=by, old=old, facts={"fields": changed})
        return sample


def publish(sample: Sample, *, by: Any) -> None:
    """Show a sample in the public catalogue, for the first time or again after a withdrawal.

    Raises:
        Denied: by is no keeper of the stock.
        NotNow: it is shown already.
    """
    allow(by)
    with transaction.atomic():
        sample = _locked(sample)
        if sample.published_at and sample.status == SampleStatus.CATALOGUED:
            raise NotNow(_("This sample is in the public catalogue already."), code="published")
        sample.published_at = sample.published_at or clock.now()
        sample.status = SampleStatus.CATALOGUED
        sample.save(update_fields=["published_at", "status"])
        record("sample.publish", sample, by=by)


def withdraw(sample: Sample, *, by: Any, reason: str) -> None:
    """Take a sample out of the catalogue: its page stays, nobody may ask for it any more.

    Raises:
        Denied: by is no keeper of the stock.
        NotNow: it is not in the catalogue.
    """
    allow(by)
    with transaction.atomic():
        sample = _locked(sample)
        if sample.status != SampleStatus.CATALOGUED:
            raise NotNow(_("This sample is not in the catalogue."), code="not-catalogued")
        sample.status = SampleStatus.WITHDRAWN
        sample.save(update_fields=["status"])
        record("sample.withdraw", sample, by=by, reason=reason)


def version_of(sample: Sample) -> str:
    """Return what a form remembers of the description it was opened with."""
    return fingerprint(sample, DESCRIPTIVE)


def fingerprint(row: Any, names: Iterable[str]) -> str:
    """Return a short text that differs as soon as one of these fields of a row says something else."""
    said = json.dumps([str(getattr(row, name)) for name in names])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def allow(by: Any) -> None:
    """Refuse who is no keeper of the stock; without anybody it is the portal itself.

    Raises:
        Denied: by is no keeper of the stock.
    """
    if by is not None and not by.may(Permission.MANAGE_STOCK):
        raise Denied(_("Only curators change the stock."))


def _locked(sample: Sample) -> Sample:
    return Sample.objects.select_for_update().get(pk=sample.pk)


def _check_new(mass_mg: Decimal | None, facts: Mapping[str, Any]) -> None:
    if reason := why_no_number(facts.get("catalogue_number", "")):
        raise Invalid(reason, code="no-number", field="catalogue_number")
    known = facts.get("origin", Origin.STOCK) == Origin.PUBLICATIONS
    if known and mass_mg is not None:
        raise Invalid(_("What is known from publications has no mass here."), code="no-balance", field="mass_mg")
    if known and not facts.get("source"):
        raise Invalid(_("What is known from publications needs its source."), code="no-source", field="source")
    if not known and (mass_mg is None or mass_mg <= 0):
        raise Invalid(_("A sample in stock has a mass above zero."), code="no-mass", field="mass_mg")


def _free_igsn(text: str, sample: Sample | None = None) -> str:
    """Return an IGSN as it is kept; nothing for nothing.

    Raises:
        Invalid: it is none, or that of another sample.
    """
    igsn = tidy_igsn(text)
    if igsn and Sample.objects.filter(igsn=igsn).exclude(pk=sample.pk if sample else 0).exists():
        raise Invalid(_("Another sample has this IGSN."), code="igsn-taken", field="igsn")
    return igsn


def _create(publish: bool, facts: Mapping[str, Any]) -> Sample:
    facts = {**facts, "igsn": _free_igsn(facts.get("igsn", ""))}
    try:
        with transaction.atomic():
            return Sample.objects.create(published_at=clock.now() if publish else None, **facts)
    except IntegrityError:
        raise Invalid(
            _("%(number)s is in the catalogue already.") % {"number": facts["catalogue_number"]},
            code="number-taken",
            field="catalogue_number",
        ) from None
