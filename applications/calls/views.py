"""Pages of calls: what everybody reads, the staff's desk, and the making of a call."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.translation import get_language

from applications.access import visible_calls
from applications.calls import actions, queries
from applications.calls.calendar import calendar_file
from applications.calls.forms import (
    DECLARED,
    CallForm,
    CriteriaFormSet,
    ExtendForm,
    LimitsForm,
    OfferForm,
    ReasonForm,
    SeatForm,
    declaration_rows,
)
from applications.enums import CallOrigin, CallStatus
from applications.models import Call
from applications.papers import blank_form_pdf
from applications.rules.dates import warnings_about
from applications.workflow import CALL
from portal import clock
from portal.paging import page
from portal.roles import Permission
from portal.web import PUBLIC, STAFF, access, attempt, show

BY_DEADLINE = ("-closes_at", "slug")
# The parts of a call that two people may write at once, with the verb that saves each.
VERBS = {
    "edit": actions.EDIT,
    "limits": actions.SET_LIMITS,
    "criteria": actions.SET_CRITERIA,
    "declarations": actions.SET_DECLARATIONS,
}


@access(PUBLIC)
def calls(request: HttpRequest) -> HttpResponse:
    """Every announced call, and the earlier rounds known from public reports."""
    found = page(queries.announced(), BY_DEADLINE, request.GET.get("cursor"))
    context = {"page": found, "records": queries.records(), "practice": queries.for_practice(), "now": clock.now()}
    return show(request, "applications/calls/list.html", context)


@access(PUBLIC)
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One call: what is offered, until when, by which criteria."""
    call = get_object_or_404(visible_calls(request.user), slug=slug)
    return show(request, "applications/calls/detail.html", queries.detail(call))


@access(PUBLIC)
def agreement(request: HttpRequest, slug: str) -> HttpResponse:
    """The agreement text whole, in either language, under an address to forward."""
    call = _public(request, slug)
    if not (call.agreement or call.agreement_zh):
        raise Http404
    return show(request, "applications/calls/agreement.html", queries.agreement(call, request.GET.get("text", "")))


@access(PUBLIC)
def dates(request: HttpRequest, slug: str) -> HttpResponse:
    """The dates of the call as a calendar file."""
    call = _public(request, slug, announced_at__isnull=False)
    return _file(request, calendar_file(call), "text/calendar; charset=utf-8", f"{slug}.ics")


@access(PUBLIC)
def form_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything an application asks for, on paper, in the language of the page."""
    call = _public(request, slug)
    paper = blank_form_pdf(call, get_language() or "en")
    return _file(request, paper, "application/pdf", f"{slug}.pdf")


@access(STAFF)
def desk(request: HttpRequest) -> HttpResponse:
    """Where the portal's staff begins: what each role may open."""
    may = {each.name.lower() for each in Permission if request.user.may(each)}
    return show(request, "applications/calls/desk.html", {"may": may})


@access(Permission.MANAGE_CALLS)
def manage(request: HttpRequest) -> HttpResponse:
    """Every call with its state, drafts included."""
    found = page(queries.managed(), ("slug",), request.GET.get("cursor"))
    return show(request, "applications/calls/manage.html", {"page": found})


@access(Permission.MANAGE_CALLS, "GET", "POST")
def create(request: HttpRequest) -> HttpResponse:
    """Make a draft call."""
    form = CallForm(request.POST or None)
    if request.method == "POST":
        done = attempt(
            request,
            form,
            lambda: actions.create(by=request.user, **form.cleaned_data),
            lambda call: reverse("applications:calls-edit", args=[call.slug]),
        )
        if done:
            return done
    return show(request, "applications/calls/edit.html", {"form": form})


