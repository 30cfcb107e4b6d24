"""The pages of auditors. Each records that it was read; what they show is fetched in `queries.py`."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from applications.auditing import queries
from applications.filters import SubmissionFilters
from applications.models import Application
from applications.reading import Reading
from applications.versions import versions_of
from portal.filters import show_list
from portal.office.readings import reading, reading_list
from portal.roles import Permission
from portal.web import access

PLACE = "applications/auditing/"


@access(Permission.READ_AUDIT)
def listing(request: HttpRequest) -> HttpResponse:
    """Everything that was submitted."""
    filters = SubmissionFilters(request.GET, user=request.user)
    reading_list(request, "applications", sorted(set(request.GET) & set(filters.fields)))
    return show_list(
        request,
        f"{PLACE}list.html",
        filters,
        lambda chosen, cursor: {"page": queries.audited_page(request.user, chosen, cursor)},
    )


@access(Permission.READ_AUDIT)
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    """The present submission of an application: what was asked, screened and advised."""
    application = _application(request, reference)
    return _submission(request, application, application.submission.number)


@access(Permission.READ_AUDIT)
def submission(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """One of its submissions, an earlier one too."""
    return _submission(request, _application(request, reference), number)


@access(Permission.READ_AUDIT)
def reviews(request: HttpRequest, reference: str) -> HttpResponse:
    """Who was assigned, who was kept out or let in, the reviews that were sent, and what was said about them."""
    application = _application(request, reference)
    sent, reopened = queries.reviews(application), queries.reopened(application)
    criteria = list(application.call.criteria.all())
    for review in (*sent, *reopened):
        review.kept = versions_of(review, criteria)
    context = {
        "assignments": queries.assignments(application),
        "reviews": sent,
        "reopened": reopened,
        "discussion": queries.discussion(application),
        **queries.standings(application),
    }
    return _page(request, "reviews", application, context)


@access(Permission.READ_AUDIT)
def outcome(request: HttpRequest, reference: str) -> HttpResponse:
    """Shortlist, interviews, every decision, and what publications told the applicant."""
    application = _application(request, reference)
    context = {
        "interviews": queries.interviews(application),
        "decisions": queries.decisions(application),
        "letters": queries.letters(application),
    }
    return _page(request, "outcome", application, context)


@access(Permission.READ_AUDIT)
def events(request: HttpRequest, reference: str) -> HttpResponse:
    """What happened to an application, by whom and why."""
    application = _application(request, reference)
    return _page(request, "trail", application, {"page": queries.events(application, request.GET.get("cursor"))})


# --- What they share ------------------------------------------------------------------------------------


def _application(request: HttpRequest, reference: str) -> Application:
    return get_object_or_404(queries.audited(request.user), reference=reference)


def _submission(request: HttpRequest, application: Application, number: int) -> HttpResponse:
    found = queries.submissions(application)
    chosen = next((one for one in found if one.number == number), None)
    if chosen is None:
        raise Http404
    context = {
        "submissions": found,
        "chosen": chosen,
        "reading": Reading(chosen),
        "advice": queries.advice(chosen),
        "conflicts": queries.conflicts(application),
        **queries.since(application),
    }
    return _page(request, "submission", application, context, number=number)


def _page(
    request: HttpRequest, part: str, application: Application, context: dict[str, Any], **facts: Any
) -> HttpResponse:
    """Show one page of an application, and log that it was read."""
    reading(request, application, part=part, **facts)
    return render(request, f"{PLACE}{part}.html", {"application": application, "part": part, **context})
