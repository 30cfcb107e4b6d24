"""For whom a conflict bars, an application answers at every address byte for byte as one that does not exist.

The declaration list is left out, and nothing else: references stand in every address that the portal has.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.enums import Status
from applications.models import Application, Conflict
from portal import clock
from portal.accounts.models import User
from portal.inventory import addresses
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, assignment_of, chair_of, member_of, seat
from tests.factories.conflicts import minor_interest_of, relative_of
from tests.factories.decisions import closed_call
from tests.factories.review import opinion_of, review_of

pytestmark = pytest.mark.django_db
ABSENT = "00000000-0000-4000-8000-000000000000"
DECLARING = {"applications:conflicts-declare"}
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
# What differs between two answers to the same request: forgery token, idempotency key, request id, date.
CHANGING = (
    (re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"'), b"token"),
    (re.compile(rb'name="_once" value="[^"]*"'), b"once"),
    (re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}"), b"id"),
    (re.compile(rb"nonce-[^']*|nonce=\"[^\"]*\""), b"nonce"),
)
HEADERS = {"date", "x-request-id", "content-security-policy", "server-timing"}


@pytest.fixture
def application() -> Application:
    """An application with everything that could be found of it: reviews, opinions, hints, a team, an expert's seat."""
    application = application_of(closed_call(), status=Status.UNDER_REVIEW)
    for value in (2, 5):
        opinion_of(review_of(assignment_of(application), value, value), "20", "Enough.")
    member_of(application)
    minor_interest_of(application, seat(application.call, relative_of(application)))
    return application


def everybody(application: Application) -> dict[str, User]:
    """One person in each relation to the call; none on the team."""
    found = {role: UserFactory(roles=[role]) for role in ("administrator", "curator", "auditor")}
    return found | {"chair": chair_of(application.call), "reviewer": assignment_of(application).reviewer}


def urls(application: Application) -> Iterator[tuple[str, str]]:
    """Yield every address with a reference, filled with rows of this application, and its methods one by one."""
    request = application.submission.requests.first()  # type: ignore[union-attr]
    person = application.assignments.order_by("pk").first().reviewer.uid  # type: ignore[union-attr]
    member = application.team.get()
    values: dict[str, list[Any]] = {
        "call": [application.call.slug],
        "slug": [application.call.slug],
        "reference": [application.reference],
        "uid": [request.uid, member.uid],
        "person": [person],
        "reviewer": [person],
        "hint": ["minor", "parent"],
        "kind": ["results"],
        "code": ["science"],
        "sha256": [application.file_sha256],
        "mission": ["CE5"],
        "number": [1],
    }
    for each in addresses():
        names = PARAMETER.findall(each.pattern)
        if "reference" not in names or not each.name or each.name in DECLARING:
            continue
        for at in range(max(len(values.get(name, [ABSENT])) for name in names)):
            chosen = {name: values.get(name, [ABSENT]) for name in names}
            url = reverse(each.name, kwargs={name: some[at % len(some)] for name, some in chosen.items()})
            for method in ("GET", "POST"):
                if method in each.methods:
                    yield method, url


def answered(client: Client, method: str, url: str, reference: str) -> tuple[Any, ...]:
    """Return status, headers and body, without what changes from one request to the next."""
    answer = client.get(url) if method == "GET" else client.post(url, {})
    body = b"".join(answer) if answer.streaming else answer.content
    for pattern, word in CHANGING:
        body = pattern.sub(word, body)
    headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() not in HEADERS}
    headers = {name: value.replace(reference, "REFERENCE") for name, value in headers.items()}
    return answer.status_code, headers, body.replace(reference.encode(), b"REFERENCE")


def differing(application: Application, user: User) -> list[tuple[str, str, int, int]]:
    """Return where this application answers this person unlike one that is not there."""
    client, absent, found = Client(raise_request_exception=True), "LSA-2026-00000", []
    assert len(absent) == len(application.reference)
    client.force_login(user)
    client.get("/my/notifications/")
    for method, url in urls(application):
        there = answered(client, method, url, application.reference)
        nowhere = answered(client, method, url.replace(application.reference, absent), absent)
        if there != nowhere:
            found.append((method, url, there[0], nowhere[0]))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("role", ["reviewer", "chair", "administrator", "curator", "auditor"])
def test_a_conflicted_application_answers_everywhere_as_one_that_is_not_there(
    application: Application, role: str
) -> None:
    user = everybody(application)[role]
    Conflict.objects.create(application=application, user=user, by=user, at=clock.now())
    assert differing(application, user) == []


@pytest.mark.slow
@pytest.mark.parametrize("role", ["reviewer", "chair", "administrator", "curator", "auditor"])
def test_without_the_conflict_the_same_addresses_tell_it_apart(application: Application, role: str) -> None:
    assert differing(application, everybody(application)[role])
