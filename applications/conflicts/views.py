"""The pages on conflicts of a panel's members: the list to declare from, and one application of it."""

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from applications.access import declarable_by, panel_calls
from applications.conflicts import actions, queries
from applications.reading import declarable, declares_without_names
from applications.rules.conflicts import conflicts_of
from portal.web import CALL_PANEL, access, attempt, show


@access(CALL_PANEL)
def conflicts(request: HttpRequest, call: str) -> HttpResponse:
    """Everything before the panel, as references, people and institutions, to declare conflicts with."""
    found = get_object_or_404(panel_calls(request.user), slug=call)
    page, rows = queries.declarable_page(request.user, found, request.GET.get("cursor"))
    return render(request, "applications/conflicts/conflicts.html", {"call": found, "page": page, "rows": rows})


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
    return show(request, "applications/conflicts/conflict.html", {"call": application.call, "row": row, "form": form})
