"""What every endpoint of the API has in common: who may ask, errors as problem details, pages, ETags, caches."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from rest_framework import exceptions

from portal import clock, rest
from portal.accounts import people, tokens
from portal.accounts.models import ApiToken
from portal.errors import NotNow
from tests.factories.accounts import UserFactory, administrator, token_of
from tests.factories.applications import application_of, draft_of
from tests.factories.samples import powder
from tests.programs import API, assert_problem, program

pytestmark = pytest.mark.django_db
PUBLIC = ["missions/", "samples/", "calls/", "decisions/"]
OWN = f"{API}applications/"
JSON = {"content_type": "application/json"}


# --- Who may ask ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PUBLIC)
def test_public_lists_need_no_credentials(client: Client, path: str) -> None:
    assert client.get(API + path).status_code == 200


def test_without_credentials_is_401_and_says_how_to_show_some(client: Client) -> None:
    answer = client.get(OWN)
    assert_problem(answer, 401, "not-authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize("path", [OWN, f"{API}missions/"])
def test_a_token_that_is_dead_is_401_on_public_reads_too(path: str) -> None:
    user, office = UserFactory(), administrator()
    revoked, expired, closed = (program(each) for each in (user, user, UserFactory()))
    first, second = ApiToken.objects.filter(user=user).order_by("pk")
    tokens.revoke(first, by=user)
    ApiToken.objects.filter(pk=second.pk).update(
        created_at=clock.now() - timedelta(days=2), expires_at=clock.now() - timedelta(seconds=1)
    )
    assert closed.get(path).status_code == 200
    people.close(ApiToken.objects.exclude(user=user).get().user, by=office, reason="left")
    for client in (revoked, expired, closed, Client(headers={"Authorization": "Bearer nonsense"})):
        answer = client.get(path)
        assert_problem(answer, 401, "authentication-failed")
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_closed_account_is_signed_out_of_the_api() -> None:
    user, client = UserFactory(), Client()
    client.force_login(user)
    assert client.get(OWN).status_code == 200
    people.close(user, by=administrator(), reason="left")
    assert_problem(client.get(OWN), 401, "not-authenticated")


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_token_without_the_scope_is_403(method: str) -> None:
    application = draft_of()
    writer = program(application.principal_investigator, "apply")
    for path in (OWN, f"{OWN}{application.reference}/", f"{OWN}{application.reference}/decision/"):
        answer = getattr(writer, method)(path)
        assert answer.status_code == 403
        if method == "get":
            assert_problem(answer, 403, "permission-denied")


@pytest.mark.parametrize("act", ["submit", "withdraw"])
def test_a_token_that_may_read_acts_on_nothing(act: str) -> None:
    application = draft_of()
    answer = program(application.principal_investigator, "read", "review").post(f"{OWN}{application.reference}/{act}/")
    assert_problem(answer, 403, "permission-denied")
    application.refresh_from_db()
    assert application.status == "draft"


def test_a_browser_shows_its_csrf_token_on_every_act() -> None:
    application = draft_of()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(application.principal_investigator)
    url = f"{OWN}{application.reference}/withdraw/"
    assert browser.get(f"{OWN}{application.reference}/").status_code == 200
    assert_problem(browser.post(url), 403, "permission-denied")
    application.refresh_from_db()
    assert application.status == "draft"
    browser.cookies["csrf"] = "a" * 32
    assert browser.post(url, **JSON, headers={"X-CSRFToken": "a" * 32}).status_code == 200


def test_a_token_needs_no_csrf_token_and_takes_nothing_from_the_browser() -> None:
    application, other = draft_of(), UserFactory()
    text = token_of(application.principal_investigator, "apply")
    client = Client(enforce_csrf_checks=True)
    client.force_login(other)
    url = f"{OWN}{application.reference}/withdraw/"
    assert client.post(url, **JSON, headers={"Authorization": f"Bearer {text}"}).status_code == 200


# --- Errors -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v2/missions/", "/api/v1/statistics/", "/api/v1/missions"])
def test_an_absent_address_is_a_problem_whatever_is_asked(method: str, path: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(UserFactory())
    for headers in ({}, {"Accept": "text/html"}):
        assert_problem(getattr(browser, method)(path, headers=headers), 404, "not-found")


@pytest.mark.parametrize("path", ["missions/", "samples/X/", "calls/", "decisions/", "schema/", "docs/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO"])
def test_another_method_is_405_and_the_right_ones_are_named(client: Client, path: str, method: str) -> None:
    answer = client.generic(method, API + path)
    assert_problem(answer, 405, "method-not-allowed")
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


def test_html_is_never_answered_whatever_is_accepted(client: Client) -> None:
    for path in PUBLIC:
        answer = client.get(API + path, headers={"Accept": "text/html, application/xml;q=0.9"})
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize(
    "query",
    ["x=1", "format=json", "format=api", "page_size=0", "page_size=101", "page_size=1000000000", "page_size=-1"]
    + ["page_size=ten", "page_size=%D9%A1", "page_size=", "cursor=zzz", "cursor=%00", "page_size=5&page_size=6"],
)
@pytest.mark.parametrize("path", PUBLIC)
def test_what_a_list_does_not_know_is_400(client: Client, path: str, query: str) -> None:
    answer = client.get(f"{API}{path}?{query}")
    assert answer.status_code == 400
    assert_problem(answer, 400, answer.json()["code"])


@pytest.mark.parametrize(
    "query", ["samples/?hemisphere=left", "samples/?kind=gas", "samples/?call=%00", "samples/?mission=a&mission=b"]
)
def test_a_value_that_cannot_be_is_400(client: Client, query: str) -> None:
    assert_problem(client.get(API + query), 400, "bad-parameter")


@pytest.mark.parametrize("path", ["samples/%00/", "samples/%FF%FE/", "applications/%00/", "applications/LSA%2F1/"])
def test_an_impossible_name_is_absent(path: str) -> None:
    assert_problem(program(UserFactory()).get(API + path), 404, "not-found")


@pytest.mark.parametrize(
    "body", [b"{", b"{'reason': 1}", b'{"reason": NaN}', b"\xff\xfe", b"[" * 50_000, b'{"reason": "\\ud800"}']
)
def test_what_is_no_json_is_400(body: bytes) -> None:
    application = draft_of()
    answer = program(application.principal_investigator, "apply").post(
        f"{OWN}{application.reference}/withdraw/", body, content_type="application/json"
    )
    assert_problem(answer, 400, "malformed-json")


@pytest.mark.parametrize("act", ["submit", "withdraw"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data", "text/xml", "nonsense"])
def test_another_kind_of_body_is_415(act: str, kind: str) -> None:
    application = draft_of()
    answer = program(application.principal_investigator, "apply").post(
        f"{OWN}{application.reference}/{act}/", b"reason=1", content_type=kind
    )
    assert_problem(answer, 415, "unsupported-media-type")


def test_a_broken_form_of_a_browser_is_a_problem() -> None:
    application = draft_of()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(application.principal_investigator)
    answer = browser.post(
        f"{OWN}{application.reference}/submit/", b"--x", content_type="multipart/form-data; boundary=\u00e9"
    )
    assert answer.status_code in (400, 403)
    assert_problem(answer, answer.status_code, answer.json()["code"])


def test_a_body_too_large_is_413_and_nothing_happens() -> None:
    application = draft_of()
    body = json.dumps({"reason": "x" * 3_000_000})
    answer = program(application.principal_investigator, "apply").post(
        f"{OWN}{application.reference}/withdraw/", body, content_type="application/json"
    )
    assert_problem(answer, 413, "too-large")
    application.refresh_from_db()
    assert application.status == "draft"


def test_a_body_without_its_length_is_411_and_nothing_happens() -> None:
    application = draft_of()
    answer = program(application.principal_investigator, "apply").post(
        f"{OWN}{application.reference}/withdraw/", **JSON, headers={"Transfer-Encoding": "chunked"}
    )
    assert_problem(answer, 411, "length-required")
    application.refresh_from_db()
    assert application.status == "draft"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"reason": "x" * 2001}, "/reason"), ({"reason": 5}, "/reason"), ({"reason": "\0"}, "/reason"), ([], ""), (1, "")],
)
def test_content_that_is_not_acceptable_is_422_and_says_where(body: Any, pointer: str) -> None:
    application = draft_of()
    answer = program(application.principal_investigator, "apply").post(
        f"{OWN}{application.reference}/withdraw/", json.dumps(body), content_type="application/json"
    )
    assert [one["pointer"] for one in assert_problem(answer, 422, "invalid")["errors"]] == [pointer]


def test_the_right_is_asked_before_the_content_is_read() -> None:
    application = draft_of()
    stranger = program(UserFactory(), "apply")
    for reference in (application.reference, "LSA-2026-00000"):
        for body, kind in ((b"{", "application/json"), (b"x", "text/xml"), (b"[]", "application/json")):
            answer = stranger.post(f"{OWN}{reference}/withdraw/", body, content_type=kind)
            assert_problem(answer, 404, "not-found")


def test_hidden_and_absent_are_the_same() -> None:
    hidden, stranger = application_of(), program(UserFactory(), "read", "apply")
    for tail, method in (("", "get"), ("decision/", "get"), ("submit/", "post"), ("withdraw/", "post")):
        answers = [
            getattr(stranger, method)(f"{OWN}{reference}/{tail}") for reference in (hidden.reference, "LSA-2026-00000")
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        assert dict(answers[0].headers) == dict(answers[1].headers)


def test_too_many_requests_say_how_long_to_wait() -> None:
    answer = rest.problem_details(exceptions.Throttled(wait=1.2), {})
    assert (answer.status_code, answer["Retry-After"]) == (429, "2")
    assert json.loads(answer.content)["code"] == "throttled"


def test_a_state_that_concerns_a_field_names_it() -> None:
    answer = rest.problem_details(NotNow("Give a reason.", code="reason-missing", field="reason"), {})
    assert answer.status_code == 409
    assert json.loads(answer.content)["errors"] == [{"pointer": "/reason", "detail": "Give a reason."}]


def test_what_nobody_foresaw_is_no_problem_of_the_asker() -> None:
    assert rest.problem_details(OperationalError("gone"), {}) is None
    assert rest.problem_details(KeyError("x"), {}) is None


# --- ETags and caches -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*PUBLIC, "schema/"])
def test_an_unchanged_public_read_is_304(client: Client, path: str) -> None:
    first = client.get(API + path)
    tag = first["ETag"]
    assert client.head(API + path)["ETag"] == tag
    for known in (tag, f'"other", W/{tag}', "*"):
        for method in (client.get, client.head):
            again = method(API + path, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert client.get(API + path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_an_etag_changes_with_what_is_said(client: Client) -> None:
    before = client.get(f"{API}samples/")["ETag"]
    powder(100)
    assert client.get(f"{API}samples/", headers={"If-None-Match": before}).status_code == 200


def test_what_was_asked_with_credentials_is_stored_nowhere(client: Client) -> None:
    user, browser = UserFactory(), Client()
    browser.force_login(user)
    for path in ("applications/", "missions/", "samples/none/"):
        for asks in (program(user), browser):
            assert asks.get(API + path)["Cache-Control"] == "private, no-store"
    assert client.get(f"{API}missions/")["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", [*PUBLIC, "samples/TEST/"])
def test_public_reads_are_the_same_for_everybody(client: Client, path: str) -> None:
    powder(100, catalogue_number="TEST")
    powder(100, catalogue_number="SECRET", published_at=None)
    plain = client.get(API + path)
    for role in ("administrator", "curator", "auditor"):
        answer = program(UserFactory(roles=[role])).get(API + path)
        assert (answer.content, answer["ETag"]) == (plain.content, plain["ETag"])
    assert b"SECRET" not in plain.content


# --- Lists ------------------------------------------------------------------------------------------------------


def test_a_list_leads_from_page_to_page_and_back(client: Client) -> None:
    for number in range(7):
        powder(1, catalogue_number=f"P {number}/a")
    first = client.get(f"{API}samples/?page_size=3&kind=powder")
    assert first.json()["previous"] is None
    assert first["Link"] == f'<{first.json()["next"]}>; rel="next"'
    second = client.get(first.json()["next"])
    assert second["Link"] == f'<{second.json()["next"]}>; rel="next", <{second.json()["previous"]}>; rel="prev"'
    third = client.get(second.json()["next"])
    assert third.json()["next"] is None
    found = [row["catalogue_number"] for page in (first, second, third) for row in page.json()["results"]]
    assert found == [f"P {number}/a" for number in range(7)]
    assert client.get(second.json()["previous"]).json()["results"] == first.json()["results"]
    assert client.get(first.json()["next"]).json()["results"] == second.json()["results"]


def test_a_page_holds_fifty_rows_unless_told(client: Client) -> None:
    for number in range(101):
        powder(0, catalogue_number=f"P{number:03}")
    assert len(client.get(f"{API}samples/").json()["results"]) == 50
    assert len(client.get(f"{API}samples/?page_size=100").json()["results"]) == 100


def test_neighbours_stand_where_the_page_was_asked(client: Client) -> None:
    for number in range(2):
        powder(0, catalogue_number=f"P{number}")
    url = client.get(f"{API}samples/?page_size=1", headers={"Host": "localhost:8123"}).json()["next"]
    assert url.startswith("http://localhost:8123/api/v1/samples/?page_size=1&cursor=")


def test_a_cursor_of_another_list_or_altered_is_400(client: Client) -> None:
    for number in range(3):
        powder(0, catalogue_number=f"P{number}")
    cursor = client.get(f"{API}samples/?page_size=1").json()["next"].partition("cursor=")[2]
    assert_problem(client.get(f"{API}missions/?cursor={cursor}"), 400, "bad-cursor")
    for altered in (cursor[:-1], cursor[::-1], f"x{cursor}", cursor.partition("%3A")[0]):
        assert_problem(client.get(f"{API}samples/?cursor={altered}"), 400, "bad-cursor")
