"""Who is signed in, fetched with the roles they hold in one query, since every page asks for both."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from portal.accounts.models import RoleGrant, User


class Backend(AuthenticationBackend):
    """Signs in as allauth does."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session, or None once the account is closed."""
        held = RoleGrant.objects.filter(user=OuterRef("pk"), revoked_at=None)
        user = User.objects.annotate(live_roles=ArraySubquery(held.values("role"))).filter(pk=user_id).first()
        if user is None or not self.user_can_authenticate(user):
            return None
        user.portal_roles = frozenset(user.live_roles)
        return user
