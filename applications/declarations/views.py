"""What the principal investigator declares for the whole team."""

from typing import Any
from uuid import UUID

from django.forms import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse

from applications import pages
from applications.declarations import actions, queries
from applications.declarations.forms import AuthorisationForm, DeclarationsForm
from portal.web import APPLICATION_TEAM, access, attempt

PLACE = "applications/declarations/"


@access(APPLICATION_TEAM, "GET", "POST")
def declare(request: HttpRequest, reference: str) -> HttpResponse:
    """What the principal investigator declares."""
    application = pages.draft(request, reference)
    sent = request.POST if request.method == "POST" else None
    form = DeclarationsForm(sent, call=application.call, declared=application.declared)
    done = attempt(
        request,
        form,
        lambda: actions.declare(application, by=request.user, answers=form.answers()),
        pages.home(application),
    )
    return done or pages.part(request, f"{PLACE}declare.html", application, {"form": form})


@access(APPLICATION_TEAM)
def authorisations(request: HttpRequest, reference: str) -> HttpResponse:
    """What is to be stated, and what is stated so far."""
    application = pages.draft(request, reference)
    return pages.part(request, f"{PLACE}authorisations.html", application, {"wanted": queries.wanted(application)})


@access(APPLICATION_TEAM, "GET", "POST")
def authorisation(request: HttpRequest, reference: str, mission: str, key: UUID) -> HttpResponse:
    """State it for one mission at one institution."""
    application = pages.draft(request, reference)
    one = next(
        (one for one in queries.wanted(application) if (one.mission.code, one.institution.key) == (mission, key)), None
    )
    if one is None:
        raise Http404
    form = AuthorisationForm(request.POST or None, initial=model_to_dict(one.stated) if one.stated else None)

    def state() -> Any:
        facts = {"mission": one.mission, "institution": one.institution}
        return actions.state_authorisation(application, by=request.user, **facts, **form.cleaned_data)

    done = attempt(request, form, state, pages.url("declarations-authorisations", application))
    return done or pages.part(request, f"{PLACE}authorisation.html", application, {"form": form, "one": one})
