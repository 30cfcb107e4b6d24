"""What applicants, panel and office tell each other in the demonstration: questions, changes, standing, news."""

from typing import Any

from django.db.models import F

from applications.enums import ChangeKind, PanelRole
from applications.exchanges import asking, planning, settling
from applications.following import actions as following
from applications.following import changing
from applications.models import Application, Call, SampleRequest
from applications.rules.afterwards import LIVE
from portal import clock
from portal.demonstration.days import Days
from portal.demonstration.people import People

# In demo-review, by the order in which they were begun: whom panel and office ask, and who reports a change.
ANSWERED, OPEN, NEEDS_LESS, MOVES = 0, 1, 2, 3
SLIP = 12  # days by which the results of demo-decision come later
STANDS = 2  # so many of demo-interview have said that their request stands


def make(calls: dict[str, Call], people: People, days: Days) -> None:
    """Let everybody say something, in the calls that have come so far."""
    _asked(_live(calls["demo-review"]), people, days)
    _changed(_live(calls["demo-review"]), people, days)
    _stand(calls["demo-interview"], people, days)
    _slips(calls["demo-decision"], people, days)


def _live(call: Call) -> list[Application]:
    rows = call.applications.filter(status__in=LIVE).select_related("call", "principal_investigator", "submission")
    return list(rows.order_by("created_at", "reference"))


def _asked(live: list[Application], people: People, days: Days) -> None:
    chair = live[ANSWERED].call.panel.get(role=PanelRole.CHAIR).user
    with clock.set_to(days.at(-6, 10)):
        question = asking.ask(
            live[ANSWERED],
            by=chair,
            question="Which blank does the extraction line have, and over how many runs was it measured?",
            due_at=days.at(3, 17),
        )
    with clock.set_to(days.at(-2, 9)):
        words = "Below one per cent of the smallest expected signal, over forty runs since the line was rebuilt."
        following.answer(question, by=live[ANSWERED].principal_investigator, text=words)
    with clock.set_to(days.at(-1, 11)):
        words = "The PDF names two furnaces. Which of them is meant?"
        asking.ask(live[OPEN], by=people["admin"], question=words, due_at=days.at(5, 17))


def _changed(live: list[Application], people: People, days: Days) -> None:
    more = SampleRequest.objects.filter(submission__in=[one.submission_id for one in live], asked_mg__gt=F("least_mg"))
    powder = more.filter(submission=live[NEEDS_LESS].submission_id).first() or more.order_by("pk")[0]
    one = next(one for one in live if one.submission_id == powder.submission_id)
    _report(one, ChangeKind.SMALLER_NEED, days, {"needs": {str(powder.uid): powder.least_mg}})
    with clock.set_to(days.at(-3, 9)):
        answer = "The panel reads it beside the request."
        settling.settle(one.changes.get(), by=people["admin"], accepted=True, answer=answer)
    _report(live[MOVES], ChangeKind.LABORATORY, days, {})


def _report(application: Application, kind: str, days: Days, facts: dict[str, Any]) -> None:
    words = {
        ChangeKind.SMALLER_NEED: "A trial on a simulant shows that fewer runs are enough.",
        ChangeKind.LABORATORY: "The measurements move to the second laboratory of the same institution.",
    }
    with clock.set_to(days.at(-4, 15)):
        by = application.principal_investigator
        changing.report(application, by=by, kind=kind, text=words[ChangeKind(kind)], facts=facts)


def _stand(call: Call, people: People, days: Days) -> None:
    with clock.set_to(days.at(-5, 9)):
        planning.ask_standing(call, by=people["admin"], due_at=days.at(4, 17))
    for application in _live(call)[:STANDS]:
        with clock.set_to(days.at(-4, 12)):
            following.confirm_standing(application, by=application.principal_investigator)


def _slips(call: Call, people: People, days: Days) -> None:
    call.refresh_from_db()
    later = call.results_on - days.today if call.results_on else None
    if later is None:
        return
    with clock.set_to(days.at(-9, 10)):
        planning.note_schedule(
            call,
            by=people["admin"],
            text="Two decisions need one more meeting of the panel.",
            text_zh="两项决定需要评审组再开一次会议。",
            results_on=days.on(max(later.days, 0) + SLIP),
        )
