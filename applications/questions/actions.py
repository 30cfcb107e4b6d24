"""Asking on a call, and answering for everybody at once. Nobody but the auditor ever learns who asked."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import notices
from applications.models import Call, CallQuestion
from applications.questions import queries
from applications.rules.questions import check_takes_questions
from portal import clock
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow
from portal.roles import Permission

MOST_A_DAY = 20
LONGEST = 2000
TEXTS = ("question", "question_zh", "answer", "answer_zh")
STALE = _("Somebody saved this part while you were writing. Nothing of yours is lost: compare, then save again.")


def ask(call: Call, *, by: Any, asked: str) -> CallQuestion:
    """Ask something on a call. The same words from the same person, while unanswered, are one question.

    Raises:
        NotNow: as `check_takes_questions`; or the person asked too much within a day (code `too-many`).
        Invalid: nothing was asked, or too much at once.
    """
    asked = asked.strip()
    if not asked or len(asked) > LONGEST:
        raise Invalid(_("Write your question, in at most 2,000 characters."), code="length", field="asked")
    with transaction.atomic():
        moment = clock.now()
        get_user_model().objects.select_for_update(of=("self",)).get(pk=by.pk)  # one question of a person at a time
        call.refresh_from_db(from_queryset=Call.objects.select_for_update(of=("self",)))
        check_takes_questions(call, moment)
        mine = CallQuestion.objects.filter(asker=by.pk)
        if same := mine.filter(call=call, asked=asked, answered_at__isnull=True).first():
            return same
        if mine.filter(asked_at__gt=moment - timedelta(days=1)).count() >= MOST_A_DAY:
            raise NotNow(_("You have asked 20 questions within a day. Ask the next one tomorrow."), code="too-many")
        question = CallQuestion.objects.create(call=call, asker=by, asked=asked, asked_at=moment)
        event = record("call.ask", call, by=by, facts={"question": str(question.uid)})
        notices.tell("question-asked", call, event)
        return question


def write(question: CallQuestion, /, *, by: Any, seen: int | None = None, **texts: str) -> None:
    """Word a question for everybody and its answer, in both languages; empty parts may follow later.

    Nothing is public before `publish`. What was published already is corrected at once, and everybody told again.

    Raises:
        Denied: the person makes no calls, or applies in this one.
        NotNow: somebody wrote since `seen` (code `stale`).
        Invalid: a published answer would lose one of its parts.
    """
    _check_answers(question.call, by)
    with transaction.atomic():
        question.refresh_from_db(from_queryset=CallQuestion.objects.select_for_update(of=("self",)))
        if seen is not None and seen != queries.version_of(question):
            raise NotNow(STALE, code="stale")
        texts = {name: texts[name].strip() for name in TEXTS if name in texts}
        changed = {name: words for name, words in texts.items() if getattr(question, name) != words}
        if question.answered_at and any(not words for words in changed.values()):
            gap = _("A published answer needs all of its parts.")
            empty: dict[str | None, list[Any]] = {name: [gap] for name in changed if not changed[name]}
            raise Invalid(code="incomplete", errors=empty)
        if not changed:
            return
        old = {name: getattr(question, name) for name in changed}
        for name, words in changed.items():
            setattr(question, name, words)
        question.save(update_fields=list(changed))
        event = record("question.write", question, by=by, old=old, facts={"fields": sorted(changed)})
        if question.answered_at:
            notices.tell_of_answers([question], event)


def publish(call: Call, *, by: Any, chosen: Mapping[Any, int]) -> Sequence[CallQuestion]:
    """Publish answers of a call together: everybody who applies, drafts included, is told once; so is who asked.

    `chosen` maps the uid of each question to the version that was read.

    Raises:
        Denied: the person makes no calls, or applies in this one.
        NotNow: somebody wrote or published one of them meanwhile (code `stale`).
        Invalid: nothing was chosen, or a part is missing in one of the languages.
    """
    _check_answers(call, by)
    if not chosen:
        raise Invalid(_("Choose at least one answer."), code="none")
    with transaction.atomic():
        rows = CallQuestion.objects.select_for_update(of=("self",)).filter(call=call, uid__in=list(chosen))
        found = list(rows.select_related("asker").order_by("pk"))
        versions = queries.versions_of(found)
        if len(found) != len(chosen) or any(
            row.answered_at or versions.get(row.pk, 0) != chosen[row.uid] for row in found
        ):
            raise NotNow(_("Somebody wrote or published one of these meanwhile. Read them again."), code="stale")
        if any(not getattr(row, name) for row in found for name in TEXTS):
            raise Invalid(_("Question and answer are published in both languages."), code="incomplete")
        moment = clock.now()
        for row in found:
            row.answered_at, row.answered_by = moment, by
        CallQuestion.objects.bulk_update(found, ["answered_at", "answered_by"])
        for row in found:
            record("question.publish", row, by=by)
        event = record("call.answer-questions", call, by=by, facts={"questions": [str(row.uid) for row in found]})
        notices.tell_of_answers(found, event)
        return found


def _check_answers(call: Call, by: Any) -> None:
    if not by.may(Permission.MANAGE_CALLS):
        raise Denied(_("Only administrators answer questions."))
    if not queries.answerable(by).filter(pk=call.pk).exists():
        raise Denied(_("You apply in this call, so somebody else answers its questions."), code="conflict")
