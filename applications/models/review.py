"""Conflicts, assignments, reviews with their scores, and the tally that follows each submitted review."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.enums import AssignmentAnswer, AssignmentEnd, Confidence, ConflictKind, ReviewState
from applications.models.application import Application, Submission
from applications.models.call import SCALE_POINTS, Call, Criterion
from applications.models.request import SampleRequest
from portal.append_only import AppendOnly
from portal.units import MassField


class Conflict(models.Model):
    """A declared conflict: an interest, or a supervisor or student. The rest: `applications/rules/conflicts.py`."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="conflicts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="conflicts")
    kind = models.CharField(max_length=12, choices=ConflictKind, default=ConflictKind.DECLARED)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "user"], name="a_conflict_is_declared_once")]


class Assignment(models.Model):
    """A reviewer who is to score an application; `by` is the reviewer where they took it up by themselves.

    `suggestion` is whom somebody who declined would ask instead: for the chair alone.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="assignments")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    is_lead = models.BooleanField(_("lead reader"), default=False)
    answer = models.CharField(max_length=8, choices=AssignmentAnswer, default=AssignmentAnswer.WAITING)
    answered_at = models.DateTimeField(null=True, blank=True)
    suggestion = models.TextField(_("whom to ask instead"), blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=9, choices=AssignmentEnd, blank=True)

    class Meta:
        indexes = [models.Index(fields=["reviewer", "application"], name="assignments_of_a_reviewer")]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "reviewer"],
                condition=Q(ended_at__isnull=True),
                name="a_reviewer_is_assigned_once",
            )
        ]

    @property
    def reference(self) -> str:
        """The application's reference, under which the trail keeps what happened here."""
        return self.application.reference


class Review(models.Model):
    """One reviewer's review of one submission; a private draft until it is submitted."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="review")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="reviews")
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    for_applicant = models.TextField(_("for the applicant"), blank=True)
    for_panel = models.TextField(_("for the panel"), blank=True)
    private_note = models.TextField(_("private note"), blank=True)
    confidence = models.PositiveSmallIntegerField(_("confidence"), choices=Confidence, null=True, blank=True)
    weighted_mean = models.DecimalField(max_digits=5, decimal_places=3, null=True, blank=True)
    team_opened_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_because = models.TextField(_("why it was reopened"), blank=True)
    label = models.CharField(max_length=8)
    sort_key = models.UUIDField(default=uuid.uuid4)
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_submitted_review_has_time_and_mean",
                condition=Q(state=ReviewState.DRAFT, submitted_at__isnull=True, weighted_mean__isnull=True)
                | Q(state=ReviewState.SUBMITTED, submitted_at__isnull=False, weighted_mean__isnull=False),
            )
        ]

    @property
    def reference(self) -> str:
        """The application's reference, under which the trail keeps what happened here."""
        return self.assignment.application.reference


class ReviewVersion(AppendOnly):
    """A review as it was sent: each sending makes one more, and none is changed.

    `document` holds scores by code, texts, confidence, opinions and mean; never the private note.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    sent_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["review", "number"], name="versions_of_a_review_are_numbered")]


class DiscussionPost(AppendOnly):
    """What somebody who may read the reviews of an application said about it to the others who may."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    application = models.ForeignKey(Application, models.PROTECT, related_name="discussion")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("words"))
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        indexes = [models.Index(fields=["application", "at"], name="discussion_of_an_application")]
        constraints = [models.CheckConstraint(name="a_post_says_something", condition=~Q(text=""))]

    @property
    def reference(self) -> str:
        """The application's reference, under which the trail keeps what happened here."""
        return self.application.reference


class Score(models.Model):
    """The score of one criterion, 1 to 5; `value` null means not applicable and lowers no mean."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    value = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["criterion__position"]
        constraints = [
            models.UniqueConstraint(fields=["review", "criterion"], name="a_criterion_is_scored_once"),
            models.CheckConstraint(
                name="a_score_is_on_the_scale", condition=Q(value__isnull=True) | Q(value__range=(1, SCALE_POINTS))
            ),
        ]


class MassOpinion(models.Model):
    """What a reviewer would give of one sample request, in mg, and why."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="mass_opinions")
    request = models.ForeignKey(SampleRequest, models.PROTECT, related_name="+")
    would_give_mg = MassField(_("I would give"), null=True, blank=True)
    because = models.TextField(_("because"), blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "request"], name="one_mass_opinion_per_request")]


class ReviewTally(models.Model):
    """Number, sum and mean of an application's submitted reviews, written in each review's transaction.

    A row of its own, so that review work never touches the application.
    """

    application = models.OneToOneField(Application, models.CASCADE, related_name="tally")
    call = models.ForeignKey(Call, models.CASCADE, related_name="tallies")
    number = models.PositiveIntegerField(default=0)
    total = models.DecimalField(max_digits=9, decimal_places=3, default=0)
    mean = models.DecimalField(max_digits=5, decimal_places=3, default=0)

    class Meta:
        indexes = [models.Index("call", models.F("mean").desc(), "application", name="tallies_by_mean")]
        constraints = [models.CheckConstraint(name="a_tally_is_no_debt", condition=Q(total__gte=0, mean__gte=0))]
