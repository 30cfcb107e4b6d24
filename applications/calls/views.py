"""Pages of calls: what everybody reads, the staff's desk, and the making of a call."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from applications.access import visible_calls
from applications.calls import actions, queries
from applications.calls.forms import (
    CallForm,
    CriteriaFormSet,
    DeclarationFormSet,
    ExtendForm,
    OfferForm,
    ReasonForm,
    SeatForm,
)
from applications.enums import CallStatus
from applications.models import Call
from applications.workflow import CALL
from portal.paging import page
from portal.roles import Permission
from portal.web import PUBLIC, STAFF, access, attempt, show

BY_DEADLINE = ("-closes_at", "slug")


@access(PUBLIC)
def calls(request: HttpRequest) -> HttpResponse:
    """Every announced call, and the earlier rounds known from public reports."""
    found = page(queries.announced(), BY_DEADLINE, request.GET.get("cursor"))
    return show(request, "applications/calls/list.html", {"page": found, "records": queries.records()})


@access(PUBLIC)
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One call: what is offered, until when, by which criteria."""
    call = get_object_or_404(visible_calls(request.user), slug=slug)
    return show(request, "applications/calls/detail.html", queries.detail(call))


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
            **_row(each, "name", "name_zh", "weight"),
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
    """What every applicant declares."""
    call = _call(slug)
    initial = [_row(each, "text", "text_zh") for each in call.declarations.all()]
    form = DeclarationFormSet(request.POST or None, initial=initial)
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


def _part(request: HttpRequest, part: str, call: Call, form: Any) -> HttpResponse:
    context = {"call": call, "form": form, "part": part, "verbs": CALL.available(call, request.user)}
    if part == "samples":
        context["offers"] = call.offers.select_related("sample__mission")
    if part == "panel":
        context["seats"] = (
            call.panel.filter(until__isnull=True).select_related("user__institution").order_by("role", "pk")
        )
    if part in queries.PARTS:
        context["seen"] = actions.version_of(call, queries.PARTS[part])
        if getattr(getattr(request, "refusal", None), "code", "") == "stale":
            context["meanwhile"] = queries.saved_meanwhile(call, part, form)
    if part == "announce":
        context["gaps"] = queries.gaps(call)
    return show(request, f"applications/calls/{part}.html", context)
