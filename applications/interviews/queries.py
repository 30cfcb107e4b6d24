"""What the pages of interviews show: the chair's list, and the one interview an applicant may know of."""

from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from applications.access import judged_by, my_applications
from applications.enums import InterviewState, Status
from applications.models import Application, Call, Interview
from portal.audit.trail import trail
from portal.paging import Page, page

LISTED = (Status.INTERVIEWING, Status.DELIBERATED, Status.DECIDED, Status.PUBLISHED)
ORDER = ("-shortlisting__invited", "reference")


def interviewed(user: Any, call: Call) -> QuerySet[Application]:
    """Return the applications of a call that came to the interviews, invited or not, as far as this chair may judge."""
    found = judged_by(user).filter(call=call, status__in=LISTED, shortlisting__isnull=False)
    return found.select_related("submission", "shortlisting", "call", "principal_investigator")


def of_the_panel(user: Any, call: Call, cursor: str | None = None) -> Page:
    """Return one page of a call's applications, those invited first, each with its live interview (`live`)."""
    live = Prefetch("interviews", Interview.objects.exclude(status=InterviewState.CANCELLED), to_attr="live")
    return page(interviewed(user, call).prefetch_related(live), ORDER, cursor)


def for_panel(user: Any, call: Call, reference: str) -> QuerySet[Interview]:
    """Return the live interview of one application, for its chair."""
    found = Interview.objects.filter(application__in=interviewed(user, call), application__reference=reference)
    return found.exclude(status=InterviewState.CANCELLED).select_related(
        "application__submission", "application__principal_investigator", "call"
    )


def mine(user: Any, reference: str) -> QuerySet[Interview]:
    """Return the latest interview of one's own application; none where none was ever proposed."""
    latest = Interview.objects.filter(application=OuterRef("application")).order_by("-at", "-pk").values("pk")[:1]
    found = Interview.objects.filter(application__in=my_applications(user), application__reference=reference)
    return found.filter(pk=Subquery(latest)).select_related("application__submission", "call")


def why_cancelled(interview: Interview) -> str:
    """Return the reason the chair gave for cancelling, which the applicant reads."""
    if interview.status != InterviewState.CANCELLED:
        return ""
    event = trail(interview).filter(verb="interview.cancel").first()
    return event.text.reason if event and hasattr(event, "text") else ""
