"""The calls of the demonstration, one of them for practice: one administrator makes each, another announces it."""

from decimal import Decimal
from typing import Any

from applications.calls import actions
from applications.enums import PanelRole
from applications.models import Call, CallQuestion
from applications.questions import actions as questions
from applications.questions.queries import version_of
from portal import clock
from portal.demonstration.days import ZONE, Days
from portal.demonstration.people import People
from portal.demonstration.science import words
from samples.models import Sample

PRACTICE = "demo-practice"
SLUGS = ("demo-decision", "demo-interview", "demo-review", "demo-open", PRACTICE)


def make(people: People, samples: dict[str, Sample], days: Days) -> dict[str, Call]:
    """Make and announce the calls; return them by address."""
    said = words("calls")
    made = {facts["slug"]: _call(facts, said, people, samples, days) for facts in said["calls"]}
    _answer(made, said["questions"], people, days)
    return made


def _call(facts: dict[str, Any], said: dict[str, Any], people: People, samples: dict[str, Sample], days: Days) -> Call:
    planned, admin = facts["days"], people["admin"]
    with clock.set_to(days.at(planned["created"], 10)):
        call = actions.create(
            by=admin,
            is_demonstration=True,
            zone=ZONE,
            opens_at=days.at(planned["opens"], 9),
            closes_at=days.at(planned["closes"] - 1, 23, 59),
            reviews_due_at=days.at(planned["reviews_due"] - 1, 23, 59),
            interviews_on=days.on(planned["interviews"]),
            results_on=days.on(planned["results"]),
            holidays=[days.on(day) for day in facts["holidays"]],
            is_practice=facts["slug"] == PRACTICE,
            hold_minutes=0,
            **{name: facts[name] for name in ("slug", "title", "title_zh", "summary", "summary_zh")},
            **said["common"],
        )
        for line in facts["powders"]:
            number, mass = line.split()
            actions.offer(call, by=admin, sample=samples[number], offered_mg=Decimal(mass))
        for number in facts["pieces"]:
            actions.offer(call, by=admin, sample=samples[number], offered_mg=None)
        actions.set_criteria(call, by=admin, criteria=said["criteria"])
        actions.set_declarations(call, by=admin, declarations=said["declarations"])
        if not call.is_practice:
            _seat(call, people)
    with clock.set_to(days.at(planned["announced"], 9)):
        actions.announce(call, by=people["director"])
    return call


def _seat(call: Call, people: People) -> None:
    actions.seat(call, by=people["admin"], user=people["chair"], role=PanelRole.CHAIR)
    for reviewer in people.reviewers:
        actions.seat(call, by=people["admin"], user=reviewer, role=PanelRole.REVIEWER)


def _answer(calls: dict[str, Call], said: list[dict[str, Any]], people: People, days: Days) -> None:
    """Let applicants ask, and an administrator answer the questions of each day together; one is left open."""
    asked: dict[tuple[str, int], list[CallQuestion]] = {}
    for facts in said:
        call = calls[facts["call"]]
        with clock.set_to(days.at(facts["asked"], 11)):
            question = questions.ask(call, by=people[facts["by"]], asked=facts["question"])
        if "answered" in facts:
            with clock.set_to(days.at(facts["answered"], 9)):
                texts = {name: facts[name] for name in questions.TEXTS}
                questions.write(question, by=people["admin"], **texts)
            asked.setdefault((facts["call"], facts["answered"]), []).append(question)
    for (slug, day), together in asked.items():
        with clock.set_to(days.at(day, 10)):
            questions.publish(calls[slug], by=people["director"], chosen={one.uid: version_of(one) for one in together})
