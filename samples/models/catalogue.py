"""Missions and samples. What a sample weighs and has left is changed by `samples/ledger.py` alone."""

from decimal import Decimal

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.paired import localised
from portal.units import MassField
from samples.enums import Acquisition, Hemisphere, Origin, Preparation, SampleStatus, UseClass
from samples.models.words import NUMBER_PARTS, WORDS

ZERO = Decimal("0.000")


class Mission(models.Model):
    """A mission that returned samples from one landing site."""

    code = models.SlugField(_("code"), max_length=12, unique=True)
    name = models.CharField(_("name"), max_length=60)
    name_zh = models.CharField(_("name in Chinese"), max_length=60, blank=True)
    hemisphere = models.CharField(_("hemisphere"), max_length=4, choices=Hemisphere)
    site = models.CharField(_("landing site"), max_length=120)
    site_zh = models.CharField(_("landing site in Chinese"), max_length=120, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=7, decimal_places=4)
    longitude = models.DecimalField(_("longitude, east positive"), max_digits=7, decimal_places=4)
    landed_on = models.DateField(_("landed on"))
    returned_on = models.DateField(_("returned on"))
    returned_mg = MassField(_("returned mass"))
    source = models.CharField(_("source"), max_length=300)

    class Meta:
        ordering = ["landed_on"]
        constraints = [
            models.CheckConstraint(
                name="a_mission_returns_mass_after_landing",
                condition=Q(returned_mg__gt=0) & Q(returned_on__gte=F("landed_on")),
            ),
            models.CheckConstraint(
                name="a_landing_site_is_on_the_moon",
                condition=Q(latitude__range=(-90, 90)) & Q(longitude__range=(-180, 180)),
            ),
            models.CheckConstraint(name="a_hemisphere_is_near_or_far", condition=Q(hemisphere__in=Hemisphere.values)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def local_name(self) -> str:
        """The name in the language of the page."""
        return localised(self, "name")

    @property
    def local_site(self) -> str:
        """The landing site in the language of the page."""
        return localised(self, "site")


class Sample(models.Model):
    """A piece or a portion of matter with a number of its own. The number is opaque: nothing is derived from it.

    The counters `…_mg` mirror the movements. A sample known only from publications has none of them: no balance,
    not requestable, in no total.
    """

    catalogue_number = models.CharField(_("catalogue number"), max_length=60, unique=True)
    mission = models.ForeignKey(Mission, models.PROTECT, related_name="samples", verbose_name=_("mission"))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    igsn = models.CharField("IGSN", max_length=60, blank=True)
    acquisition = models.CharField(_("acquisition"), max_length=10, choices=Acquisition, default=Acquisition.UNKNOWN)
    preparation = models.CharField(_("kind"), max_length=20, choices=Preparation)
    use_class = models.CharField(_("use"), max_length=20, choices=UseClass, default=UseClass.RESEARCH)
    status = models.CharField(_("status"), max_length=12, choices=SampleStatus, default=SampleStatus.CATALOGUED)
    origin = models.CharField(_("known from"), max_length=14, choices=Origin, default=Origin.STOCK)
    description = models.TextField(_("description"), blank=True)
    description_zh = models.TextField(_("description in Chinese"), blank=True)
    location = models.CharField(_("storage location"), max_length=120, blank=True)
    is_demonstration = models.BooleanField(_("demonstration stock"), default=False)
    source = models.CharField(_("source"), max_length=500, blank=True)
    stated_mass_mg = MassField(_("mass as the source states it"), null=True, blank=True)
    reserve_floor_mg = MassField(_("never given below"), default=ZERO)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    initial_mg = MassField(_("initial mass"), default=ZERO)
    free_mg = MassField(default=ZERO)
    held_mg = MassField(default=ZERO)
    allocated_mg = MassField(default=ZERO)
    loaned_mg = MassField(default=ZERO)
    consumed_mg = MassField(default=ZERO)
    lost_mg = MassField(default=ZERO)

    class Meta:
        ordering = ["catalogue_number"]
        indexes = [
            models.Index(fields=["mission", "preparation", "catalogue_number"], name="sample_facets"),
            models.Index(fields=["parent"], name="sample_children", condition=Q(parent__isnull=False)),
            GinIndex(WORDS, name="sample_words"),
            GinIndex(NUMBER_PARTS, name="sample_number_parts"),
        ]
        constraints = [
            models.CheckConstraint(
                name="no_counter_is_below_zero",
                condition=Q(
                    free_mg__gte=0,
                    held_mg__gte=0,
                    allocated_mg__gte=0,
                    loaned_mg__gte=0,
                    consumed_mg__gte=0,
                    lost_mg__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="known_from_publications_has_no_balance",
                condition=~Q(origin=Origin.PUBLICATIONS)
                | Q(initial_mg=0, free_mg=0, held_mg=0, allocated_mg=0, loaned_mg=0, consumed_mg=0, lost_mg=0),
            ),
            models.UniqueConstraint(fields=["igsn"], condition=~Q(igsn=""), name="an_igsn_names_one_sample"),
            models.CheckConstraint(
                name="an_igsn_is_a_doi_in_capitals",
                condition=Q(igsn="") | Q(igsn__regex=r"^10\.[0-9]{4,9}/[0-9A-Z._/-]+$"),
            ),
            models.CheckConstraint(name="a_reserve_floor_is_no_debt", condition=Q(reserve_floor_mg__gte=0)),
            models.CheckConstraint(
                name="a_sample_is_not_its_own_parent", condition=Q(parent__isnull=True) | ~Q(parent=F("id"))
            ),
        ]

    def __str__(self) -> str:
        return self.catalogue_number

    @property
    def is_divisible(self) -> bool:
        """Whether it is given by mass; everything but powder is lent whole.

        Source: LESEC notice of November 2024 (sections and clasts only as whole pieces, powder by mass).
        """
        return self.preparation == Preparation.POWDER

    @property
    def public_free_mg(self) -> Decimal:
        """What the public reads as free, in mg: a hold moves no public figure."""
        return self.free_mg + self.held_mg

    @property
    def public_allocated_mg(self) -> Decimal:
        """What published selections have given, in mg, wherever it is now."""
        return self.allocated_mg + self.loaned_mg

    @property
    def local_description(self) -> str:
        """The description in the language of the page."""
        return localised(self, "description")
