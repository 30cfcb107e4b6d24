"""Writing a review: save and send the own one, with every check. Page and offline pack write through these alone."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import notices
from applications.access import REVIEWER, relations
from applications.enums import Confidence, ReviewState, Status
from applications.models import (
    Application,
    Assignment,
    Criterion,
    MassOpinion,
    Review,
    ReviewVersion,
    SampleRequest,
    Score,
)
from applications.rules.scoring import (
    check_is_on_the_scale,
    check_is_scored,
    criteria_open,
    team_is_open,
    weighted_mean,
)
from applications.tallying import recount
from portal import clock
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow
from portal.units import api_mass, format_mass

LABEL_LETTERS, LABEL_DIGITS = "BCDFGHJKLMNPQRSTVWXZ", "23456789"
TEXTS = ("for_applicant", "for_panel", "private_note")
LONGEST_TEXT, LONGEST_REASON = 8000, 2000  # characters
SCIENCE, SENT = "science", "sent"  # what a kept version is: the scores before the team was shown, or what was sent


@dataclass(frozen=True)
class Opinion:
    """What a reviewer would give of one sample request, in mg, and why."""

    would_give_mg: Decimal | None = None
    because: str = ""


@transaction.atomic
def save(
    assignment: Assignment,
    *,
    by: Any,
    version: int,
    scores: Mapping[str, int | None],
    for_applicant: str = "",
    for_panel: str = "",
    private_note: str = "",
    confidence: int | None = None,
    mass_opinions: Mapping[str, Opinion] | None = None,
) -> Review:
    """Keep a review as a private draft; anything may be empty. `version` is the one that was read, 0 before any.

    `scores` maps a criterion's code to 1 to 5, or to None where it is not applicable; an open criterion is absent.
    `mass_opinions` maps the public id of a sample request to an opinion. `confidence` is one of `Confidence`. Where the
    call has the science scored first, criteria about the team are unknown until `open_team`.

    Raises:
        Denied: `by` is not this assignment's reviewer any more.
        NotNow: reviewing is over, the review was submitted, or another version was saved meanwhile (code `stale`).
        Invalid: a score off the scale, no known confidence, or a mass that does not fit its request.
    """
    application = _locked(assignment, by)
    review = _next_version(assignment, application, version)
    criteria = criteria_open(application.call.criteria.all(), application.call, review)
    check_is_on_the_scale(criteria, scores)
    if confidence not in (None, *Confidence.values):
        raise Invalid(_("Choose one of these."), code="confidence", field="confidence")
    review.confidence = confidence
    review.for_applicant, review.for_panel, review.private_note = for_applicant, for_panel, private_note
    review.saved_at = clock.now()
    review.save()
    _keep_scores(review, criteria, scores)
    _keep_opinions(review, application, mass_opinions or {})
    record("review.save", review, by=by, facts={"version": review.version})
    return review


@transaction.atomic
def submit(
    assignment: Assignment, *, by: Any, version: int, scores: Mapping[str, int | None], **content: Any
) -> Review:
    """Save a review and send it to the chair; what was sent is kept as a version, and the writer gets a copy by mail.

    From now on it can be read, not changed, unless the chair reopens it.

    Raises:
        Denied, NotNow: as `save`.
        Invalid: as `save`; a criterion is open, or a smaller mass is given without a reason; the part about the team
            was not opened yet (code `team-closed`).
    """
    review = save(assignment, by=by, version=version, scores=scores, **content)
    call = assignment.application.call
    criteria = list(call.criteria.all())
    check_is_scored(criteria_open(criteria, call, review), scores)
    if not team_is_open(call, review):
        raise Invalid(_("Open the part about the team first; it is scored after the science."), code="team-closed")
    _check_smaller_masses_have_reasons(review)
    review.state, review.submitted_at = ReviewState.SUBMITTED, clock.now()
    review.weighted_mean = weighted_mean((criterion.weight, scores[criterion.code]) for criterion in criteria)
    review.save(update_fields=["state", "submitted_at", "weighted_mean"])
    _keep_version(review, SENT, {**_said(review), "mean": str(review.weighted_mean)})
    event = record("review.submit", review, by=by, facts={"version": review.version})
    recount(assignment.application)
    notices.tell("review-sent", assignment, event)
    return review


@transaction.atomic
def open_team(
    assignment: Assignment, *, by: Any, version: int, scores: Mapping[str, int | None], **content: Any
) -> Review:
    """Save a review and open the part about the team, once every criterion of the science is scored.

    The scores of this moment are kept; they may still be changed, and whoever reads the review sees that they were.

    Raises:
        Denied, NotNow: as `save`; the part is open already (code `team-open`).
        Invalid: as `save`; a criterion of the science is not scored yet.
    """
    review = save(assignment, by=by, version=version, scores=scores, **content)
    call = assignment.application.call
    if team_is_open(call, review):
        raise NotNow(_("The part about the team is open already."), code="team-open")
    check_is_scored(criteria_open(call.criteria.all(), call, review), scores)
    review.team_opened_at = clock.now()
    review.save(update_fields=["team_opened_at"])
    _keep_version(review, SCIENCE, {"scores": dict(scores)})
    record("review.open-team", review, by=by, facts={"version": review.version})
    return review


def misfit(request: SampleRequest, would_give_mg: Decimal | None) -> Invalid | None:
    """Return why a mass does not fit its request, with the sample's name and at its field; None where it does.

    What is asked of a whole piece is the piece: it has no mass to choose.
    """
    if would_give_mg is None:
        return None
    field, sample = f"mass_{request.uid}", request.sample.catalogue_number
    if request.asked_mg is None:
        words = _("%(sample)s: a whole piece has no mass to choose.") % {"sample": sample}
        return Invalid(words, code="piece", field=field)
    if not 0 <= would_give_mg <= request.asked_mg:
        asked = {"sample": sample, "asked": format_mass(request.asked_mg)}
        return Invalid(
            _("%(sample)s: %(asked)s were asked; give no more.") % asked, code="more-than-asked", field=field
        )
    return None


# --- Steps of the above ------------------------------------------------------------------------------


def _locked(assignment: Assignment, by: Any) -> Application:
    """Lock application and assignment, in this order; refuse who may not write this review, or not any more."""
    application = Application.objects.select_for_update(no_key=True, of=("self",)).get(pk=assignment.application_id)
    current = Assignment.objects.select_for_update(of=("self",)).get(pk=assignment.pk)
    if current.reviewer_id != by.pk or current.ended_at is not None or REVIEWER not in relations(by, application):
        raise Denied(_("Only the assigned reviewer writes this review, and nobody with a conflict."))
    if application.status != Status.UNDER_REVIEW:
        raise NotNow(_("The review of this application is concluded."), code="wrong-status")
    return application


def _next_version(assignment: Assignment, application: Application, version: int) -> Review:
    """Return the review with its next version number, made where there is none yet.

    Raises:
        NotNow: it was submitted, or saved since `version` was read.
    """
    review = Review.objects.filter(assignment=assignment).first()
    if review is None:
        review = Review(
            assignment=assignment,
            submission=application.submission,
            version=0,
            label=_free_label(application),
        )
    if review.state == ReviewState.SUBMITTED:
        raise NotNow(_("This review was submitted; it cannot be changed any more."), code="submitted")
    if review.version != version:
        raise NotNow(
            _("This review was saved elsewhere in the meantime. Both versions are shown; nothing is lost."),
            code="stale",
        )
    review.version = version + 1
    return review


def _free_label(application: Application) -> str:
    """Return a random label that no review of this application has, such as R-K7; it links no two applications."""
    taken = set(Review.objects.filter(assignment__application=application).values_list("label", flat=True))
    free = [f"R-{letter}{digit}" for letter in LABEL_LETTERS for digit in LABEL_DIGITS]
    return secrets.choice([label for label in free if label not in taken])


def _keep_scores(review: Review, criteria: list[Criterion], scores: Mapping[str, int | None]) -> None:
    review.scores.all().delete()
    Score.objects.bulk_create(
        Score(review=review, criterion=criterion, value=scores[criterion.code])
        for criterion in criteria
        if criterion.code in scores
    )


def _keep_opinions(review: Review, application: Application, opinions: Mapping[str, Opinion]) -> None:
    requests = {
        str(request.uid): request
        for request in SampleRequest.objects.filter(submission=application.submission_id).select_related("sample")
    }
    for uid, opinion in opinions.items():
        _check_fits_request(uid, requests.get(uid), opinion)
    review.mass_opinions.all().delete()
    MassOpinion.objects.bulk_create(
        MassOpinion(
            review=review, request=requests[uid], would_give_mg=opinion.would_give_mg, because=opinion.because.strip()
        )
        for uid, opinion in opinions.items()
        if opinion.would_give_mg is not None or opinion.because.strip()
    )


def _keep_version(review: Review, stage: str, said: Mapping[str, Any]) -> None:
    number = review.versions.count() + 1
    ReviewVersion.objects.create(review=review, number=number, document={"stage": stage, **said}, sent_at=clock.now())


def _said(review: Review) -> dict[str, Any]:
    """Return what a review says to others: never the private note."""
    opinions = review.mass_opinions.select_related("request__sample").order_by("request__sample__catalogue_number")
    return {
        "scores": {score.criterion.code: score.value for score in review.scores.select_related("criterion")},
        "confidence": review.confidence,
        "for_applicant": review.for_applicant,
        "for_panel": review.for_panel,
        "opinions": [
            {
                "sample": one.request.sample.catalogue_number,
                "would_give_mg": api_mass(one.would_give_mg),
                "because": one.because,
            }
            for one in opinions
        ],
    }


def _check_fits_request(uid: str, request: SampleRequest | None, opinion: Opinion) -> None:
    if request is None:
        raise Invalid(_("The application has no such request."), code="unknown-request")
    if refusal := misfit(request, opinion.would_give_mg):
        raise refusal


def _check_smaller_masses_have_reasons(review: Review) -> None:
    gaps: dict[str | None, list[Any]] = {
        f"because_{opinion.request.uid}": [_("Say why you would give less than asked.")]
        for opinion in review.mass_opinions.select_related("request")
        if opinion.would_give_mg is not None
        and opinion.would_give_mg < (opinion.request.asked_mg or 0)
        and not opinion.because
    }
    if gaps:
        raise Invalid(errors=gaps, code="reason-missing")
