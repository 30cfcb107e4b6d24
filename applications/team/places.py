"""Every place where material would be, also shared facilities. Masses in mg."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.drafting import open_draft, saved
from applications.enums import PlaceKind
from applications.models import Application, Place
from portal.accounts.models import Institution
from portal.errors import Invalid

MOST_PLACES = 20


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
        Denied, NotNow: as `open_draft`.
        Invalid: material would leave before it came, or there are too many places.
    """
    if from_on and until_on and until_on < from_on:
        raise Invalid(_("The material cannot leave before it came."), code="days", field="until_on")
    with transaction.atomic():
        open_draft(application, by=by, version=version, names=["places"])
        if place is None and application.places.count() >= MOST_PLACES:
            raise Invalid(_("An application names at most %(count)s places.") % {"count": MOST_PLACES}, code="full")
        row = place or Place(application=application)
        row.institution, row.kind, row.facility, row.mass_mg = institution, kind, facility.strip(), mass_mg
        row.pieces, row.from_on, row.until_on, row.carrier = pieces, from_on, until_on, carrier.strip()
        row.save()
        saved(application, by=by, names=["places"])
        return row


def drop_place(place: Place, *, by: Any) -> None:
    """Take a place out of the draft.

    Raises:
        Denied, NotNow: as `open_draft`.
    """
    with transaction.atomic():
        open_draft(place.application, by=by)
        place.delete()
        saved(place.application, by=by, names=["places"])
