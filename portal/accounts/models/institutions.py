"""Places of work, and every name by which they are known. Read and written by `portal/accounts/institutions.py`."""

import uuid

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from portal.paired import localised


class Institution(models.Model):
    """A place of work. One that somebody typed in is not verified until an administrator has looked."""

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    name_zh = models.CharField(_("name in Chinese"), max_length=200, blank=True)
    ror = models.URLField(_("ROR id"), max_length=60, null=True, blank=True, unique=True)
    country_or_region = models.CharField(_("country or region"), max_length=2)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("part of"),
        null=True,
        blank=True,
        related_name="parts",
    )
    verified = models.BooleanField(_("verified"), default=False)

    class Meta:
        verbose_name = _("institution")
        verbose_name_plural = _("institutions")
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                "country_or_region",
                condition=Q(ror__isnull=True),  # the registry itself has namesakes, each with an id of its own
                name="an_institution_typed_in_is_named_once_per_country",
            ),
            models.CheckConstraint(
                condition=Q(country_or_region__regex=r"^[A-Z]{2}$"),
                name="a_country_or_region_is_two_capitals",
            ),
            models.CheckConstraint(
                condition=Q(ror__isnull=True) | Q(ror__regex=r"^https://ror\.org/0[a-z0-9]{6}[0-9]{2}$"),
                name="a_ror_id_is_an_address_at_ror_org",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")),
                name="an_institution_is_not_its_own_part",
            ),
        ]
        indexes = [
            models.Index(Lower("name"), "country_or_region", name="institutions_by_own_name"),
            models.Index(fields=["name_zh"], name="institutions_by_chinese_name", condition=~Q(name_zh="")),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language of the page."""
        return localised(self, "name")


class InstitutionName(models.Model):
    """Another name of an institution: in another language, a former one, an acronym. `key` is how it is looked for."""

    class Kind(models.TextChoices):
        """What sort of name it is."""

        LABEL = "label", _("name")
        ALIAS = "alias", _("alias")
        ACRONYM = "acronym", _("acronym")

    institution = models.ForeignKey(
        Institution,
        models.CASCADE,
        verbose_name=_("institution"),
        related_name="names",
    )
    name = models.CharField(_("name"), max_length=250)
    key = models.CharField(_("as it is looked for"), max_length=250)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)

    class Meta:
        verbose_name = _("name of an institution")
        verbose_name_plural = _("names of institutions")
        constraints = [
            models.UniqueConstraint(fields=["institution", "key"], name="an_institution_has_each_name_once"),
            models.CheckConstraint(condition=~Q(key=""), name="a_name_can_be_looked_for"),
            models.CheckConstraint(
                condition=Q(kind__in=["label", "alias", "acronym"]), name="a_name_is_of_a_known_kind"
            ),
        ]
        indexes = [
            models.Index(fields=["key"], name="institutions_by_name"),
            GinIndex(OpClass(F("key"), name="gin_trgm_ops"), name="institutions_by_part_of_name"),
        ]

    def __str__(self) -> str:
        return self.name
