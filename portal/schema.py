"""How the API describes itself: OpenAPI 3.1, with who may ask, pages of lists and the errors that can be met.

The endpoints name their own parameters and answers; `portal/api.py` serves the description.
"""

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers

from portal.paging import LARGEST_PAGE, USUAL_PAGE
from portal.problems import PROBLEM
from portal.replay import LONGEST_KEY
from portal.web import PUBLIC, declared_access

BODY_PROBLEMS = ("409", "411", "413", "415", "422")
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "An error after RFC 9457.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "What happened, for programs."},
        "errors": {
            "type": "array",
            "description": "Each complaint about the content.",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body."},
                    "detail": {"type": "string"},
                },
                "required": ["pointer", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code"],
}
SAYS = {
    "400": "A parameter is unknown or has a value it cannot have, or the body is not JSON.",
    "401": "No credentials, or a token that is unknown, revoked or expired.",
    "403": "The token has not the scope, the CSRF token is missing, or the person has not the role.",
    "404": "Absent, or not open to whoever asks.",
    "409": "Not possible in the present state, or the same request is still running.",
    "411": "The body came without its length.",
    "413": "The body is larger than 2 MB.",
    "415": "The body is not JSON.",
    "422": "The content is not acceptable.",
    "429": "Too many requests; `Retry-After` says how long to wait.",
    "503": "The portal is busy or restarting; `Retry-After` says how long to wait.",
}


# --- What endpoints say about themselves ------------------------------------------------------------------------


def page_of(output: type[serializers.Serializer], name: str) -> Any:
    """Return the schema of one keyset page of `output`."""
    fields = {
        "results": output(many=True),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
    }
    return type(name, (serializers.Serializer,), fields)


def query(*names: str, **choices: Any) -> list[OpenApiParameter]:
    """Return the schema of a list's parameters, paging included; `choices` names the values of a parameter."""
    size = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": USUAL_PAGE}
    return [
        *(OpenApiParameter(name, str) for name in names),
        *(OpenApiParameter(name, str, enum=list(values)) for name, values in choices.items()),
        OpenApiParameter("cursor", str, description="From `next` or `previous` of another page."),
        OpenApiParameter("page_size", size, description="Rows on a page."),
    ]


@extend_schema_field({"type": "object"})
class DocumentField(serializers.JSONField):
    """A stored document, as it is."""


KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    OpenApiParameter.HEADER,
    description="The same key with the same body acts once and gets the same answer for 24 hours.",
)


# --- What every endpoint has in common --------------------------------------------------------------------------


class Token(OpenApiAuthenticationExtension):
    """A bearer token, with the scope an endpoint needs."""

    target_class = "portal.credentials.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "An API token, made under “API tokens”."}

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, Any]:
        scope = auto_schema.view.scopes.get(auto_schema.method)
        return {self.name: [scope] if scope else []}


class Session(OpenApiAuthenticationExtension):
    """A browser sign-in; unsafe methods also show the CSRF token."""

    target_class = "portal.credentials.BrowserAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "A browser sign-in. Unsafe methods also send X-CSRFToken.",
        }


class Described(AutoSchema):
    """An operation: nobody has to sign in where the declaration says everybody."""

    def get_auth(self) -> list[Any]:
        auths = super().get_auth()
        return [*auths, {}] if is_public(self.view) else auths


def is_public(view: Any) -> bool:
    """Tell whether an endpoint is open to everybody."""
    declared = declared_access(view)
    return declared is not None and declared.test is PUBLIC.test


def with_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add to every operation the errors and headers that it can answer with (a hook of drf-spectacular)."""
    result["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            statuses = {"400", "401", "429", "503"}
            if {} not in operation.get("security", []):
                statuses.add("403")
            if "{" in path:
                statuses.add("404")
            if method == "post":
                statuses.update(BODY_PROBLEMS)
            for status in sorted(statuses):
                operation["responses"][status] = _problem_answer(status)
            _add_headers(operation, is_list=method == "get" and "{" not in path)
    return result


def _problem_answer(status: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": SAYS[status],
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in ("429", "503"):
        answer["headers"] = {"Retry-After": {"schema": {"type": "string"}, "required": True}}
    if status == "401":
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}}
    return answer


def _add_headers(operation: dict[str, Any], *, is_list: bool) -> None:
    headers = operation["responses"]["200"].setdefault("headers", {})
    if is_list:
        link = "The neighbouring pages (RFC 8288), absent where there is one page only."
        headers["Link"] = {"description": link, "schema": {"type": "string"}}
    if {} in operation.get("security", []):
        headers["ETag"] = {"description": "For If-None-Match.", "schema": {"type": "string"}, "required": True}
        operation["responses"]["304"] = {"description": "Unchanged since the ETag in If-None-Match."}


@cache
def description() -> bytes:
    """Return the whole description as JSON, in English; it does not change while the process lives."""
    with translation.override("en"):
        return json.dumps(SchemaGenerator().get_schema(request=None, public=True), indent=1, default=str).encode()
