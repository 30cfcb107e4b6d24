"""Screening of a submission, and the curator's advice on each of its sample requests."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.enums import Feasibility, ScreeningOutcome, ScreeningReason
from applications.models.application import Submission
from applications.models.request import SampleRequest
from portal.append_only import AppendOnly
from portal.units import MassField


class Screening(AppendOnly):
    """What an administrator found of one submission; the reason goes to the applicant."""

    submission = models.OneToOneField(Submission, models.PROTECT, related_name="screening")
    outcome = models.CharField(max_length=6, choices=ScreeningOutcome)
    reason_code = models.CharField(max_length=20, choices=ScreeningReason, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [
            models.CheckConstraint(
                name="a_refusal_has_a_reason",
                condition=Q(outcome=ScreeningOutcome.PASS) | ~Q(reason_code="") & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="a_return_has_a_due_time", condition=~Q(outcome=ScreeningOutcome.RETURN) | Q(due_at__isnull=False)
            ),
        ]


class Advice(models.Model):
    """The curator's advice on one sample request, or a recorded waiver, before any reviewer sees it."""

    request = models.OneToOneField(SampleRequest, models.PROTECT, related_name="advice")
    feasibility = models.CharField(_("advice"), max_length=10, choices=Feasibility, blank=True)
    feasible_mg = MassField(_("mass that could be given"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    waived = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="advice_is_given_or_waived_with_a_reason",
                condition=Q(waived=False) & ~Q(feasibility="") | Q(waived=True, feasibility="") & ~Q(note=""),
            )
        ]
