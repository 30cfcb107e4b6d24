"""How far the applications of each call have come: open, in review, in interviews, decided."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from applications.conflicts import actions as conflicts
from applications.enums import InterestAnswer, InterviewState
from applications.models import Call
from applications.rules.conflicts import conflicts_among
from applications.works import parsing as works
from applications.works.actions import add_works
from portal import clock
from portal.demonstration import assigning
from portal.demonstration.days import Days
from portal.demonstration.science import plans, words
from portal.demonstration.walk import Stage, Walk

QUALITIES = (4, 3, 5, 2, 4, 3, 1, 4, 5, 3)
# In demo-review: the application somebody declares a conflict with, and the one nobody is assigned to yet.
DECLARED, UNASSIGNED = 4, 23
MINOR = 22  # and the one with which somebody declares a minor interest, on which the chair has not ruled
HALF_HOURS = (0, 30)


def make(stage: Stage, calls: dict[str, Call], days: Days) -> None:
    """Let every application go as far as its call has come, the oldest call first."""
    planned = {facts["slug"]: facts["days"] for facts in words("calls")["calls"]}
    for slug, play in (
        ("demo-decision", _decided),
        ("demo-interview", _interviewed),
        ("demo-review", _reviewed),
        ("demo-open", _open),
    ):
        walks = [Walk(stage, calls[slug], plan) for plan in plans(slug)]
        play(stage, walks, days, planned[slug])


def _decided(stage: Stage, walks: Sequence[Walk], days: Days, planned: dict[str, int]) -> None:
    _before_the_panel(walks, days, planned)
    for at, walk in enumerate(walks):
        _all_reviewed(stage, walk, at, days, planned["reviews_due"])
        walk.shortlist(days.at(planned["reviews_due"] + 5, 10, at))
        if walk.plan.invited:
            proposed = planned["interviews"] - 20
            interview = walk.propose(days.at(proposed, 11, at), _slot(days, planned["interviews"], at))
            walk.confirm(days.at(proposed + 2, 9, at), interview)
            walk.hold(interview)
        walk.conclude_interviews(days.at(planned["interviews"] + 1, 10, at))
        walk.decide(days.at(-12, 14, at))


def _interviewed(stage: Stage, walks: Sequence[Walk], days: Days, planned: dict[str, int]) -> None:
    _before_the_panel(walks, days, planned)
    for at, walk in enumerate(walks):
        _all_reviewed(stage, walk, at, days, planned["reviews_due"])
        walk.shortlist(days.at(planned["reviews_due"] + 5, 10, at))
        if walk.plan.interview:
            _interview(stage, walk, at, days, planned)


def _interview(stage: Stage, walk: Walk, at: int, days: Days, planned: dict[str, int]) -> None:
    """Bring one interview into its state; two have passed, the others are planned."""
    state = InterviewState(walk.plan.interview)
    past = state in (InterviewState.HELD, InterviewState.NO_SHOW)
    interview = walk.propose(days.at(-24, 11, at), _slot(days, -3 if past else planned["interviews"], at))
    if state in (InterviewState.CONFIRMED, InterviewState.HELD):
        walk.confirm(days.at(-22, 9, at), interview)
    if state == InterviewState.HELD:
        walk.hold(interview)
    elif state == InterviewState.NO_SHOW:
        walk.miss(interview)
    elif state == InterviewState.CANCELLED:
        walk.cancel(days.at(-2, 16), interview)


def _reviewed(stage: Stage, walks: Sequence[Walk], days: Days, planned: dict[str, int]) -> None:
    _before_the_panel(walks, days, planned)
    assigned = planned["closes"] + 9
    given = assigning.play(walks, nobody=walks[UNASSIGNED], moment=days.at(assigned - 1, 10))
    for at, walk in enumerate(walks):
        found = given.get(walk.application.pk, [])
        if at == UNASSIGNED:
            continue
        if at == DECLARED:
            walk.declare_conflict(days.at(assigned + 1, 9), found.pop(0).reviewer)
        done = (at * 5) % 4  # none, one, two or all reviews are in
        for number, assignment in enumerate(found):
            day = -18 + (at + number * 5) % 16
            quality = QUALITIES[(at + (number == 2)) % len(QUALITIES)]
            if number < done:
                walk.review(days.at(day, 14, at), assignment, quality)
            elif number == done and at % 3 == 0:
                walk.review(days.at(day, 21, at), assignment, quality, submit=False)
    _hinted(stage, walks, days.at(-2, 9))


def _hinted(stage: Stage, walks: Sequence[Walk], moment: Any) -> None:
    """Leave two hints to the chair: a work in the lists of a reviewer and an applicant, and a minor interest."""
    reviewer, asked = _free_reviewers(stage, walks[UNASSIGNED], 5, 1)[0], walks[MINOR]
    common = works.Reading([works.Found("10.5555/demo.2", "10.5555/demo.2", "Demonstration work on two regoliths")])
    with clock.set_to(moment):
        for person in (reviewer, walks[UNASSIGNED].application.principal_investigator):
            add_works(by=person, readings={"dois": common})
        busy = set(asked.application.assignments.values_list("reviewer", flat=True))
        free = next(one for one in _free_reviewers(stage, asked, 0, 8) if one.pk not in busy)
        minor = conflicts.Answered(InterestAnswer.MINOR, "We shared a field trip some years ago.")
        conflicts.answer(asked.call, by=free, said={asked.application.reference: minor})


def _open(stage: Stage, walks: Sequence[Walk], days: Days, planned: dict[str, int]) -> None:
    for at, walk in enumerate(walks):
        walk.write(days.at(planned["opens"] + 2 + at, 15, at))
        if walk.plan.draft:
            continue
        walk.submit(days.at(-4 + at, 16))
        if walk.plan.advised:
            walk.advise(days.at(-2, 9))


# --- What the rounds share -----------------------------------------------------------------------------


def _before_the_panel(walks: Sequence[Walk], days: Days, planned: dict[str, int]) -> None:
    """Write, submit, advise and pass on, spread over the days that a call leaves for it."""
    length = planned["closes"] - planned["opens"] - 4
    for at, walk in enumerate(walks):
        begun = planned["opens"] + 1 + (at * 7) % (length // 2)
        walk.write(days.at(begun, 9 + at % 8, at))
        walk.submit(days.at(planned["closes"] - 1 - (at * 3) % (length // 2), 8 + at % 12, at))
        walk.advise(days.at(planned["closes"] + 2 + at % 4, 10, at), varied=walk.call.slug == "demo-review")
        walk.pass_on(days.at(planned["closes"] + 7, 15, at))
    _declared(walks, days.at(planned["closes"] + 8, 9))


def _declared(walks: Sequence[Walk], moment: Any) -> None:
    """Let everybody on the panel accept its terms and say that they know of no conflict."""
    call, people = walks[0].call, walks[0].stage.people
    with clock.set_to(moment):
        for member in (people["chair"], *people.reviewers):
            conflicts.pledge(call, by=member)
            conflicts.answer(call, by=member, said={}, none_for_the_rest=True)


def _all_reviewed(stage: Stage, walk: Walk, at: int, days: Days, due: int) -> None:
    """Assign two reviewers whose reviews come in on time."""
    quality = max(3, QUALITIES[at]) if walk.plan.invited else 2
    for number, assignment in enumerate(walk.assign(days.at(due - 30, 10, at), _free_reviewers(stage, walk, at, 2))):
        walk.review(days.at(due - 3 - (at + number * 4) % 14, 20, at), assignment, quality)


def _free_reviewers(stage: Stage, walk: Walk, at: int, number: int) -> list[Any]:
    """Return reviewers without a conflict, taking turns."""
    everybody = list(stage.people.reviewers)
    turn = at * 3 % len(everybody)
    barred = conflicts_among(everybody, [walk.application])
    free = (one for one in everybody[turn:] + everybody[:turn] if (walk.application.pk, one.pk) not in barred)
    return list(islice(free, number))


def _slot(days: Days, day: int, at: int) -> Any:
    """Return the beginning of the interview number `at`: every half hour from two in the afternoon."""
    return days.at(day, 14 + at // 2, HALF_HOURS[at % 2])
