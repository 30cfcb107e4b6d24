"""Every place where material would be, also shared facilities. Masses in mg."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.drafting import open_draft, saved
from applications.enums import PlaceKind
from applications.models import Application, Place
from portal.accounts.models import Institution
from portal.errors import Invalid, NotNow

MOST_PLACES = 20
LONGEST_STAY = timedelta(days=20 * 366)


def put_place(
    application: Application,
    *,
    by: Any,
    institution: Institution,
    kind: str = PlaceKind.HOLDER,
    facility: str = "",
    mass_mg: Decimal | None = None,
    pieces: int = 0,
    from_on: date | None = None,
    until_on: date | None = None,
    carrier: str = "",
    place: Place | None = None,
    version: int | None = None,
) -> Place:
    """Name a place of the material, or say something else of one. `mass_mg` is the most that is there at once.

    Raises:
        Denied, NotNow: as `open_draft`; or the place was removed meanwhile.
        Invalid: the days cannot be, no such kind, or there are too many places.
    """
    if kind not in PlaceKind.values:
        raise Invalid(_("Choose what the place is."), code="kind", field="kind")
    said = {"institution": institution, "kind": kind, "facility": facility.strip(), "mass_mg": mass_mg}
    said |= {"pieces": pieces, "from_on": from_on, "until_on": until_on, "carrier": carrier.strip()}
    with transaction.atomic():
        open_draft(application, by=by, version=version, names=[place.part] if place else ())
        _check_days(application, from_on, until_on)
        row = _present(application, place) if place else _new(application)
        for name, value in said.items():
            setattr(row, name, value)
        row.save()
        saved(application, by=by, names=["places", row.part])
        return row


def drop_place(place: Place, *, by: Any, version: int | None = None) -> None:
    """Take a place out of the draft.

    Raises:
        Denied, NotNow: as `open_draft`; or it was removed already.
    """
    application = place.application
    with transaction.atomic():
        open_draft(application, by=by, version=version, names=[place.part])
        _present(application, place).delete()
        saved(application, by=by, names=["places", place.part])


def _present(application: Application, place: Place) -> Place:
    """Return the row as it is now; a place of another application is none of this one's."""
    found = application.places.filter(pk=place.pk).first()
    if found is None:
        raise NotNow(_("This place was removed meanwhile."), code="gone")
    return found


def _new(application: Application) -> Place:
    if application.places.count() >= MOST_PLACES:
        raise Invalid(_("An application names at most %(count)s places.") % {"count": MOST_PLACES}, code="full")
    return Place(application=application)


def _check_days(application: Application, from_on: date | None, until_on: date | None) -> None:
    """Nothing is lent before the call has closed, nothing leaves before it came, and nothing is lent for ever."""
    if from_on and until_on and until_on < from_on:
        raise Invalid(_("The material cannot leave before it came."), code="days", field="until_on")
    call = application.call
    closes_on = call.closes_at.astimezone(call.timezone).date() if call.closes_at else None
    for name, day in (("from_on", from_on), ("until_on", until_on)):
        if day and closes_on and day < closes_on:
            raise Invalid(_("Nothing is lent before the call has closed."), code="days", field=name)
        if day and closes_on and day > closes_on + LONGEST_STAY:
            raise Invalid(_("This day is too far away."), code="days", field=name)
