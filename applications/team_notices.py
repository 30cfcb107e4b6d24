"""Who is told of invitations, of an application that changes hands, and of authorisations; beside `notices.py`."""

from typing import Any

from applications import notices
from applications.models import Application, TeamMember
from applications.notice_pages import to
from applications.notices import (
    Telling,
    about_application,
    about_member,
    holders,
    may_open,
    on_the_team,
    team,
)
from portal.roles import Permission


def add_kinds() -> None:
    """Put these kinds beside the others; called before they are made known to the outbox."""
    notices.KINDS.update(KINDS)


def _who_is_invited(member: TeamMember) -> list[Any]:
    """The account or the address; behind an ORCID iD there may be neither yet."""
    return [one for one in (member.user or member.email,) if one]


def _is_open(person: Any, member: TeamMember, notice: Any) -> bool:
    return member.confirmed_at is None


def _is_open_on_own_team(person: Any, member: TeamMember, notice: Any) -> bool:
    return member.confirmed_at is None and on_the_team(person, member.application, notice)


def _is_offered(person: Any, member: TeamMember, notice: Any) -> bool:
    return member.application.handover_to_id == member.pk and member.user_id == person.pk


def _about_heads(application: Application, notice: Any) -> dict[str, Any]:
    return about_application(application, notice) | {"head": application.principal_investigator.name}


def _screens(person: Any, application: Application, notice: Any) -> bool:
    return person.may(Permission.SCREEN) and may_open(person, application, notice)


TO_JOIN = to("team-join", "uid")

KINDS: dict[str, Telling] = {
    # To who is invited, or asked to take over
    "team-member-reminded": Telling(TeamMember, _who_is_invited, _is_open, about_member, TO_JOIN),
    "handover-offered": Telling(
        TeamMember,
        lambda member: [member.user],
        _is_offered,
        about_member,
        to("team-handover", "application.reference"),
        ("team_member.end-handover",),
    ),
    # To the team
    "team-invitation-to-forward": Telling(
        TeamMember,
        lambda member: [member.application.principal_investigator],
        _is_open_on_own_team,
        about_member,
        TO_JOIN,
    ),
    "handover-accepted": Telling(Application, team, on_the_team, _about_heads, to("following-status", "reference")),
    # To the office
    "authorisation-stated": Telling(
        Application,
        lambda application: [one for one in holders(Permission.SCREEN) if may_open(one, application, None)],
        _screens,
        about_application,
        to("declarations-office", "reference"),
    ),
}
