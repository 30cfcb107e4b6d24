"""A small server that speaks as ORCID does: it asks who sits there, gives a code, and answers for it once.

The portal talks to it over HTTP through allauth's own provider; nothing of the portal is replaced.
"""

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT, SECRET = "APP-DEMONSTRATION", "demonstration secret"
SOMEBODY, SOMEBODY_ELSE = "0000-0002-1825-0097", "0000-0001-5109-3700"


@dataclass
class Orcid:
    """Who is signed in at ORCID, what their public record says, and what goes wrong."""

    url: str = ""
    person: str = SOMEBODY
    name: str = "Demonstration researcher"
    emails: list[dict[str, Any]] = field(default_factory=list)
    token: Any = None  # what the token answer says instead
    record_status: int = 200
    pause: float = 0.0
    refuses: bool = False
    codes: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def token_for(self, sent: dict[str, str]) -> tuple[int, Any]:
        """Answer for a code, once, and only to who may ask."""
        person = self.codes.pop(sent.get("code", ""), None)
        if person is None or (sent.get("client_id"), sent.get("client_secret")) != (CLIENT, SECRET):
            return 400, {"error": "invalid_grant"}
        said = {"access_token": secrets.token_hex(8), "token_type": "bearer", "expires_in": 631138518}
        return 200, self.token if self.token is not None else {**said, "orcid": person, "name": self.name}

    def record(self, person: str) -> dict[str, Any]:
        """Return the public record."""
        given, _space, family = self.name.partition(" ")
        name = {"given-names": {"value": given}, "family-name": {"value": family}}
        return {"orcid-identifier": {"path": person}, "person": {"name": name, "emails": {"email": self.emails}}}


@contextmanager
def orcid_server() -> Iterator[Orcid]:
    """Run the server on this machine while the block lasts."""
    orcid = Orcid()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            sent = {name: values[0] for name, values in parse_qs(parts.query).items()}
            orcid.asked.append((parts.path, sent))
            if parts.path == "/oauth/authorize":
                self._authorize(sent)
            else:
                time.sleep(orcid.pause)
                self._answer(orcid.record_status, orcid.record(parts.path.split("/")[2]))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = {name: values[0] for name, values in parse_qs(body).items()}
            orcid.asked.append((self.path, sent))
            time.sleep(orcid.pause)
            self._answer(*orcid.token_for(sent))

        def _authorize(self, sent: dict[str, str]) -> None:
            back = {"state": sent["state"]}
            if orcid.refuses:
                back["error"] = "access_denied"
            else:
                back["code"] = secrets.token_urlsafe(6)
                orcid.codes[back["code"]] = orcid.person
            self.send_response(302)
            self.send_header("Location", f"{sent['redirect_uri']}?{urlencode(back)}")
            self.end_headers()

        def _answer(self, status: int, what: Any) -> None:
            body = what if isinstance(what, bytes) else json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the output of the suite clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    orcid.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield orcid
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def known_to_orcid(settings: Any) -> Iterator[Orcid]:
    """Run the server, and let the portal be known to it."""
    with orcid_server() as server:
        settings.ORCID_BASE_URL = server.url
        settings.SOCIALACCOUNT_PROVIDERS = {"orcid": {"APP": {"client_id": CLIENT, "secret": SECRET}}}
        yield server
