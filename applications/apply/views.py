"""/my/, the start, the task list with its texts, check and submit.

Every application is fetched from those of which the person is on the team; any other is absent. What was submitted
and where it stands: `applications/following/`.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from applications import pages
from applications.apply import actions, queries
from applications.apply.forms import SECTION_FORMS, SubmitForm
from applications.draft_forms import Confirmation
from applications.models import Application
from applications.sections import BY_CODE
from portal.accounts.queries import institutions_offered
from portal.web import APPLICATION_TEAM, SIGNED_IN, access, attempt, show

PLACE = "applications/apply/"


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
    done = attempt(request, form, lambda: actions.start(call, by=request.user), pages.home)
    context = {"call": call, "form": form, "sections": BY_CODE.values()}
    return done or show(request, f"{PLACE}start.html", context | queries.start_page(request.user, call))


@access(APPLICATION_TEAM)
def tasks(request: HttpRequest, reference: str) -> HttpResponse:
    """The tasks of a draft, and what is left."""
    application = pages.draft(request, reference)
    context = queries.task_list(application, user=request.user)
    return pages.part(request, f"{PLACE}tasks.html", application, context)


@access(APPLICATION_TEAM, "GET", "POST")
def section(request: HttpRequest, reference: str, code: str) -> HttpResponse:
    """One part of the draft that is made of texts."""
    application = pages.draft(request, reference)
    form = SECTION_FORMS[code](request.POST or None, application=application)

    def save() -> Application:
        version = form.cleaned_data["version"]
        return actions.save(application, by=request.user, version=version, **form.changes())

    done = attempt(request, form, save, pages.home(application))
    context = {"section": BY_CODE[code], "form": form, "institutions": _offered(code)}
    return done or pages.part(request, f"{PLACE}section.html", application, context)


@access(APPLICATION_TEAM, "GET", "POST")
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """Every answer once more; then submit, in one small request without a file."""
    application = pages.draft(request, reference)
    form = SubmitForm(request.POST or None)
    done = attempt(
        request,
        form,
        lambda: actions.submit(application, by=request.user, version=form.cleaned_data["version"]),
        pages.url("following-receipt", application),
    )
    return done or pages.part(
        request, f"{PLACE}check.html", application, {"form": form} | queries.check_page(application)
    )


def _offered(code: str) -> list[str]:
    return institutions_offered() if code == "institution" else []
