"""What goes into a pack or booklet, whose it is and whether it may still be fetched; the reviews a form is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from applications.access import assigned_to, judged_by, spoken_on_by
from applications.enums import PackState, Status
from applications.models import (
    Application,
    Assignment,
    Call,
    Criterion,
    MassOpinion,
    OfflinePack,
    OfflineUpload,
    PanelMember,
    Review,
    SampleRequest,
    Score,
)
from applications.rules.scoring import criteria_open
from portal import clock

REVIEWS, BOOKLET = "reviews", "booklet"
KEPT_FOR = timedelta(hours=24)
UPLOAD_KEPT_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Held:
    """A review that somebody writes: its assignment, what is saved of it, and what it is asked about now."""

    assignment: Assignment
    review: Review | None
    criteria: list[Criterion]
    requests: list[SampleRequest]

    @property
    def application(self) -> Application:
        """The application that is reviewed."""
        return self.assignment.application

    @property
    def version(self) -> int:
        """The version that is saved, 0 before any."""
        return self.review.version if self.review else 0


def contents(user: Any, call: Call, kind: str) -> QuerySet[Application]:
    """Return what a pack of this kind would contain now: what this person reviews, or all they may read."""
    rows = assigned_to(user).filter(status=Status.UNDER_REVIEW) if kind == REVIEWS else readable(user)
    return rows.filter(call=call).select_related("submission", "call").order_by("reference")


def readable(user: Any) -> QuerySet[Application]:
    """Return what this person reads as a member of a panel, for whatever reason."""
    reasons = Q()
    for judging in (assigned_to, judged_by, spoken_on_by):
        reasons |= Q(pk__in=judging(user).values("pk"))
    return Application.objects.filter(reasons)


def latest_pack(user: Any, call: Call, kind: str) -> OfflinePack | None:
    """Return the pack asked for last that is not gone yet."""
    rows = OfflinePack.objects.filter(user=user, call=call, kind=kind, asked_at__gt=clock.now() - KEPT_FOR)
    return rows.order_by("-asked_at").first()


def ready_pack(user: Any, call: Call, uid: Any) -> OfflinePack | None:
    """Return a pack that this person may fetch: made, not a day old, and everything in it still open to them.

    It opens only with the seat under which it was asked for: another seat may read less.
    """
    rows = OfflinePack.objects.filter(user=user, call=call, uid=uid, state=PackState.READY)
    pack = rows.filter(asked_at__gt=clock.now() - KEPT_FOR).first()
    return pack if pack and may_fetch(user, pack) else None


def may_fetch(user: Any, pack: OfflinePack) -> bool:
    """Whether the right to each application of a pack still stands, and the seat it was asked for under."""
    seat = PanelMember.objects.filter(call=pack.call_id, user=user, until__isnull=True, since__lte=pack.asked_at)
    rows = assigned_to(user) if pack.kind == REVIEWS else readable(user)
    found = rows.filter(call=pack.call_id, reference__in=pack.references).count()
    return found == len(pack.references) > 0 and seat.exists()


def waiting_upload(user: Any, call: Call) -> OfflineUpload | None:
    """Return what this person uploaded in the last hour and has not saved or dropped."""
    return OfflineUpload.objects.filter(user=user, call=call, at__gt=clock.now() - UPLOAD_KEPT_FOR).first()


def held(user: Any, call: Call, references: Iterable[str] | None = None) -> dict[str, Held]:
    """Return the reviews of this person in a call by reference, with what is saved, at a constant number of queries."""
    rows = assigned_to(user).filter(call=call)
    if references is not None:
        rows = rows.filter(reference__in=list(references))
    asked = Prefetch("submission__requests", SampleRequest.objects.select_related("sample"))
    reviews = Review.objects.prefetch_related(
        Prefetch("scores", Score.objects.select_related("criterion")),
        Prefetch("mass_opinions", MassOpinion.objects.select_related("request")),
    )
    rows = rows.select_related("call", "submission").defer("submission__document").prefetch_related(asked)
    found = {row.pk: row for row in rows}
    mine = Assignment.objects.filter(application__in=found, reviewer=user, ended_at__isnull=True)
    saved = {review.assignment_id: review for review in reviews.filter(assignment__in=mine)}
    criteria = list(call.criteria.all())
    made = [_held(assignment, found, saved, criteria) for assignment in mine.order_by("application__reference")]
    return {one.application.reference: one for one in made}


def _held(
    assignment: Assignment, found: dict[int, Application], saved: dict[int, Review], criteria: list[Criterion]
) -> Held:
    assignment.application = found[assignment.application_id]
    review, submission = saved.get(assignment.pk), assignment.application.submission
    requests = list(submission.requests.all()) if submission else []
    return Held(assignment, review, criteria_open(criteria, assignment.application.call, review), requests)
