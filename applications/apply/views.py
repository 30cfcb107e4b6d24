"""/my/, the start, the task list with its texts, every answer, copies, submit.

Every application is fetched from those of which the person is on the team; any other is absent. What was submitted
and where it stands: `applications/following/`.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from applications import pages
from applications.apply import actions, copying, queries, waiting
from applications.apply.forms import SECTION_FORMS, CloneForm, SubmitForm
from applications.draft_forms import Confirmation
from applications.enums import Anonymity
from applications.models import Application
from applications.reading import Draft
from applications.rules import eligibility
from applications.sections import BY_CODE
from portal.accounts.queries import institutions_offered
from portal.web import APPLICATION_TEAM, SIGNED_IN, access, attempt, show

PLACE = "applications/apply/"


@access(SIGNED_IN)
def my(request: HttpRequest) -> HttpResponse:
    """Everything of one's own: what waits, and every application."""
    found = queries.my_page(request.user, request.GET.get("cursor"))
    rows = [(application, queries.tone(application)) for application in found.rows]
    return show(request, f"{PLACE}my.html", {"page": found, "rows": rows, "todos": waiting.todos(request.user)})


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

    done = pages.save(request, application, form, save, pages.home(application))
    context = {"section": BY_CODE[code], "form": form, "institutions": _offered(code)}
    return done or pages.part(request, f"{PLACE}section.html", application, context)


@access(APPLICATION_TEAM, "GET", "POST")
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """Every answer once more; then submit, in one small request without a file."""
    application = pages.draft(request, reference)
    form = SubmitForm(request.POST if request.method == "POST" else None)
    done = attempt(
        request,
        form,
        lambda: actions.submit(application, by=request.user, version=form.cleaned_data["version"]),
        pages.url("following-receipt", application),
    )
    context = {"form": form, "is_dual": application.call.anonymity == Anonymity.DUAL}
    return done or pages.part(request, f"{PLACE}check.html", application, context | queries.check_page(application))


@access(APPLICATION_TEAM)
def preview(request: HttpRequest, reference: str) -> HttpResponse:
    """The line of the public page as it would be."""
    application = pages.draft(request, reference)
    context = {"preview": {"rows": [queries.preview(application)]}}
    return pages.part(request, f"{PLACE}preview.html", application, context)


@access(APPLICATION_TEAM, "GET", "POST")
def anonymous(request: HttpRequest, reference: str) -> HttpResponse:
    """What reviewers would read without names; then approve it."""
    application = pages.draft(request, reference)
    if application.call.anonymity != Anonymity.DUAL:
        raise Http404
    form = SubmitForm(request.POST if request.method == "POST" else None)
    done = attempt(
        request,
        form,
        lambda: actions.approve(application, by=request.user, version=form.cleaned_data["version"]),
        pages.url("apply-check", application),
    )
    context = {"form": form, "reading": Draft(application, anonymous=True)}
    context["is_approved"] = eligibility.is_approved(application)
    return done or pages.part(request, f"{PLACE}anonymous.html", application, context)


@access(APPLICATION_TEAM, "GET", "POST")
def restore(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask, then bring the draft back to what was submitted."""
    application = pages.draft(request, reference)
    form = SubmitForm(request.POST if request.method == "POST" else None)
    done = attempt(
        request,
        form,
        lambda: copying.restore(application, by=request.user, version=form.cleaned_data["version"]),
        pages.home(application),
    )
    context = {"form": form} | queries.changes(application)
    return done or pages.part(request, f"{PLACE}restore.html", application, context)


@access(APPLICATION_TEAM, "GET", "POST")
def clone(request: HttpRequest, reference: str) -> HttpResponse:
    """Say what a copy takes along; then begin a new application with it."""
    source = pages.own(request, reference)
    if not pages.is_principal(request.user, source):
        raise Http404
    calls = queries.open_calls(request.user)
    chosen = request.GET.get("call") or next((call.slug for call in calls), "")
    form = CloneForm(request.POST if request.method == "POST" else None, calls=calls, initial={"call": chosen})
    done = attempt(request, form, lambda: copying.clone(source, by=request.user, **form.cleaned_data), pages.home)
    return done or show(request, f"{PLACE}clone.html", {"source": source, "form": form, "calls": calls})


def _offered(code: str) -> list[str]:
    return institutions_offered() if code == "laboratory" else []
