"""The discussion of an application: for who has sent a review of it, the chair, and who speaks by a waiver."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from applications.access import CHAIR, SENT
from applications.discussion import actions, queries
from applications.discussion.forms import PostForm
from portal.web import CALL_PANEL, access, attempt, show


@access(CALL_PANEL, "GET", "POST")
def read(request: HttpRequest, call: str, reference: str) -> HttpResponse:
    """The thread, and what one adds to it."""
    discussed = queries.discussed_by(request.user, call, reference)
    if discussed is None:
        raise Http404
    application = discussed.application
    form = PostForm(request.POST if request.method == "POST" else None)
    there = reverse("applications:discussion-read", args=[call, reference])
    if request.method == "POST" and (
        done := attempt(
            request, form, lambda: actions.post(application, by=request.user, **form.cleaned_data), f"{there}#last"
        )
    ):
        return done
    if hasattr(request, "refusal") and queries.discussed_by(request.user, call, reference) is None:
        raise Http404  # barred in this very moment: what has closed is absent
    context = {
        "application": application,
        "call": application.call,
        "page": queries.thread(request.user, discussed, request.GET.get("cursor")),
        "reviews_in": queries.reviews_in(application),
        "open": queries.is_open(application),
        "is_chair": CHAIR in discussed.ways,
        "has_sent": SENT in discussed.ways,
        "form": form,
    }
    return show(request, "applications/discussion/read.html", context)
