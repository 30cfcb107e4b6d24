"""An error as a program reads it: problem details after RFC 9457, below every page and every endpoint.

Which exception becomes which problem is decided in `portal/rest.py`; pages show their errors by templates.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

PROBLEM = "application/problem+json"


def problem(status: int, code: str, detail: Any, errors: Sequence[Mapping[str, Any]] = ()) -> HttpResponse:
    """Return an error as `application/problem+json`."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": str(detail),
        "code": code,
    }
    if errors:
        body["errors"] = list(errors)
    return HttpResponse(orjson.dumps(body), status=status, content_type=PROBLEM)


def is_for_programs(request: HttpRequest) -> bool:
    """Tell whether whoever asks reads problem details instead of pages."""
    return request.path == "/api" or request.path.startswith("/api/")
