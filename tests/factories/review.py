"""Reviews as rows, and what a browser would send to write one."""

from decimal import Decimal
from typing import Any

from applications.enums import ReviewState
from applications.models import Application, Assignment, MassOpinion, Review, ReviewTally, Score
from applications.rules.scoring import mean_of, weighted_mean
from portal import clock


def review_of(assignment: Assignment, *values: int | None, sent: bool = True, **texts: Any) -> Review:
    """Make a review that scores the criteria in their order (4 each unless told); sent ones count in the tally."""
    application = assignment.application
    criteria = list(application.call.criteria.all())
    scores = dict(zip(criteria, values or (4,) * len(criteria), strict=True))
    moment = clock.now()
    review = Review.objects.create(
        assignment=assignment,
        submission=application.submission,
        state=ReviewState.SUBMITTED if sent else ReviewState.DRAFT,
        label=_label(Review.objects.filter(assignment__application=application).count()),
        weighted_mean=weighted_mean((one.weight, value) for one, value in scores.items()) if sent else None,
        submitted_at=moment if sent else None,
        saved_at=moment,
        **texts,
    )
    Score.objects.bulk_create(Score(review=review, criterion=one, value=value) for one, value in scores.items())
    if sent:
        recount(application)
    return review


def _label(number: int) -> str:
    ten, one = divmod(number, 10)
    return f"R-{'BCDFGHJKLM'[one]}{ten + 2}"


def recount(application: Application) -> None:
    """Bring the tally up to what the rows say."""
    means = list(
        Review.objects.filter(
            assignment__application=application, assignment__ended_at=None, state=ReviewState.SUBMITTED
        ).values_list("weighted_mean", flat=True)
    )
    total = sum(means, Decimal(0))
    ReviewTally.objects.update_or_create(
        application=application,
        defaults={
            "call": application.call,
            "number": len(means),
            "total": total,
            "mean": mean_of(total, len(means)),
        },
    )


def opinion_of(review: Review, would_give_mg: Any, because: str = "") -> MassOpinion:
    """Say what the reviewer would give of the first powder asked for, in mg."""
    request = review.submission.requests.filter(whole=False).first()
    return MassOpinion.objects.create(
        review=review, request=request, would_give_mg=Decimal(would_give_mg), because=because
    )


def typed(version: int = 0, act: str = "save", **fields: Any) -> dict[str, Any]:
    """Return the fields of the review form as a browser sends them."""
    return {"version": version, "act": act, "for_applicant": "", "for_panel": "", "private_note": "", **fields}
