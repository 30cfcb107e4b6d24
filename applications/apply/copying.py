"""Copies: an earlier application as the beginning of a new one, and a draft brought back to what was submitted."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.apply.actions import with_new_reference
from applications.documents import AUTHORISATION, GROUP, LINE, TEXTS
from applications.drafting import open_draft, saved
from applications.enums import Occasion, Side, Status
from applications.models import (
    Application,
    Call,
    DraftAuthorisation,
    DraftGroup,
    DraftRequest,
    Place,
    Submission,
    TeamMember,
)
from applications.since import locked
from applications.workflow import PRINCIPAL_INVESTIGATOR
from portal import clock
from portal.accounts.models import Institution
from portal.audit.trail import record
from portal.errors import Invalid, NotNow

WRITTEN = (*(name for name in TEXTS if name != "what_changed"), "language")
FILE = ("file_sha256", "file_bytes", "file_pages")
PLACE = ("kind", "facility", "mass_mg", "pieces", "from_on", "until_on", "carrier")
SAID = ("details", "text", "text_zh")  # of a declaration, as `declarations.actions.declare` keeps it
MEMBER = ("email", "orcid", "name", "role", "institution", "user")


def clone(source: Application, *, by: Any, call: Call, what_changed: str) -> Application:
    """Begin an application in an open call with what an earlier one says; declarations are made anew.

    Requests are copied only for samples that the call offers. Members of the team are kept ready, and nobody is
    invited before somebody asks for it.

    Raises:
        Denied: `by` is not the principal investigator of the earlier one.
        NotNow: the call is not open (code `closed`).
        Invalid: beside `what_changed`: nothing is said.
    """
    moment = clock.now()
    if not call.is_open(moment):
        raise NotNow(_("This call is not open."), code="closed")
    if not what_changed.strip():
        raise Invalid(_("Say what changed since the earlier application."), code="missing", field="what_changed")
    with transaction.atomic():
        PRINCIPAL_INVESTIGATOR.check_holds(locked(source), by)  # until it has one reference more, its file stays
        copied = {name: getattr(source, name) for name in (*WRITTEN, *FILE, "institution", "career_stage")}
        application = with_new_reference(
            moment.astimezone(call.timezone).year,
            **copied,
            call=call,
            principal_investigator=by,
            created_at=moment,
            cloned_from=source,
            what_changed=what_changed.strip(),
        )
        offered = set(call.offers.values_list("sample", flat=True))
        lines = [line for line in source.draft_requests.select_related("group") if line.sample_id in offered]
        _copy_requests(lines, application)
        _copy_people_and_places(source, application)
        record("application.clone", application, by=by, facts={"source": source.reference})
        return application


def restore(application: Application, *, by: Any, version: int) -> None:
    """Bring the draft back to what was submitted last, while it may be replaced. The team stays as it is.

    What the principal investigator said in person comes back for them alone, and only where they had submitted it.

    Raises:
        Denied: `by` does not write this application.
        NotNow: as `open_draft`; nothing is submitted that could be replaced; or the draft was changed since it was
            read (code `stale`).
    """
    with transaction.atomic():
        open_draft(application, by=by)
        submission = application.submission
        if application.status != Status.SUBMITTED or submission is None:
            raise NotNow(_("There is no submission to go back to."), code="no-submission")
        if version != application.version:
            raise NotNow(_("The application was changed since you read it. Please read it again."), code="stale")
        parts = _parts(application)
        columns = _restore_columns(application, submission.document)
        if by.pk == application.principal_investigator_id == submission.by_id:
            columns += _restore_personal(application, submission.document)
        application.draft_requests.all().delete()
        application.draft_groups.all().delete()
        application.draft_authorisations.all().delete()
        application.places.all().delete()
        _copy_requests(submission.requests.select_related("group"), application)
        _restore_places(application, submission.document)
        _restore_authorisations(application, submission)
        parts |= {*_parts(application), *columns, "requests", "places", "authorisations"}
        saved(application, by=by, names=parts, columns=columns)


def _copy_requests(lines: Iterable[Any], application: Application) -> None:
    """Write requests of a draft or of a submission, with their groups, into another draft."""
    rows, groups = list(lines), {}
    for line in rows:
        if line.group and line.group.pk not in groups:
            facts = {name: getattr(line.group, name) for name in GROUP}
            groups[line.group.pk] = DraftGroup.objects.create(application=application, **facts)
    DraftRequest.objects.bulk_create(
        DraftRequest(
            application=application,
            sample_id=line.sample_id,
            group=groups[line.group.pk] if line.group else None,
            **{name: getattr(line, name) for name in LINE},
        )
        for line in rows
    )


def _copy_people_and_places(source: Application, application: Application) -> None:
    TeamMember.objects.bulk_create(
        TeamMember(application=application, **{name: getattr(member, name) for name in MEMBER})
        for member in source.team.select_related("institution", "user")
        if member.user_id != application.principal_investigator_id
    )
    Place.objects.bulk_create(
        Place(application=application, institution=place.institution, **{name: getattr(place, name) for name in PLACE})
        for place in source.places.select_related("institution")
    )


def _restore_columns(application: Application, document: Mapping[str, Any]) -> list[str]:
    """Set the columns of the draft from a submission's document; return their names."""
    names = [name for name in (*WRITTEN, "what_changed") if name in document]
    for name in names:
        setattr(application, name, document[name])
    application.institution = _institution(document.get("institution"))
    file = document.get("file") or {"sha256": "", "bytes": 0, "pages": 0}
    application.file_sha256, application.file_bytes, application.file_pages = (
        file[name] for name in ("sha256", "bytes", "pages")
    )
    return [*names, "institution", *FILE]


def _restore_personal(application: Application, document: Mapping[str, Any]) -> list[str]:
    """Set what nobody else can say: declarations, and the consent to be named; return their names."""
    application.names_principal_investigator = bool(document.get("names_principal_investigator"))
    application.declared = {
        one["code"]: {"version": one.get("version", 1), **{name: one.get(name, "") for name in SAID}}
        for one in document.get("declarations", [])
    }
    return ["names_principal_investigator", "declared"]


def _parts(application: Application) -> set[str]:
    """Return what each request, group, place and authorisation of the draft is saved as: who has one open is told."""
    rows: list[Any] = [*application.draft_requests.select_related("sample"), *application.draft_groups.all()]
    rows += application.places.all()
    rows += application.draft_authorisations.select_related("mission", "institution")
    return {row.part for row in rows}


def _restore_places(application: Application, document: Mapping[str, Any]) -> None:
    for place in document.get("places", []):
        facts = {name: place[name] for name in PLACE}
        facts |= {name: _day(place[name]) for name in ("from_on", "until_on")}
        facts["mass_mg"] = Decimal(place["mass_mg"]) if place["mass_mg"] else None
        facts["uid"] = place["uid"]  # whoever has it open finds it again
        institution = _institution(place["institution"])
        if institution is not None:
            Place.objects.create(application=application, institution=institution, **facts)


def _restore_authorisations(application: Application, submission: Submission) -> None:
    stated = application.authorisations.filter(
        side=Side.APPLICANT, occasion=Occasion.SUBMISSION, at=submission.received_at
    )
    DraftAuthorisation.objects.bulk_create(
        DraftAuthorisation(
            application=application,
            mission_id=one.mission_id,
            institution_id=one.institution_id,
            **{name: getattr(one, name) for name in AUTHORISATION},
        )
        for one in stated
    )


def _institution(place: Mapping[str, Any] | None) -> Institution | None:
    return Institution.objects.filter(key=place["key"]).first() if place else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
