"""The chair's acts in a round of assigning: ask for proposals, edit, release. What members do: `actions.py`."""

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.access import seats_of
from applications.assigning import queries
from applications.assigning_notices import tell_of_release
from applications.enums import RoundMode, RoundState
from applications.models import Application, Assignment, AssignmentRound, Call, PanelMember, Proposal
from applications.rules.expertise import known, wanted_by
from portal import clock
from portal.audit.trail import record, record_made
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.wake import wake

TASK = "applications.work_out_rounds"
LARGEST_SEED = 2**31 - 1
IN_THE_WAY = {
    "assigned": _("%(name)s is assigned already."),
    "expert": _("%(name)s was not invited for this application."),
    "hint": _("A question about %(name)s and this application waits for a ruling."),
    "conflict": _("%(name)s has a conflict."),
    "cap": _("%(name)s takes no more applications."),
}


@dataclass(frozen=True)
class Released:
    """What a release did: how many reviews of how many people, and which proposals were left out."""

    reviews: int
    people: int
    left_out: list[tuple[int, int, str]]


@transaction.atomic
def ask(
    call: Call,
    *,
    by: Any,
    mode: RoundMode,
    each: int,
    most: int | None = None,
    with_chair: bool = False,
    seed: int | None = None,
    version: int = 0,
) -> AssignmentRound:
    """Ask for proposals of who reviews what: the worker makes them, of whatever `by` may judge.

    `version` is that of the round which was read, 0 before any. After the first release the mode stays, since on it
    rests what members may take up by themselves. The same `seed` gives the same proposals.

    Raises:
        Denied: `by` neither chairs the call nor manages calls.
        NotNow: nothing that they may judge is under review; or changed since it was read (code `stale`).
    """
    _check_assigns(by, call)
    Call.objects.select_for_update(no_key=True, of=("self",)).get(pk=call.pk)  # so that there is one round
    round_ = AssignmentRound.objects.select_for_update(of=("self",)).filter(call=call).first()
    _check_version(round_, version)
    if not queries.covered(by, call).exists():
        raise NotNow(_("Nothing that you may judge is under review in this call."), code="nothing-to-assign")
    if round_ is None:
        round_ = AssignmentRound(call=call, version=0, mode=mode)
    elif round_.released_at is None:
        round_.mode = mode
    round_.each, round_.most, round_.with_chair = each, most, with_chair
    round_.seed = secrets.randbelow(LARGEST_SEED + 1) if seed is None else seed
    round_.state, round_.found, round_.by, round_.at = RoundState.ASKED, {}, by, clock.now()
    round_.version += 1
    round_.save()
    facts = {"mode": round_.mode, "each": each, "most": most, "with_chair": with_chair, "seed": round_.seed}
    record("round.ask", round_, by=by, facts=facts)
    transaction.on_commit(partial(wake, TASK), robust=True)
    return round_


@transaction.atomic
def edit(application: Application, *, by: Any, chosen: Mapping[UUID, bool], version: int) -> AssignmentRound:
    """Say who is proposed for an application: public ids of people, and whether each leads.

    Raises:
        Denied: `by` may not assign reviewers to it.
        NotNow: there is no round, or it is being worked out; or it changed since it was read (code `stale`).
        Invalid: somebody has no seat, a conflict, an open question, enough to do, or was not invited (at the field
            `part_<uid>`).
    """
    _check_covers(by, application)
    round_ = AssignmentRound.objects.select_for_update(of=("self",)).filter(call=application.call_id).first()
    _check_is_settled(round_, version)
    assert round_ is not None
    members = {seat.user.uid: seat for seat in seats_of(application.call)}
    open_ = Proposal.objects.filter(round=round_, application=application, released_at__isnull=True)
    present = {one.reviewer_id: one for one in open_}
    if missing := chosen.keys() - members.keys():
        raise Invalid(_("This person has no seat on the panel."), code="not-seated", field=_part(missing.pop()))
    added = {uid: members[uid] for uid in chosen if members[uid].user_id not in present}
    _check_may_be_added(application, round_, added)
    open_.exclude(reviewer__in=[members[uid].user_id for uid in chosen]).delete()
    wanted = wanted_by(application.submission.requests.all()) if application.submission else frozenset()
    for uid, leads in chosen.items():
        _put(round_, application, members[uid], leads, present.get(members[uid].user_id), wanted)
    round_.version += 1
    round_.save(update_fields=["version"])
    facts = {"application": application.reference, "proposed": len(chosen)}
    record("round.edit", round_, by=by, facts=facts)
    return round_


