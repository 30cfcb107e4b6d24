"""Authorisations: what a law or funder rule asks, per mission and holding institution, as each side states it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.enums import AuthorisationState, Occasion, Side
from applications.models.application import Application
from portal.append_only import AppendOnly
from samples.models import Mission


class AuthorisationLine(models.Model):
    """What is stated: whether an authorisation is needed for one mission at one holding institution, and its evidence.

    Nothing is computed from it; a flag goes to a person, and *pending* never blocks.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    mission = models.ForeignKey(Mission, models.PROTECT, related_name="+")
    institution = models.ForeignKey("accounts.Institution", models.PROTECT, related_name="+")
    state = models.CharField(_("authorisation"), max_length=8, choices=AuthorisationState)
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    expected_on = models.DateField(_("expected"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    evidence_sha256 = models.CharField(max_length=64, blank=True)
    evidence_bytes = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class DraftAuthorisation(AuthorisationLine):
    """What the team states in the draft."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="draft_authorisations")

    class Meta:
        ordering = ["mission", "institution", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "mission", "institution"], name="a_draft_states_an_authorisation_once"
            )
        ]

    @property
    def part(self) -> str:
        """How a draft calls it among its parts."""
        return f"authorisation:{self.mission.code}:{self.institution.key}"

    @property
    def evidence_part(self) -> str:
        """How a draft calls the evidence beside it."""
        return f"evidence:{self.mission.code}:{self.institution.key}"


class AuthorisationRecord(AppendOnly, AuthorisationLine):
    """What one side stated on one occasion; the latest of each side stands, the earlier ones stay."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="authorisations")
    side = models.CharField(max_length=9, choices=Side)
    occasion = models.CharField(max_length=10, choices=Occasion)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["mission", "institution", "side", "at", "pk"]
        indexes = [models.Index(fields=["application", "side", "at"], name="authorisations_of_an_appl")]
        constraints = [
            models.CheckConstraint(
                name="an_authorisation_states_one_of_four", condition=Q(state__in=AuthorisationState.values)
            )
        ]
