"""What an applicant may still do after submitting."""

from typing import Any

from django.db import transaction

from applications import chain
from applications.enums import InterviewState, Status
from applications.holdings import release_awards
from applications.models import Application
from applications.workflow import APPLICATION, INTERVIEW


def withdraw(application: Application, *, by: Any, reason: str = "") -> None:
    """End an application for good: what its awards keep is given back, its interview is cancelled.

    Raises:
        Denied: `by` is not the principal investigator.
        NotNow: it has ended already.
    """
    with transaction.atomic():
        if application.status == Status.PUBLISHED:
            chain.lock()  # before the application, as a release does
        event = APPLICATION.advance(application, "withdraw", by=by, reason=reason)
        if event.facts["from"] == Status.PUBLISHED:
            chain.give_back(application)
        coming = application.interviews.filter(status__in=[InterviewState.PROPOSED, InterviewState.CONFIRMED])
        for interview in coming:
            INTERVIEW.advance(interview, "withdraw", by=by)
        release_awards(application, by=by)
