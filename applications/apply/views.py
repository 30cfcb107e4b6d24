"""The applicant's way: /my/, the task list with its sections, check and submit, status, withdrawal, decision.

Every application is fetched from those of which the person is on the team; any other is absent.
"""

from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from applications.access import AUDITOR, fields, relations, released_document, visible_to
from applications.apply import actions, queries, status
from applications.apply.forms import (
    SECTION_FORMS,
    Confirmation,
    DeclarationsForm,
    FileForm,
    InviteForm,
    RequestForm,
    SubmitForm,
    WithdrawForm,
)
from applications.apply.sections import BY_CODE
from applications.apply.team import check_is_for
from applications.enums import PublicationKind
from applications.models import Application
from applications.workflow import APPLICATION
from portal import files
from portal.accounts.queries import institutions_offered
from portal.audit.trail import record
from portal.errors import Refused
from portal.web import APPLICATION_TEAM, PUBLIC, SIGNED_IN, access, afterwards, attempt, is_stale, kept, show

PLACE = "applications/apply/"

# --- /my/ and the start -------------------------------------------------------------------------------


@access(SIGNED_IN)
def my(request: HttpRequest) -> HttpResponse:
    """Everything of one's own: what waits, and every application."""
    found = queries.my_page(request.user, request.GET.get("cursor"))
    rows = [(application, queries.tone(application)) for application in found.rows]
    return show(request, f"{PLACE}my.html", {"page": found, "rows": rows, "todos": queries.todos(request.user)})


@access(SIGNED_IN, "GET", "POST")
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """What an application to a call asks for; then begin one."""
    call = get_object_or_404(queries.open_call(request.user), slug=slug)
    form = Confirmation(request.POST if request.method == "POST" else None)
    done = attempt(request, form, lambda: actions.start(call, by=request.user), _home)
    context = {"call": call, "form": form, "sections": BY_CODE.values()}
    return done or show(request, f"{PLACE}start.html", context | queries.start_page(request.user, call))


# --- The draft ----------------------------------------------------------------------------------------


@access(APPLICATION_TEAM)
def home(request: HttpRequest, reference: str) -> HttpResponse:
    """The task list while the team writes; where the application stands afterwards."""
    application = _mine(request, reference)
    context: dict[str, Any] = {"application": application, "call": application.call}
    if queries.is_in_the_teams_hands(application):
        context |= queries.task_list(application, user=request.user)
        return show(request, f"{PLACE}tasks.html", context)
    context |= status.status_page(application) | {"may_withdraw": _may_withdraw(request, application)}
    return show(request, f"{PLACE}status.html", context)


@access(APPLICATION_TEAM, "GET", "POST")
def section(request: HttpRequest, reference: str, code: str) -> HttpResponse:
    """One part of the draft that is made of texts."""
    application = _draft(request, reference)
    form = SECTION_FORMS[code](request.POST or None, application=application)

    def save() -> Application:
        version = form.cleaned_data["version"]
        return actions.save(application, by=request.user, version=version, **form.changes())

    done = attempt(request, form, save, _home(application))
    context = {"section": BY_CODE[code], "form": form, "institutions": _offered(code)}
    return done or _part(request, "section", application, context)


@access(APPLICATION_TEAM)
def samples(request: HttpRequest, reference: str) -> HttpResponse:
    """What the call offers and what the draft asks of it."""
    application = _draft(request, reference)
    return _part(request, "samples", application, queries.samples_page(application))


@access(APPLICATION_TEAM, "GET", "POST")
def sample(request: HttpRequest, reference: str, number: str) -> HttpResponse:
    """The request for one offered sample."""
    application = _draft(request, reference)
    offer, line = _offer(application, number)
    form = RequestForm(request.POST or None, application=application, offer=offer, line=line)

    def put() -> Any:
        return actions.put_request(application, by=request.user, sample=offer.sample, **form.changes())

    done = attempt(request, form, put, _url("apply-samples", application))
    return done or _part(request, "sample", application, {"form": form, "offer": offer, "line": line})


