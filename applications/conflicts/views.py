"""The pages on conflicts: the list to declare from, one application of it, and what whoever settles them does."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from applications.access import declarable_by, judged_by, panel_calls, seated_for, spoken_on_by
from applications.conflicts import actions, queries, settling
from applications.conflicts.forms import AnswerForm, ExpertForm, ReasonForm, RuleForm
from applications.conflicts.overview import overview, said
from applications.enums import HintKind, PanelRole
from applications.models import Application, Call, PanelMember
from applications.opening import waiting_for
from applications.pledging import PLEDGE, PLEDGE_VERSION
from applications.reading import Reading, declarable, declares_without_names, manner_of
from applications.rules.conflicts import conflicts_of
from applications.suspending import suspension_of
from portal.paging import Page
from portal.roles import Permission
from portal.web import CALL_CHAIR, CALL_PANEL, STAFF, Access, access, attempt, show

PLACE = "applications/conflicts/"
SETTLING = Access(
    _("the chair of the call; where every chair has a conflict, administrators"), lambda user: user.is_authenticated
)


# --- A member of the panel ---------------------------------------------------------------------------------


@access(CALL_PANEL, "GET", "POST")
def conflicts(request: HttpRequest, call: str) -> HttpResponse:
    """The terms, and everything before the panel as references, people and institutions, to answer on conflicts."""
    accepted = PanelMember.objects.filter(
        call=OuterRef("pk"), user=request.user, until__isnull=True, pledged_version=PLEDGE_VERSION
    )
    found = get_object_or_404(panel_calls(request.user).annotate(pledged=Exists(accepted)), slug=call)
    page, form = _answers(request, found)
    if request.method == "POST":
        there = reverse("applications:conflicts-list", args=[call])
        then = form.data.get("then", "")
        there += f"?{urlencode({'cursor': then})}" if then else ""
        if done := attempt(request, form, lambda: _declare(request, found, form), there):
            return done
    waiting = waiting_for(request.user).filter(call=found).count()
    context = {"call": found, "page": page, "form": form, "waiting": waiting, "pledge": PLEDGE}
    return show(request, f"{PLACE}conflicts.html", context)


@access(CALL_PANEL, "GET", "POST")
def conflict(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """Declare a conflict with one application, of which only people and institutions are shown."""
    application = get_object_or_404(declarable_by(request.user), call__slug=call, reference=reference)
    form, there = (
        Form(request.POST if request.method == "POST" else None),
        reverse("applications:conflicts-list", args=[call]),
    )
    if request.method == "POST" and (
        done := attempt(request, form, lambda: actions.declare_conflict(application, by=request.user), there)
    ):
        return done
    bare = declares_without_names(request.user, application.call)
    row = declarable(application, conflicts_of(request.user, application), anonymous=bare)
    return show(request, f"{PLACE}conflict.html", {"call": application.call, "row": row, "form": form})


@access(CALL_PANEL)
def speak(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """What somebody reads whose conflict was waived: the submission, no scores, no form."""
    rows = spoken_on_by(request.user).select_related("call", "submission")
    application = get_object_or_404(rows, call__slug=call, reference=reference)
    reading = Reading(application.submission, advice=False, **manner_of(request.user, application))
    context = {"call": application.call, "application": application, "reading": reading}
    return render(request, f"{PLACE}speak.html", context)


# --- Administrators and curators ------------------------------------------------------------------------------


@access(STAFF, "GET", "POST")
def interest(request: HttpRequest, reference: str) -> HttpResponse:
    """Declare an interest in an application that one screens or advises on: it is gone for them at once."""
    application = get_object_or_404(actions.works_on(request.user).select_related("call"), reference=reference)
    form = Form(request.POST if request.method == "POST" else None)
    there = reverse("applications:calls-desk")
    if request.method == "POST" and (
        done := attempt(request, form, lambda: actions.declare_conflict(application, by=request.user), there)
    ):
        return done
    return show(request, f"{PLACE}interest.html", {"application": application, "form": form})


@access(Permission.SCREEN)
def office(request: HttpRequest, slug: str) -> HttpResponse:
    """What administrators settle in a call in place of its chairs, who have a conflict."""
    call = get_object_or_404(Call.objects.filter(announced_at__isnull=False), slug=slug)
    context = {"call": call, "found": overview(request.user, call, office=True), "office": True}
    return render(request, f"{PLACE}overview.html", context)


# --- Whoever settles ------------------------------------------------------------------------------------------


@access(CALL_CHAIR)
def chair(request: HttpRequest, call: str) -> HttpResponse:
    """Hints to rule on, rulings, who has not answered, and applications that too few may judge."""
    found = get_object_or_404(panel_calls(request.user, PanelRole.CHAIR), slug=call)
    context = {"call": found, "found": overview(request.user, found), "office": False}
    return render(request, f"{PLACE}overview.html", context)


@access(SETTLING, "GET", "POST")
def rule(request: HttpRequest, call: str, reference: str, person: UUID, hint: str) -> HttpResponse:
    """Rule on one hint."""
    application, about = _settled(request, call, reference, person)
    found = queries.hint_of(application, about, hint)
    if found is None and request.method != "POST":
        raise Http404
    form = RuleForm(request.POST or None)

    def act() -> Any:
        if hint not in HintKind.values:
            raise Http404
        return settling.rule(application, by=request.user, person=about, kind=HintKind(hint), **form.cleaned_data)

    return _settle(request, "rule", application, form, act, person=about, words=said(found) if found else "")


@access(SETTLING, "GET", "POST")
def waive(request: HttpRequest, call: str, reference: str, person: UUID) -> HttpResponse:
    """Let a member with a conflict speak."""
    application, about = _settled(request, call, reference, person)
    form = ReasonForm(request.POST or None)

    def act() -> Any:
        return settling.waive(application, by=request.user, person=about, **form.cleaned_data)

    return _settle(request, "waive", application, form, act, person=about)


@access(SETTLING, "GET", "POST")
def expert(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """Invite an expert for one application."""
    application = _settled_application(request, call, reference)
    if not queries.settles(request.user, application):
        raise Http404
    form = ExpertForm(request.POST or None)

    def act() -> Any:
        return settling.invite_expert(application, by=request.user, **form.cleaned_data)

    return _settle(request, "expert", application, form, act)


@access(SETTLING, "GET", "POST")
def reinstate(request: HttpRequest, call: str, reference: str, person: UUID) -> HttpResponse:
    """Take up again the review and the posts that a conflict had suspended."""
    application, about = _settled(request, call, reference, person)
    suspension = suspension_of(application, about)
    if suspension is None:
        raise Http404
    form = ReasonForm(request.POST or None)

    def act() -> Any:
        return settling.reinstate(suspension, by=request.user, **form.cleaned_data)

    return _settle(request, "reinstate", application, form, act, person=about)


# --- What they share ------------------------------------------------------------------------------------


def _answers(request: HttpRequest, call: Any) -> tuple[Page | None, AnswerForm]:
    """Return the page and its form; of a form that was sent, exactly the lines it had shown, whatever came since."""
    if request.method == "POST":
        lines = queries.lines_of(request.user, call, request.POST.get("shown", "").split())
        return None, AnswerForm(request.POST, lines=lines, pledged=call.pledged)
    waiting = request.GET.get("show") == "waiting"
    page, lines = queries.declarable_page(request.user, call, request.GET.get("cursor"), waiting=waiting)
    shown = " ".join(line.row.reference for line in lines)
    return page, AnswerForm(initial={"shown": shown, "then": page.next or ""}, lines=lines, pledged=call.pledged)


def _declare(request: HttpRequest, call: Any, form: AnswerForm) -> None:
    """Pledge, and answer what was changed."""
    if not call.pledged:
        actions.pledge(call, by=request.user)
    actions.answer(call, by=request.user, said=form.said(), none_for_the_rest=form.cleaned_data["rest"])


def _settled_application(request: HttpRequest, call: str, reference: str) -> Application:
    rows = queries.settleable_by(request.user).select_related("call", "principal_investigator__institution")
    return get_object_or_404(rows, call__slug=call, reference=reference)


def _settled(request: HttpRequest, call: str, reference: str, person: UUID) -> tuple[Application, Any]:
    """Return an application and a member of its panel about whom this person settles."""
    application = _settled_application(request, call, reference)
    seat = get_object_or_404(seated_for(application).select_related("user"), user__uid=person)
    if not queries.settles(request.user, application, seat.user):
        raise Http404
    return application, seat.user


def _settle(
    request: HttpRequest, page: str, application: Application, form: Form, act: Callable[[], Any], **context: Any
) -> HttpResponse:
    chairs = judged_by(request.user).filter(pk=application.pk).exists()
    there = reverse(f"applications:conflicts-{'chair' if chairs else 'office'}", args=[application.call.slug])
    if request.method == "POST" and (done := attempt(request, form, act, there)):
        return done
    row = declarable(application, [])
    context |= {"call": application.call, "application": application, "row": row, "form": form, "there": there}
    return show(request, f"{PLACE}{page}.html", context | {"office": not chairs})
