"""The vocabularies of the samples: hemispheres, kinds, uses, and the accounts of the ledger."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Hemisphere(models.TextChoices):
    """The side of the Moon a mission landed on."""

    NEAR = "near", _("Near side")
    FAR = "far", _("Far side")


class Acquisition(models.TextChoices):
    """How a sample was collected."""

    SCOOPED = "scooped", _("Scooped")
    DRILLED = "drilled", _("Drilled")
    UNKNOWN = "unknown", _("Not known")


class Preparation(models.TextChoices):
    """What a sample is prepared as. Only powder is given by mass; the rest is lent whole."""

    POWDER = "powder", _("Powder")
    CLAST = "clast", _("Rock clast")
    SECTION = "polished-section", _("Polished section")
    GRAIN = "grain", _("Grain")
    FIB_SECTION = "fib-section", _("FIB section")
    OTHER = "other", _("Other")


class TreatmentKind(models.TextChoices):
    """What a sample was exposed to or how it was prepared: what a later measurement has to know."""

    GAS = "gas", _("Gas")
    TOOL = "tool", _("Tools")
    CUTTING = "cutting", _("Cutting and polishing")
    MOUNT = "mount", _("Epoxy or mount")
    COATING = "coating", _("Coating")
    BEAM = "beam", _("Beam")
    CLEANING = "cleaning", _("Cleaning")
    HEATING = "heating", _("Heating")
    OTHER = "other", _("Other")


class UseClass(models.TextChoices):
    """What a sample is kept for. Permanent and backup storage are never requestable."""

    RESEARCH = "research", _("Research")
    PUBLIC_INTEREST = "public-interest", _("Public interest")
    PERMANENT = "permanent", _("Permanent storage")
    BACKUP = "backup", _("Backup storage")


class Origin(models.TextChoices):
    """Where the portal knows a sample from."""

    STOCK = "stock", _("In stock")
    PUBLICATIONS = "publications", _("Known from publications")


class SampleStatus(models.TextChoices):
    """Whether a sample is in the catalogue."""

    CATALOGUED = "catalogued", _("Catalogued")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LOST = "lost", _("Lost")


class Account(models.TextChoices):
    """The accounts of the ledger; a movement goes from one to another."""

    OUTSIDE = "outside", _("Outside")
    FREE = "free", _("Free")
    HELD = "held", _("On hold")
    ALLOCATED = "allocated", _("Allocated")
    LOANED = "loaned", _("Loaned")
    CONSUMED = "consumed", _("Consumed")
    LOST = "lost", _("Lost")


COUNTED_ACCOUNTS = [account for account in Account if account is not Account.OUTSIDE]


class MovementReason(models.TextChoices):
    """Why mass moved."""

    ACCESSION = "accession", _("Accession")
    SPLIT = "split", _("Split")
    PREPARATION_LOSS = "preparation-loss", _("Loss in preparation")
    HOLD = "hold", _("Held by a decision")
    RELEASE = "release", _("Hold released")
    ALLOCATION = "allocation", _("Allocated by a publication")
    GIVEN_BACK = "given-back", _("Award given back")
    CORRECTION = "correction", _("Correction")
