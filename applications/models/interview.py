"""Interviews: one slot for an invited application; a call's slots never overlap."""

import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.enums import InterviewState
from applications.models.application import Application
from applications.models.call import Call


class Interview(models.Model):
    """One interview of one application."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    application = models.ForeignKey(Application, models.PROTECT, related_name="interviews")
    call = models.ForeignKey(Call, models.PROTECT, related_name="interviews")
    status = models.CharField(max_length=10, choices=InterviewState, default=InterviewState.PROPOSED)
    slot = DateTimeRangeField(_("slot"))
    place = models.CharField(_("place or link"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    minutes = models.TextField(_("minutes"), blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="a_panel_holds_one_interview_at_a_time",
                expressions=[("call", RangeOperators.EQUAL), ("slot", RangeOperators.OVERLAPS)],
                condition=~Q(status=InterviewState.CANCELLED),
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=~Q(status=InterviewState.CANCELLED),
                name="an_application_has_one_interview",
            ),
            models.CheckConstraint(
                name="a_slot_begins_and_ends",
                condition=Q(slot__isempty=False, slot__lower_inf=False, slot__upper_inf=False),
            ),
        ]
