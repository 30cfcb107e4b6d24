"""The pages of a reviewer: calls, queue, and the review beside the application's text."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from applications import reviewing
from applications.access import assigned_to, panel_calls
from applications.assigned import asked_in
from applications.enums import Anonymity, ReviewState, Status
from applications.models import Application, Criterion, Review
from applications.opening import missing_of
from applications.pages import BY_ITSELF, plain
from applications.reading import Reading, manner_of
from applications.review import queries
from applications.review.brief import Brief
from applications.review.forms import ReviewForm
from applications.rules.scoring import criteria_open, team_is_open
from applications.since import beside
from applications.versions import versions_of
from portal.errors import Invalid
from portal.web import CALL_PANEL, SIGNED_IN, access, attempt, is_stale, show


@access(SIGNED_IN)
def listing(request: HttpRequest) -> HttpResponse:
    """The calls in which this person sits on the panel."""
    seats = queries.seats(request.user)
    parts = {over: [seat for seat in seats if seat.is_over == over] for over in (False, True)}
    return render(request, "applications/review/list.html", {"seats": parts[False], "over": parts[True]})


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
        "asked": asked_in(request.user, found),
        "missing": missing_of(request.user).get(found.pk),
    }
    return render(request, "applications/review/queue.html", context)


@access(CALL_PANEL, "GET", "POST")
def write(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """The submission beside the own review; what the others sent, once it is in."""
    application = get_object_or_404(_reviewable(request), call__slug=call, reference=reference)
    desk = Desk(request, application)
    if request.method == "POST" and (done := desk.write()):
        return done
    if hasattr(request, "refusal"):  # declared or taken off in this very moment: what has closed is absent
        get_object_or_404(_reviewable(request), pk=application.pk)
    return show(request, "applications/review/write.html", desk.sheet())


class Desk:
    """What lies before somebody who reviews one application: its reading, the own review, and the form of it."""

    def __init__(self, request: HttpRequest, application: Application) -> None:
        self.request, self.application, self.call = request, application, application.call
        self.assignment = queries.assignment_of(request.user, application)
        self.review = queries.own_review(self.assignment)
        self.criteria: list[Criterion] = list(application.call.criteria.all())
        self.team_open = team_is_open(self.call, self.review)
        # Here the science comes first to whoever reads the whole elsewhere, as a chair does.
        manner = manner_of(request.user, application) | {"science_alone": not self.team_open}
        self.reading = Reading(application.submission, **manner)
        self.form = ReviewForm(
            request.POST or None,
            criteria=criteria_open(self.criteria, self.call, self.review),
            requests=self.reading.requests,
            review=self.review,
            by_itself=BY_ITSELF in request.POST,
        )

    def write(self) -> HttpResponse | None:
        """Save, open the part about the team, or send: whichever button was used; the script only ever saves."""
        request, by_itself = self.request, BY_ITSELF in self.request.POST
        acts = {"submit": reviewing.submit, "open-team": reviewing.open_team}
        act = reviewing.save if by_itself else acts.get(request.POST.get("act", ""), reviewing.save)
        there = reverse("applications:review-write", args=[self.call.slug, self.application.reference])
        done = attempt(
            request,
            self.form,
            lambda: act(self.assignment, by=request.user, **self.form.content()),
            (lambda review: JsonResponse(self._saved(review))) if by_itself else there,
        )
        if done is not None:
            return done
        if by_itself:
            return self._not_saved()
        if hasattr(request, "refusal"):  # another window may have written since
            self.review = queries.own_review(self.assignment)
        if is_stale(request):
            self.form.take_version(self.review.version if self.review else 0)
        return None

    def _saved(self, review: Review) -> dict[str, Any]:
        """Say what became of it: all of it is saved, or all but what is named."""
        left_out = " ".join(self.form.left_out)
        if left_out:
            words = _("Everything else is saved. %(left_out)s") % {"left_out": left_out}
        else:
            words = plain(render_to_string("applications/review/_kept.html", {"review": review}, self.request))
        return {"state": "saved", "version": review.version, "words": words, "partly": bool(left_out)}

    def _not_saved(self) -> JsonResponse:
        words = [str(message) for found in self.form.errors.values() for message in found]
        state = "stale" if is_stale(self.request) else "refused"
        refusal = getattr(self.request, "refusal", None)
        status = 422 if refusal is None or isinstance(refusal, Invalid) else 409
        return JsonResponse({"state": state, "words": " ".join(words)}, status=status)

    def sheet(self) -> dict[str, Any]:
        """Return everything the page shows."""
        review, user = self.review, self.request.user
        submitted = review is not None and review.state == ReviewState.SUBMITTED
        mean, dealt_with = queries.mean_so_far(review)
        is_open = self.form.is_bound or (not submitted and self.application.status == Status.UNDER_REVIEW)
        since, place = beside(self.application), queries.place(user, self.application)
        return {
            "application": self.application,
            "call": self.call,
            "reading": self.reading,
            "brief": Brief(self.reading),
            "review": review,
            "form": self.form,
            "open": is_open,
            "submitted": submitted,
            "next_reference": place.next_open if submitted else None,
            "team_open": self.team_open,
            "others_typed": self.form.others(review) if is_stale(self.request) else [],
            "stale": is_stale(self.request),
            "mean": mean,
            "dealt_with": dealt_with,
            "distribution": queries.own_distribution(user, self.call),
            "versions": versions_of(review, self.criteria) if review else [],
            "others": queries.others_reviews(self.assignment, review),
            "names_reviewers": self.call.anonymity == Anonymity.OPEN,
            "place": place,
            "late": queries.is_late(self.call),
            "since": since if self.team_open else since | {"answers": []},
        }


# --- What they share ------------------------------------------------------------------------------------


def _reviewable(request: HttpRequest) -> Any:
    return assigned_to(request.user).select_related("call", "submission__standing")
