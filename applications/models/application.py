"""Applications: the draft that a team writes, and the submissions that everybody else reads."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.enums import Effect, PublicStatus, Status, TeamRole
from applications.models.call import Call
from portal.append_only import AppendOnly
from portal.units import MassField
from samples.models import Sample

PUBLIC_STATUS = {
    Status.DRAFT: PublicStatus.DRAFT,
    Status.SUBMITTED: PublicStatus.RECEIVED,
    Status.RETURNED: PublicStatus.RETURNED,
    Status.INELIGIBLE: PublicStatus.INELIGIBLE,
    Status.UNDER_REVIEW: PublicStatus.IN_REVIEW,
    Status.INTERVIEWING: PublicStatus.IN_REVIEW,
    Status.DELIBERATED: PublicStatus.IN_REVIEW,
    Status.DECIDED: PublicStatus.IN_REVIEW,
    Status.PUBLISHED: PublicStatus.DECIDED,
    Status.WITHDRAWN: PublicStatus.WITHDRAWN,
}


class Application(models.Model):
    """An application. Its content fields are the team's working draft; `submission` is what others read."""

    reference = models.CharField(max_length=24, unique=True)
    call = models.ForeignKey(Call, models.PROTECT, related_name="applications")
    principal_investigator = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="applications")
    institution = models.ForeignKey(
        "accounts.Institution", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("institution")
    )
    status = models.CharField(max_length=14, choices=Status, default=Status.DRAFT)
    created_at = models.DateTimeField()
    submission = models.OneToOneField("Submission", models.PROTECT, null=True, blank=True, related_name="current_of")
    resubmit_until = models.DateTimeField(null=True, blank=True)

    version = models.PositiveIntegerField(default=1)
    title = models.CharField(_("title"), max_length=200, blank=True)
    question = models.TextField(_("scientific question"), blank=True)
    plan = models.TextField(_("research plan"), blank=True)
    methods = models.TextField(_("methods and least mass"), blank=True)
    public_summary = models.TextField(_("public summary"), blank=True)
    names_principal_investigator = models.BooleanField(
        _("the principal investigator may be named in public"), default=False
    )
    declared = models.JSONField(default=list, blank=True)
    file_sha256 = models.CharField(max_length=64, blank=True)
    file_bytes = models.PositiveIntegerField(default=0)
    file_pages = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["call", "status", "reference"], name="applications_of_a_call"),
            models.Index(
                fields=["principal_investigator", "-created_at", "reference"], name="applications_of_a_person"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="what_left_the_draft_has_a_submission",
                condition=Q(status__in=[Status.DRAFT, Status.WITHDRAWN]) | Q(submission__isnull=False),
            ),
            models.CheckConstraint(
                name="a_returned_application_has_a_due_time",
                condition=~Q(status=Status.RETURNED) | Q(resubmit_until__isnull=False),
            ),
            models.CheckConstraint(name="a_status_is_one_of_the_process", condition=Q(status__in=Status.values)),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def public_status(self) -> PublicStatus:
        """The coarse status: the same for every outcome until release."""
        return PUBLIC_STATUS[Status(self.status)]


class TeamMember(models.Model):
    """Somebody on the team besides the principal investigator; confirms by signing in with the invited address."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    application = models.ForeignKey(Application, models.CASCADE, related_name="team")
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("part"), max_length=24, choices=TeamRole, default=TeamRole.CO_INVESTIGATOR)
    institution = models.ForeignKey(
        "accounts.Institution", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("institution")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    invited_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "application", models.functions.Lower("email"), name="an_address_is_once_on_a_team"
            ),
            models.CheckConstraint(
                name="who_confirms_is_known", condition=Q(confirmed_at__isnull=True) | Q(user__isnull=False)
            ),
            models.CheckConstraint(name="the_principal_investigator_is_no_row", condition=~Q(role=TeamRole.PRINCIPAL)),
        ]


class RequestLine(models.Model):
    """What one sample request says: a whole piece, or a mass asked and the least useful one, in mg."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="+")
    whole = models.BooleanField(_("whole piece"))
    asked_mg = MassField(_("mass asked"), null=True, blank=True)
    least_mg = MassField(_("least useful mass"), null=True, blank=True)
    technique = models.CharField(_("technique"), max_length=120, blank=True)
    effect = models.CharField(_("effect on the sample"), max_length=20, choices=Effect, default=Effect.NON_DESTRUCTIVE)
    justification = models.TextField(_("why this sample, and why not less"), blank=True)

    class Meta:
        abstract = True


class DraftRequest(RequestLine):
    """A sample request in the draft."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="draft_requests")

    class Meta:
        ordering = ["sample__catalogue_number"]
        constraints = [models.UniqueConstraint(fields=["application", "sample"], name="a_draft_asks_for_a_sample_once")]


class Submission(AppendOnly):
    """What was submitted, as one immutable document; everybody but the team reads this alone.

    `document` is canonical JSON and `sha256` its hash; `received_at` is the arrival by the database clock.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="submissions")
    number = models.PositiveSmallIntegerField()
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    received_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="submissions_are_numbered"),
        ]


class SampleRequest(AppendOnly, RequestLine):
    """One submitted sample request. It has no status: advice, verdict and award stand beside it."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="requests")

    class Meta(AppendOnly.Meta):
        ordering = ["sample__catalogue_number"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "sample"], name="a_submission_asks_for_a_sample_once"),
            models.CheckConstraint(
                name="a_request_is_whole_or_has_a_mass",
                condition=Q(whole=True, asked_mg__isnull=True, least_mg__isnull=True)
                | Q(whole=False, asked_mg__gt=0, least_mg__gt=0, least_mg__lte=models.F("asked_mg")),
            ),
        ]
