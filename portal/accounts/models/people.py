"""People, where they work, what they may do in the whole portal, and how they prove it.

Which role permits what: `portal/roles.py`. Confirmed addresses and sessions are kept by allauth and Django; roles
held in one call (reviewer, chair) live in `applications`. Rows are written by `portal/accounts/actions.py`.
"""

import uuid
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.roles import ADMINISTRATOR, APPLICANT, AUDITOR, PORTAL_ROLES, ROLES, Permission, permissions_of


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
                name="an_institution_is_named_once_per_country",
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
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("pk")),
                name="an_institution_is_not_its_own_part",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language of the page."""
        return self.name_zh if self.name_zh and (get_language() or "").startswith("zh") else self.name


class UserManager(BaseUserManager["User"]):
    """Finds people by address, whatever its capitals."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make an account; the address is kept in small letters."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class Person:
    """What every visitor can be asked, signed in or not."""

    portal_roles: frozenset[str] = frozenset()

    def may(self, permission: Permission) -> bool:
        """Tell whether the roles held for the whole portal permit this."""
        return False

    @property
    def is_portal_staff(self) -> bool:
        return bool(self.portal_roles)


class Visitor(Person, AnonymousUser):
    """Somebody not signed in: the `request.user` of every public page."""


class User(Person, AbstractBaseUser):
    """A person with an account; the e-mail address is the login."""

    uid = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)  # in small letters, so unique whatever is typed
    name = models.CharField(_("name"), max_length=200, help_text=_("As it should stand in letters."))
    native_name = models.CharField(_("name in your own script"), max_length=200, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    institution = models.ForeignKey(
        Institution,
        models.PROTECT,
        verbose_name=_("institution"),
        null=True,
        blank=True,
        related_name="people",
    )
    department = models.CharField(_("department"), max_length=200, blank=True)
    orcid = models.CharField(_("ORCID iD"), max_length=19, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), db_default=clock.PortalNow(), editable=False)

    objects = UserManager()

    EMAIL_FIELD = USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="an_address_is_kept_in_small_letters"),
            models.CheckConstraint(
                condition=Q(orcid="") | Q(orcid__regex=r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$"),
                name="an_orcid_has_its_shape",
            ),
            models.CheckConstraint(
                condition=Q(language__in=[code for code, _name in settings.LANGUAGES]),
                name="a_language_is_offered",
            ),
        ]
        indexes = [models.Index(fields=["name", "uid"], name="people_by_name")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """End every other session when the password or the address changes, not only for the password."""
        salt = "portal.accounts.User.session"
        return salted_hmac(salt, f"{self.password}\0{self.email}", secret=secret, algorithm="sha256").hexdigest()

    @cached_property
    def portal_roles(self) -> frozenset[str]:  # type: ignore[override]
        """Codes of the roles held for the whole portal; asked once per instance."""
        if not self.is_active:
            return frozenset()
        return frozenset(self.role_grants.filter(revoked_at=None).values_list("role", flat=True))

    def may(self, permission: Permission) -> bool:
        """Tell whether the roles held for the whole portal permit this; nothing once the account is closed."""
        return self.is_active and permission in permissions_of({APPLICANT.code, *self.portal_roles})

    # The read-only /admin/ asks these in Django's words.
    is_superuser = False

    @property
    def is_staff(self) -> bool:
        return bool({ADMINISTRATOR.code, AUDITOR.code} & self.portal_roles)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Permit looking, and nothing else, to who may open /admin/ at all."""
        return self.is_staff and perm.partition(".")[2].startswith("view_")

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class RoleGrant(models.Model):
    """A role somebody holds for the whole portal, from a day until a day. Rows are ended, never deleted."""

    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("person"), related_name="role_grants")
    role = models.CharField(
        _("role"),
        max_length=20,
        choices=[(role.code, role.name) for role in PORTAL_ROLES],
    )
    granted_by = models.ForeignKey(
        User,
        models.PROTECT,
        verbose_name=_("granted by"),
        null=True,
        blank=True,
        related_name="+",
    )
    at = models.DateTimeField(_("granted at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        User,
        models.PROTECT,
        verbose_name=_("revoked by"),
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(revoked_at=None),
                name="a_role_is_held_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[role.code for role in PORTAL_ROLES]),
                name="only_portal_roles_are_granted",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__gte=models.F("at")),
                name="a_role_is_revoked_after_it_was_granted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.user_id}"


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
