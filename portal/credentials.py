"""What DRF's own settings name: who asks, who may, how JSON is read and written.

Apart from `portal/rest.py`, because DRF reads its settings while it defines the view that endpoints inherit from.
"""

from typing import Any

import orjson
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from portal.web import declared_access

# --- Who asks, and who may -----------------------------------------------------------------------


class TokenAuthentication(BaseAuthentication):
    """The owner of the bearer token that `portal/accounts/tokens.py` found."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the owner and the token, or None where none was shown.

        Raises:
            AuthenticationFailed: the token is unknown, revoked or expired.
        """
        bare = request._request
        if bare.token_error:
            raise exceptions.AuthenticationFailed(bare.token_error)
        token = bare.api_token
        return (token.user, token) if token else None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class BrowserAuthentication(SessionAuthentication):
    """Whoever is signed in, in a browser that shows its CSRF token on every unsafe method."""


class Declared(BasePermission):
    """The declaration `portal.web.access` of the endpoint, and the scope of the token for its method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        declared = declared_access(view)
        if declared is None or not declared.test(request.user):
            return False
        needed = view.scopes.get("GET" if request.method == "HEAD" else request.method)
        return needed is None or request.auth is None or needed in request.auth.scopes


# --- JSON -------------------------------------------------------------------------------------------


class JSONRenderer(BaseRenderer):
    """JSON by orjson: about half the time of the usual renderer on long lists."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str)


class JSONParser(BaseParser):
    """JSON by orjson, which refuses NaN, broken characters and endless nesting."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return what the body says.

        Raises:
            ParseError: it is no JSON.
        """
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError:
            raise exceptions.ParseError(_("The body is not JSON."), code="malformed-json") from None


class AlwaysJSON(BaseContentNegotiation):
    """JSON whatever is accepted: there is nothing else to negotiate."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        sent = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type
