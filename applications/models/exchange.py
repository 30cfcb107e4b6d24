"""What applicant and office tell each other outside the submission: questions, clarifications, changes, standing."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.enums import ChangeKind, ChangeState
from applications.models.application import Application, Submission
from applications.models.call import Call
from portal.append_only import AppendOnly
from portal.paired import localised


class CallQuestion(models.Model):
    """A question on a call, answered once for everybody; who asked is never shown.

    `asked` are the asker's own words; `question` is their public wording, which the office may change so that
    nobody can be recognised.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    call = models.ForeignKey(Call, models.PROTECT, related_name="questions")
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked = models.TextField(_("your question"))
    asked_at = models.DateTimeField()
    question = models.TextField(_("question as published"), blank=True)
    question_zh = models.TextField(_("question as published, in Chinese"), blank=True)
    answer = models.TextField(_("answer"), blank=True)
    answer_zh = models.TextField(_("answer in Chinese"), blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["call", "-answered_at", "uid"], name="questions_of_a_call")]
        constraints = [
            models.CheckConstraint(
                name="an_answer_is_whole_and_in_both_languages",
                condition=Q(answered_at__isnull=True)
                | Q(answered_by__isnull=False)
                & ~Q(question="")
                & ~Q(question_zh="")
                & ~Q(answer="")
                & ~Q(answer_zh=""),
            )
        ]

    @property
    def local_question(self) -> str:
        """The published question in the language of the page."""
        return localised(self, "question")

    @property
    def local_answer(self) -> str:
        """The published answer in the language of the page."""
        return localised(self, "answer")


class Clarification(models.Model):
    """A question of the office or the panel to one applicant, with the time until which an answer is awaited."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    application = models.ForeignKey(Application, models.PROTECT, related_name="clarifications")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="+")
    question = models.TextField(_("question"))
    for_panel = models.BooleanField(_("the panel reads the answer"), default=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(_("answer until"))
    answer = models.TextField(_("answer"), blank=True)
    file_sha256 = models.CharField(max_length=64, blank=True)
    file_bytes = models.PositiveIntegerField(default=0)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="a_clarification_is_answered_by_somebody",
                condition=Q(answered_at__isnull=True) | Q(answered_by__isnull=False) & ~Q(answer=""),
            ),
            models.CheckConstraint(
                name="an_answer_is_due_after_its_question", condition=Q(due_at__gt=models.F("asked_at"))
            ),
        ]

    @property
    def reference(self) -> str:
        """The application's reference, under which the trail keeps what happened here."""
        return self.application.reference


class ChangeReport(models.Model):
    """A change reported after submission. It never edits the snapshot; a person decides what follows from it.

    `facts` holds what the change says in data, by kind: ids, and masses in mg as decimal strings.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    application = models.ForeignKey(Application, models.PROTECT, related_name="changes")
    kind = models.CharField(_("what changes"), max_length=14, choices=ChangeKind)
    text = models.TextField(_("what changes, and since when"))
    facts = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=ChangeState, default=ChangeState.OPEN)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["state", "at", "uid"], name="changes_by_state")]
        constraints = [
            models.CheckConstraint(
                name="a_settled_change_was_settled_by_somebody",
                condition=Q(state=ChangeState.OPEN, answered_at__isnull=True)
                | ~Q(state=ChangeState.OPEN) & Q(answered_at__isnull=False, answered_by__isnull=False),
            )
        ]

    @property
    def reference(self) -> str:
        """The application's reference, under which the trail keeps what happened here."""
        return self.application.reference


class Redeclaration(AppendOnly):
    """What the principal investigator declared anew after an accepted change; `declared` as in the application."""

    change = models.OneToOneField(ChangeReport, models.PROTECT, related_name="redeclaration")
    application = models.ForeignKey(Application, models.PROTECT, related_name="redeclarations")
    declared = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class NamingChoice(AppendOnly):
    """Whether the principal investigator may be named in public, as they said after submitting; the latest stands."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="naming_choices")
    names = models.BooleanField(_("the principal investigator may be named in public"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["-at", "-pk"]


class Standing(AppendOnly):
    """The applicant’s word, before the interviews, that the request of one submission still stands."""

    submission = models.OneToOneField(Submission, models.PROTECT, related_name="standing")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class ScheduleNote(AppendOnly):
    """The office’s one sentence to all applicants of a call, with the planned days it changes, if any.

    `earlier_…_on` are the days that were planned until then, so that what was announced first can always be told.
    """

    call = models.ForeignKey(Call, models.PROTECT, related_name="schedule_notes")
    text = models.CharField(_("sentence"), max_length=300)
    text_zh = models.CharField(_("sentence in Chinese"), max_length=300)
    interviews_on = models.DateField(_("interviews planned for"), null=True, blank=True)
    results_on = models.DateField(_("results planned for"), null=True, blank=True)
    earlier_interviews_on = models.DateField(null=True, blank=True)
    earlier_results_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(name="a_sentence_is_in_both_languages", condition=~Q(text="") & ~Q(text_zh=""))
        ]

    @property
    def local_text(self) -> str:
        """The sentence in the language of the page."""
        return localised(self, "text")


class PartialUpload(models.Model):
    """A file on its way in parts; what has arrived lies outside the web root until it is whole and checked."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    application = models.ForeignKey(Application, models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    expected_bytes = models.PositiveIntegerField()
    received_bytes = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["begun_at"], name="uploads_by_age")]
        constraints = [
            models.CheckConstraint(
                name="no_more_arrives_than_was_announced",
                condition=Q(expected_bytes__gt=0) & Q(received_bytes__lte=models.F("expected_bytes")),
            )
        ]
