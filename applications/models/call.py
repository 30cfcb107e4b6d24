"""Calls: what is offered, until when, by which criteria, judged by whom; and the public record of earlier rounds."""

import zoneinfo
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.enums import Anonymity, CallOrigin, CallStatus, DeclarationKind, PanelRole
from portal.clock import PortalNow
from portal.paired import is_chinese, localised
from portal.units import MassField
from samples.models import Sample

SCALE_POINTS = 5


def default_limits() -> dict[str, dict[str, int]]:
    """Return what each section of an application may hold, in English words and Chinese characters."""
    return {
        "question": {"words": 400, "characters": 700},
        "plan": {"words": 1500, "characters": 2600},
        "methods": {"words": 1000, "characters": 1800},
        "laboratory": {"words": 500, "characters": 900},
        "custody": {"words": 300, "characters": 550},
        "public_summary": {"words": 150, "characters": 300},
    }


class Call(models.Model):
    """A call for applications. Its phases are computed from its dates; policy is in its fields, read by guards.

    `text_limits` maps a text of the application to `{"words", "characters"}`: words count in English, characters in
    Chinese. `holidays` are days of the call's zone on which nothing is counted as a working day.
    """

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    origin = models.CharField(max_length=14, choices=CallOrigin, default=CallOrigin.PORTAL)
    status = models.CharField(max_length=10, choices=CallStatus, default=CallStatus.DRAFT)
    title = models.CharField(_("title"), max_length=160)
    title_zh = models.CharField(_("title in Chinese"), max_length=160, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    summary_zh = models.TextField(_("summary in Chinese"), blank=True)
    eligibility = models.TextField(_("who can apply"), blank=True)
    eligibility_zh = models.TextField(_("who can apply, in Chinese"), blank=True)
    terms = models.TextField(_("loan terms"), blank=True)
    terms_zh = models.TextField(_("loan terms in Chinese"), blank=True)
    note = models.TextField(_("note beside the offer"), blank=True)
    note_zh = models.TextField(_("note beside the offer, in Chinese"), blank=True)
    agreement = models.TextField(_("agreement text"), blank=True)
    agreement_zh = models.TextField(_("agreement text in Chinese"), blank=True)
    zone = models.CharField(_("time zone of the call"), max_length=60, default="Asia/Shanghai")
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    reviews_due_at = models.DateTimeField(_("reviews due"), null=True, blank=True)
    interviews_on = models.DateField(_("interviews planned for"), null=True, blank=True)
    results_on = models.DateField(_("results planned for"), null=True, blank=True)
    holidays = ArrayField(models.DateField(), verbose_name=_("holidays"), default=list, blank=True)
    text_limits = models.JSONField(_("limits of the sections"), default=default_limits, blank=True)
    file_page_limit = models.PositiveSmallIntegerField(_("pages of the PDF at most"), default=10)
    anonymity = models.CharField(
        _("who is named to whom"), max_length=18, choices=Anonymity, default=Anonymity.REVIEWERS_HIDDEN
    )
    science_first = models.BooleanField(
        _("the science is scored before the team is shown"),
        default=False,
        help_text=_("Criteria about the team open once every other criterion is scored."),
    )
    reviews_each = models.PositiveSmallIntegerField(_("reviews of each application at least"), default=2)
    is_practice = models.BooleanField(_("practice call"), default=False)
    standing_asked_at = models.DateTimeField(null=True, blank=True)
    standing_due_at = models.DateTimeField(null=True, blank=True)
    standing_reminded_at = models.DateTimeField(null=True, blank=True)
    announces_shortlist = models.BooleanField(_("the shortlist is published"), default=False)
    hold_minutes = models.PositiveIntegerField(_("minutes between second signature and release"), default=0)
    slot_minutes = models.PositiveSmallIntegerField(_("minutes of one interview"), default=15)
    is_demonstration = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    announced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    announced_at = models.DateTimeField(null=True, blank=True)
    samples = models.ManyToManyField(Sample, through="CallSample", related_name="calls")

    class Meta:
        indexes = [models.Index(fields=["-closes_at", "slug"], name="calls_by_deadline")]
        constraints = [
            models.CheckConstraint(name="a_call_closes_after_it_opens", condition=Q(closes_at__gt=F("opens_at"))),
            models.CheckConstraint(
                name="an_announced_call_has_dates",
                condition=Q(origin=CallOrigin.PUBLIC_RECORD)
                | ~Q(status=CallStatus.ANNOUNCED)
                | Q(
                    opens_at__isnull=False,
                    closes_at__isnull=False,
                    announced_at__isnull=False,
                    announced_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="a_call_is_announced_by_a_second_administrator", condition=~Q(announced_by=F("created_by"))
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def local_title(self) -> str:
        """The title in the language of the page."""
        return localised(self, "title")

    @property
    def local_summary(self) -> str:
        """The summary in the language of the page."""
        return localised(self, "summary")

    @property
    def local_eligibility(self) -> str:
        """Who can apply, in the language of the page."""
        return localised(self, "eligibility")

    @property
    def local_terms(self) -> str:
        """The loan terms in the language of the page."""
        return localised(self, "terms")

    @property
    def local_agreement(self) -> str:
        """The agreement text in the language of the page."""
        return localised(self, "agreement")

    @property
    def local_note(self) -> str:
        """The note beside the offer in the language of the page."""
        return localised(self, "note")

    def get_absolute_url(self) -> str:
        """The public page of the call."""
        return reverse("applications:calls-detail", args=[self.slug])

    def is_open(self, moment: datetime) -> bool:
        """Whether a submission that arrives at this moment is in time. The guard inside the database decides."""
        if self.status != CallStatus.ANNOUNCED or self.opens_at is None or self.closes_at is None:
            return False
        return self.opens_at <= moment < self.closes_at

    @staticmethod
    def open_at(moment: datetime | PortalNow, to: str = "") -> Q:
        """Return the same as a condition on rows that reach their call by `to`, such as `application__call__`."""
        return Q(**{f"{to}status": CallStatus.ANNOUNCED, f"{to}opens_at__lte": moment, f"{to}closes_at__gt": moment})

    def is_open_or_ahead(self, moment: datetime) -> bool:
        """Whether the call is announced and has not closed: its dates still matter to somebody."""
        return self.status == CallStatus.ANNOUNCED and self.closes_at is not None and moment < self.closes_at

    @property
    def timezone(self) -> zoneinfo.ZoneInfo:
        """The call's zone, in which its days are counted."""
        return zoneinfo.ZoneInfo(self.zone)


class CallSample(models.Model):
    """A sample that a call offers: a powder up to a mass in mg, anything else as a whole piece."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="offers")
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="offers")
    offered_mg = MassField(_("offered mass"), null=True, blank=True)

    class Meta:
        ordering = ["sample__catalogue_number"]
        constraints = [
            models.UniqueConstraint(fields=["call", "sample"], name="a_call_offers_a_sample_once"),
            models.CheckConstraint(
                name="an_offer_has_mass_or_is_whole", condition=Q(offered_mg__isnull=True) | Q(offered_mg__gt=0)
            ),
        ]


class Criterion(models.Model):
    """One weighted criterion. Weights are the call's own; every point of the scale has its words.

    `words` and `words_zh` are lists of five: what 1, 2, 3, 4 and 5 mean; 5 is best.
    """

    call = models.ForeignKey(Call, models.CASCADE, related_name="criteria")
    code = models.SlugField(max_length=40)
    name = models.CharField(_("criterion"), max_length=120)
    name_zh = models.CharField(_("criterion in Chinese"), max_length=120, blank=True)
    weight = models.DecimalField(_("weight in percent"), max_digits=5, decimal_places=2)
    words = models.JSONField(default=list)
    words_zh = models.JSONField(default=list, blank=True)
    about_team = models.BooleanField(_("about the team"), default=False)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["call", "code"], name="a_criterion_has_one_code_in_a_call"),
            models.CheckConstraint(name="a_weight_is_a_part_of_hundred", condition=Q(weight__gt=0, weight__lte=100)),
        ]

    @property
    def local_name(self) -> str:
        """The name in the language of the page."""
        return localised(self, "name")

    @property
    def points(self) -> list[tuple[int, str]]:
        """Each point of the scale with its words in the language of the page."""
        words = (self.words_zh if is_chinese() else None) or self.words
        return list(enumerate(words, start=1))


class CallDeclaration(models.Model):
    """A sentence applicants of a call declare; versioned: a new wording asks everybody again.

    Where `asks_details` is set, a declaration comes with words of the applicant, such as the sources of funding.
    """

    call = models.ForeignKey(Call, models.CASCADE, related_name="declarations")
    code = models.SlugField(max_length=40)
    text = models.TextField(_("declaration"))
    text_zh = models.TextField(_("declaration in Chinese"), blank=True)
    kind = models.CharField(_("about"), max_length=14, choices=DeclarationKind, default=DeclarationKind.OTHER)
    is_required = models.BooleanField(_("must be made"), default=True)
    asks_details = models.BooleanField(_("asks for words"), default=False)
    version = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["call", "code"], name="a_declaration_has_one_code_in_a_call")]

    @property
    def local_text(self) -> str:
        """The declaration in the language of the page."""
        return localised(self, "text")


class PanelMember(models.Model):
    """Somebody who is chair, reviewer or invited expert of one call.

    Nothing but the list for declarations opens before `pledged_at`. `techniques` are codes of the vocabulary in which
    the member is expert; `most_reviews` is the load they agreed to, none where they set no limit.
    """

    call = models.ForeignKey(Call, models.CASCADE, related_name="panel")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="panels")
    role = models.CharField(max_length=8, choices=PanelRole)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    pledged_at = models.DateTimeField(null=True, blank=True)
    pledged_version = models.PositiveSmallIntegerField(default=0)
    techniques = ArrayField(models.CharField(max_length=120), verbose_name=_("expert in"), default=list, blank=True)
    most_reviews = models.PositiveSmallIntegerField(_("reviews at most"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["call", "user"], condition=Q(until__isnull=True), name="one_role_in_a_panel_at_a_time"
            )
        ]


FIGURES = {
    "opened": _("Call opened"),
    "deadline": _("Deadline"),
    "review-meeting": _("Interviews"),
    "selection-published": _("Selection published"),
    "applications": _("Applications received"),
    "applicants": _("Applicants"),
    "applicants-presented": _("Applicants interviewed"),
    "samples-asked": _("Samples asked for"),
    "institutions-applied": _("Institutions that applied"),
    "applications-selected": _("Applications selected"),
    "responsible-persons": _("Responsible persons selected"),
    "institutions-selected": _("Institutions selected"),
    "lots-selected": _("Lots given"),
    "selected-mg": _("Mass given, mg"),
    "samples-released": _("Samples released"),
    "samples-released-count": _("Samples released, number"),
    "released-mg": _("Mass released, mg"),
    "sections-released": _("Polished sections released"),
    "sections-released-mg": _("Polished sections released, mg"),
    "clasts-released": _("Rock clasts released"),
    "clasts-released-mg": _("Rock clasts released, mg"),
    "powders-released": _("Powders released"),
    "powders-released-mg": _("Powders released, mg"),
}


class RecordFigure(models.Model):
    """One figure of the public record of an earlier round, with its source. What is unknown has no row."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="figures")
    code = models.SlugField(max_length=40)
    on = models.DateField(null=True, blank=True)
    number = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    source = models.CharField(max_length=500)

    class Meta:
        ordering = ["on", "code"]
        constraints = [
            models.CheckConstraint(
                name="a_figure_is_a_day_or_a_number", condition=Q(on__isnull=False) | Q(number__isnull=False)
            ),
            models.CheckConstraint(name="a_figure_has_a_source", condition=~Q(source="")),
        ]

    @property
    def label(self) -> Any:
        """What the figure counts, or which day it is."""
        return FIGURES.get(self.code, self.code)
