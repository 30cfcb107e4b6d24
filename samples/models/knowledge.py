"""What is known of a sample beside its mass: what was done to it, and which data exist. Written by curators.

Both are said in two languages and say where they are known from. The trail keeps what they said before.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.paired import localised
from samples.enums import TreatmentKind
from samples.models.catalogue import Sample


class Treatment(models.Model):
    """Something a sample was exposed to, or a step of its preparation: gas, tools, epoxy, coating, earlier beams."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="treatments")
    day = models.DateField(_("day"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=TreatmentKind)
    description = models.CharField(_("description"), max_length=1000)
    description_zh = models.CharField(_("description in Chinese"), max_length=1000, blank=True)
    source = models.CharField(_("source"), max_length=500)

    class Meta:
        ordering = ["day", "pk"]
        constraints = [
            models.CheckConstraint(
                name="a_treatment_is_of_a_known_kind", condition=Q(kind__in=[str(kind) for kind in TreatmentKind])
            ),
            models.CheckConstraint(
                name="a_treatment_says_what_was_done_and_who_knows", condition=~Q(description="") & ~Q(source="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.local_description}"

    @property
    def local_description(self) -> str:
        """The description in the language of the page."""
        return localised(self, "description")


class Dataset(models.Model):
    """Data that exist on a sample: what was measured, by which technique, and where it is published."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="datasets")
    measured = models.CharField(_("what was measured"), max_length=300)
    measured_zh = models.CharField(_("what was measured, in Chinese"), max_length=300, blank=True)
    # A code of the vocabulary (`samples/rules/techniques.py`), or the words of whoever measured.
    technique = models.CharField(_("technique"), max_length=120)
    published_in = models.CharField(_("published in"), max_length=500)
    doi = models.CharField("DOI", max_length=200, blank=True)
    url = models.CharField(_("address"), max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="data_say_what_was_measured_how_and_where_they_are",
                condition=~Q(measured="") & ~Q(technique="") & ~Q(published_in=""),
            ),
            models.CheckConstraint(
                name="a_doi_begins_with_its_registrant", condition=Q(doi="") | Q(doi__regex=r"^10\.[0-9]{4,9}/[^\s]+$")
            ),
            models.CheckConstraint(
                name="an_address_of_data_is_on_the_web", condition=Q(url="") | Q(url__regex=r"^https?://")
            ),
        ]

    def __str__(self) -> str:
        return self.local_measured

    @property
    def local_measured(self) -> str:
        """What was measured, in the language of the page."""
        return localised(self, "measured")

    @property
    def link(self) -> str:
        """Where the data are: the address of the DOI, else the address itself."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url
