"""Sample requests: in the draft, and as submitted; groups say how several of them belong together. Masses in mg."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.enums import Effect, GroupKind
from applications.models.application import Application, Submission
from portal.append_only import AppendOnly
from portal.units import MassField
from samples.models import Sample
from samples.rules.techniques import label_of


class GroupLine(models.Model):
    """What a group of sample requests says: how they belong together, and what of it would still be useful."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.CharField(_("how they belong together"), max_length=10, choices=GroupKind)
    name = models.CharField(_("name of the group"), max_length=120)
    matching = models.TextField(_("what must match: kind, grain size, method"), blank=True)
    first = models.TextField(_("what is measured first, and why"), blank=True)
    least_set = models.TextField(_("the least useful set, and why"), blank=True)
    comparison = models.TextField(_("comparison material already held"), blank=True)
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        abstract = True


class DraftGroup(GroupLine):
    """A group in the draft."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="draft_groups")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["application", "name"], name="a_draft_names_a_group_once")]

    @property
    def part(self) -> str:
        """How a draft calls it among its parts."""
        return f"group:{self.uid}"


class SampleRequestGroup(AppendOnly, GroupLine):
    """A group as submitted."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="groups")

    class Meta(AppendOnly.Meta):
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["submission", "name"], name="a_submission_names_a_group_once")]


class RequestLine(models.Model):
    """What one sample request says: a whole piece, or a mass asked and the least useful one, in mg.

    `runs` argues for the least mass: a list of `{"technique", "mass_mg", "runs", "loss_percent"}`, numbers as decimal
    strings; `technique` is the code of the vocabulary or free text. `rank` is its place in its group, and
    `in_least_set` whether the group is useless without it.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="+")
    whole = models.BooleanField(_("whole piece"))
    asked_mg = MassField(_("mass asked"), null=True, blank=True)
    least_mg = MassField(_("least useful mass"), null=True, blank=True)
    technique = models.CharField(_("technique"), max_length=120, blank=True)
    effect = models.CharField(_("effect on the sample"), max_length=20, choices=Effect, default=Effect.NON_DESTRUCTIVE)
    justification = models.TextField(_("why this sample, and why not less"), blank=True)
    contaminants = models.TextField(_("contaminants that would ruin the measurement"), blank=True)
    alternatives = models.TextField(_("why not an existing section or a returned remainder"), blank=True)
    runs = models.JSONField(_("measurements planned"), default=list, blank=True)
    rank = models.PositiveSmallIntegerField(_("place in the group"), default=1)
    in_least_set = models.BooleanField(_("part of the least useful set"), default=True)

    class Meta:
        abstract = True

    @property
    def technique_label(self) -> str:
        """What the technique is called in the language of the page."""
        return label_of(self.technique)


class DraftRequest(RequestLine):
    """A sample request in the draft."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="draft_requests")
    group = models.ForeignKey(DraftGroup, models.SET_NULL, null=True, blank=True, related_name="lines")

    class Meta:
        ordering = ["sample__catalogue_number"]
        constraints = [models.UniqueConstraint(fields=["application", "sample"], name="a_draft_asks_for_a_sample_once")]

    @property
    def part(self) -> str:
        """How a draft calls it among its parts: by its sample, of which it has one request."""
        return f"request:{self.sample.catalogue_number}"


class SampleRequest(AppendOnly, RequestLine):
    """One submitted sample request. It has no status: advice, verdict and award stand beside it."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="requests")
    group = models.ForeignKey(SampleRequestGroup, models.PROTECT, null=True, blank=True, related_name="lines")

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
