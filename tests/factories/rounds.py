"""Rounds of assigning, and the panels they are for."""

from typing import Any

from applications.assigning import proposing, rounds
from applications.enums import PanelRole, RoundMode, Status
from applications.models import Application, AssignmentRound, Call
from portal import clock
from portal.accounts.models import User
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, call_of, chair_of, seat
from tests.factories.decisions import DAY


def panel_of(reviewers: int = 4, applications: int = 3, **facts: Any) -> tuple[Call, list[User], list[Application]]:
    """Make a closed call with reviewers, and applications under review that nobody is assigned to."""
    people = [UserFactory() for _ in range(reviewers)]
    call = call_of(reviewers=people, closes_at=clock.now() - DAY, **facts)
    return call, people, [application_of(call, status=Status.UNDER_REVIEW) for _ in range(applications)]


def worked_out(call: Call, by: User | None = None, **facts: Any) -> AssignmentRound:
    """Ask for proposals and work them out."""
    present = AssignmentRound.objects.filter(call=call).first()
    asked = {"mode": RoundMode.SMALL, "each": 2, "seed": 7, "version": present.version if present else 0}
    made = rounds.ask(call, by=by or chair_of(call), **(asked | facts))
    assert proposing.work_out(made)
    made.refresh_from_db()
    return made


def released(call: Call, by: User | None = None, **facts: Any) -> AssignmentRound:
    """Work a round out and release it."""
    made = worked_out(call, by, **facts)
    rounds.release(call, by=by or chair_of(call), version=made.version)
    made.refresh_from_db()
    return made


def expert(call: Call) -> User:
    """Give somebody a seat as an invited expert."""
    return seat(call, UserFactory(), PanelRole.EXPERT)
