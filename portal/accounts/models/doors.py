"""What opens a door: invitations to a role, API tokens, and the count of failures to sign in."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.models.people import User
from portal.roles import ROLES


class Invitation(models.Model):
    """An offer of a role to one address, good once and for a short time. The link itself is never stored."""

    uid = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254)
    role = models.CharField(_("role"), max_length=20, choices=[(role.code, role.name) for role in ROLES.values()])
    call = models.CharField(_("call"), max_length=100, blank=True)
    invited_by = models.ForeignKey(
        User,
        models.PROTECT,
        verbose_name=_("invited by"),
        null=True,
        blank=True,
        related_name="+",
    )
    token_hash = models.CharField(_("hash of the link"), max_length=64, unique=True)
    at = models.DateTimeField(_("invited at"))
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    used_by = models.ForeignKey(
        User,
        models.PROTECT,
        verbose_name=_("used by"),
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("at")),
                name="an_invitation_lasts_some_time",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None, used_by=None) | Q(used_at__isnull=False, used_by__isnull=False),
                name="an_invitation_is_used_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}, {self.uid}"


class ApiToken(models.Model):
    """What a program shows instead of a sign-in. Only a hash is kept; the prefix tells people which one it is."""

    SCOPES = ("read", "apply", "review", "manage")

    uid = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, verbose_name=_("person"), related_name="api_tokens")
    name = models.CharField(_("name"), max_length=100)
    scopes = ArrayField(models.CharField(max_length=10), verbose_name=_("scopes"))
    prefix = models.CharField(_("prefix"), max_length=12)
    token_hash = models.CharField(_("hash"), max_length=64, unique=True)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    scopes__contained_by=["read", "apply", "review", "manage"],
                    scopes__len__gt=0,
                ),
                name="a_token_has_known_scopes",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("created_at")),
                name="a_token_lasts_some_time",
            ),
        ]
        indexes = [models.Index(fields=["user", "-created_at"], name="tokens_of_a_person")]

    def __str__(self) -> str:
        return f"{self.prefix}…"


class LoginFailures(models.Model):
    """How often signing in failed lately, by a hashed key of account and address (`portal/accounts/fence.py`)."""

    key = models.CharField(_("key"), max_length=64, primary_key=True)
    until = models.DateTimeField(_("counted until"))
    failures = models.PositiveIntegerField(_("failures"))

    class Meta:
        verbose_name = _("failures to sign in")
        verbose_name_plural = _("failures to sign in")
        indexes = [models.Index(fields=["until"], name="login_failures_by_age")]

    def __str__(self) -> str:
        return f"{self.key[:8]}: {self.failures}"
