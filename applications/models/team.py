"""Who works on an application, whom they ask not to judge it, and where its material would be."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.enums import PlaceKind, TeamRole
from applications.models.application import Application, Submission
from portal.append_only import AppendOnly
from portal.units import MassField


class TeamMember(models.Model):
    """Somebody on the team besides the principal investigator.

    Confirms by signing in with the invited address, or with the ORCID iD where that was invited. Copied from an
    earlier application, nobody is invited before somebody asks for it: `invited_at` is empty until then.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    application = models.ForeignKey(Application, models.CASCADE, related_name="team")
    email = models.EmailField(_("e-mail"), blank=True)
    orcid = models.CharField(_("ORCID iD"), max_length=19, blank=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("part"), max_length=24, choices=TeamRole, default=TeamRole.CO_INVESTIGATOR)
    institution = models.ForeignKey(
        "accounts.Institution", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("institution")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    invited_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    receives_decisions = models.BooleanField(_("receives the decision too"), default=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "application",
                models.functions.Lower("email"),
                condition=~Q(email=""),
                name="an_address_is_once_on_a_team",
            ),
            models.UniqueConstraint(
                fields=["application", "orcid"], condition=~Q(orcid=""), name="an_orcid_is_once_on_a_team"
            ),
            models.CheckConstraint(
                name="who_is_invited_has_an_address_or_an_orcid", condition=~Q(email="") | ~Q(orcid="")
            ),
            models.CheckConstraint(
                name="who_confirms_is_known", condition=Q(confirmed_at__isnull=True) | Q(user__isnull=False)
            ),
            models.CheckConstraint(name="the_principal_investigator_is_no_row", condition=~Q(role=TeamRole.PRINCIPAL)),
        ]


class Party(AppendOnly):
    """A person or an institution that a submission names: kept with it, so that whoever is on its team, or works
    where its material would be held, stays barred though the draft has changed since.
    """

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="parties")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    institution = models.ForeignKey("accounts.Institution", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.CheckConstraint(
                name="a_party_is_somebody_or_an_institution",
                condition=Q(user__isnull=False) | Q(institution__isnull=False),
            )
        ]


class InterestStatement(models.Model):
    """Whom somebody on a team asks not to judge the application, and why; empty when they know of nobody.

    Only the chair and administrators without a conflict read it.
    """

    application = models.ForeignKey(Application, models.CASCADE, related_name="interests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("people and institutions with which you have a conflict"), blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "user"], name="somebody_states_their_interests_once")
        ]


class Place(models.Model):
    """A place where material would be: held by an institution, or visited, for example a shared facility."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    application = models.ForeignKey(Application, models.CASCADE, related_name="places")
    institution = models.ForeignKey(
        "accounts.Institution", models.PROTECT, related_name="+", verbose_name=_("institution")
    )
    kind = models.CharField(_("holds or is visited"), max_length=8, choices=PlaceKind, default=PlaceKind.HOLDER)
    facility = models.CharField(_("laboratory or facility"), max_length=200, blank=True)
    mass_mg = MassField(_("mass there at most"), null=True, blank=True)
    pieces = models.PositiveSmallIntegerField(_("whole pieces there at most"), default=0)
    from_on = models.DateField(_("from"), null=True, blank=True)
    until_on = models.DateField(_("until"), null=True, blank=True)
    carrier = models.CharField(_("who carries it there"), max_length=200, blank=True)

    class Meta:
        ordering = ["kind", "from_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="material_leaves_a_place_after_it_came",
                condition=Q(from_on__isnull=True) | Q(until_on__isnull=True) | Q(until_on__gte=models.F("from_on")),
            )
        ]

    @property
    def part(self) -> str:
        """How a draft calls it among its parts."""
        return f"place:{self.uid}"