@transaction.atomic
def release(call: Call, *, by: Any, version: int) -> Released:
    """Make assignments of the proposals that `by` may judge, and tell each member once.

    Rights, conflicts, open questions and loads are asked again: whoever cannot review any more is left out, and named
    to the chair.

    Raises:
        Denied: `by` neither chairs the call nor manages calls.
        NotNow: there is nothing to release, or it is being worked out; or it changed since it was read (code `stale`).
    """
    _check_assigns(by, call)
    round_ = AssignmentRound.objects.select_for_update(of=("self",)).filter(call=call).first()
    _check_is_settled(round_, version)
    assert round_ is not None
    rows = queries.covered(by, call).select_for_update(no_key=True, of=("self",)).order_by("pk")
    applications = {one.pk: one for one in rows}
    proposals = list(
        Proposal.objects.filter(round=round_, released_at__isnull=True, application__in=applications)
        .select_related("reviewer")
        .order_by("-is_lead", "pk")
    )
    if not proposals:
        raise NotNow(_("Nothing is proposed that could be released."), code="nothing-to-release")
    good, left_out = _sorted_out(call, round_, list(applications.values()), proposals)
    made = _assign(good, by)
    now = clock.now() if not made else made[0].at
    Proposal.objects.filter(pk__in=[one.pk for one in good]).update(released_at=now)
    Proposal.objects.filter(pk__in=[one.pk for one in proposals], released_at__isnull=True).delete()
    round_.released_at = now if made else round_.released_at or now
    round_.found, round_.version = {"pairs": left_out} if left_out else {}, round_.version + 1
    round_.save(update_fields=["released_at", "found", "version"])
    event = record("round.release", round_, by=by)
    people = {one.reviewer_id: one.reviewer for one in good}
    numbers = Counter(one.reviewer_id for one in good)
    tell_of_release(call, {people[pk]: number for pk, number in numbers.items()}, released_at=now, event=event)
    return Released(len(made), len(people), left_out)


# --- Steps of the above --------------------------------------------------------------------------------------


def _check_assigns(by: Any, call: Call) -> None:
    if not queries.assigns(by, call):
        raise Denied(_("Only the chair of the call may do this, and not with a conflict."))


def _check_covers(by: Any, application: Application) -> None:
    if not queries.covered(by, application.call).filter(pk=application.pk).exists():
        raise Denied(_("Only the chair of the call may do this, and not with a conflict."))


def _check_version(round_: AssignmentRound | None, version: int) -> None:
    if (round_.version if round_ else 0) != version:
        raise NotNow(_("Somebody changed this in the meantime. Both versions are shown."), code="stale")


def _check_is_settled(round_: AssignmentRound | None, version: int) -> None:
    if round_ is None:
        raise NotNow(_("No proposals were asked for yet."), code="no-round")
    _check_version(round_, version)
    if round_.state == RoundState.ASKED:
        raise NotNow(_("The proposals are being worked out."), code="being-worked-out")


def _part(uid: UUID) -> str:
    return f"part_{uid}"


def _check_may_be_added(application: Application, round_: AssignmentRound, added: Mapping[UUID, PanelMember]) -> None:
    if not added:
        return
    barred = queries.obstacles(list(added.values()), [application])
    load = queries.loads(application.call, round_)
    gaps: dict[str | None, list[Any]] = {}
    for uid, seat in added.items():
        most = queries.most_of(seat, round_)
        code = barred.get((application.pk, seat.user_id), "")
        if not code and most is not None and load[seat.user_id] >= most:
            code = "cap"
        if code:
            gaps[_part(uid)] = [IN_THE_WAY[code] % {"name": seat.user.name}]
    if gaps:
        raise Invalid(errors=gaps, code="in-the-way")


def _put(
    round_: AssignmentRound,
    application: Application,
    seat: PanelMember,
    leads: bool,
    former: Proposal | None,
    wanted: frozenset[str],
) -> None:
    """Keep a proposal, or add one that a person made; one of an earlier release is taken up again."""
    because = former.because if former else {"edited": True}
    if former is None and wanted:
        because["techniques"] = [known(seat.techniques, wanted), len(wanted)]
    Proposal.objects.update_or_create(
        round=round_,
        application=application,
        reviewer_id=seat.user_id,
        defaults={"is_lead": leads, "because": because, "released_at": None},
    )


def _sorted_out(
    call: Call, round_: AssignmentRound, applications: list[Application], proposals: list[Proposal]
) -> tuple[list[Proposal], list[tuple[int, int, str]]]:
    """Return what can be released, and what cannot with its reason; who is assigned meanwhile is no reason."""
    members = {seat.user_id: seat for seat in seats_of(call)}
    barred = queries.obstacles(list(members.values()), applications)
    load = queries.loads(call, None)
    good, left_out = [], []
    for one in proposals:
        seat = members.get(one.reviewer_id)
        code = "seat" if seat is None else barred.get((one.application_id, one.reviewer_id), "")
        most = queries.most_of(seat, round_) if seat else None
        if not code and most is not None and load[one.reviewer_id] >= most:
            code = "cap"
        if not code:
            load[one.reviewer_id] += 1
            good.append(one)
        elif code != "assigned":
            left_out.append((one.application_id, one.reviewer_id, code))
    return good, left_out


def _assign(proposals: list[Proposal], by: Any) -> list[Assignment]:
    now = clock.now()
    rows = [
        Assignment(application_id=one.application_id, reviewer=one.reviewer, by=by, at=now, is_lead=one.is_lead)
        for one in proposals
    ]
    made = Assignment.objects.bulk_create(rows)
    references = dict(
        Application.objects.filter(pk__in=[one.application_id for one in made]).values_list("pk", "reference")
    )
    record_made(
        "assignment.make",
        [(one, references[one.application_id], {"reviewer": str(one.reviewer.uid)}) for one in made],
        by=by,
    )
    return made
