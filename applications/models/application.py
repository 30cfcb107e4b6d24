"""Applications: the draft that a team writes, and the submissions that everybody else reads.

The team is in `team.py`, sample requests in `request.py`, authorisations in `declaring.py`.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.enums import ApplicationLanguage, CareerStage, PublicStatus, Status
from applications.models.call import Call
from portal.append_only import AppendOnly

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
    """An application. Its content fields are the team's working draft; `submission` is what others read.

    `declared` maps the code of a declaration to `{"version", "details", "text", "text_zh"}`: the wording that was
    declared is kept, so that a later one can be compared with it. `approved_version` is the version whose anonymised
    copy the principal investigator approved. Career stage and first time are never shown to the panel.
    """

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
    laboratory = models.TextField(_("laboratory"), blank=True)
    custody = models.TextField(_("custody"), blank=True)
    public_title = models.CharField(_("public title"), max_length=200, blank=True)
    public_summary = models.TextField(_("public summary"), blank=True)
    language = models.CharField(
        _("language of the application"),
        max_length=7,
        choices=ApplicationLanguage,
        default=ApplicationLanguage.ENGLISH,
    )
    confirms_eligibility = models.BooleanField(_("you meet the conditions of the call"), default=False)
    career_stage = models.CharField(_("career stage"), max_length=12, choices=CareerStage, blank=True)
    is_first_time = models.BooleanField(_("first application for returned samples"), null=True, blank=True)
    cloned_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    what_changed = models.TextField(_("what changed since the earlier application"), blank=True)
    names_principal_investigator = models.BooleanField(
        _("the principal investigator may be named in public"), default=False
    )
    declared = models.JSONField(default=dict, blank=True)
    file_sha256 = models.CharField(max_length=64, blank=True)
    file_bytes = models.PositiveIntegerField(default=0)
    file_pages = models.PositiveIntegerField(default=0)
    approved_version = models.PositiveIntegerField(null=True, blank=True)
    handover_to = models.ForeignKey("TeamMember", models.SET_NULL, null=True, blank=True, related_name="+")
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


class Submission(AppendOnly):
    """What was submitted, as one immutable document; everybody but the team reads this alone.

    `document` is canonical JSON and `sha256` its hash; `received_at` is the arrival by the database clock;
    `draft_version` the version of the draft that it was made of.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="submissions")
    number = models.PositiveSmallIntegerField()
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    draft_version = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    received_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="submissions_are_numbered"),
        ]
