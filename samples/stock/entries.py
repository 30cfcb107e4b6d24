"""What curators write about a sample beside its mass: its history, and the data that exist on it.

Both are rows of `samples/models/knowledge.py` and are written here alone; files of them come in by
`samples/stock/entry_files.py`. The sample's trail keeps what they said before.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit.trail import record
from portal.errors import Invalid, NotNow
from samples.models import Dataset, Sample, Treatment
from samples.rules.identifiers import tidy_doi
from samples.stock.actions import allow, fingerprint

Entry = Treatment | Dataset
HISTORY, DATA = "history", "data"
MODELS: dict[str, Any] = {HISTORY: Treatment, DATA: Dataset}
FIELDS = {
    HISTORY: ("day", "kind", "description", "description_zh", "source"),
    DATA: ("measured", "measured_zh", "technique", "published_in", "doi", "url"),
}


def sort_of(entry: Entry) -> str:
    """Return whether an entry is of the history or of the data."""
    return HISTORY if isinstance(entry, Treatment) else DATA


def add(sample: Sample, sort: str, *, by: Any, **facts: Any) -> Entry:
    """Write an entry about a sample; `facts` are the fields of its sort.

    Raises:
        Denied: by is no keeper of the stock.
        Invalid: something is missing, in the future, or no DOI or address.
    """
    allow(by)
    with transaction.atomic():
        entry = MODELS[sort](sample=sample, **_tidy(facts))
        _check(entry)
        entry.save()
        record(f"sample.add-{sort}", sample, by=by, facts={"entry": str(entry.uid)})
        return entry


def change(entry: Entry, *, by: Any, version: str, **facts: Any) -> Entry:
    """Change what an entry says.

    Raises:
        Denied: by is no keeper of the stock.
        NotNow: somebody else changed or removed it since `version` (code `stale`).
        Invalid: something is missing, in the future, or no DOI or address.
    """
    allow(by)
    with transaction.atomic():
        entry, sort = _locked(entry), sort_of(entry)
        if version_of(entry) != version:
            raise NotNow(_("Somebody changed this entry after you opened the form."), code="stale")
        facts = _tidy(facts)
        changed = [name for name in FIELDS[sort] if name in facts and getattr(entry, name) != facts[name]]
        old = {name: _said(entry, name) for name in changed}
        for name in changed:
            setattr(entry, name, facts[name])
        if changed:
            _check(entry)
            entry.save(update_fields=changed)
            told = {"entry": str(entry.uid), "fields": changed}
            record(f"sample.change-{sort}", entry.sample, by=by, old=old, facts=told)
        return entry


def remove(entry: Entry, *, by: Any, reason: str) -> None:
    """Take an entry away that should not be there; the trail keeps what it said.

    Raises:
        Denied: by is no keeper of the stock.
        NotNow: it is gone already.
    """
    allow(by)
    with transaction.atomic():
        entry, sort = _locked(entry), sort_of(entry)
        old = {name: _said(entry, name) for name in FIELDS[sort]}
        record(f"sample.remove-{sort}", entry.sample, by=by, reason=reason, old=old, facts={"entry": str(entry.uid)})
        entry.delete()


def version_of(entry: Entry) -> str:
    """Return what a form remembers of the entry it was opened with."""
    return fingerprint(entry, FIELDS[sort_of(entry)])


def _said(entry: Entry, name: str) -> str:
    value = getattr(entry, name)
    return "" if value is None else str(value)


def _locked(entry: Entry) -> Entry:
    found = type(entry).objects.select_for_update(of=("self",)).select_related("sample").filter(pk=entry.pk).first()
    if found is None:
        raise NotNow(_("Somebody removed this entry meanwhile."), code="stale")
    return found


def _tidy(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {**facts, "doi": tidy_doi(facts["doi"])} if "doi" in facts else dict(facts)


def _check(entry: Entry) -> None:
    if isinstance(entry, Treatment) and entry.day and entry.day > clock.now().date():
        raise Invalid(_("This day has not come yet."), code="future", field="day")
    if isinstance(entry, Dataset) and entry.url and not entry.url.startswith(("https://", "http://")):
        raise Invalid(_("An address begins with https://."), code="no-address", field="url")
    try:
        entry.full_clean(exclude=["sample", "uid"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        complaints: dict[str | None, Any] = dict(error.message_dict.items())
        raise Invalid(errors=complaints, code="incomplete") from None
