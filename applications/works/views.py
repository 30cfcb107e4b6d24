"""The pages of one's own list of works."""

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from applications.works import actions, queries
from applications.works.forms import WorksForm
from portal.web import SIGNED_IN, access, attempt, show

PLACE = "applications/works/"


@access(SIGNED_IN, "GET", "POST")
def works(request: HttpRequest) -> HttpResponse:
    """The own list of works; a button takes one off."""
    form = Form(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        work = get_object_or_404(queries.own_works(request.user), key=request.POST.get("drop", "").replace("\0", ""))
        there = reverse("applications:works-list")
        if done := attempt(request, form, lambda: actions.remove_work(work, by=request.user), there):
            return done
    page = queries.works_page(request.user, request.GET.get("cursor"))
    return show(request, f"{PLACE}list.html", {"page": page, "form": form})


@access(SIGNED_IN, "GET", "POST")
def add(request: HttpRequest) -> HttpResponse:
    """Add works: DOIs, BibTeX or a file."""
    form = WorksForm(*((request.POST, request.FILES) if request.method == "POST" else ()))

    def act() -> int:
        return actions.add_works(by=request.user, readings=form.readings())

    if request.method == "POST" and (done := attempt(request, form, act, reverse("applications:works-list"))):
        return done
    return show(request, f"{PLACE}add.html", {"form": form})