@access(Permission.MANAGE_CALLS, "GET", "POST")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Texts, dates and policy; after the announcement the texts alone."""
    call = _call(slug)
    form = CallForm(request.POST or None, instance=call, texts_only=call.status != CallStatus.DRAFT)
    if request.method == "POST":
        done = attempt(
            request,
            form,
            lambda: actions.edit(_call(slug), by=request.user, seen=_seen(request), **form.cleaned_data),
            lambda _: _to("edit", form.cleaned_data.get("slug", slug)),
        )
        if done:
            return done
    return _part(request, "edit", call, form)


@access(Permission.MANAGE_CALLS, "GET", "POST")
def limits(request: HttpRequest, slug: str) -> HttpResponse:
    """How long sections and PDF may be, and who is named to whom."""
    call = _call(slug)
    form = LimitsForm(request.POST or None, call=call)
    return _act(
        request,
        "limits",
        call,
        lambda: actions.set_limits(call, by=request.user, seen=_seen(request), **form.limits()),
        form,
    )


@access(Permission.MANAGE_CALLS, "GET", "POST")
def samples(request: HttpRequest, slug: str) -> HttpResponse:
    """What the call offers."""
    call = _call(slug)
    if request.method == "POST" and "drop" in request.POST:
        offer = get_object_or_404(call.offers, sample__catalogue_number=_dropped(request))
        return _act(request, "samples", call, lambda: actions.take_back(call, by=request.user, sample=offer.sample))
    form = OfferForm(request.POST or None)
    return _act(request, "samples", call, lambda: actions.offer(call, by=request.user, **form.cleaned_data), form)


@access(Permission.MANAGE_CALLS, "GET", "POST")
def criteria(request: HttpRequest, slug: str) -> HttpResponse:
    """The weighted criteria with the words of every scale point."""
    call = _call(slug)
    initial = [
        {
            **_row(each, "name", "name_zh", "weight", "about_team"),
            "words": "\n".join(each.words),
            "words_zh": "\n".join(each.words_zh),
        }
        for each in call.criteria.all()
    ]
    form = CriteriaFormSet(request.POST or None, initial=initial)
    return _act(
        request,
        "criteria",
        call,
        lambda: actions.set_criteria(call, by=request.user, criteria=form.rows(), seen=_seen(request)),
        form,
    )


@access(Permission.MANAGE_CALLS, "GET", "POST")
def declarations(request: HttpRequest, slug: str) -> HttpResponse:
    """What every applicant declares; after the announcement its words alone."""
    call = _call(slug)
    initial = [_row(each, "code", *DECLARED) for each in call.declarations.all()]
    form = declaration_rows(call)(
        request.POST or None, initial=initial, form_kwargs={"texts_only": call.status != CallStatus.DRAFT}
    )
    return _act(
        request,
        "declarations",
        call,
        lambda: actions.set_declarations(call, by=request.user, declarations=form.rows(), seen=_seen(request)),
        form,
    )


@access(Permission.MANAGE_CALLS, "GET", "POST")
def panel(request: HttpRequest, slug: str) -> HttpResponse:
    """Who sits on the panel."""
    call = _call(slug)
    if request.method == "POST" and "drop" in request.POST:
        member = get_object_or_404(call.panel, user__email=_dropped(request), until__isnull=True)
        return _act(request, "panel", call, lambda: actions.unseat(member, by=request.user))
    form = SeatForm(request.POST or None)
    return _act(
        request,
        "panel",
        call,
        lambda: actions.seat(call, by=request.user, user=form.cleaned_data["email"], role=form.cleaned_data["role"]),
        form,
    )


@access(Permission.MANAGE_CALLS, "GET", "POST")
def announce(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask a second administrator to announce, or announce as the second one."""
    call = _call(slug)
    if "announce" in CALL.available(call, request.user):
        return _act(request, "announce", call, lambda: actions.announce(call, by=request.user))
    return _act(request, "announce", call, lambda: actions.ask_for_announcement(call, by=request.user))


@access(Permission.MANAGE_CALLS, "GET", "POST")
def extend(request: HttpRequest, slug: str) -> HttpResponse:
    """Move the deadline later for everybody."""
    call = _call(slug)
    form = ExtendForm(request.POST or None, call=call)
    return _act(request, "extend", call, lambda: actions.extend(call, by=request.user, **form.cleaned_data), form)


@access(Permission.MANAGE_CALLS, "GET", "POST")
def cancel(request: HttpRequest, slug: str) -> HttpResponse:
    """Cancel the call with a reason."""
    call = _call(slug)
    form = ReasonForm(request.POST or None)
    return _act(request, "cancel", call, lambda: actions.cancel(call, by=request.user, **form.cleaned_data), form)


def _public(request: HttpRequest, slug: str, **conditions: Any) -> Call:
    """A call run here that this person may read."""
    rows = visible_calls(request.user).filter(origin=CallOrigin.PORTAL, **conditions)
    return get_object_or_404(rows, slug=slug)


def _file(request: HttpRequest, body: bytes, kind: str, name: str) -> HttpResponse:
    """A file everybody reads: its ETag is the hash of its bytes, so it tells nothing that they do not."""
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    set_response_etag(response)
    return get_conditional_response(request, etag=response["ETag"], response=response)


def _dropped(request: HttpRequest) -> str:
    """What a button names, without the character that the database does not know."""
    return request.POST["drop"].replace("\0", "")


def _seen(request: HttpRequest) -> int | None:
    """The version of the part that the person had before them, where the form says one."""
    typed = request.POST.get("seen", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def _call(slug: str) -> Call:
    return get_object_or_404(queries.managed(), slug=slug)


def _row(thing: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names}


def _to(part: str, slug: str) -> str:
    return reverse(f"applications:calls-{part}", args=[slug])


def _act(request: HttpRequest, part: str, call: Call, act: Any, form: Any = None) -> HttpResponse:
    """Do what a part of the call's making is for, or show it."""
    form = form if form is not None else forms.Form(request.POST or None)
    if request.method == "POST" and (done := attempt(request, form, act, _to(part, call.slug))):
        return done
    return _part(request, part, _call(call.slug), form)


def _is_rewordable(call: Call) -> bool:
    return call.is_open_or_ahead(clock.now())


def _part(request: HttpRequest, part: str, call: Call, form: Any) -> HttpResponse:
    context = {"call": call, "form": form, "part": part, "verbs": CALL.available(call, request.user)}
    if part == "samples":
        context["offers"] = call.offers.select_related("sample__mission")
    if part == "panel":
        context["seats"] = (
            call.panel.filter(until__isnull=True).select_related("user__institution").order_by("role", "pk")
        )
    if part in VERBS:
        context["seen"] = actions.version_of(call, VERBS[part])
        if getattr(getattr(request, "refusal", None), "code", "") == "stale":
            context["meanwhile"] = queries.saved_meanwhile(call, part, form)
    if part == "announce":
        context["gaps"] = queries.gaps(call)
    if part in ("announce", "edit"):
        context["warnings"] = warnings_about(call)
    context["fixed"] = call.status != CallStatus.DRAFT and not (part == "declarations" and _is_rewordable(call))
    return show(request, f"applications/calls/{part}.html", context)
