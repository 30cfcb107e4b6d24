"""Works a round out, in the worker: reads the panel, its wishes and loads, lets `rules/matching.py` solve, keeps it.

Whoever asks for a round does so in `rounds.py`. This alone imports the solvers, and no page imports this.
"""

import logging
from collections import Counter

from django.db import transaction

from applications.access import seats_of
from applications.assigning import queries
from applications.enums import PanelRole, RoundMode, RoundState
from applications.models import Application, Assignment, AssignmentRound, Bid, PanelMember, Proposal
from applications.rules.expertise import wanted_by
from applications.rules.matching import Board, Infeasible, Match, Paper, Reader, matched, small
from portal.audit.trail import record

log = logging.getLogger(__name__)
SOLVERS = {RoundMode.SMALL: small, RoundMode.MATCHED: matched}


def work_out_due() -> int:
    """Work out every round that was asked for; return how many. Twice at a time does each once."""
    return sum(work_out(one) for one in AssignmentRound.objects.filter(state=RoundState.ASKED).select_related("call"))


def work_out(asked: AssignmentRound) -> bool:
    """Make the proposals of a round anew, or say why there are none; whether this was the one that did it.

    It covers what who asked may judge now. Proposals of other applications stay, and count as load.
    """
    applications = _applications(asked)
    try:
        matches = SOLVERS[RoundMode(asked.mode)](board(asked, applications), asked.seed)
    except Infeasible as refusal:
        why = refusal.args[0]
        found = {"code": why.code, "applications": list(why.papers), "needed": why.needed, "can": why.can}
        return _keep(asked, applications, [], RoundState.FAILED, found)
    except RuntimeError:
        log.exception("round of %s was not solved", asked.call.slug)
        return _keep(asked, applications, [], RoundState.FAILED, {"code": "unsolved"})
    return _keep(asked, applications, matches, RoundState.READY, {})


def _paper(application: Application, wanted: int) -> Paper:
    assert application.submission is not None, "nothing comes before a panel unless it was submitted"
    return Paper(application.pk, wanted, wanted_by(application.submission.requests.all()))


def board(asked: AssignmentRound, applications: list[Application]) -> Board:
    """Return everything the matching goes by."""
    members = [seat for seat in seats_of(asked.call) if asked.with_chair or seat.role != PanelRole.CHAIR]
    load = queries.loads(asked.call, asked, beside=[one.pk for one in applications])
    everybody = Assignment.objects.filter(application__in=applications)
    live = Counter(everybody.filter(ended_at__isnull=True).values_list("application", flat=True))
    wishes = Bid.objects.filter(application__in=applications).values_list("application", "user", "wish")
    # Whoever declined or recused is not asked again by the portal; the chair may.
    barred = {*queries.obstacles(members, applications), *everybody.values_list("application", "reviewer")}
    return Board(
        [_reader(seat, asked, load[seat.user_id]) for seat in members],
        [_paper(one, max(0, asked.each - live[one.pk])) for one in applications],
        frozenset(barred),
        {(application, user): wish for application, user, wish in wishes},
    )


# --- Steps of the above ------------------------------------------------------------------------------------


def _applications(asked: AssignmentRound) -> list[Application]:
    rows = queries.covered(asked.by, asked.call).select_related("submission").defer("submission__document")
    return list(rows.prefetch_related("submission__requests").order_by("pk"))


def _reader(seat: PanelMember, asked: AssignmentRound, load: int) -> Reader:
    return Reader(seat.user_id, queries.most_of(seat, asked), load, frozenset(seat.techniques))


@transaction.atomic
def _keep(
    asked: AssignmentRound,
    applications: list[Application],
    matches: list[Match],
    state: RoundState,
    found: dict[str, object],
) -> bool:
    """Write what was worked out, unless the round was asked for anew, or another worker was faster."""
    round_ = AssignmentRound.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    if round_.state != RoundState.ASKED or round_.version != asked.version:
        return False
    Proposal.objects.filter(round=round_, released_at__isnull=True, application__in=applications).delete()
    Proposal.objects.bulk_create(
        Proposal(
            round=round_,
            application_id=one.paper,
            reviewer_id=one.reader,
            is_lead=round_.mode == RoundMode.SMALL,
            because=one.because,
        )
        for one in matches
    )
    round_.state, round_.found, round_.version = state, found, round_.version + 1
    round_.save(update_fields=["state", "found", "version"])
    record("round.work-out", round_, by=None, facts={"state": state.value})
    return True
