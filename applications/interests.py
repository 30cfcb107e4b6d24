"""Whom a team asks not to judge its application: only the chair and administrators without a conflict read it.

It is no part of a submission: nobody else meets it, on no page, in no file and in no answer of the API.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from applications.enums import TeamRole
from applications.models import Application


@dataclass(frozen=True)
class Interests:
    """What one person on the team stated; `at` is None as long as they said nothing, `text` is empty for nobody."""

    name: str
    part: Any
    text: str = ""
    at: datetime | None = None


def interests_of(application: Application) -> list[Interests]:
    """Return what everybody stated, for a page whose application was fetched by who reads it: chair, administrator."""
    said = {one.user_id: one for one in application.interests.all()}
    head = application.principal_investigator
    people: list[tuple[str, Any, int | None]] = [(head.name, TeamRole.PRINCIPAL.label, head.pk)]
    people += [(member.name, TeamRole(member.role).label, member.user_id) for member in application.team.all()]
    return [_of(name, part, said.get(person or 0)) for name, part, person in people]


def _of(name: str, part: Any, said: Any) -> Interests:
    return Interests(name, part, said.text, said.at) if said else Interests(name, part)
