"""What a member of a panel does before content opens: pledge, answer on conflicts; and declaring one at any time.

Who is barred is computed in `applications/rules/conflicts.py`; what opens, in `applications/access.py`; what the chair
does about conflicts, in `settling.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications import notices
from applications.access import IN_PANEL, declarable_by, panel_calls, submitted_for
from applications.assigning_notices import tell_of_recusing
from applications.enums import ConflictKind, InterestAnswer
from applications.models import Application, Assignment, Call, Conflict, PanelAnswer, PanelMember
from applications.pledging import PLEDGE_VERSION
from applications.rules.conflicts import conflicted_for
from applications.suspending import end_declared
from portal import clock
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow
from portal.roles import Permission

KINDS = {InterestAnswer.CANNOT: ConflictKind.DECLARED, InterestAnswer.SUPERVISOR: ConflictKind.SUPERVISOR}


@dataclass(frozen=True)
class Answered:
    """What is answered of one application; a minor interest comes with words."""

    answer: InterestAnswer
    words: str = ""


@transaction.atomic
def pledge(call: Call, *, by: Any) -> PanelMember:
    """Accept the terms of judging in one call: confidence, no use of ideas, no uploading elsewhere, packs deleted.

    Raises:
        Denied: `by` has no seat on the panel.
        NotNow: pledged already, in this version.
    """
    rows = PanelMember.objects.select_for_update(of=("self",))
    seat = rows.filter(call__in=panel_calls(by), call=call, user=by, until__isnull=True).first()
    if seat is None:
        raise Denied(_("Only members of the panel accept its terms."))
    if seat.pledged_version == PLEDGE_VERSION:
        raise NotNow(_("You have accepted these terms already."), code="pledged")
    seat.pledged_at, seat.pledged_version = clock.now(), PLEDGE_VERSION
    seat.save(update_fields=["pledged_at", "pledged_version"])
    record("call.pledge", call, by=by, facts={"version": PLEDGE_VERSION})
    return seat


@transaction.atomic
def answer(call: Call, *, by: Any, said: Mapping[str, Answered], none_for_the_rest: bool = False) -> int:
    """Answer on conflicts, by reference; with `none_for_the_rest`, whatever was not answered is free of them.

    What a computed conflict bars needs no answer and takes none. Returns how many answers were written.

    Raises:
        Denied: `by` has no seat on the panel, or a reference is not before it.
        Invalid: a minor interest without words, beside the field `words_<reference>`.
    """
    if not panel_calls(by).filter(pk=call.pk).exists():
        raise Denied(_("Only members of the panel declare a conflict."))
    free = declarable_by(by).filter(call=call).exclude(conflicted_for(by))
    before = {one.reference: one for one in free.select_for_update(no_key=True, of=("self",)).order_by("pk")}
    if unknown := said.keys() - before.keys():
        raise Denied(_("%(reference)s is not before you.") % {"reference": min(unknown)}, code="not-before-you")
    _check_minor_has_words(said)
    answers = PanelAnswer.objects.filter(user=by, application__in=before.values())
    settled = set(answers.values_list("application", flat=True))
    rest = [one for one in before.values() if one.reference not in said and one.pk not in settled]
    given = {reference: said[reference] for reference in sorted(said)}
    if none_for_the_rest:
        given |= {one.reference: Answered(InterestAnswer.NONE) for one in rest}
    ended = _keep({before[reference]: one for reference, one in given.items()}, by)
    if given:
        event = record("call.answer_conflicts", call, by=by, facts={"answers": len(given)})
        tell_of_recusing(call, ended, event)
    return len(given)


@transaction.atomic
def declare_conflict(application: Application, *, by: Any, kind: ConflictKind = ConflictKind.DECLARED) -> Conflict:
    """Declare an interest in an application: whoever declares loses sight of it at once. Their review
    counts no more, and what they said in the discussion is not shown any more. Whoever assigns reviewers is told where
    they were to review it.

    Members of a panel declare it of what is before them; administrators and curators of everything submitted.

    Raises:
        Denied: `by` has no seat on the panel of the call, and neither screens nor advises.
        NotNow: the application is not before the panel.
    """
    locked = Application.objects.select_for_update(no_key=True, of=("self",)).get(pk=application.pk)
    sits = panel_calls(by).filter(pk=locked.call_id).exists()
    if not sits and not works_on(by).filter(pk=locked.pk).exists():
        raise Denied(_("Only members of the panel and the office declare a conflict."))
    if sits and locked.status not in IN_PANEL and not works_on(by).filter(pk=locked.pk).exists():
        raise NotNow(_("This application is not before the panel."), code="wrong-status")
    conflict, ended, event = _declare(locked, by, kind)
    tell_of_recusing(locked.call, ended, event)
    return conflict


def works_on(user: Any) -> QuerySet[Application]:
    """Return what this person screens or advises on by a role for the whole portal, as far as no conflict bars them."""
    return submitted_for(user, Permission.SCREEN) | submitted_for(user, Permission.ADVISE)


# --- Steps of the above ------------------------------------------------------------------------------


def _check_minor_has_words(said: Mapping[str, Answered]) -> None:
    gaps: dict[str | None, list[Any]] = {
        f"words_{reference}": [_("Say in a few words what the interest is: the chair decides on it.")]
        for reference, one in said.items()
        if one.answer == InterestAnswer.MINOR and not one.words.strip()
    }
    if gaps:
        raise Invalid(errors=gaps, code="words-missing")


def _keep(given: Mapping[Application, Answered], by: Any) -> list[Assignment]:
    """Write the answers in one statement, then the conflicts they declare; return the assignments these ended."""
    now = clock.now()
    PanelAnswer.objects.bulk_create(
        [
            PanelAnswer(application=application, user=by, answer=said.answer, words=said.words.strip(), at=now)
            for application, said in given.items()
        ],
        update_conflicts=True,
        unique_fields=["application", "user"],
        update_fields=["answer", "words", "at"],
    )
    declared = (_declare(one, by, KINDS[said.answer]) for one, said in given.items() if said.answer in KINDS)
    return [assignment for _conflict, ended, _event in declared for assignment in ended]


def _declare(application: Application, by: Any, kind: ConflictKind) -> tuple[Conflict, list[Assignment], Any]:
    """Write a declared conflict, end the person's assignment and suspend their posts; the caller has locked.

    Returns the conflict, the assignments that ended, and the event, which is None where there is nothing new.
    """
    conflict, made = Conflict.objects.get_or_create(
        application=application, user=by, defaults={"kind": kind, "by": by, "at": clock.now()}
    )
    ended, event = end_declared(application, by), None
    if made or ended:
        facts = {"user": str(by.uid), "assignments_ended": len(ended)}
        event = record("application.declare_conflict", application, by=by, facts=facts)
        _tell_if_barred_from_all(application.call, by, event)
    return conflict, ended, event


def _tell_if_barred_from_all(call: Call, by: Any, event: Any) -> None:
    """Tell the chair where nothing before the panel is left for this member."""
    seat = call.panel.filter(user=by, until__isnull=True).select_related("user", "call").first()
    before = declarable_by(by).filter(call=call)
    if seat is None or not before.exists() or before.exclude(conflicted_for(by)).exists():
        return
    notices.tell("panel-member-barred", seat, event)
