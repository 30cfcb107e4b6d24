"""The four calls of the demonstration: one administrator makes each, another announces it."""

from decimal import Decimal
from typing import Any

from applications.calls import actions
from applications.enums import PanelRole
from applications.models import Call
from portal import clock
from portal.demonstration.days import ZONE, Days
from portal.demonstration.people import People
from portal.demonstration.science import words
from samples.models import Sample

SLUGS = ("demo-decision", "demo-interview", "demo-review", "demo-open")


def make(people: People, samples: dict[str, Sample], days: Days) -> dict[str, Call]:
    """Make and announce the calls; return them by address."""
    said = words("calls")
    return {facts["slug"]: _call(facts, said, people, samples, days) for facts in said["calls"]}


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
        actions.seat(call, by=admin, user=people["chair"], role=PanelRole.CHAIR)
        for reviewer in people.reviewers:
            actions.seat(call, by=admin, user=reviewer, role=PanelRole.REVIEWER)
    with clock.set_to(days.at(planned["announced"], 9)):
        actions.announce(call, by=people["director"])
    return call
