"""What members of a panel do about assignments: say what they know and wish, answer what they are asked, take more up.

The chair's acts: `rounds.py`, and one by one `applications/panel/`.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.access import free_to_score, panel_calls
from applications.assigned import Asking, waiting_for
from applications.assigning.queries import asked_by, wishable
from applications.assigning_notices import tell_of_declining
from applications.enums import AssignmentAnswer, AssignmentEnd, Wish
from applications.models import Application, Assignment, Bid, Call, PanelMember
from portal import clock
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow
from samples.rules.techniques import technique

LONGEST_SUGGESTION = 1000
ANSWERED = _("Some of this was answered already, or has ended. What waits now is shown.")


@transaction.atomic
def state_expertise(call: Call, *, by: Any, techniques: Collection[str], most: int | None = None) -> PanelMember:
    """Say which techniques of the vocabulary one is expert in, by code, and how many applications one takes at most.

    Raises:
        Denied: `by` has no seat on the panel.
        Invalid: a technique is not in the vocabulary, or nothing is taken at all (fields `techniques`, `most`).
    """
    rows = PanelMember.objects.select_for_update(of=("self",))
    seat = rows.filter(call__in=panel_calls(by), call=call, user=by, until__isnull=True).first()
    if seat is None:
        raise Denied(_("Only members of the panel do this."))
    if any(technique(code) is None for code in techniques):
        raise Invalid(_("Choose techniques of the vocabulary."), code="unknown-technique", field="techniques")
    if most is not None and most < 1:
        raise Invalid(_("Give a number from 1 on, or leave it empty."), code="too-few", field="most")
    seat.techniques, seat.most_reviews = sorted(set(techniques)), most
    seat.save(update_fields=["techniques", "most_reviews"])
    record("call.state-expertise", call, by=by, facts={"techniques": seat.techniques, "most": most})
    return seat


@transaction.atomic
def wish(call: Call, *, by: Any, wishes: Mapping[str, Wish | None]) -> int:
    """Say what one would like to review, by reference; None takes a wish back. Returns how many were written.

    Raises:
        Denied: a reference is not open to `by`.
    """
    before = {one.reference: one for one in wishable(by, call).filter(reference__in=wishes)}
    if unknown := wishes.keys() - before.keys():
        raise Denied(_("%(reference)s is not before you.") % {"reference": min(unknown)}, code="not-before-you")
    given = {reference: value for reference, value in wishes.items() if value is not None}
    taken_back = [before[reference].pk for reference in wishes.keys() - given.keys()]
    Bid.objects.filter(user=by, application__in=taken_back).delete()
    now = clock.now()
    Bid.objects.bulk_create(
        [Bid(application=before[one], user=by, wish=given[one], at=now) for one in sorted(given)],
        update_conflicts=True,
        unique_fields=["application", "user"],
        update_fields=["wish", "at"],
    )
    if wishes:
        record("call.wish", call, by=by, facts={"wishes": len(given)})
    return len(given)


@transaction.atomic
def answer(
    call: Call, *, by: Any, asked: Collection[str], declined: Collection[str] = (), suggestion: str = ""
) -> tuple[int, int]:
    """Answer what one was asked to review, by reference: what is not declined is accepted. Returns how many of each.

    Declining ends the assignment; the `suggestion` of somebody else is for the chair alone.

    Raises:
        NotNow: one of them does not wait for an answer of `by` any more (code `answered`).
        Invalid: declined without having been asked (field `references`).
    """
    if set(declined) - set(asked):
        raise Invalid(_("Choose from what you were asked."), code="not-asked", field="references")
    if not asked:
        raise NotNow(_("Nothing waits for your answer."), code="answered")
    # Whoever has answered in another window is seen after the lock.
    rows = Application.objects.filter(call=call, reference__in=asked).select_for_update(no_key=True, of=("self",))
    locked = {one.pk for one in rows.order_by("pk")}
    waiting = list(
        waiting_for(by, call).filter(application__in=locked).select_for_update(of=("self",)).select_related("by")
    )
    if {one.application.reference for one in waiting} != set(asked):
        raise NotNow(ANSWERED, code="answered")
    refused = [one for one in waiting if one.application.reference in declined]
    taken = [one for one in waiting if one not in refused]
    _accept(taken, by)
    _decline(refused, by, suggestion.strip())
    if refused:
        event = record("call.decline-reviews", call, by=by, facts={"number": len(refused)})
        tell_of_declining(call, refused, event)
    return len(taken), len(refused)


@transaction.atomic
def answer_by_link(
    asking: Asking,
    call: Call,
    *,
    by: Any,
    signed_in: Any,
    asked: Collection[str],
    declined: Collection[str] = (),
    suggestion: str = "",
) -> tuple[int, int]:
    """Answer as `answer` does, by a signed link: what its own release asked, and nothing later.

    Raises:
        Denied: somebody else is `signed_in` where the link was opened.
        NotNow: the link has lasted its time (code `over`), or as `answer`.
        Invalid: as `answer`.
    """
    if signed_in.is_authenticated and signed_in.pk != by.pk:
        raise Denied(_("This link is for %(name)s. Sign out, or open it elsewhere.") % {"name": by.name})
    if asking.is_over:
        raise NotNow(_("This link has lasted its 14 days. Sign in to answer."), code="over")
    if not set(asked) <= set(asked_by(asking.released_at, by, call).waiting):
        raise NotNow(ANSWERED, code="answered")
    return answer(call, by=by, asked=asked, declined=declined, suggestion=suggestion)


@transaction.atomic
def take_up(application: Application, *, by: Any) -> Assignment:
    """Take an application up to score it, in a small round after its release.

    Raises:
        Denied: it is not free for `by` to score.
        NotNow: `by` has it already (code `assigned`).
    """
    locked = Application.objects.select_for_update(no_key=True, of=("self",)).get(pk=application.pk)
    if Assignment.objects.filter(application=locked, reviewer=by, ended_at__isnull=True).exists():
        raise NotNow(_("You have this application already."), code="assigned")
    if not free_to_score(by).filter(pk=locked.pk).exists():
        raise Denied(_("This application is not free to be taken up."), code="not-free")
    now = clock.now()
    assignment = Assignment.objects.create(
        application=locked,
        reviewer=by,
        by=by,
        at=now,
        answer=AssignmentAnswer.ACCEPTED,
        answered_at=now,
    )
    record("assignment.take-up", assignment, by=by, facts={"reviewer": str(by.uid)})
    return assignment


# --- Steps of the above --------------------------------------------------------------------------------------


def _accept(assignments: list[Assignment], by: Any) -> None:
    for one in assignments:
        one.answer, one.answered_at = AssignmentAnswer.ACCEPTED, clock.now()
        one.save(update_fields=["answer", "answered_at"])
        record("assignment.accept", one, by=by)


def _decline(assignments: list[Assignment], by: Any, suggestion: str) -> None:
    for one in assignments:
        now = clock.now()
        one.answer, one.answered_at, one.suggestion = AssignmentAnswer.DECLINED, now, suggestion
        one.ended_at, one.ended_because = now, AssignmentEnd.DECLINED
        one.save(update_fields=["answer", "answered_at", "suggestion", "ended_at", "ended_because"])
        record("assignment.decline", one, by=by)
