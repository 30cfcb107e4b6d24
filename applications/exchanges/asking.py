"""Questions of the programme office and of the panel to one applicant; the answers are given in `following/`."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import notices
from applications.access import ADMINISTRATOR, CHAIR, relations
from applications.models import Application, Clarification
from applications.rules.afterwards import check_can_ask
from applications.since import locked
from portal import clock
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow

MOST_OPEN_QUESTIONS = 5


def ask(
    application: Application, *, by: Any, question: str, due_at: datetime, for_panel: bool = False
) -> Clarification:
    """Ask the team of an application something, to be answered until `due_at`.

    With `for_panel` chair and assigned reviewers read question and answer, too; what a chair asks is always so.

    Raises:
        Denied: `by` is neither an administrator nor the chair, or has a conflict.
        NotNow: the applicant may still replace the submission, it is decided, or many questions are open.
        Invalid: no question, or a due time that has passed.
    """
    with transaction.atomic():
        ways = relations(by, locked(application))
        if not ways & {ADMINISTRATOR, CHAIR}:
            raise Denied(_("Only the chair and administrators without a conflict ask an applicant."))
        check_can_ask(application)
        assert application.submission is not None
        if not question.strip():
            raise Invalid(_("Write the question."), code="question-missing", field="question")
        if due_at <= clock.now():
            raise Invalid(_("Choose a time that lies ahead."), code="due-in-the-past", field="due_at")
        if application.clarifications.filter(answered_at__isnull=True, due_at__gt=clock.now()).count() >= (
            MOST_OPEN_QUESTIONS
        ):
            raise NotNow(_("Many questions are open already. Wait for their answers."), code="too-many-questions")
        row = Clarification.objects.create(
            application=application,
            submission=application.submission,
            question=question.strip(),
            for_panel=for_panel or ADMINISTRATOR not in ways,
            asked_by=by,
            asked_at=clock.now(),
            due_at=due_at,
        )
        facts = {"for_panel": row.for_panel, "due_at": due_at.isoformat()}
        event = record("clarification.ask", row, by=by, facts=facts)
        notices.tell("clarification-asked", row, event)
        return row
