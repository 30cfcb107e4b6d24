"""Which authorisations an application states, and what of a statement needs a person's look.

One is asked for per mission and per institution that would hold its material: that is where a law or funder rule may
differ. Nothing is computed from anybody's nationality, and nothing said here ever stops an application.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from applications.enums import AuthorisationState, PlaceKind
from applications.models import Application, AuthorisationLine
from portal.accounts.models import Institution
from portal.errors import Invalid
from samples.models import Mission

Pair = tuple[Mission, Institution]


def asked_in_draft(application: Application) -> list[Pair]:
    """Return every mission the draft asks for at every institution that would hold material."""
    lines, places = list(application.draft_requests.all()), list(application.places.all())
    prefetch_related_objects(lines, "sample__mission")
    prefetch_related_objects(places, "institution")
    missions = {line.sample.mission.pk: line.sample.mission for line in lines}
    holders = {place.institution.pk: place.institution for place in places if place.kind == PlaceKind.HOLDER}
    return [
        (mission, holder)
        for mission in sorted(missions.values(), key=lambda one: one.code)
        for holder in holders.values()
    ]


def complaints_about(state: str, reference: str) -> dict[str, Any]:
    """Return what is wrong with a statement, by field."""
    if state not in AuthorisationState.values:
        return {"state": _("Choose one of the four.")}
    if state == AuthorisationState.OBTAINED and not reference.strip():
        return {"reference": _("Give the reference of what was obtained.")}
    return {}


def columns(
    state: str, reference: str = "", expires_on: date | None = None, expected_on: date | None = None, note: str = ""
) -> dict[str, Any]:
    """Return the columns of a statement, without what does not belong to its state.

    Raises:
        Invalid: none of the four states, or obtained without a reference.
    """
    if complaints := complaints_about(state, reference):
        raise Invalid(code="statement", errors={name: [words] for name, words in complaints.items()})
    is_named = state in (AuthorisationState.OBTAINED, AuthorisationState.PENDING)
    return {
        "state": state,
        "reference": reference.strip() if is_named else "",
        "expires_on": expires_on if state == AuthorisationState.OBTAINED else None,
        "expected_on": expected_on if state == AuthorisationState.PENDING else None,
        "note": note.strip(),
    }


def concern(stated: AuthorisationLine, today: date) -> Any:
    """Return why somebody should look at a statement, or nothing. Pending is no fault, and blocks nothing."""
    if stated.state == AuthorisationState.OBTAINED and stated.expires_on and stated.expires_on < today:
        return _("expired")
    if stated.state == AuthorisationState.PENDING and stated.expected_on and stated.expected_on < today:
        return _("pending beyond the expected day")
    return {AuthorisationState.PENDING: _("pending"), AuthorisationState.UNSURE: _("unsure")}.get(
        AuthorisationState(stated.state), ""
    )


def same_statement(one: AuthorisationLine, other: AuthorisationLine) -> bool:
    """Tell whether two statements name the same authorisation, so that the evidence of one is that of the other."""
    return (one.state, one.reference) == (other.state, other.reference)


def is_among(pairs: Iterable[Pair], mission: int, institution: int) -> bool:
    """Tell whether a pair, by ids, is one of these."""
    return any((mission, institution) == (one.pk, other.pk) for one, other in pairs)
