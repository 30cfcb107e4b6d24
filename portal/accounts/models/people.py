"""People, the roles they hold for the whole portal, and where they have worked.

Which role permits what: `portal/roles.py`. Confirmed addresses, passkeys and sessions are kept by allauth and Django;
roles held in one call (reviewer, chair) live in `applications`. Rows are written by the actions of this room.
"""

import uuid
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.accounts.models.institutions import Institution
from portal.append_only import AppendOnly
from portal.roles import ADMINISTRATOR, APPLICANT, AUDITOR, PORTAL_ROLES, Permission, permissions_of


def orcid_address(orcid: str) -> str:
    """Return the full address of an ORCID iD, at ORCID or at its sandbox; of none, nothing."""
    return f"{settings.ORCID_BASE_URL}/{orcid}" if orcid else ""


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
    # Only ORCID itself sets it (`portal/accounts/orcid.py`): what stands here was proved, never typed.
    orcid = models.CharField(_("ORCID iD"), max_length=19, blank=True)
    decisions_to_second = models.BooleanField(_("decisions also to the second e-mail"), default=False)
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
            models.UniqueConstraint(fields=["orcid"], condition=~Q(orcid=""), name="an_orcid_belongs_to_one_person"),
            models.CheckConstraint(
                condition=Q(language__in=[code for code, _name in settings.LANGUAGES]),
                name="a_language_is_offered",
            ),
        ]
        indexes = [models.Index(fields=["name", "uid"], name="people_by_name")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def orcid_url(self) -> str:
        """The full address of the ORCID iD, or nothing."""
        return orcid_address(self.orcid)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """End every other session when the password or the address changes, not only for the password."""
        salt = "portal.accounts.User.session"
        return salted_hmac(salt, f"{self.password}\0{self.email}", secret=secret, algorithm="sha256").hexdigest()

    @cached_property
    def portal_roles(self) -> frozenset[str]:  # type: ignore[override]  # asked once
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


class Affiliation(AppendOnly):
    """From a moment on somebody works at an institution, or at none; it lasts until the next row of that person."""

    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("person"), related_name="affiliations")
    institution = models.ForeignKey(
        Institution,
        models.PROTECT,
        verbose_name=_("institution"),
        null=True,
        related_name="+",
    )
    since = models.DateTimeField(_("since"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        constraints = [
            models.UniqueConstraint(fields=["user", "since"], name="a_person_changes_institution_once_at_a_time"),
        ]
        indexes = [models.Index(fields=["institution", "since"], name="affiliations_of_an_institution")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.institution_id}"
