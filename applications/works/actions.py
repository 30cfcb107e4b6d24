"""What people do with the list of their works: add, remove. What it is for: `applications/rules/coauthors.py`."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.models import Work
from applications.works.parsing import Found, Reading
from portal import clock
from portal.audit.trail import record
from portal.errors import Invalid, NotNow

MOST_WORKS = 2000  # of one person


@transaction.atomic
def add_works(*, by: Any, readings: Mapping[str, Reading]) -> int:
    """Add what was read to the own list, all or nothing; what stands there already is completed. Returns how many.

    `readings` are by field of the form.

    Raises:
        Invalid: something cannot be read, beside its field; nothing was given; or the list would be too long.
    """
    problems: dict[str | None, list[str]] = {
        field: reading.told() for field, reading in readings.items() if reading.problems
    }
    if problems:
        raise Invalid(errors=problems, code="unreadable")
    given = _once(work for reading in readings.values() for work in reading.works)
    if not given:
        raise Invalid(_("Give at least one work: DOIs, BibTeX or a file."), code="nothing")
    there = {one.key: one for one in Work.objects.select_for_update().filter(user=by, key__in=given).order_by("key")}
    number = Work.objects.filter(user=by).count() + len(given.keys() - there.keys())
    if number > MOST_WORKS:
        raise Invalid(_("A list holds at most %(most)s works.") % {"most": MOST_WORKS}, code="too-many")
    moment = clock.now()
    Work.objects.bulk_create(
        (
            Work(user=by, key=key, doi=one.doi, title=one.title, year=one.year, authors=one.authors, at=moment)
            for key, one in given.items()
            if key not in there
        ),
        ignore_conflicts=True,
    )
    for key, work in there.items():
        _complete(work, given[key])
    record("user.add-works", by, by=by, facts={"works": len(given)})
    return len(given)


@transaction.atomic
def remove_work(work: Work, *, by: Any) -> None:
    """Take a work off the own list.

    Raises:
        NotNow: it is gone already.
    """
    if not Work.objects.filter(pk=work.pk, user=by).delete()[0]:
        raise NotNow(_("This work is off your list already."), code="gone")
    record("user.remove-work", by, by=by)


def _once(works: Iterable[Found]) -> dict[str, Found]:
    """Return the works by key; of the same work in two texts the one that says more."""
    found: dict[str, Found] = {}
    for work in works:
        found[work.key] = max(found.get(work.key, work), work, key=_says)
    return found


def _says(work: Found) -> tuple[bool, int, bool]:
    """Return how much is known of a work: whether it has a title, how many authors, whether a year."""
    return bool(work.title), len(work.authors), work.year is not None


def _complete(work: Work, given: Found) -> None:
    """Fill in what the list did not know of a work, or knew differently."""
    fresh = {
        "title": given.title or work.title,
        "year": given.year or work.year,
        "authors": given.authors or work.authors,
    }
    if any(getattr(work, name) != value for name, value in fresh.items()):
        for name, value in fresh.items():
            setattr(work, name, value)
        work.save(update_fields=list(fresh))
