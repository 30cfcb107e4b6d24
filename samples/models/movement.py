"""The ledger's rows: every movement of mass, and the holds that decisions place. Written by `samples/ledger.py`."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.append_only import AppendOnly
from portal.units import MassField
from samples.enums import Account, MovementReason
from samples.models.catalogue import Sample


class Movement(AppendOnly):
    """Mass that went from one account to another; it conserves by construction.

    The two movements of a split share `split`. A mistake is mended by a movement that `reverses` it.
    """

    sample = models.ForeignKey(Sample, models.PROTECT, related_name="movements")
    from_account = models.CharField(max_length=10, choices=Account)
    to_account = models.CharField(max_length=10, choices=Account)
    mass_mg = MassField(_("mass"))
    reason = models.CharField(max_length=20, choices=MovementReason)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_index=True)
    split = models.UUIDField(null=True, blank=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    hold = models.ForeignKey("samples.Hold", models.PROTECT, null=True, blank=True, related_name="movements")

    class Meta(AppendOnly.Meta):
        indexes = [models.Index(fields=["sample", "id"], name="movements_of_a_sample")]
        constraints = [
            models.CheckConstraint(name="a_movement_has_mass", condition=Q(mass_mg__gt=0)),
            models.CheckConstraint(name="a_movement_changes_account", condition=~Q(from_account=F("to_account"))),
        ]


class Hold(models.Model):
    """Mass, or a whole piece, that a decision keeps until it is published, refused or withdrawn."""

    class State(models.TextChoices):
        HELD = "held", _("On hold")
        ALLOCATED = "allocated", _("Allocated")
        RELEASED = "released", _("Released")

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="holds")
    whole = models.BooleanField()
    mass_mg = MassField(_("mass"))
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sample"], condition=Q(whole=True) & ~Q(state="released"), name="a_whole_piece_has_one_holder"
            ),
            models.CheckConstraint(name="a_hold_has_mass", condition=Q(mass_mg__gt=0)),
        ]
