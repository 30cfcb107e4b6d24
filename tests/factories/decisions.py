"""Calls on their last steps: decided applications, and publications prepared, signed and released by real actions."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from applications.enums import PublicationKind, ReviewState, Status, Verdict
from applications.models import Application, Call, Publication, Review, ReviewTally
from applications.publication import actions
from portal import clock
from portal.accounts.models import User
from tests.factories.accounts import administrator
from tests.factories.applications import application_of, assignment_of, award_of, call_of, decision_of

DAY = timedelta(days=1)


def closed_call(**fields: Any) -> Call:
    """Make a call whose deadline has passed."""
    now = clock.now()
    return call_of(**{"opens_at": now - 40 * DAY, "closes_at": now - 10 * DAY, **fields})


def decided(call: Call, mass_mg: Any = None, *, whole: bool = False, reserve: int | None = None, **fields: Any) -> Any:
    """Make a decided application: everything declined, but for this mass of powder, the piece, or a reserve place."""
    application = application_of(call, status=fields.pop("status", Status.DECIDED), **fields)
    requests = application.submission.requests
    if mass_mg is not None:
        award_of(requests.filter(whole=False).first(), Decimal(str(mass_mg)))
    if whole:
        award_of(requests.filter(whole=True).first())
    if reserve is not None:
        decision_of(requests.first(), Verdict.RESERVE, reserve_rank=reserve)
    return application


def review_of(application: Application, for_applicant: str = "Clear and feasible.", mean: Any = "4") -> Review:
    """Make a submitted review, and count it in the tally."""
    review = Review.objects.create(
        assignment=assignment_of(application),
        submission=application.submission,
        state=ReviewState.SUBMITTED,
        for_applicant=for_applicant,
        for_panel="Between us.",
        private_note="Only mine.",
        weighted_mean=Decimal(mean),
        label="K7",
        saved_at=clock.now(),
        submitted_at=clock.now(),
    )
    tally, _ = ReviewTally.objects.get_or_create(application=application, defaults={"call": application.call})
    tally.number, tally.total = tally.number + 1, tally.total + Decimal(mean)
    tally.mean = tally.total / tally.number
    tally.save()
    return review


def signers() -> tuple[User, User]:
    """Make the two administrators who sign."""
    return administrator(), administrator()


def signed(call: Call, kind: str = PublicationKind.RESULTS, by: tuple[User, User] | None = None) -> Publication:
    """Prepare a publication and sign it twice."""
    first, second = by or signers()
    publication = actions.prepare(call, kind, by=first)
    for person in (first, second):
        actions.sign(publication, by=person, manifest_sha256=publication.manifest_sha256)
    publication.refresh_from_db()
    return publication


def released(call: Call, kind: str = PublicationKind.RESULTS) -> Publication:
    """Prepare, sign twice and release."""
    people = signers()
    return actions.release(signed(call, kind, people), by=people[0])
