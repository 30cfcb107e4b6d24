"""The outbox: one row per person and event, written in the transaction of what it reports.

`outbox.py` writes rows, `delivery.py` sends them. The row is the truth; the broker only wakes.
"""

import uuid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.audit.models import Event


class State(models.TextChoices):
    """What became of the mail of a notice."""

    PENDING = "pending", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    DEAD = "dead", _("given up")
    CANCELLED = "cancelled", _("cancelled")
    IN_APP = "in-app", _("shown in the portal only")


UNFINISHED = (State.PENDING, State.SENDING)


def new_message_id() -> str:
    """Return a Message-ID for a new row; it stays the same however often the mail is tried."""
    return f"<{uuid.uuid4()}@{host()}>"


def host() -> str:
    """Return the portal's host name, the right-hand side of every Message-ID."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"


class Notice(models.Model):
    """One message to one person (or plain address): its mail, and its line in the person's list."""

    uid = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=80)
    account = models.BooleanField(_("account mail"), default=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("recipient"),
        null=True,
        related_name="+",
    )
    address = models.EmailField(_("address"), max_length=254, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    about_type = models.CharField(_("kind of object"), max_length=80, blank=True)
    about_id = models.BigIntegerField(_("object"), null=True)
    event = models.ForeignKey(Event, models.PROTECT, verbose_name=_("event"), null=True, related_name="+")
    event_version = models.PositiveIntegerField(_("version of the object"), null=True)
    context: Any = models.JSONField(_("ids and codes"), default=dict)
    dedupe_key = models.CharField(max_length=200, unique=True)
    message_id = models.CharField(max_length=255, unique=True, default=new_message_id, editable=False)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    body = models.TextField(_("body"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("written at"))
    next_attempt_at = models.DateTimeField(_("next attempt at"))
    lease_until = models.DateTimeField(_("being sent until"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    failure = models.CharField(_("last failure"), max_length=120, blank=True)
    in_app = models.BooleanField(_("in the list"), default=False)
    copy = models.BooleanField(_("to the second e-mail"), default=False)
    read_at = models.DateTimeField(_("read at"), null=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="a_notice_has_a_known_state"),
            models.CheckConstraint(
                condition=Q(state=State.SENT, sent_at__isnull=False) | (~Q(state=State.SENT) & Q(sent_at=None)),
                name="a_notice_is_sent_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(state=State.SENDING, lease_until__isnull=False)
                | (~Q(state=State.SENDING) & Q(lease_until=None)),
                name="only_a_notice_being_sent_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False) | ~Q(address=""),
                name="a_notice_goes_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(in_app=False, read_at=None) | Q(in_app=True, recipient__isnull=False, account=False),
                name="the_list_is_of_people_and_shows_no_account_mail",
            ),
            models.CheckConstraint(
                condition=Q(copy=False) | Q(copy=True, recipient__isnull=False, in_app=False, account=False),
                name="a_copy_goes_to_a_person_and_stands_in_no_list",
            ),
            models.CheckConstraint(
                condition=Q(account=True, event=None, event_version=None)
                | Q(
                    account=False,
                    event__isnull=False,
                    event_version__isnull=False,
                    about_id__isnull=False,
                ),
                name="a_notice_reports_an_event_or_is_account_mail",
            ),
            models.CheckConstraint(
                condition=Q(subject="", body="") | Q(account=True, state__in=UNFINISHED),
                name="only_unsent_account_mail_holds_words",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-account", "next_attempt_at", "id"], name="notices_due", condition=Q(state=State.PENDING)
            ),
            models.Index(fields=["lease_until"], name="notices_being_sent", condition=Q(state=State.SENDING)),
            models.Index(
                fields=["recipient", "-created_at", "-uid"], name="notices_of_a_person", condition=Q(in_app=True)
            ),
            models.Index(fields=["recipient"], name="notices_unread", condition=Q(in_app=True, read_at=None)),
            models.Index(fields=["-created_at", "-uid"], name="notices_newest_first"),
            models.Index(fields=["state", "-created_at", "-uid"], name="notices_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"
