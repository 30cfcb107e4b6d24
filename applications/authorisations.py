"""What both sides state of authorisations after submission: the latest of each stands, the earlier ones stay.

What a draft states is the room `declarations` alone; what a statement may say and what needs a look is
`applications/rules/authorisations.py`. Nothing here stops an application: a flag goes to a person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from applications.access import released_document
from applications.enums import PUBLIC_OUTCOMES, Occasion, PublicationKind, Side, Status, Verdict
from applications.models import ApplicantDocument, Application, AuthorisationRecord
from applications.rules.authorisations import Pair, concern
from portal import clock
from portal.accounts.models import Institution
from samples.models import Mission

AFTER_AN_AWARD = (Occasion.AWARD, Occasion.AGREEMENT)


@dataclass(frozen=True)
class Stand:
    """One mission at one holding institution, with what each side stated of it, the latest first."""

    mission: Mission
    institution: Institution
    applicant: list[AuthorisationRecord] = field(default_factory=list)
    agency: list[AuthorisationRecord] = field(default_factory=list)

    @property
    def sides(self) -> list[tuple[Any, list[AuthorisationRecord]]]:
        """Both sides with their statements."""
        return [(Side.APPLICANT.label, self.applicant), (Side.AGENCY.label, self.agency)]

    @property
    def is_asked_again(self) -> bool:
        """Whether the applicant's side has still to say, after an award, how it stands now."""
        return not any(one.occasion in AFTER_AN_AWARD for one in self.applicant)

    def concerns(self, today: date) -> list[Any]:
        """Return why a person should look, for either side."""
        latest = [said[0] for said in (self.applicant, self.agency) if said]
        return list(dict.fromkeys(str(words) for one in latest if (words := concern(one, today))))


def stands(application: Application) -> list[Stand]:
    """Return everything stated for the present submission or since it, by mission and institution."""
    if application.submission is None:
        return []
    since = application.submission.received_at
    found: dict[tuple[int, int], Stand] = {}
    rows = application.authorisations.select_related("mission", "institution", "by")
    for row in rows.order_by("mission__code", "institution__name", "institution", "-at", "-pk"):
        stand = found.setdefault((row.mission_id, row.institution_id), Stand(row.mission, row.institution))
        (stand.applicant if row.side == Side.APPLICANT else stand.agency).append(row)
    return [one for one in found.values() if one.agency or (one.applicant and one.applicant[0].at >= since)]


def stand_of(found: Iterable[Stand], mission: str, key: Any) -> Stand | None:
    """Return the one of a mission's code and an institution's key."""
    return next((one for one in found if (one.mission.code, one.institution.key) == (mission, key)), None)


def awarded(application: Application) -> list[Stand]:
    """Return what a released decision asks about again: the missions it awards, at every holding institution."""
    document = released_document(application, PublicationKind.RESULTS)
    missions = _missions_awarded(document) if document else set()
    if not missions:
        return []
    return [one for one in stands(application) if one.applicant and one.mission.code in missions]


def is_asked_again(application: Application) -> bool:
    """Tell whether the principal investigator has still to say how the authorisations stand after the award."""
    return any(one.is_asked_again for one in awarded(application))


def waiting_again(user: Any) -> QuerySet[Application]:
    """Return the applications of which this principal investigator has still to say how they stand after an award."""
    given = ApplicantDocument.objects.filter(
        application=OuterRef("pk"),
        publication__kind=PublicationKind.RESULTS,
        publication__released_to_applicants_at__isnull=False,
        document__outcome__in=PUBLIC_OUTCOMES,
    )
    stated = AuthorisationRecord.objects.filter(application=OuterRef("pk"), side=Side.APPLICANT)
    own = Application.objects.filter(principal_investigator=user.pk, status=Status.PUBLISHED)
    return own.filter(Exists(given), Exists(stated)).exclude(Exists(stated.filter(occasion__in=AFTER_AN_AWARD)))


def flags(application: Application) -> list[str]:
    """Return why somebody of the office should look at the authorisations; it stops nothing."""
    today = clock.now().astimezone(application.call.timezone).date()
    return list(dict.fromkeys(words for one in stands(application) for words in one.concerns(today)))


def evidence_for(parts: frozenset[str], application: Application) -> set[str]:
    """Return the hashes of the evidence that somebody who reads these parts of an application may have."""
    found: set[str] = set()
    if "draft" in parts:
        found.update(application.draft_authorisations.values_list("evidence_sha256", flat=True))
    for part, side in (("authorisations", Side.APPLICANT), ("agency-authorisations", Side.AGENCY)):
        if part in parts:
            rows = application.authorisations.filter(side=side)
            found.update(rows.values_list("evidence_sha256", flat=True))
    return {one for one in found if one}


def pairs(found: Iterable[Stand]) -> list[Pair]:
    """Return mission and institution of each."""
    return [(one.mission, one.institution) for one in found]


def _missions_awarded(document: Mapping[str, Any]) -> set[str]:
    return {one["mission"] for one in document["requests"] if one["verdict"] == Verdict.AWARD}