@access(APPLICATION_TEAM, "GET", "POST")
def sample_drop(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Ask, then remove a request."""
    application = _draft(request, reference)
    line = get_object_or_404(application.draft_requests.select_related("sample"), uid=uid)
    form = _button(request)
    target = _url("apply-samples", application)
    done = attempt(
        request, form, lambda: actions.drop_request(application, by=request.user, sample=line.sample), target
    )
    return done or _part(request, "sample_drop", application, {"form": form, "line": line})


@access(APPLICATION_TEAM, "GET", "POST")
def team(request: HttpRequest, reference: str) -> HttpResponse:
    """Who works with the principal investigator; invite somebody."""
    application = _draft(request, reference)
    form = InviteForm(request.POST or None)
    done = attempt(
        request,
        form,
        lambda: actions.invite(application, by=request.user, **form.changes()),
        _url("apply-team", application),
    )
    context = {"form": form, "members": queries.members(application), "institutions": institutions_offered()}
    return done or _part(request, "team", application, context)


@access(APPLICATION_TEAM, "GET", "POST")
def team_resend(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Ask, then send an invitation once more."""
    return _of_member(request, reference, uid, "team_resend", actions.resend)


@access(APPLICATION_TEAM, "GET", "POST")
def team_remove(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Ask, then take somebody off the team."""
    return _of_member(request, reference, uid, "team_remove", actions.remove)


@access(APPLICATION_TEAM, "GET", "POST")
def upload(request: HttpRequest, reference: str) -> HttpResponse:
    """The one PDF, on a step of its own, so that submitting needs no upload."""
    application = _draft(request, reference)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    done = attempt(
        request,
        form,
        lambda: actions.attach(application, by=request.user, upload=form.cleaned_data["file"]),
        _url("apply-upload", application),
    )
    return done or _part(request, "file", application, {"form": form})


@access(APPLICATION_TEAM, "GET", "POST")
def upload_remove(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask, then take the PDF out of the draft."""
    application = _draft(request, reference)
    form = _button(request)
    done = attempt(
        request, form, lambda: actions.detach(application, by=request.user), _url("apply-upload", application)
    )
    return done or _part(request, "file_remove", application, {"form": form})


@access(APPLICATION_TEAM, "GET", "POST")
def declarations(request: HttpRequest, reference: str) -> HttpResponse:
    """What the principal investigator declares."""
    application = _draft(request, reference)
    sent = request.POST if request.method == "POST" else None
    form = DeclarationsForm(sent, call=application.call, initial={"codes": application.declared})
    done = attempt(
        request,
        form,
        lambda: actions.declare(application, by=request.user, codes=form.cleaned_data["codes"]),
        _home(application),
    )
    return done or _part(request, "declarations", application, {"form": form})


@access(APPLICATION_TEAM, "GET", "POST")
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """Every answer once more; then submit, in one small request without a file."""
    application = _draft(request, reference)
    form = SubmitForm(request.POST or None)
    done = attempt(
        request,
        form,
        lambda: actions.submit(application, by=request.user, version=form.cleaned_data["version"]),
        _url("apply-receipt", application),
    )
    return done or _part(request, "check", application, {"form": form} | queries.check_page(application))


# --- After submission ---------------------------------------------------------------------------------


@access(APPLICATION_TEAM)
def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    """Number, time and hash of what was received last."""
    application = _mine(request, reference)
    if application.submission is None:
        raise Http404
    context = {"application": application, "submission": application.submission, "call": application.call}
    return show(request, f"{PLACE}receipt.html", context)


@access(APPLICATION_TEAM)
def sent(request: HttpRequest, reference: str) -> HttpResponse:
    """What was submitted, as the panel reads it, without what was said about it."""
    application = _mine(request, reference)
    if application.submission is None:
        raise Http404
    return show(request, f"{PLACE}sent.html", queries.sent_page(application))


@access(APPLICATION_TEAM, "GET", "POST")
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask, then end the application for good."""
    application = _mine(request, reference)
    if not _may_withdraw(request, application):
        raise Http404
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    done = attempt(
        request,
        form,
        lambda: actions.withdraw(application, by=request.user, **form.cleaned_data),
        _home(application),
    )
    return done or show(request, f"{PLACE}withdraw.html", {"application": application, "form": form})


@access(APPLICATION_TEAM)
def decision(request: HttpRequest, reference: str) -> HttpResponse:
    """What the release told the applicant; absent before it, whatever was decided."""
    application = _mine(request, reference)
    document = released_document(application, PublicationKind.RESULTS)
    if document is None:
        raise Http404
    return show(request, f"{PLACE}decision.html", queries.decision_page(application, document))


@access(SIGNED_IN)
def download(request: HttpRequest, reference: str, sha256: str) -> HttpResponse:
    """The PDF of a draft for its team, of a submission for whoever reads submissions; asked anew each time."""
    application = get_object_or_404(visible_to(request.user).select_related("submission"), reference=reference)
    if sha256 not in queries.files_for(fields(request.user, application), application):
        raise Http404
    if AUDITOR in relations(request.user, application):
        facts = {"part": "file", "sha256": sha256}
        afterwards(request, lambda: record("application.read", application, by=request.user, facts=facts))
    return files.download(sha256, f"{application.reference}.pdf")


@access(PUBLIC, "GET", "POST")
def join(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Show who invites whom; only sending the form, with the invited address, takes the place."""
    member = get_object_or_404(queries.invitation(uid))
    if request.method == "POST" and not request.user.is_authenticated:
        return kept(request)
    form = _button(request)
    done = attempt(request, form, lambda: actions.join(member, by=request.user), _home(member.application))
    return done or show(
        request, f"{PLACE}join.html", {"member": member, "form": form, "obstacle": _bar(request, member)}
    )


@access(SIGNED_IN, "POST")
def decline(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Refuse an invitation; afterwards it is absent."""
    member = get_object_or_404(queries.invitation(uid))
    form = Confirmation(request.POST)
    done = attempt(request, form, lambda: actions.decline(member, by=request.user), "applications:apply-my")
    return done or show(
        request, f"{PLACE}join.html", {"member": member, "form": form, "obstacle": _bar(request, member)}
    )


# --- What these have in common ------------------------------------------------------------------------


def _mine(request: HttpRequest, reference: str) -> Application:
    return get_object_or_404(queries.mine(request.user), reference=reference)


def _draft(request: HttpRequest, reference: str) -> Application:
    """Return an application in the team's hands; a form sent later is answered by its action, a page is absent."""
    application = _mine(request, reference)
    if request.method != "POST" and not queries.is_in_the_teams_hands(application):
        raise Http404
    return application


def _part(request: HttpRequest, name: str, application: Application, context: dict[str, Any]) -> HttpResponse:
    """Show a page of the draft, with what another person saved meanwhile where that was in the way."""
    common = {
        "application": application,
        "call": application.call,
        "may_write": queries.may_write(request.user, application),
        "is_principal": queries.is_principal(request.user, application),
        "stale": is_stale(request),
    }
    return show(request, f"{PLACE}{name}.html", common | context)


def _of_member(request: HttpRequest, reference: str, uid: UUID, name: str, act: Any) -> HttpResponse:
    application = _draft(request, reference)
    member = get_object_or_404(queries.members(application), uid=uid)
    form = _button(request)
    done = attempt(request, form, lambda: act(member, by=request.user), _url("apply-team", application))
    return done or _part(request, name, application, {"form": form, "member": member})


def _offer(application: Application, number: str) -> tuple[Any, Any]:
    for offer in queries.offers(application):
        if offer.sample.catalogue_number == number:
            return offer, offer.line
    raise Http404


def _button(request: HttpRequest) -> Form:
    return Confirmation(request.POST if request.method == "POST" else None)


def _may_withdraw(request: HttpRequest, application: Application) -> bool:
    return "withdraw" in APPLICATION.available(application, request.user)


def _bar(request: HttpRequest, member: Any) -> Refused | None:
    """What stands in the way of this visitor's joining."""
    try:
        if request.user.is_authenticated:
            check_is_for(member, request.user)
    except Refused as refusal:
        return refusal
    return None


def _offered(code: str) -> list[str]:
    return institutions_offered() if code == "institution" else []


def _url(name: str, application: Application) -> str:
    return reverse(f"applications:{name}", args=[application.reference])


def _home(application: Application) -> str:
    return _url("apply-status", application)
