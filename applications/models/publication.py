"""Publications: what is signed, the one document per application, and the chain of public entries.

Applicants and the public read these documents and nothing else of a decision.
"""

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.enums import CallOrigin, PublicationKind, PublicationStatus
from applications.models.application import Application
from applications.models.call import Call
from portal.append_only import AppendOnly


def new_seed() -> str:
    """Return the secret from which the salts of a publication are derived."""
    return secrets.token_hex(32)


class Publication(models.Model):
    """A shortlist or the results of a call, on their way from draft to the public.

    `manifest` lists everything a release will write and send; both signatures are on its hash. `seed` is secret: from
    it come the salts under which everything not selected is committed to (`applications/chain.py`).
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    call = models.ForeignKey(Call, models.PROTECT, related_name="publications")
    kind = models.CharField(max_length=10, choices=PublicationKind)
    status = models.CharField(max_length=24, choices=PublicationStatus, default=PublicationStatus.DRAFT)
    manifest = models.JSONField(default=dict)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    seed = models.CharField(max_length=64, default=new_seed, editable=False)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    release_at = models.DateTimeField(null=True, blank=True)
    released_to_applicants_at = models.DateTimeField(null=True, blank=True)
    released_to_public_at = models.DateTimeField(null=True, blank=True)
    unselected_root = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["call", "kind"],
                condition=~Q(status=PublicationStatus.RECALLED),
                name="a_call_has_one_publication_of_a_kind",
            ),
            models.CheckConstraint(
                name="applicants_are_told_before_or_with_the_public",
                condition=Q(released_to_public_at__isnull=True)
                | Q(released_to_applicants_at__isnull=False)
                & Q(released_to_public_at__gte=models.F("released_to_applicants_at")),
            ),
            models.CheckConstraint(
                name="what_is_released_has_its_time",
                condition=~Q(
                    status__in=[PublicationStatus.RELEASED_TO_APPLICANTS, PublicationStatus.RELEASED_TO_PUBLIC]
                )
                | Q(released_to_applicants_at__isnull=False),
            ),
        ]


class Signature(models.Model):
    """An administrator's signature on the hash of the manifest they saw; any change of it voids both."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="signatures")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    manifest_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "by"], condition=Q(voided_at__isnull=True), name="two_different_persons_sign"
            )
        ]


class ApplicantDocument(AppendOnly):
    """What an applicant is told by one publication. Every applicant's surface reads this alone."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="documents")
    application = models.ForeignKey(Application, models.PROTECT, related_name="documents")
    document = models.JSONField()
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["publication", "application"], name="one_document_per_application")
        ]


class PublicEntry(AppendOnly):
    """One entry of the public record: a released selection, a shortlisting, or a selection known from public reports.

    Entries of the portal form a chain: `entry_hash` is over the previous one's and the canonical document. Each
    publication's entries end with one whose document holds the root over the salted leaves of everything not selected.
    """

    class Kind(models.TextChoices):
        SELECTION = "selection", _("Selection")
        SHORTLISTED = "shortlisted", _("Shortlisted")
        REMAINDER = "remainder", _("Commitment to everything else")

    key = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    origin = models.CharField(max_length=14, choices=CallOrigin)
    call = models.ForeignKey(Call, models.PROTECT, related_name="public_entries")
    publication = models.ForeignKey(Publication, models.PROTECT, null=True, blank=True, related_name="entries")
    document = models.JSONField()
    published_on = models.DateField()
    sequence = models.PositiveIntegerField(null=True, blank=True, unique=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    entry_hash = models.CharField(max_length=64, blank=True)

    class Meta(AppendOnly.Meta):
        indexes = [
            models.Index(fields=["kind", "-published_on", "key"], name="entries_by_day"),
            models.Index(fields=["call", "kind", "key"], name="entries_of_a_call"),
        ]
        constraints = [
            models.CheckConstraint(
                name="what_the_portal_published_is_chained",
                condition=Q(
                    origin=CallOrigin.PUBLIC_RECORD, publication__isnull=True, sequence__isnull=True, entry_hash=""
                )
                | Q(origin=CallOrigin.PORTAL, publication__isnull=False, sequence__isnull=False) & ~Q(entry_hash=""),
            )
        ]
