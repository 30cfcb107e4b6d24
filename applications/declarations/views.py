"""What the principal investigator declares for the team, and what the team states of authorisations.

The agency's side of the same is `office.py`.
"""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from applications import authorisations as both_sides
from applications import pages
from applications.declarations import actions, queries, statements
from applications.declarations.forms import DeclarationsForm, DraftStatementsForm, EvidenceForm, StatementsForm
from applications.draft_forms import Removal
from applications.models import Application
from portal.errors import NotNow
from portal.web import APPLICATION_TEAM, access, attempt, show

PLACE = "applications/declarations/"


@access(APPLICATION_TEAM, "GET", "POST")
def declare(request: HttpRequest, reference: str) -> HttpResponse:
    """What the principal investigator declares; the others read it."""
    application = pages.draft(request, reference)
    form = DeclarationsForm(request.POST if request.method == "POST" else None, application=application)

    def act() -> None:
        actions.declare(application, by=request.user, **form.changes())

    done = pages.save(request, application, form, act, pages.home(application))
    if isinstance(getattr(request, "refusal", None), NotNow):
        form.show_new_wording()
    return done or pages.part(request, f"{PLACE}declare.html", application, {"form": form})


@access(APPLICATION_TEAM, "GET", "POST")
def authorisations(request: HttpRequest, reference: str) -> HttpResponse:
    """What is stated for each mission and institution, all on one page."""
    application = pages.draft(request, reference)
    shown = queries.draft_page(application)
    known = {"application": application, "pairs": shown["pairs"], "stated": shown["stated"]}
    form = DraftStatementsForm(request.POST if request.method == "POST" else None, **known)

    def act() -> None:
        said = form.statements()
        statements.state_authorisations(
            application, by=request.user, statements=said, version=form.cleaned_data["version"]
        )

    done = pages.save(request, application, form, act, pages.url("declarations-authorisations", application))
    context = shown | {"form": form, "next_task": pages.next_task(application, "authorisations")}
    return done or pages.part(request, f"{PLACE}authorisations.html", application, context)


@access(APPLICATION_TEAM, "GET", "POST")
def evidence(request: HttpRequest, reference: str, mission: str, key: UUID) -> HttpResponse:
    """One PDF as evidence, on a step of its own."""
    application = pages.draft(request, reference)
    row = get_object_or_404(queries.of_pair(application, mission, key))
    form = _upload(request)
    done = attempt(
        request,
        form,
        lambda: statements.attach_evidence(row, by=request.user, kept=form.cleaned_data["file"]),
        pages.here(request, "declarations-authorisations", application),
    )
    return done or pages.part(request, f"{PLACE}evidence.html", application, {"form": form, "row": row})


@access(APPLICATION_TEAM, "GET", "POST")
def evidence_remove(request: HttpRequest, reference: str, mission: str, key: UUID) -> HttpResponse:
    """Ask, then take the evidence out of the draft."""
    application = pages.draft(request, reference)
    row = get_object_or_404(queries.of_pair(application, mission, key).exclude(evidence_sha256=""))
    form = Removal(request.POST or None, application=application, parts=[row.evidence_part])

    def remove() -> None:
        statements.attach_evidence(row, by=request.user, kept=None, version=form.cleaned_data["version"])

    done = attempt(request, form, remove, pages.here(request, "declarations-authorisations", application))
    return done or pages.part(request, f"{PLACE}evidence_remove.html", application, {"form": form, "row": row})


@access(APPLICATION_TEAM, "GET", "POST")
def again(request: HttpRequest, reference: str) -> HttpResponse:
    """After an award: how the authorisations stand now. Absent before it, whatever was decided."""
    application, found = _awarded(request, reference)
    latest = {(one.mission.pk, one.institution.pk): one.applicant[0] for one in found}
    form = StatementsForm(
        request.POST if request.method == "POST" else None, pairs=both_sides.pairs(found), stated=latest
    )
    done = attempt(
        request,
        form,
        lambda: statements.state_again(application, by=request.user, statements=form.statements()),
        pages.url("declarations-again", application),
    )
    context = {"form": form, "application": application, "call": application.call, "stands": found}
    context |= {"is_principal": pages.is_principal(request.user, application)}
    return done or show(request, f"{PLACE}again.html", context)


@access(APPLICATION_TEAM, "GET", "POST")
def evidence_again(request: HttpRequest, reference: str, mission: str, key: UUID) -> HttpResponse:
    """Evidence for what was said after the award."""
    application, found = _awarded(request, reference)
    stand = both_sides.stand_of(found, mission, key)
    if stand is None or stand.is_asked_again:
        raise Http404
    form = _upload(request)

    def act() -> None:
        statements.attach_evidence_again(stand, application, by=request.user, kept=form.cleaned_data["file"])

    done = attempt(request, form, act, pages.url("declarations-again", application))
    context = {"form": form, "application": application, "call": application.call, "row": stand.applicant[0]}
    context |= {"is_principal": pages.is_principal(request.user, application)}
    return done or show(request, f"{PLACE}again_evidence.html", context)


def _upload(request: HttpRequest) -> EvidenceForm:
    return EvidenceForm(request.POST, request.FILES) if request.method == "POST" else EvidenceForm()


def _awarded(request: HttpRequest, reference: str) -> tuple[Application, list[both_sides.Stand]]:
    """Return an application of the person’s own with what a released award asks again.

    Raises:
        Http404: it is not theirs, or nothing was awarded to it, or nothing is released.
    """
    application = pages.own(request, reference)
    found = both_sides.awarded(application)
    if not found:
        raise Http404
    return application, found
