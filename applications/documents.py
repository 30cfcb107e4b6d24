"""What was submitted, as one document with nothing left to look up: written once, read by everybody afterwards.

How people read it: `applications/reading.py`. Its canonical spelling and hash: `portal/canonical.py`.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import prefetch_related_objects

from applications.enums import PlaceKind
from applications.models import (
    Application,
    CallDeclaration,
    GroupLine,
    Party,
    Place,
    SampleRequest,
    SampleRequestGroup,
    TeamMember,
)
from applications.rules.authorisations import asked_in_draft, is_among
from applications.rules.eligibility import LIMITED_TEXTS
from portal.accounts.models import Institution
from portal.units import api_mass

FORMAT = 2
LINE = (
    "whole",
    "asked_mg",
    "least_mg",
    "technique",
    "effect",
    "justification",
    "contaminants",
    "alternatives",
    "runs",
    "rank",
    "in_least_set",
)
GROUP = ("kind", "name", "matching", "first", "least_set", "comparison", "position")
AUTHORISATION = ("state", "reference", "expires_on", "expected_on", "note", "evidence_sha256", "evidence_bytes")
TEXTS = LIMITED_TEXTS  # what is sent is what was counted


def lines(application: Application) -> list[SampleRequest]:
    """Return the sample requests that a submission would make of the draft's, each with a new id, not saved yet.

    Requests of one group share one unsaved `SampleRequestGroup`.
    """
    groups = {
        draft.pk: SampleRequestGroup(**{name: getattr(draft, name) for name in GROUP})
        for draft in application.draft_groups.all()
    }
    return [
        SampleRequest(
            sample=draft.sample,
            group=groups[draft.group_id] if draft.group_id else None,
            **{name: getattr(draft, name) for name in LINE},
        )
        for draft in application.draft_requests.select_related("sample__mission")
    ]


def parties(application: Application) -> list[Party]:
    """Return whom and which institutions a submission made now would name, not saved yet; for conflicts of interest."""
    head = application.principal_investigator
    # Who has not confirmed may still decline, and then judges again: the draft alone speaks of them.
    team = list(application.team.filter(confirmed_at__isnull=False).select_related("user"))
    people = [Party(user=head)]
    people += [Party(user=member.user) for member in team]
    places = {application.institution_id, head.institution_id}
    places |= {member.institution_id for member in team}
    places |= {member.user.institution_id for member in team if member.user}
    places |= set(application.places.filter(kind=PlaceKind.HOLDER).values_list("institution", flat=True))
    return people + [Party(institution_id=place) for place in places if place is not None]


def authorisations(application: Application) -> list[dict[str, Any]]:
    """Return what the draft states of the authorisations it has to state, as the fields of a record.

    What was stated for a mission or an institution that is no longer asked for stays in the draft alone.
    """
    asked = asked_in_draft(application)
    rows = list(application.draft_authorisations.all())
    prefetch_related_objects(rows, "mission", "institution")
    stated = [one for one in rows if is_among(asked, one.mission_id, one.institution_id)]
    return [
        {"mission": one.mission, "institution": one.institution, **{name: getattr(one, name) for name in AUTHORISATION}}
        for one in stated
    ]


def snapshot(
    application: Application,
    requests: Iterable[SampleRequest],
    *,
    number: int,
    received_at: datetime,
    stated: Iterable[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return everything the application says at this moment, asking with `requests`.

    `stated` are its `authorisations`, where whoever calls has them already. Addresses of people are not in it: who
    reads the document needs none.
    """
    call, person = application.call, application.principal_investigator
    team = application.team.filter(invited_at__isnull=False).select_related("institution", "user")
    return {
        "format": FORMAT,
        "reference": application.reference,
        "number": number,
        "received_at": _time(received_at),
        "call": {"slug": call.slug, "title": call.title, "title_zh": call.title_zh},
        **{name: getattr(application, name) for name in TEXTS},
        "names_principal_investigator": application.names_principal_investigator,
        "principal_investigator": {"uid": str(person.uid), "name": person.name, "native_name": person.native_name},
        "institution": institution_words(application.institution),
        "team": [_member(member) for member in team],
        "language": application.language,
        "places": [_place(place) for place in application.places.select_related("institution")],
        "groups": [_group(group) for group in _groups(requests)],
        "requests": [_request(line) for line in requests],
        "declarations": [
            _declaration(one, application.declared[one.code])
            for one in call.declarations.all()
            if one.code in application.declared
        ],
        "authorisations": [_authorisation(one) for one in (authorisations(application) if stated is None else stated)],
        "file": _file(application),
    }


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else None


def institution_words(institution: Institution | None) -> dict[str, Any] | None:
    """Return an institution as a submission and a change write it down."""
    if institution is None:
        return None
    return {
        "key": str(institution.key),
        "name": institution.name,
        "name_zh": institution.name_zh,
        "ror": institution.ror,
        "country_or_region": institution.country_or_region,
    }


def _member(member: TeamMember) -> dict[str, Any]:
    return {
        "uid": str(member.uid),
        "name": member.name,
        "role": member.role,
        "orcid": member.user.orcid if member.confirmed_at and member.user else "",
        "institution": institution_words(member.institution),
        "confirmed_at": _time(member.confirmed_at),
    }


def _request(line: SampleRequest) -> dict[str, Any]:
    return {
        "uid": str(line.uid),
        "sample": line.sample.catalogue_number,
        "mission": line.sample.mission.code,
        "hemisphere": line.sample.mission.hemisphere,
        "preparation": line.sample.preparation,
        "whole": line.whole,
        "asked_mg": api_mass(line.asked_mg),
        "least_mg": api_mass(line.least_mg),
        "technique": line.technique,
        "effect": line.effect,
        "justification": line.justification,
        "contaminants": line.contaminants,
        "alternatives": line.alternatives,
        "runs": line.runs,
        "group": str(line.group.uid) if line.group else None,
        "rank": line.rank,
        "in_least_set": line.in_least_set,
    }


def _groups(requests: Iterable[SampleRequest]) -> list[SampleRequestGroup]:
    """Each group once, in the order of the draft."""
    found = {line.group.uid: line.group for line in requests if line.group}
    return sorted(found.values(), key=lambda group: group.position)


def _group(group: GroupLine) -> dict[str, Any]:
    return {"uid": str(group.uid), **{name: getattr(group, name) for name in GROUP}}


def _place(place: Place) -> dict[str, Any]:
    return {
        "uid": str(place.uid),
        "institution": institution_words(place.institution),
        "kind": place.kind,
        "facility": place.facility,
        "mass_mg": api_mass(place.mass_mg),
        "pieces": place.pieces,
        "from_on": _day(place.from_on),
        "until_on": _day(place.until_on),
        "carrier": place.carrier,
    }


def _authorisation(stated: dict[str, Any]) -> dict[str, Any]:
    days = {name: _day(stated[name]) for name in ("expires_on", "expected_on")}
    return {
        **stated,
        "mission": stated["mission"].code,
        "institution": institution_words(stated["institution"]),
        **days,
    }


def _day(on: date | None) -> str | None:
    return on.isoformat() if on else None


def _declaration(one: CallDeclaration, made: dict[str, Any]) -> dict[str, Any]:
    said = {"code": one.code, "version": made["version"], "details": made["details"]}
    return {**said, "kind": one.kind, "text": one.text, "text_zh": one.text_zh}


def _file(application: Application) -> dict[str, Any] | None:
    if not application.file_sha256:
        return None
    return {"sha256": application.file_sha256, "bytes": application.file_bytes, "pages": application.file_pages}
