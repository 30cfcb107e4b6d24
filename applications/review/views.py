"""The pages of a reviewer: calls, queue, and the review beside the application's text."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from applications import reviewing
from applications.access import assigned_to, panel_calls
from applications.enums import ReviewState, Status
from applications.models import Assignment, Review
from applications.reading import Reading, reads_without_names
from applications.review import queries
from applications.review.forms import ReviewForm
from applications.since import beside
from portal.web import CALL_PANEL, SIGNED_IN, access, attempt, is_stale, show


@access(SIGNED_IN)
def listing(request: HttpRequest) -> HttpResponse:
    """The calls in which this person sits on the panel."""
    return render(request, "applications/review/list.html", {"seats": queries.seats(request.user)})


@access(CALL_PANEL)
def queue(request: HttpRequest, call: str) -> HttpResponse:
    """What this person is to review in one call."""
    found = get_object_or_404(panel_calls(request.user), slug=call)
    context = {
        "call": found,
        "page": queries.queue_page(request.user, found, request.GET.get("cursor")),
        "progress": queries.progress(request.user, found),
        "next_reference": queries.next_open(request.user, found),
        "late": queries.is_late(found),
    }
    return render(request, "applications/review/queue.html", context)


@access(CALL_PANEL, "GET", "POST")
def write(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """The submission beside the own review."""
    application = get_object_or_404(_reviewable(request), call__slug=call, reference=reference)
    assignment = queries.assignment_of(request.user, application)
    bare = reads_without_names(request.user, application)
    reading, review = Reading(application.submission, anonymous=bare), queries.own_review(assignment)
    criteria = list(application.call.criteria.all())
    form = ReviewForm(request.POST or None, criteria=criteria, requests=reading.requests, review=review)
    if request.method == "POST" and (done := _sent(request, form, assignment)):
        return done
    return show(request, "applications/review/write.html", _sheet(request, assignment, reading, form, review))


# --- What they share ------------------------------------------------------------------------------------


def _reviewable(request: HttpRequest) -> Any:
    return assigned_to(request.user).select_related("call", "submission")


def _to(name: str, *arguments: str) -> str:
    return reverse(f"applications:{name}", args=arguments)


def _sent(request: HttpRequest, form: ReviewForm, assignment: Assignment) -> HttpResponse | None:
    """Save or submit, whichever button was used; what another window saved since is shown beside what was typed."""
    submitting = request.POST.get("act") == "submit"
    act = reviewing.submit if submitting else reviewing.save
    there = _to("review-write", assignment.application.call.slug, assignment.application.reference)
    done = attempt(request, form, lambda: act(assignment, by=request.user, **form.content()), there)
    if done is None and is_stale(request):
        present = queries.own_review(assignment)
        form.take_version(present.version if present else 0)
    return done


def _sheet(
    request: HttpRequest, assignment: Assignment, reading: Reading, form: ReviewForm, review: Review | None
) -> dict[str, Any]:
    application = assignment.application
    if hasattr(request, "refusal"):  # another window may have written since
        review = queries.own_review(assignment)
    submitted = review is not None and review.state == ReviewState.SUBMITTED
    mean, dealt_with = queries.mean_so_far(review)
    return {
        "application": application,
        "call": application.call,
        "reading": reading,
        "review": review,
        "form": form,
        "open": form.is_bound or (not submitted and application.status == Status.UNDER_REVIEW),
        "stale": is_stale(request),
        "mean": mean,
        "dealt_with": dealt_with,
        "place": queries.place(request.user, application),
        "late": queries.is_late(application.call),
        "since": beside(application),
    }
