"""What a team may still do after submitting: answer, confirm, choose what is named, withdraw.

Reporting a change and declaring anew are in `changing.py`; the office’s side is `applications/exchanges/`.
"""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import chain, notices
from applications.enums import InterviewState, Status
from applications.holdings import release_awards
from applications.models import Application, Clarification, NamingChoice, Standing
from applications.rules.afterwards import STANDING, check_can_answer, check_can_choose_naming
from applications.since import locked, may_be_named
from applications.workflow import APPLICATION, INTERVIEW, PRINCIPAL_INVESTIGATOR, WRITERS
from portal import clock
from portal.audit.trail import record
from portal.errors import Invalid, NotNow
from portal.files import Kept


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


def answer(
    clarification: Clarification,
    *,
    by: Any,
    text: str,
    file: Kept | None = None,
    drop_file: bool = False,
    seen: str = "",
) -> None:
    """Answer a question, or correct the answer until its time is over; a file given before stays unless dropped.

    `seen` is the mark of the answer that the writer had before them (`mark_of`).

    Raises:
        Denied: `by` does not write this application.
        NotNow: too late (code `late`), the application has ended, or somebody answered meanwhile (code `stale`).
        Invalid: no words.
    """
    with transaction.atomic():
        application = locked(clarification.application)
        WRITERS.check_holds(application, by)
        clarification.refresh_from_db(from_queryset=Clarification.objects.select_for_update(of=("self",)))
        clarification.application = application
        check_can_answer(clarification, settings.OFFICE_EMAIL)
        if not text.strip():
            raise Invalid(_("Write the answer."), code="answer-missing", field="answer")
        if seen != mark_of(clarification):
            raise NotNow(
                _("Somebody of your team answered meanwhile. Their answer is shown above; yours is kept below."),
                code="stale",
            )
        old = {"answer": clarification.answer} if clarification.answered_at else {}
        clarification.answer, clarification.answered_by, clarification.answered_at = text.strip(), by, clock.now()
        if file or drop_file:
            clarification.file_sha256 = file.sha256 if file else ""
            clarification.file_bytes = file.size if file else 0
        clarification.save()
        facts = {"file": clarification.file_sha256, "again": bool(old)}
        event = record("clarification.answer", clarification, by=by, old=old, facts=facts)
        for kind in ("clarification-answered", "clarification-answered-to-panel"):
            notices.tell(kind, clarification, event)


def mark_of(clarification: Clarification) -> str:
    """Return what stands for the present answer in a form; empty while there is none."""
    return clarification.answered_at.isoformat() if clarification.answered_at else ""


def confirm_standing(application: Application, *, by: Any) -> Standing:
    """Say that the request still stands; once said, saying it again changes nothing.

    Raises:
        Denied: `by` does not write this application.
        NotNow: nobody has asked, or the application is not under review.
    """
    with transaction.atomic():
        WRITERS.check_holds(locked(application), by)
        if application.status not in STANDING or application.call.standing_asked_at is None:
            raise NotNow(_("Nobody asks whether this application still stands."), code="not-asked")
        assert application.submission is not None
        standing, made = Standing.objects.get_or_create(
            submission=application.submission, defaults={"by": by, "at": clock.now()}
        )
        if made:
            record("application.confirm-standing", application, by=by)
        return standing


def choose_naming(application: Application, *, by: Any, names: bool) -> None:
    """Say whether the principal investigator may be named in public; it can be taken back until the release.

    The list of a publication follows: signatures given before are void. After the release the public record, a
    chain, cannot change any more.

    Raises:
        Denied: `by` is not the principal investigator.
        NotNow: the draft is in the team’s hands, or the decision has been released.
    Source: portal policy.
    """
    with transaction.atomic():
        PRINCIPAL_INVESTIGATOR.check_holds(locked(application), by)
        check_can_choose_naming(application)
        if may_be_named(application) == names:
            return
        assert application.submission is not None
        NamingChoice.objects.create(submission=application.submission, names=names, by=by, at=clock.now())
        record("application.choose-naming", application, by=by, facts={"names": names})
