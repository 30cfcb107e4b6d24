"""The API under thousands of calls: made-up requests by everybody, hidden names one by one, requests too large.

Each figure has the control that must fire: a planted fault is found, a planted parameter is found.
"""

import json
import time
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from rest_framework.request import Request
from rest_framework.response import Response

from samples.api import Samples
from tests.factories.accounts import UserFactory, token_of
from tests.factories.applications import application_of, award_of, call_of, draft_of
from tests.factories.decisions import closed_call, decided, released
from tests.factories.samples import powder
from tests.portal.fuzzing import OPERATIONS, fuzz
from tests.portal.test_api_probes import LISTS, names
from tests.programs import API, program

pytestmark = pytest.mark.django_db
CALLS = 10_000
ROLES = ("anonymous", "owner", "somebody", "administrator", "auditor")


def say(text: str) -> None:
    """Print a figure of the trial."""
    print(f"  {text}", flush=True)


def headers_of(who: str, owner: Any) -> dict[str, str]:
    """Return the credentials of somebody."""
    if who == "anonymous":
        return {}
    user = owner if who == "owner" else UserFactory(roles=[who] if who != "somebody" else [])
    return {"Authorization": f"Bearer {token_of(user, 'read', 'apply')}"}


def known() -> tuple[Any, dict[str, str]]:
    """Make one of everything; return who owns it and how it is called."""
    over = closed_call()
    given = decided(over, 40)
    released(over)
    draft_of(call_of(), given.principal_investigator)
    number = powder(10, catalogue_number="TEST 1/a").catalogue_number
    return given.principal_investigator, {"reference": given.reference, "slug": over.slug, "number": number}


def test_ten_thousand_made_up_calls_meet_no_fault() -> None:
    owner, names_of = known()
    each = CALLS // (len(OPERATIONS) * len(ROLES)) + 1
    begun, calls = time.monotonic(), 0
    for who in ROLES:
        headers = headers_of(who, owner)
        calls += sum(fuzz(name, headers, each, names_of) for name in OPERATIONS)
    say(f"{calls} calls in {time.monotonic() - begun:.0f} s, 0 faults, 0 answers that are not described")
    assert calls >= CALLS * 0.5  # a description of few words is exhausted before


def test_control_a_planted_fault_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Samples, request: Request) -> HttpResponse:
        if request.query_params.get("kind") == "powder":
            return Response({"results": [{"catalogue_number": 5}]})
        return Response({"results": [], "next": None, "previous": None})

    monkeypatch.setattr(Samples, "get", broken)
    with pytest.raises(BaseExceptionGroup, match="Schemathesis found"):
        fuzz("GET /api/v1/samples/", {}, 200, {})
    say("control: a list that breaks its description was found")


def ask_one_by_one(client: Client, path: str, start: str = "") -> set[str]:
    """Return the names (those with this start) that changed what a list answers, each asked alone."""
    plain = client.get(f"{API}{path}").content
    heard = set()
    for name in sorted(name for name in names(path) if name.startswith(start)):
        answer = client.get(f"{API}{path}", {name: "a"})
        if answer.status_code != 400 and answer.content != plain:
            heard.add(name)
    return heard


def test_five_thousand_hidden_names_change_no_list() -> None:
    owner, _names = known()
    award_of(application_of(call_of(), owner, "decided").submission.requests.filter(whole=False).first(), 10)
    client = program(owner, "read", "apply")
    probes = sum(len(names(path)) for path in LISTS)
    assert probes >= 5_000
    assert {path: ask_one_by_one(client, path) for path in LISTS} == {path: set() for path in LISTS}
    say(f"{probes} probes, 0 differences")


def test_control_a_planted_filter_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Samples, "parameters", (*Samples.parameters, "held_mg__gt"))
    usual = Samples.get

    def leaky(self: Samples, request: Request) -> HttpResponse:
        return Response({"results": []}) if "held_mg__gt" in request.query_params else usual(self, request)

    monkeypatch.setattr(Samples, "get", leaky)
    assert ask_one_by_one(Client(), "samples/", "held") == {"held_mg__gt"}
    say("control: a planted filter over a hidden column was found")


def test_large_and_deep_requests_are_refused_quickly() -> None:
    application = draft_of()
    client = program(application.principal_investigator, "read", "apply")
    url = f"{API}applications/{application.reference}/withdraw/"
    bodies = [b"[" * 1_000_000, b'{"a":' * 200_000, json.dumps({"reason": "x" * 1_900_000}).encode(), b"\0" * 2_000_000]
    bodies += [json.dumps({"reason": {str(number): number for number in range(100_000)}}).encode(), b"1" * 1_999_999]
    slowest = 0.0
    for body in bodies:
        begun = time.monotonic()
        status = client.post(url, body, content_type="application/json").status_code
        slowest = max(slowest, time.monotonic() - begun)
        assert status in (400, 413, 422), status
    for query in ("page_size=" + "9" * 5000, "cursor=" + "A" * 7000, "&".join(f"a{n}=1" for n in range(1500))):
        begun = time.monotonic()
        assert client.get(f"{API}samples/?{query}").status_code == 400
        slowest = max(slowest, time.monotonic() - begun)
    say(f"{len(bodies) + 3} oversized requests refused, the slowest in {slowest:.2f} s")
    assert slowest < 2
