"""What the chair decides: who is on the shortlist, and a verdict with its award for every sample request."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.enums import Verdict
from applications.models.application import Application
from applications.models.request import SampleRequest
from portal.units import MassField
from samples.models import Hold


class Shortlisting(models.Model):
    """Whether an application is invited to an interview. Both go on to deliberation."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="shortlisting")
    invited = models.BooleanField()
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Decision(models.Model):
    """The verdict on one sample request. It is changed only by a decision that supersedes it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    request = models.ForeignKey(SampleRequest, models.PROTECT, related_name="decisions")
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict)
    reason = models.TextField(_("reason"))
    reserve_rank = models.PositiveSmallIntegerField(_("place on the reserve list"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")
    is_effective = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(is_effective=True), name="one_decision_on_a_request_is_effective"
            ),
            models.CheckConstraint(name="a_decision_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="a_rank_is_a_place_on_the_reserve_list",
                condition=Q(reserve_rank__isnull=True) | Q(verdict=Verdict.RESERVE),
            ),
        ]


class Award(models.Model):
    """What a decision gives, in mg or whole. Its hold keeps the mass; publication makes it an allocation."""

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="award")
    hold = models.OneToOneField(Hold, models.PROTECT, related_name="award")
    whole = models.BooleanField()
    mass_mg = MassField(_("mass"))
    waits_for = models.TextField(_("waits for an authorisation"), blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="an_award_has_mass", condition=Q(mass_mg__gt=0))]
