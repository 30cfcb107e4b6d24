"""How ORCID is asked who somebody is; allauth finds this module by its name.

The token answer proves the iD. The public record only helps to fill in the sign-up form, so that a record that does
not come keeps nobody out. Both questions together take five seconds at the most.
"""

import time
from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.core import context
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.orcid.provider import OrcidProvider as AllauthProvider
from allauth.socialaccount.providers.orcid.views import OrcidOAuth2Adapter as AllauthAdapter
from django.conf import settings
from django.http import HttpRequest
from urllib3.exceptions import HTTPError

from portal.accounts import orcid
from portal.errors import Refused

SECONDS, MOST_BYTES = 5.0, 1 << 20
REGISTRIES = ("orcid.org", "sandbox.orcid.org")


class Patience(requests.Session):
    """Asks until a moment and no longer, follows nobody elsewhere, and reads no more than a record may be."""

    def __init__(self, until: float) -> None:
        super().__init__()
        self.until = until

    # Every argument comes by name.
    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """Ask; what takes longer or is larger than it may is a time-out."""
        kwargs |= {"timeout": self._left(), "stream": True, "allow_redirects": False}
        response = super().request(method, url, **kwargs)
        body = b""
        try:
            while chunk := response.raw.read1(1 << 16, decode_content=True):
                body += chunk
                self._left()
                if len(body) > MOST_BYTES:
                    raise requests.Timeout("The answer is too long.")
        except HTTPError as error:
            raise requests.ConnectionError(type(error).__name__) from error
        response._content, response._content_consumed = body, True
        return response

    def _left(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise requests.Timeout("No time is left.")
        return left


def patience() -> Patience:
    """Return a session that shares the time of this request with the other questions asked in it."""
    request = context.request
    if not hasattr(request, "orcid_until"):
        request.orcid_until = time.monotonic() + SECONDS
    return Patience(request.orcid_until)


class OrcidOAuth2Adapter(AllauthAdapter):
    """Allauth's way to ORCID, with the addresses of the environment and without trust in the shape of answers."""

    @property
    def authorize_url(self) -> str:
        return f"{settings.ORCID_BASE_URL}/oauth/authorize"

    @property
    def access_token_url(self) -> str:
        return f"{settings.ORCID_BASE_URL}/oauth/token"

    @property
    def profile_url(self) -> str:
        """Where public records are read: at ORCID a host of its own."""
        parts = urlsplit(settings.ORCID_BASE_URL)
        host = f"pub.{parts.netloc}" if parts.netloc in REGISTRIES else parts.netloc
        return f"{parts.scheme}://{host}/v3.0/%s/record"

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Return the one address that is registered at ORCID, whatever the language of the page."""
        return request.build_absolute_uri("/accounts/orcid/callback/")

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        """Return what ORCID says for a code: at least the iD, in its exact shape.

        Raises:
            OAuth2Error: it says something else.
        """
        try:
            data = super().get_access_token_data(request, app, client, pkce_code_verifier=pkce_code_verifier)
            return {"access_token": "", "orcid": orcid.parse(data["orcid"]), "name": str(data.get("name") or "")}
        except (Refused, KeyError, TypeError, ValueError, AttributeError) as error:
            raise OAuth2Error(f"The token answer cannot be read: {type(error).__name__}") from error

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        """Keep no token: the portal asks ORCID nothing later."""
        return SocialToken(token="")

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Return who it is, with the little of the public record that the portal uses."""
        answer = kwargs["response"]
        name, address = self._public_record(answer["orcid"])
        known = {"orcid-identifier": {"path": answer["orcid"]}, "name": (name or answer["name"])[:200]}
        login = self.get_provider().sociallogin_from_response(request, known)
        login.proposed_email = address
        return login

    def _public_record(self, identifier: str) -> tuple[str, str]:
        """Return the name and the verified public address of a record; nothing where it does not come in time."""
        try:
            with get_adapter().get_requests_session() as session:
                answer = session.get(self.profile_url % identifier, headers={"accept": "application/orcid+json"})
                person = answer.json()["person"] if answer.status_code == 200 else {}
            return _name_of(person), _address_of(person)
        except (requests.RequestException, KeyError, TypeError, ValueError, AttributeError):
            return "", ""


def _name_of(person: dict[str, Any]) -> str:
    parts = ((person.get("name") or {}).get(part) or {} for part in ("given-names", "family-name"))
    return " ".join(str(part.get("value") or "") for part in parts).strip()


def _address_of(person: dict[str, Any]) -> str:
    listed = (person.get("emails") or {}).get("email") or []
    return next((str(entry["email"])[:254] for entry in listed if entry.get("verified") is True), "")


class OrcidProvider(AllauthProvider):
    """ORCID."""

    name = "ORCID"
    oauth2_adapter_class = OrcidOAuth2Adapter
    pkce_enabled_default = False

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, str]:
        """Take nothing over by itself: name and address are proposed in the form, and the address is proved."""
        return {}

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return data


provider_classes = [OrcidProvider]
