"""Nothing hidden answers a question that is put as a parameter, or is changed by a key that nobody asked for."""

import json
from itertools import product
from typing import Any

import pytest
from django.apps import apps

from applications.models import Application
from tests.factories.accounts import UserFactory
from tests.factories.applications import draft_of, member_of
from tests.portal.test_schema import SCHEMA
from tests.programs import API, assert_problem, program

pytestmark = pytest.mark.django_db
LISTS = ["missions/", "samples/", "calls/", "decisions/", "applications/"]
USUAL = ("search", "q", "ordering", "sort", "order", "group", "expand", "include", "fields", "limit", "offset", "page")
USUAL += ("format", "lang", "version", "id", "pk", "user", "token", "_method", "status", "published_at")
PATHS = (
    "reviews__reviewer",
    "assignment__user__name",
    "submission__document",
    "awards__mass_mg",
    "requests__decisions__verdict",
    "call__applications__status",
    "holds__mass_mg",
)
LOOKUPS = ("", "__gt", "__startswith", "__regex", "__isnull")
FIELDS = sorted(
    {
        field.name
        for label in ("accounts", "samples", "applications", "audit", "notifications")
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
    }
)


def documented(path: str) -> set[str]:
    """Return the parameters a list says it has."""
    return {parameter["name"] for parameter in SCHEMA["paths"][API + path]["get"]["parameters"]}


def names(path: str) -> set[str]:
    """Return every name under which a list could be asked for what is hidden, its own parameters aside."""
    asked = {f"{name}{lookup}" for name, lookup in product([*FIELDS, *USUAL, *PATHS, *documented(path)], LOOKUPS)}
    return asked - documented(path)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_answers_no_parameter_but_its_own(path: str) -> None:
    """All names at once, since the answer names each that it does not know; the trial asks one by one."""
    asks = program(UserFactory(roles=["administrator", "auditor"]))
    wanted = sorted(names(path))
    assert len(wanted) > 1000
    for start in range(0, len(wanted), 200):
        some = wanted[start : start + 200]
        answer = asks.get(f"{API}{path}", dict.fromkeys(some, "1"))
        assert assert_problem(answer, 400, "unknown-parameter")["detail"] == f"Unknown parameter: {', '.join(some)}."
    for name in USUAL:
        assert_problem(asks.get(f"{API}{path}", {name: "1"}), 400, "unknown-parameter")


@pytest.mark.parametrize("path", ["samples/X/", "calls/x/", "applications/LSA-2026-00000/", "schema/", "docs/"])
def test_a_single_thing_has_no_parameters(path: str) -> None:
    assert_problem(program(UserFactory()).get(f"{API}{path}?fields=all"), 400, "unknown-parameter")


FORBIDDEN = [
    *("status", "reference", "id", "pk", "call", "principal_investigator", "principal_investigator_id", "by", "user"),
    *("owner", "score", "mean", "verdict", "outcome", "reserve_rank", "allocated_mg", "free_mg", "held_mg", "is_staff"),
    *("is_superuser", "roles", "portal_roles", "published_at", "released_to_public_at", "submission", "submission_id"),
    *("document", "sha256", "received_at", "created_at", "resubmit_until", "version", "institution", "institution_id"),
    *(
        "team",
        "awards",
        "hold",
        "decision",
        "closes_at",
        "title",
        "declared",
        "file_sha256",
        "names_principal_investigator",
    ),
]


@pytest.mark.parametrize("act", ["submit", "withdraw"])
def test_keys_that_nobody_asked_for_change_nothing(act: str) -> None:
    other = draft_of()
    application = draft_of()
    asks = program(application.principal_investigator, "apply", "read")
    values: list[Any] = [other.pk, "published", {"id": other.principal_investigator_id}]
    body = dict(zip(FORBIDDEN, values * len(FORBIDDEN), strict=False))
    before = state(application)
    answer = asks.post(
        f"{API}applications/{application.reference}/{act}/", json.dumps(body), content_type="application/json"
    )
    assert answer.status_code == 200
    after = state(application)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == ({"status", "submission_id", "version"} if act == "submit" else {"status"})
    assert (after["status"], state(other)["status"]) == ("submitted" if act == "submit" else "withdrawn", "draft")


def state(application: Application) -> dict[str, Any]:
    """Return the row as it is."""
    return Application.objects.filter(pk=application.pk).values().get()


def test_forbidden_keys_are_many() -> None:
    assert len(set(FORBIDDEN)) >= 40


def test_somebody_on_the_team_does_not_act_for_the_principal_investigator() -> None:
    application, colleague = draft_of(), UserFactory()
    member_of(application, colleague)
    asks = program(colleague, "read", "apply")
    assert asks.get(f"{API}applications/{application.reference}/").status_code == 200
    for act in ("submit", "withdraw"):
        answer = asks.post(f"{API}applications/{application.reference}/{act}/", content_type="application/json")
        assert_problem(answer, 403, "denied")
