"""What the pages of a draft share, whichever room they stand in: fetch it, show a part of it, say where its tasks are.

The acts behind them begin in `applications/drafting.py`; their forms are built on `applications/draft_forms.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from applications.access import EDITOR, PRINCIPAL, my_applications, relations
from applications.drafting import is_in_the_teams_hands
from applications.models import Application
from applications.rules import eligibility
from applications.sections import SECTIONS, Section
from portal import clock
from portal.web import is_stale, show


def own(request: HttpRequest, reference: str) -> Application:
    """Return an application of the person’s own with everything its pages show; any other is absent.

    Raises:
        Http404: it is not theirs, or does not exist.
    """
    rows = my_applications(request.user).select_related(
        "call", "principal_investigator", "institution", "submission__screening", "saved_by"
    )
    return get_object_or_404(rows, reference=reference)


def draft(request: HttpRequest, reference: str) -> Application:
    """Return an application whose draft may be shown; a form sent too late is answered by its action.

    Raises:
        Http404: as `own`; or nothing of it is a draft any more.
    """
    application = own(request, reference)
    if request.method != "POST" and not is_in_the_teams_hands(application):
        raise Http404
    return application


def part(request: HttpRequest, template: str, application: Application, context: Mapping[str, Any]) -> HttpResponse:
    """Show a page of the draft, with what another person saved meanwhile where that was in the way."""
    is_late = eligibility.is_late(application, clock.now())
    common = {
        "application": application,
        "call": application.call,
        "may_write": bool(relations(request.user, application) & {PRINCIPAL, EDITOR}) and not is_late,
        "is_principal": is_principal(request.user, application),
        "is_late": is_late,
        "stale": is_stale(request),
    }
    return show(request, template, common | context)


def is_principal(user: Any, application: Application) -> bool:
    """Whether this person is the principal investigator: submits, declares, withdraws."""
    return application.principal_investigator_id == user.pk


def home(application: Application) -> str:
    """Return the address of the task list."""
    return reverse("applications:apply-tasks", args=[application.reference])


def status(application: Application) -> str:
    """Return the address of the page that says where an application stands; of a draft it leads to the tasks."""
    return reverse("applications:following-status", args=[application.reference])


def url(name: str, application: Application, *more: Any) -> str:
    """Return the address of a page of an application by its name."""
    return reverse(f"applications:{name}", args=[application.reference, *more])


def section_url(application: Application, section: Section) -> str:
    """Return the address of a section's page."""
    if section.is_text:
        return reverse("applications:apply-section", args=[application.reference, section.code])
    return reverse(f"applications:{section.url_name}", args=[application.reference])


def gaps(application: Application, complaints: Mapping[str | None, Sequence[Any]]) -> list[tuple[str, Any]]:
    """Return everything that is missing, each with the page on which it is mended."""
    return [(section_url(application, section), words) for section in SECTIONS for words in section.gaps(complaints)]
