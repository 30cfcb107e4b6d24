"""What every endpoint of the REST API shares: who asks, who may, keyset lists, problem details.

The endpoints stand in `samples/api.py` and in the stages of `applications`; their schema is made by `portal/schema.py`.
"""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal import replay
from portal.errors import Denied, Invalid, NotNow, Refused
from portal.paging import LARGEST_PAGE, USUAL_PAGE, Page, page
from portal.problems import problem
from portal.web import declared_access

# --- Endpoints -----------------------------------------------------------------------------------------


class Endpoint(APIView):
    """One address of the API. `scopes` names the token scope of each method; `parameters` the query's, all of them."""

    scopes: Mapping[str, str] = {}
    parameters: Sequence[str] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "Transfer-Encoding" in request.headers:  # a body of unknown length would be read as none
            return problem(HTTPStatus.LENGTH_REQUIRED, "length-required", _("Send the body with its Content-Length."))
        try:
            request.body  # noqa: B018 -- kept before the parser reads the stream: a repeated request is told by it
        except RequestDataTooBig:
            return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", _("The body is larger than 2 MB."))
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        declared = declared_access(self)
        if declared is None or request.method not in {*declared.methods, "HEAD", "OPTIONS"}:
            raise exceptions.MethodNotAllowed(request.method or "")
        if any("\0" in str(value) for value in kwargs.values()):
            raise Http404
        self._check_parameters(request)

    def _check_parameters(self, request: Request) -> None:
        given = request.query_params
        if unknown := sorted(set(given) - set(self.parameters)):
            detail = _("Unknown parameter: %(names)s.") % {"names": ", ".join(unknown)}
            raise exceptions.ParseError(detail, code="unknown-parameter")
        for name, values in given.lists():
            if len(values) > 1 or "\0" in values[0]:
                detail = _("Give %(name)s once, as text.") % {"name": name}
                raise exceptions.ParseError(detail, code="bad-parameter")

    def once(self, request: Request, respond: Callable[[], Response]) -> HttpResponse:
        """Answer a POST, or replay the kept answer of the same one (`portal/replay.py`)."""
        bare = request._request
        bare.user = request.user

        def finished() -> HttpResponse:
            response = self.finalize_response(request, respond())
            return response.render() if hasattr(response, "render") else response

        return replay.once(bare, finished)


class PublicEndpoint(Endpoint):
    """An endpoint everybody reads: answers carry an ETag over what they say, and 304 where it is unchanged."""

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if request.method not in ("GET", "HEAD") or response.status_code != HTTPStatus.OK:
            return response
        if isinstance(response, Response):
            response.render()
        tag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        known = request.headers.get("If-None-Match", "")
        if tag in known or known.strip() == "*":
            response = HttpResponseNotModified()
        response["ETag"] = tag
        return response


def listing(
    request: Request,
    queryset: QuerySet,
    order: Sequence[str],
    item: Callable[[Any], Mapping[str, Any]],
    prepare: Callable[[list[Any]], None] | None = None,
) -> Response:
    """Answer one keyset page: `results`, `next`, `previous`, and the same as `Link`.

    Raises:
        Invalid: the cursor or the size is none (400).
    """
    size = request.query_params.get("page_size", str(USUAL_PAGE))
    if not (size.isascii() and size.isdigit() and 1 <= int(size[:9]) <= LARGEST_PAGE):
        raise exceptions.ParseError(_("page_size is a number from 1 to 100."), code="bad-page-size")
    found: Page = page(queryset, order, request.query_params.get("cursor"), int(size))
    if prepare:
        prepare(found.rows)
    links = {name: _address(request, cursor) for name, cursor in (("next", found.next), ("prev", found.previous))}
    response = Response(
        {"results": [item(row) for row in found.rows], "next": links["next"], "previous": links["prev"]}
    )
    if any(links.values()):
        response["Link"] = ", ".join(f'<{url}>; rel="{name}"' for name, url in links.items() if url)
    return response


PAGING = ("cursor", "page_size")


def moment(value: datetime | None) -> str | None:
    """Return a moment as the API writes it: RFC 3339 in UTC."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None


def chosen(request: Request, name: str, choices: Sequence[str]) -> str:
    """Return the value of a parameter that names one of few; empty where it is not given.

    Raises:
        ParseError: it is none of them (400).
    """
    value = request.query_params.get(name, "")
    if value and value not in choices:
        detail = _("%(name)s is one of: %(choices)s.") % {"name": name, "choices": ", ".join(choices)}
        raise exceptions.ParseError(detail, code="bad-parameter")
    return value


def _address(request: Request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    kept = [(name, value) for name, value in request.query_params.items() if name != "cursor"]
    return request.build_absolute_uri(f"{request.path}?{urlencode([*kept, ('cursor', cursor)])}")


# --- Problem details (RFC 9457) ------------------------------------------------------------------------------


def problem_details(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Turn what an endpoint raises into problem details; what is nobody's fault but ours goes on as a fault."""
    if isinstance(error, Refused):
        return _refusal(error)
    if isinstance(error, Http404):
        return problem(HTTPStatus.NOT_FOUND, "not-found", _("There is nothing here."))
    if isinstance(error, PermissionDenied):
        return problem(HTTPStatus.FORBIDDEN, "denied", _("You may not do this."))
    if isinstance(error, exceptions.ValidationError):
        errors = list(_pointers(error.detail))
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", _("The content is not acceptable."), errors)
    if isinstance(error, exceptions.APIException):
        code = error.get_codes() if isinstance(error.detail, str) else "refused"
        response = problem(error.status_code, str(code).replace("_", "-"), error.detail)
        if header := getattr(error, "auth_header", None):
            response["WWW-Authenticate"] = header
        if wait := getattr(error, "wait", None):
            response["Retry-After"] = str(math.ceil(wait))
        return response
    return None


def _refusal(refusal: Refused) -> HttpResponse:
    status = HTTPStatus.FORBIDDEN if isinstance(refusal, Denied) else HTTPStatus.CONFLICT
    if isinstance(refusal, Invalid):
        status = HTTPStatus.BAD_REQUEST if refusal.code == "bad-cursor" else HTTPStatus.UNPROCESSABLE_ENTITY
        errors = [
            {"pointer": f"/{field}" if field else "", "detail": str(message)}
            for field, messages in refusal.errors.items()
            for message in messages
        ]
        return problem(status, refusal.code, refusal.message, errors)
    if isinstance(refusal, NotNow) and refusal.field:
        return problem(
            status, refusal.code, refusal.message, [{"pointer": f"/{refusal.field}", "detail": str(refusal.message)}]
        )
    return problem(status, refusal.code, refusal.message)


def _pointers(detail: Any, path: str = "") -> Any:
    """Yield a JSON pointer and a sentence for each complaint of a serializer."""
    if isinstance(detail, Mapping):
        for name, part in detail.items():
            yield from _pointers(part, path if name == "non_field_errors" else f"{path}/{name}")
    elif isinstance(detail, list | tuple):
        for number, part in enumerate(detail):
            nested = isinstance(part, Mapping | list)
            yield from _pointers(part, f"{path}/{number}" if nested else path)
    else:
        yield {"pointer": path, "detail": str(detail)}
