"""API tokens: made and revoked here, shown once, accepted by `TokenMiddleware`.

What a scope opens is declared on each endpoint (`portal/api.py`); the page is in `portal/accounts/views.py`.
"""

import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.accounts.models import ApiToken, User, Visitor
from portal.accounts.queries import hash_of
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow
from portal.web import afterwards

START = "lsa_"
PREFIX_LENGTH = 10
USE_IS_NOTED_EVERY = timedelta(minutes=1)
LIFETIMES = (30, 90, 365)
MOST = 20


def issue(
    user: User, name: str, scopes: Iterable[str], *, by: User | None, days: int = LIFETIMES[1]
) -> tuple[ApiToken, str]:
    """Make a token; its text is returned here and kept nowhere.

    Raises:
        Invalid: no known scope, or another lifetime than those offered.
        NotNow: the person has as many live tokens as anybody may.
    """
    chosen = [scope for scope in ApiToken.SCOPES if scope in set(scopes)]
    if not chosen or set(scopes) - set(chosen):
        raise Invalid(_("Choose what the token may do."), field="scopes")
    if days not in LIFETIMES:
        raise Invalid(_("Choose how long the token is to last."), field="days")
    text = START + secrets.token_urlsafe(32)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        moment = clock.now()
        if user.api_tokens.filter(revoked_at=None, expires_at__gt=moment).count() >= MOST:
            raise NotNow(_("You have %(most)s tokens. Revoke one first.") % {"most": MOST}, code="too-many-tokens")
        token = ApiToken.objects.create(
            user=user,
            name=name,
            scopes=chosen,
            prefix=text[:PREFIX_LENGTH],
            token_hash=hash_of(text),
            created_at=moment,
            expires_at=moment + timedelta(days=days),
        )
        record("apitoken.create", token, by=by, facts={"owner": str(user.uid), "scopes": chosen, "days": days})
    return token, text


def revoke(token: ApiToken, *, by: User) -> None:
    """End a token; what uses it is refused from the next request on.

    Raises:
        Denied: somebody else's token.
    """
    if token.user_id != by.pk:
        raise Denied(_("Only its owner may revoke a token."))
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now()):
            record("apitoken.revoke", token, by=by)


def find(text: str) -> ApiToken | None:
    """Return the live token with this text whose owner's account is open."""
    live = ApiToken.objects.filter(revoked_at=None, expires_at__gt=clock.PortalNow(), user__is_active=True)
    return live.select_related("user").filter(token_hash=hash_of(text)).first()


class TokenMiddleware:
    """Say who asks: the owner of the token shown, else of the session, else a visitor.

    Sets `request.user`, `request.api_token` (or None) and `request.token_error` (a sentence, or None). All three are
    settled when `request.user` is first asked for, in `AfterwardsMiddleware`, which knows what to answer while the
    database is down. A request with a token never opens the session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.api_token = request.token_error = None  # type: ignore[attr-defined]  # ours
        scheme, _blank, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and request.path.startswith("/api/"):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
            request.session = SessionStore()
            user = SimpleLazyObject(partial(_owner, request, text.strip()))
        else:
            user = SimpleLazyObject(partial(_person, request))
        request.user = user  # type: ignore[assignment]  # taken for the user it holds
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        """Note the token's use, once a minute at most."""
        token = request.api_token  # type: ignore[attr-defined]  # ours
        if token and (token.last_used_at is None or token.last_used_at < clock.now() - USE_IS_NOTED_EVERY):
            afterwards(request, partial(_note_use, token))


def _owner(request: HttpRequest, text: str) -> User | Visitor:
    token = find(text)
    if token is None:
        request.token_error = _("The token is unknown, revoked or expired.")  # type: ignore[attr-defined]  # ours
        return Visitor()
    request.api_token = token  # type: ignore[attr-defined]  # ours
    return token.user


def _person(request: HttpRequest) -> User | Visitor:
    user = get_user(request)
    return user if isinstance(user, User) else Visitor()


def _note_use(token: ApiToken) -> None:
    moment = clock.now()
    unnoted = Q(last_used_at=None) | Q(last_used_at__lt=moment - USE_IS_NOTED_EVERY)
    ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=moment)
