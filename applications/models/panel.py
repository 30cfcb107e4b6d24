"""Before and around reviews: answers on conflicts, rulings, waivers, wishes, proposals, packs, names found."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.enums import HintKind, InterestAnswer, PackState, RoundMode, RoundState, Wish
from applications.models.application import Application, Submission
from applications.models.call import Call, PanelMember

USER = settings.AUTH_USER_MODEL


class PanelAnswer(models.Model):
    """What a member of a panel answered of one application before its content opened; the latest answer stands.

    Whoever cannot judge it has a `Conflict` beside this, as everybody has who declares one later.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="panel_answers")
    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    answer = models.CharField(max_length=10, choices=InterestAnswer)
    words = models.TextField(_("what the interest is"), blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "user"], name="a_member_answers_once_for_an_application")
        ]


class Ruling(models.Model):
    """What a chair, or an administrator in their place, ruled on a hint. It stays whatever is computed later."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="rulings")
    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=HintKind)
    bars = models.BooleanField(_("is a conflict"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "user", "kind"], name="a_hint_is_ruled_on_once"),
            models.CheckConstraint(name="a_ruling_has_a_reason", condition=~Q(reason="")),
        ]


class Waiver(models.Model):
    """Somebody with a conflict who is needed all the same: they read and speak, and never score or vote."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="waivers")
    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "user"], name="a_conflict_is_waived_once"),
            models.CheckConstraint(name="a_waiver_has_a_reason", condition=~Q(reason="")),
        ]


class Suspension(models.Model):
    """What somebody wrote about an application until `at` does not count, since a conflict came up, until it is lifted.

    It covers the review, whose assignment has ended, and posts of the discussion (`applications/suspending.py`).
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="suspensions")
    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "user"],
                condition=Q(lifted_at__isnull=True),
                name="somebody_is_suspended_once_from_an_application",
            ),
            models.CheckConstraint(
                name="a_suspension_is_lifted_afterwards",
                condition=Q(lifted_at__isnull=True) | Q(lifted_at__gte=models.F("at")),
            ),
        ]


class InvitedFor(models.Model):
    """An application for which an expert was invited: of the others they learn nothing.

    Source: charter of the expert committee (invited experts review and vote on the projects they were invited for).
    """

    seat = models.ForeignKey(PanelMember, models.CASCADE, related_name="invited_for")
    application = models.ForeignKey(Application, models.PROTECT, related_name="experts")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seat", "application"], name="an_expert_is_invited_once_for_an_application")
        ]


class Work(models.Model):
    """A published work in a list that somebody gave: the portal asks no outside service.

    `key` is the DOI in small letters, or what stands for it; `authors` is a list of `{"name", "orcid"}`, in order,
    empty where only the DOI was given; `year` is unknown then, too.
    """

    user = models.ForeignKey(USER, models.CASCADE, related_name="works")
    key = models.CharField(max_length=300)
    doi = models.CharField(max_length=300, blank=True)
    title = models.CharField(_("title"), max_length=500, blank=True)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    authors = models.JSONField(default=list, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-year", "key"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="a_list_holds_a_work_once")]
        indexes = [models.Index(fields=["key"], name="works_by_key")]


class Bid(models.Model):
    """What a member of a panel would like to review."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="bids")
    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    wish = models.SmallIntegerField(_("wish"), choices=Wish)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "user"], name="one_wish_for_an_application")]


class AssignmentRound(models.Model):
    """How the reviewers of a call were found: proposals, edited by the chair, that nobody else sees before release.

    `seed` makes the same proposals again. `each` is the number of reviewers of one application, lead readers in a
    small round; `most` is the load of one member where they set no smaller one. `found` is what the last working out
    or release met, in codes and numbers: `{"code", "needed", "can", "pairs"}`. `released_at` is the first release.
    """

    call = models.OneToOneField(Call, models.PROTECT, related_name="assignment_round")
    mode = models.CharField(max_length=8, choices=RoundMode)
    state = models.CharField(max_length=6, choices=RoundState, default=RoundState.ASKED)
    seed = models.BigIntegerField()
    each = models.PositiveSmallIntegerField(_("reviewers of each application"), default=2)
    most = models.PositiveSmallIntegerField(_("applications of one reviewer at most"), null=True, blank=True)
    with_chair = models.BooleanField(_("the chair reviews, too"), default=False)
    version = models.PositiveIntegerField(default=1)
    found = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    @property
    def reference(self) -> str:
        """The call's address, under which the trail keeps what happened here."""
        return self.call.slug


class Proposal(models.Model):
    """A reviewer proposed for an application. `because` says why: `{"techniques", "wish", "load", "edited"}`."""

    round = models.ForeignKey(AssignmentRound, models.CASCADE, related_name="proposals")
    application = models.ForeignKey(Application, models.PROTECT, related_name="proposals")
    reviewer = models.ForeignKey(USER, models.PROTECT, related_name="+")
    is_lead = models.BooleanField(_("lead reader"), default=False)
    because = models.JSONField(default=dict, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "application", "reviewer"], name="a_pair_is_proposed_once")
        ]


class OfflinePack(models.Model):
    """A ZIP of what somebody reviews, or a booklet of what they may read: made by the worker, and gone after a day.

    `references` are the applications inside; the right to each is checked again when it is fetched. `begun_at` is when
    a worker took it up last, and `done` how many papers of it are set.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    call = models.ForeignKey(Call, models.CASCADE, related_name="+")
    user = models.ForeignKey(USER, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=[("reviews", _("Reviews")), ("booklet", _("Booklet"))])
    state = models.CharField(max_length=6, choices=PackState, default=PackState.ASKED)
    language = models.CharField(max_length=8, default="en")
    references = ArrayField(models.CharField(max_length=24), default=list)
    done = models.PositiveIntegerField(default=0)
    file_sha256 = models.CharField(max_length=64, blank=True)
    file_bytes = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "call", "-asked_at"], name="packs_of_somebody")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "call", "kind"],
                condition=Q(state=PackState.ASKED),
                name="one_pack_of_a_kind_is_made_at_a_time",
            )
        ]


class OfflineUpload(models.Model):
    """What somebody filled in without a connection and uploaded: it waits here for an hour to be looked at and saved.

    `rows` are what was read, one of each application; `faults` are places of the files that could not be.
    """

    call = models.ForeignKey(Call, models.CASCADE, related_name="+")
    user = models.ForeignKey(USER, models.CASCADE, related_name="+")
    rows = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "call"], name="one_upload_of_somebody_waits_in_a_call")]


class NameScan(models.Model):
    """Possible names that a scan found in a submission of a call without names, and who let them pass.

    `found` is a list of `{"where", "name", "excerpt"}`.
    """

    submission = models.OneToOneField(Submission, models.PROTECT, related_name="name_scan")
    found = models.JSONField(default=list)
    at = models.DateTimeField()
    cleared_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_because = models.TextField(_("why nobody is named"), blank=True)
