"""What the pages after submission show: the submission and the released documents, and of the process only the
coarse status. What is read and what not is decided in `applications/access.py`.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications.enums import Outcome, Verdict
from applications.models import Application
from applications.reading import Reading
from portal import countries


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
        "declarations": [localised_text(one) for one in document.get("declarations", [])],
        "named": document.get("names_principal_investigator"),
        "file_url": file_url(application, document.get("file")),
    }


def file_url(application: Application, file: Mapping[str, Any] | None) -> str:
    """Return the address of a submission's PDF."""
    return reverse("applications:attachments-download", args=[application.reference, file["sha256"]]) if file else ""


def localised_text(declaration: Mapping[str, Any]) -> str:
    """Return a declaration of a submission in the language of the page."""
    return (declaration["text_zh"] if get_language() == "zh-hans" else "") or declaration["text"]


HEADLINES = {
    Outcome.SELECTED: _("Your application is selected"),
    Outcome.SELECTED_IN_PART: _("Your application is selected in part"),
    Outcome.RESERVE: _("Your application is on the reserve list"),
    Outcome.NOT_SELECTED: _("Your application is not selected"),
}


HEADLINES = {
    Outcome.SELECTED: _("Your application is selected"),
    Outcome.SELECTED_IN_PART: _("Your application is selected in part"),
    Outcome.RESERVE: _("Your application is on the reserve list"),
    Outcome.NOT_SELECTED: _("Your application is not selected"),
}


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
        "is_public": document["outcome"] in (Outcome.SELECTED, Outcome.SELECTED_IN_PART),
    }


def _masses(request: Mapping[str, Any]) -> dict[str, Any]:
    names = ("asked_mg", "least_mg", "awarded_mg")
    return {**request, **{name: Decimal(request[name]) if request[name] is not None else None for name in names}}
