"""Pages of questions on a call: everybody reads and asks on one, administrators answer on the others."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from applications.access import visible_calls
from applications.enums import CallOrigin
from applications.models import Call, CallQuestion
from applications.questions import actions, queries
from applications.questions.forms import AnswerForm, AskForm, PublishForm
from portal.paging import page
from portal.roles import Permission
from portal.web import PUBLIC, access, attempt, is_stale, kept, show


@access(PUBLIC, "GET", "POST")
def questions(request: HttpRequest, slug: str) -> HttpResponse:
    """What was asked and answered for everybody; whoever is signed in asks here."""
    call = get_object_or_404(visible_calls(request.user).filter(origin=CallOrigin.PORTAL), slug=slug)
    form = AskForm(request.POST or None)
    if request.method == "POST":
        if not request.user.is_authenticated:
            return kept(request)
        here = reverse("applications:questions-list", args=[slug])
        done = attempt(request, form, lambda: actions.ask(call, by=request.user, **form.cleaned_data), f"{here}#mine")
        if done:
            return done
    found = page(queries.answered(call), queries.NEWEST_FIRST, request.GET.get("cursor"))
    context = queries.public_page(call, request.user) | {"page": found, "form": form}
    return show(request, "applications/questions/list.html", context)


@access(Permission.MANAGE_CALLS, "GET", "POST")
def manage(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits for an answer; what is ready is published together."""
    call, form = _answerable(request, slug), PublishForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        here = reverse("applications:questions-manage", args=[slug])
        done = attempt(request, form, lambda: actions.publish(call, by=request.user, chosen=form.chosen), here)
        if done:
            return done
    found = page(queries.answered(call), queries.NEWEST_FIRST, request.GET.get("cursor"))
    context = queries.office_page(call) | {"form": form, "page": found, "chosen": request.POST.getlist("chosen")}
    return show(request, "applications/questions/manage.html", context)


@access(Permission.MANAGE_CALLS, "GET", "POST")
def answer(request: HttpRequest, slug: str, uid: UUID) -> HttpResponse:
    """The wording for everybody and the answer, in both languages."""
    call = _answerable(request, slug)
    question = get_object_or_404(CallQuestion.objects.filter(call=call), uid=uid)
    form = AnswerForm(request.POST or None, instance=question)
    if request.method == "POST":
        there = reverse("applications:questions-manage", args=[slug])
        done = attempt(request, form, lambda: _write(request, question, form), there)
        if done:
            return done
    return show(request, "applications/questions/answer.html", _words_of(request, call, question, form))


def _answerable(request: HttpRequest, slug: str) -> Call:
    return get_object_or_404(queries.answerable(request.user).filter(origin=CallOrigin.PORTAL), slug=slug)


def _write(request: HttpRequest, question: CallQuestion, form: AnswerForm) -> None:
    typed = request.POST.get("seen", "")
    seen = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
    actions.write(question, by=request.user, seen=seen, **form.cleaned_data)


def _words_of(request: HttpRequest, call: Call, question: CallQuestion, form: AnswerForm) -> dict[str, Any]:
    """What the page of one question shows; after a refusal also what somebody saved meanwhile."""
    context: dict[str, Any] = {"call": call, "question": question, "form": form}
    context["seen"] = queries.version_of(question)
    if is_stale(request):
        context["meanwhile"] = [
            (bound.label, getattr(question, bound.name))
            for bound in form
            if form.cleaned_data.get(bound.name) != getattr(question, bound.name)
        ]
    return context
