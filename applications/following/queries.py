"""What the pages after submission show: the submission and the released documents, and of the process only the
coarse status. What is read and what not is decided in `applications/access.py`.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.access import released_document
from applications.drafting import is_in_the_teams_hands
from applications.enums import PUBLIC_OUTCOMES, ChangeKind, Outcome, PublicationKind, Verdict
from applications.following import stages
from applications.models import Application, Clarification
from applications.reading import Reading
from applications.rules.afterwards import check_can_choose_naming, check_can_report, is_to_be_declared_again
from applications.since import needs_said, public_words
from portal import countries
from portal.audit.trail import trail
from portal.errors import refusal_of
from portal.paired import localised


def sent_page(application: Application) -> dict[str, Any]:
    """Return the submission as the panel reads it, without the curator's advice on it."""
    assert application.submission is not None
    document = application.submission.document
    place = document.get("institution") or {}
    return {
        "application": application,
        "call": application.call,
        "submission": application.submission,
        "reading": Reading(application.submission, advice=False),
        "institution": place.get("name", ""),
        "country": countries.name_of(place["country_or_region"]) if place else "",
        "declarations": [localised(one, "text") for one in document.get("declarations", [])],
        "named": document.get("names_principal_investigator"),
    }


HEADLINES = {
    Outcome.SELECTED: _("Your application is selected"),
    Outcome.SELECTED_IN_PART: _("Your application is selected in part"),
    Outcome.RESERVE: _("Your application is on the reserve list"),
    Outcome.NOT_SELECTED: _("Your application is not selected"),
}


def practised_at(application: Application) -> datetime | None:
    """Return when an application to a practice call was last found complete; it is never submitted."""
    if not application.call.is_practice:
        return None
    last = trail(application).filter(verb="application.practise").last()
    return last.at if last else None


def decision_page(application: Application, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a released document says, its masses as numbers in mg."""
    requests = [_masses(one) | {"word": Verdict(one["verdict"]).label} for one in document["requests"]]
    return {
        "application": application,
        "call": application.call,
        "document": document,
        "headline": HEADLINES[Outcome(document["outcome"])],
        "published_at": datetime.fromisoformat(document["published_at"]),
        "requests": requests,
        "asked_mg": sum((one["asked_mg"] for one in requests if one["asked_mg"]), Decimal(0)),
        "awarded_mg": sum((one["awarded_mg"] for one in requests if one["awarded_mg"]), Decimal(0)),
        "is_public": document["outcome"] in PUBLIC_OUTCOMES,
        "next_steps": stages.after_release(application, document),
        "is_reserve": document["outcome"] == Outcome.RESERVE,
    }


def public_preview(application: Application) -> dict[str, Any]:
    """Return exactly what would be public of an application if it is selected, and whether the choice is still open.

    Once the decision is released its document stands instead.
    """
    assert application.submission is not None
    released = released_document(application, PublicationKind.RESULTS)
    words = released or public_words(application)
    place = words["institution"]
    return {
        "application": application,
        "call": application.call,
        "words": words,
        "country": countries.name_of(place["country"]) if place["country"] else "",
        "requests": list(application.submission.requests.select_related("sample__mission")),
        "is_open": refusal_of(check_can_choose_naming, application) is None,
        "is_released": released is not None,
        "in_the_teams_hands": is_in_the_teams_hands(application),
    }


def question_of(application: Application, uid: Any) -> QuerySet[Clarification]:
    """Return the question with this public id that was put to an application."""
    return application.clarifications.filter(uid=uid).select_related("application__call", "answered_by")


def changes_page(application: Application) -> dict[str, Any]:
    """Return the changes that were reported, the newest first, and the kinds that can be."""
    changes = list(application.changes.select_related("redeclaration", "by").order_by("-at", "-pk"))
    needs = needs_said(changes)
    return {
        "application": application,
        "call": application.call,
        "changes": [(change, is_to_be_declared_again(change), needs.get(change.pk)) for change in changes],
        "kinds": [kind for kind in ChangeKind if refusal_of(check_can_report, application, kind) is None],
        "reason": refusal_of(check_can_report, application, ChangeKind.FUNDING),
    }


def _masses(request: Mapping[str, Any]) -> dict[str, Any]:
    names = ("asked_mg", "least_mg", "awarded_mg")
    return {**request, **{name: Decimal(request[name]) if request[name] is not None else None for name in names}}
