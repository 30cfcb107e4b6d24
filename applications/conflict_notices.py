"""Who is told of seats on a panel as far as conflicts make them: invited experts, waivers, members barred from all."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from applications import notices
from applications.access import is_chair
from applications.enums import PanelRole
from applications.models import Call, PanelMember
from applications.notice_pages import to
from applications.notices import Telling, chairs, holders
from portal.roles import Permission


def add_kinds() -> None:
    """Put these kinds beside the others; called before they are made known to the outbox."""
    notices.OPEN_TO[PanelMember] = seats_open_to
    notices.KINDS.update(KINDS)


def seats_open_to(person: Any, ids: Iterable[int]) -> Mapping[int, PanelMember]:
    """The own seats, those of panels one chairs, and for who manages calls every seat."""
    chaired = PanelMember.objects.filter(user=person.pk, role=PanelRole.CHAIR, until__isnull=True).values("call")
    theirs = Q() if person.may(Permission.MANAGE_CALLS) else Q(user=person.pk) | Q(call__in=chaired)
    return PanelMember.objects.filter(theirs, pk__in=list(ids)).select_related("call", "user").in_bulk()


def other_chairs(seat: PanelMember) -> list[Any]:
    """The chairs of the call but for this member; where there is no other one, who manages calls."""
    found = [chair for chair in chairs(seat.call) if chair.pk != seat.user_id]
    return found or [one for one in holders(Permission.MANAGE_CALLS) if one.pk != seat.user_id]


def _sits(person: Any, seat: PanelMember, notice: Any) -> bool:
    return seat.user_id == person.pk and seat.until is None


def _sees_to_the_panel(person: Any, seat: PanelMember, notice: Any) -> bool:
    return seat.until is None and (is_chair(person, seat.call) or person.may(Permission.MANAGE_CALLS))


def _about_seat(seat: PanelMember, notice: Any) -> dict[str, Any]:
    call: Call = seat.call
    return {"call": call, "name": seat.user.name}


def _holder(seat: PanelMember) -> list[Any]:
    return [seat.user]


TO_CONFLICTS = to("conflicts-list", "call.slug")

KINDS: dict[str, Telling] = {
    "expert-invited": Telling(PanelMember, _holder, _sits, _about_seat, TO_CONFLICTS),
    "waiver-recorded": Telling(PanelMember, _holder, _sits, _about_seat, TO_CONFLICTS),
    "panel-member-barred": Telling(
        PanelMember, other_chairs, _sees_to_the_panel, _about_seat, to("calls-detail", "call.slug")
    ),
}
