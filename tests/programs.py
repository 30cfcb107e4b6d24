"""Programs that ask the API: clients with a token, and what each of its answers must be."""

from typing import Any

from django.test import Client

from portal.accounts.models import User
from tests.factories.accounts import token_of

API = "/api/v1/"
PROBLEM = "application/problem+json"


def program(user: User, *scopes: str) -> Client:
    """Return a client that shows a token of this person (scope `read` unless others are named)."""
    return Client(headers={"Authorization": f"Bearer {token_of(user, *scopes)}"})


def assert_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Assert that an answer is this problem, in the shape of RFC 9457; return its body."""
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM), answer.content[:300]
    body = answer.json()
    assert set(body) - {"errors"} == {"type", "title", "status", "detail", "code"}
    assert (body["status"], body["code"]) == (status, code)
    for one in body.get("errors", []):
        assert set(one) == {"pointer", "detail"}
    return body
