"""Which authorisations an application has to state: one per mission asked for and institution that would hold it."""

from dataclasses import dataclass

from applications.enums import PlaceKind
from applications.models import Application, DraftAuthorisation
from portal.accounts.models import Institution
from samples.models import Mission


@dataclass(frozen=True)
class Wanted:
    """One mission at one holding institution, with what is stated of it so far."""

    mission: Mission
    institution: Institution
    stated: DraftAuthorisation | None


def wanted(application: Application) -> list[Wanted]:
    """Return every mission asked for at every holding institution."""
    lines = application.draft_requests.select_related("sample__mission")
    missions = {line.sample.mission.pk: line.sample.mission for line in lines}
    places = application.places.filter(kind=PlaceKind.HOLDER).select_related("institution")
    holders = {place.institution.pk: place.institution for place in places}
    stated = {(one.mission_id, one.institution_id): one for one in application.draft_authorisations.all()}
    return [
        Wanted(mission, holder, stated.get((mission.pk, holder.pk)))
        for mission in missions.values()
        for holder in holders.values()
    ]
