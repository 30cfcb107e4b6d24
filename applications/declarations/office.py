"""The authorisations of one application as the office sees them: both sides beside each other, with their history.

What the applicant's side states is theirs; administrators without a conflict add what the agency's own side has.
"""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from applications import authorisations, pages
from applications.authorisations import Stand, stand_of, stands
from applications.declarations import queries, statements
from applications.declarations.forms import EvidenceForm, StatementsForm
from applications.models import Application
from portal import clock
from portal.roles import Permission
from portal.web import access, attempt, show

PLACE = "applications/declarations/"


@access(Permission.SCREEN)
def both_sides(request: HttpRequest, reference: str) -> HttpResponse:
    """What each side states, the latest first, and what somebody should look at."""
    application = _application(request, reference)
    today = clock.now().astimezone(application.call.timezone).date()
    rows = [(stand, stand.concerns(today)) for stand in stands(application)]
    context = {"rows": rows, "flags": authorisations.flags(application), "declared": queries.declared(application)}
    return show(request, f"{PLACE}office.html", _about(application) | context)


@access(Permission.SCREEN, "GET", "POST")
def state(request: HttpRequest, reference: str, mission: str, key: UUID) -> HttpResponse:
    """Add what the agency's side has for one mission and institution."""
    application = _application(request, reference)
    stand = _stand(application, mission, key)
    latest = {(stand.mission.pk, stand.institution.pk): stand.agency[0]} if stand.agency else {}
    form = StatementsForm(
        request.POST if request.method == "POST" else None, pairs=authorisations.pairs([stand]), stated=latest
    )

    def act() -> Any:
        return statements.state_for_agency(application, by=request.user, statement=form.statements()[0])

    done = attempt(request, form, act, pages.url("declarations-office", application))
    return done or show(request, f"{PLACE}office_state.html", _about(application) | {"form": form, "stand": stand})


@access(Permission.SCREEN, "GET", "POST")
def evidence(request: HttpRequest, reference: str, mission: str, key: UUID) -> HttpResponse:
    """One PDF for what the agency's side stated last."""
    application = _application(request, reference)
    stand = _stand(application, mission, key)
    if not stand.agency:
        raise Http404
    form = EvidenceForm(request.POST, request.FILES) if request.method == "POST" else EvidenceForm()

    def act() -> None:
        statements.attach_agency_evidence(stand, application, by=request.user, kept=form.cleaned_data["file"])

    done = attempt(request, form, act, pages.url("declarations-office", application))
    context = {"form": form, "stand": stand, "row": stand.agency[0]}
    return done or show(request, f"{PLACE}office_evidence.html", _about(application) | context)


def _application(request: HttpRequest, reference: str) -> Application:
    return get_object_or_404(queries.of_office(request.user), reference=reference)


def _stand(application: Application, mission: str, key: UUID) -> Stand:
    found = stand_of(stands(application), mission, key)
    if found is None:
        raise Http404
    return found


def _about(application: Application) -> dict[str, Any]:
    return {"application": application, "call": application.call}
