"""What was submitted, as one document with nothing left to look up: written once, read by everybody afterwards.

How people read it: `applications/reading.py`. Its canonical spelling and hash: `portal/canonical.py`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from applications.models import Application, CallDeclaration, RequestLine, SampleRequest, TeamMember
from portal.accounts.models import Institution
from portal.units import api_mass

FORMAT = 1
LINE = ("whole", "asked_mg", "least_mg", "technique", "effect", "justification")
TEXTS = ("title", "question", "plan", "methods", "public_summary")


def lines(application: Application) -> list[SampleRequest]:
    """Return the sample requests that a submission would make of the draft's, each with a new id, not saved yet."""
    drafts = application.draft_requests.select_related("sample__mission")
    return [SampleRequest(sample=draft.sample, **{name: getattr(draft, name) for name in LINE}) for draft in drafts]


def snapshot(
    application: Application, requests: Iterable[SampleRequest], *, number: int, received_at: datetime
) -> dict[str, Any]:
    """Return everything the application says at this moment, asking with `requests`.

    Addresses of people are not in it: who reads the document needs none.
    """
    call, person = application.call, application.principal_investigator
    team = application.team.select_related("institution")
    declared = [one for one in call.declarations.all() if one.code in application.declared]
    return {
        "format": FORMAT,
        "reference": application.reference,
        "number": number,
        "received_at": _time(received_at),
        "call": {"slug": call.slug, "title": call.title, "title_zh": call.title_zh},
        **{name: getattr(application, name) for name in TEXTS},
        "names_principal_investigator": application.names_principal_investigator,
        "principal_investigator": {"uid": str(person.uid), "name": person.name, "native_name": person.native_name},
        "institution": _institution(application.institution),
        "team": [_member(member) for member in team],
        "requests": [_request(line) for line in requests],
        "declarations": [_declaration(one) for one in declared],
        "file": _file(application),
    }


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else None


def _institution(institution: Institution | None) -> dict[str, Any] | None:
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
        "institution": _institution(member.institution),
        "confirmed_at": _time(member.confirmed_at),
    }


def _request(line: RequestLine) -> dict[str, Any]:
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
    }


def _declaration(one: CallDeclaration) -> dict[str, Any]:
    return {"code": one.code, "version": one.version, "text": one.text, "text_zh": one.text_zh}


def _file(application: Application) -> dict[str, Any] | None:
    if not application.file_sha256:
        return None
    return {"sha256": application.file_sha256, "bytes": application.file_bytes, "pages": application.file_pages}
