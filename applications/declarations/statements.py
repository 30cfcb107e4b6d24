"""What either side states of authorisations, and the evidence for it. Nothing here stops an application.

In a draft a statement may be changed; after submission every one is a record of its own, and the latest stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import authorisations, notices
from applications.drafting import check_is_not_stale, open_draft, saved
from applications.enums import Occasion, Side, Status
from applications.models import Application, AuthorisationLine, AuthorisationRecord, DraftAuthorisation
from applications.rules.authorisations import columns, same_statement
from applications.since import locked
from applications.workflow import PRINCIPAL_INVESTIGATOR, SCREENER
from portal import clock
from portal.accounts.models import Institution
from portal.audit.trail import record
from portal.errors import Invalid, NotNow
from portal.files import Kept
from samples.models import Mission

SAID = ("state", "reference", "expires_on", "expected_on", "note")
EVIDENCE = ("evidence_sha256", "evidence_bytes")


@dataclass(frozen=True)
class Statement:
    """What is said for one mission at one holding institution."""

    mission: Mission
    institution: Institution
    state: str
    reference: str = ""
    expires_on: date | None = None
    expected_on: date | None = None
    note: str = ""

    @property
    def part(self) -> str:
        """How a draft calls it among its parts."""
        return DraftAuthorisation(mission=self.mission, institution=self.institution).part

    def said(self) -> dict[str, Any]:
        """Return the columns, without what does not belong to the state.

        Raises:
            Invalid: none of the four states, or obtained without a reference.
        """
        return columns(self.state, self.reference, self.expires_on, self.expected_on, self.note)


# --- In the draft -----------------------------------------------------------------------------------------


def state_authorisation(
    application: Application, *, by: Any, mission: Mission, institution: Institution, state: str, **said: Any
) -> DraftAuthorisation:
    """State it for one mission at one institution; `said` is what a `Statement` takes.

    Raises:
        Denied, NotNow, Invalid: as `state_authorisations`.
    """
    statement = Statement(mission, institution, state, **said)
    state_authorisations(application, by=by, statements=[statement])
    return application.draft_authorisations.get(mission=mission, institution=institution)


def state_authorisations(
    application: Application, *, by: Any, statements: Sequence[Statement], version: int | None = None
) -> None:
    """State whether a law or funder rule asks for authorisations, for several missions and institutions at once.

    Evidence stays with the authorisation it was given for; a statement that names another one has none yet.

    Raises:
        Denied: `by` does not write this application.
        NotNow: as `open_draft`.
        Invalid: none of the four states, or obtained without a reference.
    """
    with transaction.atomic():
        open_draft(application, by=by)
        present = {(one.mission_id, one.institution_id): one for one in application.draft_authorisations.all()}
        changed = [one for one in statements if _differs(present.get((one.mission.pk, one.institution.pk)), one)]
        check_is_not_stale(application, version, [one.part for one in changed])
        for one in changed:
            _write(application, present.get((one.mission.pk, one.institution.pk)), one)
        saved(application, by=by, names=[one.part for one in changed])


def attach_evidence(row: DraftAuthorisation, *, by: Any, kept: Kept | None, version: int | None = None) -> None:
    """Put a checked PDF beside a statement of the draft, in place of an earlier one; None takes it away.

    Raises:
        Denied, NotNow: as `open_draft`; or the statement was taken away meanwhile.
    """
    application = row.application
    with transaction.atomic():
        open_draft(application, by=by, version=version, names=[row.evidence_part])
        present = application.draft_authorisations.filter(pk=row.pk)
        if not present.update(**_evidence(kept)):
            raise NotNow(_("This statement was removed meanwhile."), code="gone")
        saved(application, by=by, names=[row.evidence_part])


def _differs(present: DraftAuthorisation | None, statement: Statement) -> bool:
    said = statement.said()
    return present is None or any(getattr(present, name) != value for name, value in said.items())


def _write(application: Application, present: DraftAuthorisation | None, statement: Statement) -> None:
    row = present or DraftAuthorisation(
        application=application, mission=statement.mission, institution=statement.institution
    )
    before = AuthorisationRecord(state=row.state, reference=row.reference)
    _fill(row, statement.said())
    if present and not same_statement(before, row):
        _fill(row, _evidence(None))
    row.save()


# --- After submission ---------------------------------------------------------------------------------------


def state_again(application: Application, *, by: Any, statements: Sequence[Statement]) -> None:
    """Say after an award how the authorisations stand now, for everything that is asked again.

    Raises:
        Denied: `by` is not the principal investigator.
        NotNow: nothing is asked: no award was released to the applicant.
        Invalid: a statement cannot be, or one is missing.
    """
    with transaction.atomic():
        locked(application)
        PRINCIPAL_INVESTIGATOR.check_holds(application, by)
        asked = authorisations.awarded(application)
        if not asked:
            raise NotNow(_("Nothing is asked of you now."), code="not-asked")
        given = {(one.mission.pk, one.institution.pk): one for one in statements}
        if given.keys() != {(one.mission.pk, one.institution.pk) for one in asked}:
            raise Invalid(_("Say for each mission and institution how it stands."), code="missing")
        for stand in asked:
            statement = given[stand.mission.pk, stand.institution.pk]
            _append(application, by, Side.APPLICANT, Occasion.AWARD, statement, stand.applicant)
        _tell(application, by, Side.APPLICANT, Occasion.AWARD, list(given.values()))


def attach_evidence_again(stand: authorisations.Stand, application: Application, *, by: Any, kept: Kept) -> None:
    """Put evidence beside what was said after the award: a record of its own, since none is ever changed.

    Raises:
        Denied, NotNow: as `state_again`; or it was not said yet how it stands.
    """
    with transaction.atomic():
        locked(application)
        PRINCIPAL_INVESTIGATOR.check_holds(application, by)
        present = authorisations.stand_of(
            authorisations.awarded(application), stand.mission.code, stand.institution.key
        )
        if present is None or present.is_asked_again:
            raise NotNow(_("Say first how the authorisation stands."), code="not-stated")
        _append_evidence(application, by, present.applicant[0], kept)


def state_for_agency(application: Application, *, by: Any, statement: Statement) -> AuthorisationRecord:
    """Record what the agency's own side has: the same four states, reference, days and note.

    Raises:
        Denied: `by` is no administrator, or has a conflict with the application.
        NotNow: nothing was stated for this mission and institution in the present submission.
        Invalid: a statement cannot be.
    """
    with transaction.atomic():
        locked(application)
        SCREENER.check_holds(application, by)
        stand = _stand(application, statement.mission, statement.institution)
        occasion = Occasion.AWARD if application.status == Status.PUBLISHED else Occasion.SUBMISSION
        row = _append(application, by, Side.AGENCY, occasion, statement, stand.agency)
        _note(application, by, Side.AGENCY, occasion, [statement])
        return row


def attach_agency_evidence(stand: authorisations.Stand, application: Application, *, by: Any, kept: Kept) -> None:
    """Put evidence beside what the agency's side stated last.

    Raises:
        Denied: as `state_for_agency`.
        NotNow: the agency's side stated nothing yet.
    """
    with transaction.atomic():
        locked(application)
        SCREENER.check_holds(application, by)
        present = _stand(application, stand.mission, stand.institution)
        if not present.agency:
            raise NotNow(_("Say first how the authorisation stands."), code="not-stated")
        _append_evidence(application, by, present.agency[0], kept)


def _stand(application: Application, mission: Mission, institution: Institution) -> authorisations.Stand:
    found = authorisations.stand_of(authorisations.stands(application), mission.code, institution.key)
    if found is None:
        raise NotNow(_("This mission and institution are not in the application."), code="not-asked")
    return found


def _append(
    application: Application,
    by: Any,
    side: str,
    occasion: str,
    statement: Statement,
    earlier: Sequence[AuthorisationRecord],
) -> AuthorisationRecord:
    """Write a record; the evidence for the same authorisation goes on with it."""
    row = AuthorisationRecord(
        application=application,
        mission=statement.mission,
        institution=statement.institution,
        side=side,
        occasion=occasion,
        by=by,
        at=clock.now(),
    )
    _fill(row, statement.said())
    if earlier and same_statement(earlier[0], row):
        _fill(row, {name: getattr(earlier[0], name) for name in EVIDENCE})
    row.save()
    return row


def _append_evidence(application: Application, by: Any, latest: AuthorisationRecord, kept: Kept) -> None:
    said = {name: getattr(latest, name) for name in (*SAID, "mission", "institution", "side", "occasion")}
    AuthorisationRecord.objects.create(application=application, by=by, at=clock.now(), **said, **_evidence(kept))
    facts = {"side": latest.side, "about": _named(latest.mission, latest.institution), "sha256": kept.sha256}
    record("application.evidence", application, by=by, facts=facts)


def _tell(application: Application, by: Any, side: str, occasion: str, statements: Sequence[Statement]) -> None:
    notices.tell("authorisation-stated", application, _note(application, by, side, occasion, statements))


def _note(application: Application, by: Any, side: str, occasion: str, statements: Sequence[Statement]) -> Any:
    states = {_named(one.mission, one.institution): str(one.state) for one in statements}
    facts = {"side": str(side), "occasion": str(occasion), "states": states}
    return record("application.state-authorisations", application, by=by, facts=facts)


def _named(mission: Mission, institution: Institution) -> str:
    return f"{mission.code}:{institution.key}"


def _fill(row: AuthorisationLine, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)


def _evidence(kept: Kept | None) -> dict[str, Any]:
    return dict(zip(EVIDENCE, (kept.sha256, kept.size) if kept else ("", 0), strict=True))
