"""The small round of demo-review: what the panel knows, proposals released, answers, and reviews taken up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from applications.access import free_to_score
from applications.assigned import waiting_for
from applications.assigning import actions, proposing, rounds
from applications.enums import RoundMode
from applications.models import Assignment, Call
from portal import clock
from portal.demonstration.walk import Walk
from samples.rules.techniques import code_of, techniques

SEED, EACH = 6, 2
KNOWN_BY = 3  # every technique of the call is known by every third reviewer
MOST = {1: 8, 4: 7}  # place of a reviewer, and how many applications they take at most
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def play(walks: Sequence[Walk], *, nobody: Walk, moment: datetime) -> dict[int, list[Assignment]]:
    """Let the chair release a small round from `moment` on, with nobody for one of the applications.

    Everybody but the last reviewer accepts; every other application is taken up by a third one. Returns the
    assignments of each application, by its id.
    """
    call, people = walks[0].call, walks[0].stage.people
    with clock.set_to(moment):
        _say_what_they_know(walks, list(people.reviewers))
    with clock.set_to(moment + DAY):
        chair = people["chair"]
        asked = rounds.ask(call, by=chair, mode=RoundMode.SMALL, each=EACH, seed=SEED)
        proposing.work_out(asked)
        rounds.edit(nobody.application, by=chair, chosen={}, version=asked.version + 1)
        rounds.release(call, by=chair, version=asked.version + 2)
    with clock.set_to(moment + DAY + 4 * HOUR):
        for reviewer in list(people.reviewers)[:-1]:
            waiting = [one.application.reference for one in waiting_for(reviewer, call)]
            actions.answer(call, by=reviewer, asked=waiting)
        _take_up(walks, nobody, list(people.reviewers))
    return _assigned(call)


def _say_what_they_know(walks: Sequence[Walk], reviewers: list[Any]) -> None:
    """Spread the techniques of the call over the panel, so that some match and some do not."""
    codes = {one.code for one in techniques()}
    used = sorted({code_of(walk.plan.technique) for walk in walks} & codes)
    for place, reviewer in enumerate(reviewers):
        known = [code for at, code in enumerate(used) if at % KNOWN_BY == place % KNOWN_BY]
        actions.state_expertise(walks[0].call, by=reviewer, techniques=known, most=MOST.get(place))


def _take_up(walks: Sequence[Walk], nobody: Walk, reviewers: list[Any]) -> None:
    """Let a third reviewer score every other application, taking turns."""
    for at, walk in enumerate(walks):
        if at % 2 == 0 or walk is nobody:
            continue
        turn = at % len(reviewers)
        free = (
            one
            for one in reviewers[turn:] + reviewers[:turn]
            if free_to_score(one).filter(pk=walk.application.pk).exists()
        )
        actions.take_up(walk.application, by=next(free))


def _assigned(call: Call) -> dict[int, list[Assignment]]:
    found: dict[int, list[Assignment]] = {}
    rows = Assignment.objects.filter(application__call=call).select_related("reviewer", "application__call")
    for assignment in rows.order_by("pk"):
        found.setdefault(assignment.application_id, []).append(assignment)
    return found
