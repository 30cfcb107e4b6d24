"""What conflicts, assigning, reviews and discussion add to the world of `tests/canaries.py`, and who may read which."""

import contextlib
from datetime import timedelta
from typing import Any

from applications import reviewing
from applications.enums import (
    Anonymity,
    AssignmentAnswer,
    AssignmentEnd,
    ConflictKind,
    HintKind,
    InterestAnswer,
    Status,
)
from applications.models import (
    Application,
    Assignment,
    AssignmentRound,
    Bid,
    Conflict,
    DiscussionPost,
    NameScan,
    OfflineUpload,
    PanelAnswer,
    Proposal,
    Review,
    ReviewVersion,
    Ruling,
    Waiver,
    Work,
)
from applications.offline import actions, making
from applications.offline.queries import BOOKLET, REVIEWS
from portal import clock
from portal.errors import NotNow
from tests.factories.applications import assignment_of
from tests.factories.decisions import closed_call

HOUR = timedelta(hours=1)
PANEL = ("reviewer", "other reviewer", "conflicted reviewer", "speaker", "chair", "conflicted chair")
REVIEWERS = ("reviewer", "other reviewer")


def add_blind(world: Any, team: frozenset[str]) -> None:
    """Add a submission to a call without names, with what a search found in it and why it was released."""
    if not hasattr(world, "blind"):
        world.blind = closed_call(samples=world.samples, anonymity=Anonymity.DUAL)
        world.seat_panel(world.blind)
    staff = world.staff(team, "administrator", "curator", "auditor")
    application = world.made(world.blind, team, Status.SUBMITTED, staff)
    readers = world.staff(team, "administrator")
    found = [{"where": "plan", "name": world.word("found", application, *readers), "excerpt": "…"}]
    found[0]["excerpt"] = world.word("excerpt", application, *readers)
    reason = world.word("cleared", application, *readers)
    NameScan.objects.create(
        submission=application.submission,
        found=found,
        at=clock.now(),
        cleared_by=world.people["administrator"],
        cleared_at=clock.now(),
        cleared_because=reason,
    )


def add_before_reviews(world: Any, application: Application, team: frozenset[str]) -> None:
    """Add answers, a ruling, a wish, a proposal, and somebody who declined and would ask somebody else."""
    chairs, judges = world.staff(team, "chair"), world.staff(team, "chair", "auditor")
    chair, other = world.people["chair"], world.people["other reviewer"]
    minor = world.word("minor", application, "other reviewer", *chairs)
    PanelAnswer.objects.update_or_create(
        application=application,
        user=other,
        defaults={"answer": InterestAnswer.MINOR, "words": minor, "at": clock.now()},
    )
    Ruling.objects.create(
        application=application,
        user=other,
        kind=HintKind.PARENT,
        bars=False,
        reason=world.word("ruling", application, *judges),
        by=chair,
        at=clock.now(),
    )
    declining = assignment_of(application, world.people["declining reviewer"])
    Assignment.objects.filter(pk=declining.pk).update(
        answer=AssignmentAnswer.DECLINED,
        answered_at=clock.now(),
        ended_at=clock.now(),
        ended_because=AssignmentEnd.DECLINED,
        suggestion=world.word("suggestion", application, *chairs),
    )
    Bid.objects.create(application=application, user=other, wish=2, at=clock.now())
    facts = {"mode": "small", "seed": 1, "by": chair, "at": clock.now()}
    made, _new = AssignmentRound.objects.get_or_create(call=application.call, defaults=facts)
    Proposal.objects.create(round=made, application=application, reviewer=world.people["declining reviewer"])


def add_waiver(world: Any, application: Application, team: frozenset[str]) -> None:
    """Let somebody with a conflict speak on an application in spite of it."""
    speaker = world.people["speaker"]
    Conflict.objects.create(
        application=application, user=speaker, kind=ConflictKind.SUPERVISOR, by=speaker, at=clock.now()
    )
    reason = world.word("waiver", application, *world.staff(team, "chair", "auditor"))
    Waiver.objects.create(
        application=application, user=speaker, reason=reason, by=world.people["chair"], at=clock.now()
    )


def add_after_reviews(world: Any, application: Application, team: frozenset[str], sent: tuple[str, ...]) -> None:
    """Add a discussion among those who sent their review, and reopen the review that is a draft."""
    judges = world.staff(team, "chair", "auditor")
    speakers = {"speaker"} if Waiver.objects.filter(application=application).exists() else set()
    for number, author in enumerate(("reviewer", "chair")):
        text = world.word("post", f"{application.pk}{number}", *sent, *speakers, *judges)
        DiscussionPost.objects.create(
            application=application, author=world.people[author], text=text, at=clock.now() + number * HOUR
        )
    for review in Review.objects.filter(assignment__application=application, state="draft"):
        reason = world.word("reopened", application, "other reviewer", *judges)
        Review.objects.filter(pk=review.pk).update(reopened_at=clock.now(), reopened_because=reason)
        said = {"stage": reviewing.SENT, "for_panel": world.word("version", application, "other reviewer", *judges)}
        ReviewVersion.objects.create(review=review, number=1, document=said, sent_at=clock.now())


def add_works(world: Any) -> None:
    """Give reviewers and applicants lists of works that nobody else reads."""
    for name in (*REVIEWERS, "principal", "rival"):
        title, author = world.word("work", name_number(world, name), name), f"Demonstration author {name}"
        Work.objects.create(
            user=world.people[name],
            key=f"10.1000/{name_number(world, name)}",
            title=title,
            year=2026,
            authors=[{"name": author, "orcid": ""}],
            at=clock.now(),
        )


def name_number(world: Any, name: str) -> int:
    """Return a number for a person, for words that belong to them alone."""
    return list(world.people).index(name)


def add_upload(world: Any) -> None:
    """Let a reviewer have uploaded a form that waits to be looked at, and a file that could not be read."""
    user = world.people["other reviewer"]
    typed, file = (world.word(what, user, "other reviewer") for what in ("typed", "typedfile"))
    application = Application.objects.filter(call=world.judged, assignments__reviewer=user).earliest("pk")
    row = {"reference": application.reference, "file": "form.txt", "version": 1, "is_untouched": False}
    fault = {"file": f"{file}.txt", "place": "", "field": "", "reason": "The file is empty."}
    OfflineUpload.objects.create(
        user=user, call=world.judged, rows=[row | {"values": {"text for_panel": typed}}], faults=[fault], at=clock.now()
    )


def add_packs(world: Any, *people: str) -> None:
    """Make every pack and booklet that the panel, or some of it, can have."""
    for call in (world.judged, world.decided):
        for name in people or PANEL:
            for kind in (REVIEWS, BOOKLET):
                with contextlib.suppress(NotNow):
                    actions.ask(call, by=world.people[name], kind=kind, language="en")
    while making.make_next():
        pass
