"""What the pages of questions on a call show. Who asked, and when, is in no row that is fetched for a page.

Until when questions are taken is decided in `applications/rules/questions.py`.
"""

from typing import Any

from django.db.models import Max, QuerySet

from applications.access import my_applications
from applications.models import Call, CallQuestion
from applications.rules.questions import questions_close_at, takes_questions
from portal import clock
from portal.audit.models import Event
from portal.audit.trail import kind_of

NEWEST_FIRST = ("-answered_at", "uid")
# Whatever order the questions came in, theirs is random, so that it tells nothing.
BY_CHANCE = ("uid",)
MOST_SHOWN = 100  # as others are answered, the rest moves up


def answered(call: Call) -> QuerySet[CallQuestion]:
    """Return the published questions and answers of a call, the newest first."""
    rows = CallQuestion.objects.filter(call=call, answered_at__isnull=False).order_by(*NEWEST_FIRST)
    return rows.only("uid", "question", "question_zh", "answer", "answer_zh", "answered_at")


def waiting(call: Call) -> QuerySet[CallQuestion]:
    """Return the questions of a call without a published answer."""
    return CallQuestion.objects.filter(call=call, answered_at__isnull=True).order_by(*BY_CHANCE).defer("asked_at")


def own_waiting(call: Call, user: Any) -> list[CallQuestion]:
    """Return what this person asked and nobody has answered yet; to the asker alone."""
    if not user.is_authenticated:
        return []
    return list(waiting(call).filter(asker=user.pk).only("uid", "asked"))


def public_page(call: Call, user: Any) -> dict[str, Any]:
    """Return what the page of questions shows beside the published ones."""
    moment = clock.now()
    return {
        "call": call,
        "until": questions_close_at(call),
        "is_taking": takes_questions(call, moment),
        "own": own_waiting(call, user),
    }


def office_page(call: Call) -> dict[str, Any]:
    """Return what administrators see: what waits for words, what can be published, each with its version."""
    rows = list(waiting(call)[:MOST_SHOWN])
    versions = versions_of(rows)
    return {
        "call": call,
        "until": questions_close_at(call),
        "ready": [(row, versions.get(row.pk, 0)) for row in rows if _is_whole(row)],
        "unanswered": [row for row in rows if not _is_whole(row)],
    }


def _is_whole(row: CallQuestion) -> bool:
    return all((row.question, row.question_zh, row.answer, row.answer_zh))


def versions_of(questions: list[CallQuestion]) -> dict[int, int]:
    """Return the version of each question, by its id: how often anything was written about it."""
    events = Event.objects.filter(about_type=kind_of(CallQuestion), about_id__in=[row.pk for row in questions])
    return dict(events.values_list("about_id").annotate(last=Max("version")))


def version_of(question: CallQuestion) -> int:
    """Return the version of one question."""
    return versions_of([question]).get(question.pk, 0)


def answerable(user: Any) -> QuerySet[Call]:
    """Return the calls whose questions this administrator may answer: none in which they apply themselves."""
    return Call.objects.filter(announced_at__isnull=False).exclude(pk__in=my_applications(user).values("call"))
