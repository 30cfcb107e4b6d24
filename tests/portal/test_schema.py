"""The description of the API: valid OpenAPI 3.1, complete, and true to what the addresses declare."""

import json
from typing import Any

import pytest
from django.test import Client
from jsonschema_rs import validator_for
from schemathesis import openapi

from portal.inventory import addresses
from portal.schema import description
from tests.programs import API, PROBLEM

SCHEMA: dict[str, Any] = json.loads(description())
OPERATIONS = [
    pytest.param(path, method, operation, id=f"{method} {path}")
    for path, operations in SCHEMA["paths"].items()
    for method, operation in operations.items()
]
SCOPES = {"get": "read", "post": "apply"}


def test_it_is_openapi_3_1() -> None:
    assert SCHEMA["openapi"] == "3.1.0"
    openapi.from_dict(SCHEMA).validate()
    for part in SCHEMA["components"]["schemas"].values():
        validator_for({"$ref": "#/x", "x": part, "components": SCHEMA["components"]})


def test_every_address_is_described_with_every_method() -> None:
    declared = {
        (each.pattern.replace("<path:", "{").replace("<slug:", "{").replace("<str:", "{").replace(">", "}"), method)
        for each in addresses()
        for method in each.methods
        if each.pattern.startswith(API) and "^" not in each.pattern
    }
    described = {(path, method.upper()) for path, method, _operation in (one.values for one in OPERATIONS)}
    assert described == declared - {(f"{API}schema/", "GET"), (f"{API}docs/", "GET")}


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_an_operation_says_who_may_ask_and_how_it_refuses(path: str, method: str, operation: dict[str, Any]) -> None:
    own = "/applications/" in path
    token = {"token": [SCOPES[method]] if own else []}
    assert operation["security"] == [token, {"session": []}, *([] if own else [{}])]
    assert {"400", "401", "429", "503"} <= operation["responses"].keys()
    assert ("404" in operation["responses"]) == ("{" in path)
    assert ("409" in operation["responses"], "422" in operation["responses"]) == (method == "post",) * 2
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            assert list(answer["content"]) == [PROBLEM]
    names = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] != "path"}
    assert ("Idempotency-Key" in names) == (method == "post")
    assert ({"cursor", "page_size"} <= names) == (method == "get" and "{" not in path)


def test_both_ways_to_sign_in_are_described() -> None:
    schemes = SCHEMA["components"]["securitySchemes"]
    assert (schemes["token"]["type"], schemes["token"]["scheme"]) == ("http", "bearer")
    assert (schemes["session"]["type"], schemes["session"]["in"], schemes["session"]["name"]) == (
        "apiKey",
        "cookie",
        "session",
    )


@pytest.mark.django_db
def test_it_is_served_by_the_portal_itself(client: Client) -> None:
    answer = client.get(f"{API}schema/")
    assert (answer.status_code, answer["Content-Type"], answer.json()) == (200, "application/json", SCHEMA)
    page = client.get(f"{API}docs/")
    assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = page["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "style-src 'self';" in f"{policy};"
    assert "unsafe" not in policy
