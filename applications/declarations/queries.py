"""What the pages of declarations and authorisations show."""

from typing import Any

from django.db.models import QuerySet

from applications.access import submitted_for
from applications.enums import DeclarationKind
from applications.models import Application, DraftAuthorisation
from applications.rules.authorisations import asked_in_draft, is_among
from portal.paired import localised
from portal.roles import Permission


def stated_in(application: Application) -> dict[tuple[int, int], DraftAuthorisation]:
    """Return what the draft states, by the ids of mission and institution."""
    rows = application.draft_authorisations.select_related("mission", "institution", "application")
    return {(one.mission_id, one.institution_id): one for one in rows}


def draft_page(application: Application) -> dict[str, Any]:
    """Return what is to be stated in a draft, what is stated, and what was stated and is not asked for now."""
    asked, stated = asked_in_draft(application), stated_in(application)
    kept = [one for one in stated.values() if not is_among(asked, one.mission_id, one.institution_id)]
    return {"pairs": asked, "stated": stated, "kept": kept}


def of_pair(application: Application, mission: str, key: Any) -> QuerySet[DraftAuthorisation]:
    """Return the draft's statement for a mission's code and an institution's key, as a set of one or none."""
    rows = application.draft_authorisations.select_related("mission", "institution")
    return rows.filter(mission__code=mission, institution__key=key)


def declared(application: Application) -> list[tuple[Any, str, str]]:
    """Return what the present submission declares: what it is about, its wording in the page's language, its words."""
    document = application.submission.document if application.submission else {}
    return [
        (
            DeclarationKind(one.get("kind") or DeclarationKind.OTHER).label,
            localised(one, "text"),
            one.get("details", ""),
        )
        for one in document.get("declarations") or []
    ]


def of_office(user: Any) -> QuerySet[Application]:
    """Return every submitted application an administrator may read, conflicts aside."""
    rows = submitted_for(user, Permission.SCREEN)
    return rows.select_related("call", "submission", "principal_investigator", "institution")
