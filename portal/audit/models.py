"""The audit trail: events that nobody can change, and beside them the words that erasure may blank.

Written by `portal/audit/trail.py` alone; read there and on the pages of `portal/office/`.
"""

import uuid
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.append_only import AppendOnly, never_truncated


class Event(AppendOnly):
    """Something that happened to one object. Holds ids, codes and field names, never names of people or text."""

    uid = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(_("at"))
    verb = models.CharField(_("what happened"), max_length=80)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("by"),
        null=True,
        related_name="+",
        help_text=_("Empty where the portal acted by itself."),
    )
    about_type = models.CharField(_("kind of object"), max_length=80)
    about_id = models.BigIntegerField(_("object"))
    about_reference = models.CharField(_("reference"), max_length=80, blank=True)
    version = models.PositiveIntegerField(_("version"))
    facts = models.JSONField(_("facts"), default=dict)

    class Meta(AppendOnly.Meta):
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.UniqueConstraint(
                fields=["about_type", "about_id", "version"],
                name="an_object_has_one_event_per_version",
            ),
            models.CheckConstraint(condition=Q(version__gt=0), name="versions_of_an_object_begin_at_one"),
            models.CheckConstraint(
                condition=Q(verb__regex=r"^[a-z][a-z_]*\.[a-z][a-z_-]*$"),
                name="a_verb_is_model_dot_verb",
            ),
        ]
        indexes = [
            models.Index(fields=["-at", "-version", "-uid"], name="events_newest_first"),
            models.Index(fields=["verb", "-at", "-version", "-uid"], name="events_by_verb"),
            models.Index(fields=["actor", "-at", "-version", "-uid"], name="events_by_actor"),
            models.Index(fields=["about_reference"], name="events_by_reference", condition=~Q(about_reference="")),
        ]

    @property
    def told(self) -> list[tuple[str, str]]:
        """The facts as a page shows them."""
        return [
            (name, ", ".join(map(str, value)) if isinstance(value, list) else str(value))
            for name, value in self.facts.items()
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.about_type}:{self.about_id} v{self.version}"


class EventText(models.Model):
    """The words of an event: the reason given, and the old values of what was changed. May be blanked, never edited."""

    event = models.OneToOneField(Event, models.PROTECT, verbose_name=_("event"), related_name="text")
    reason = models.TextField(_("reason"), blank=True)
    old: Any = models.JSONField(_("old values"), default=dict)
    blanked_at = models.DateTimeField(_("blanked at"), null=True)

    class Meta:
        verbose_name = _("words of an event")
        verbose_name_plural = _("words of events")
        constraints = [
            models.CheckConstraint(
                condition=Q(blanked_at=None) | Q(reason="", old={}),
                name="blanked_words_are_gone",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="only_blanked",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("NEW.blanked_at IS NULL OR NEW.event_id <> OLD.event_id"),
            ),
            pgtrigger.Protect(name="not_deleted", operation=pgtrigger.Delete),
            never_truncated(),
        ]

    def __str__(self) -> str:
        return f"words of event {self.event_id}"
