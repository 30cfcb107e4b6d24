"""Every address declares who may open it, and the declaration holds for whoever asks."""

import pytest
from django.test import Client
from django.urls import get_resolver

from portal.accounts.models import Visitor
from portal.inventory import addresses
from portal.web import PUBLIC
from tests.factories.accounts import UserFactory
from tests.factories.applications import call_of, seat

# What stands in a pattern, filled with something that does not exist.
FILLED = {
    "<slug:slug>": "no-such-call",
    "<slug:call>": "no-such-call",
    "<str:reference>": "LSA-2026-00000",
    "<uuid:uid>": "00000000-0000-4000-8000-000000000000",
    "<path:number>": "NO-SUCH-SAMPLE",
}
UNSAFE = ("post", "put", "patch", "delete")


def fill(pattern: str) -> str:
    """Return an address of this pattern about something that does not exist."""
    for name, value in FILLED.items():
        pattern = pattern.replace(name, value)
    while "<" in pattern:
        start, end = pattern.index("<"), pattern.index(">")
        kind = pattern[start + 1 : end].partition(":")[0]
        value = {"uuid": FILLED["<uuid:uid>"], "int": "1"}.get(kind, "nothing")
        pattern = pattern[:start] + value + pattern[end + 1 :]
    return pattern


EVERY = [pytest.param(each, id=each.pattern) for each in addresses() if "^" not in each.pattern]


@pytest.mark.parametrize("address", EVERY)
def test_every_address_declares_who_may_open_it(address):
    assert address.declared is not None, f"{address.pattern} does not declare access (portal.web.access)"
    assert address.methods
    assert address.who


def test_every_address_has_one_name():
    names = [each.name for each in addresses() if each.name]

    assert len(names) == len(set(names))
    assert get_resolver().url_patterns


@pytest.mark.django_db
@pytest.mark.parametrize("address", EVERY)
def test_a_visitor_is_asked_to_sign_in_wherever_the_page_is_not_public(address, client):
    if address.declared.test(Visitor()):
        pytest.skip("public")
    url = fill(address.pattern)

    answer = client.get(url) if "GET" in address.methods else client.post(url)

    assert answer.status_code in ((401, 403) if url.startswith("/api/") else (302, 403, 404)), answer.status_code
    if answer.status_code == 302:
        assert answer.url.startswith("/accounts/login/")


@pytest.mark.django_db
@pytest.mark.parametrize("address", EVERY)
def test_no_address_answers_a_method_that_it_does_not_declare(address, client):
    url = fill(address.pattern)
    for method in UNSAFE:
        if method.upper() in address.methods:
            continue
        answer = getattr(client, method)(url)
        assert answer.status_code in (401, 403, 404, 405), (method, answer.status_code)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["", "curator", "administrator", "auditor"])
def test_pages_of_a_role_are_absent_for_who_does_not_hold_it(role):
    user = UserFactory(roles=[role] if role else [])
    client = Client()
    client.force_login(user)
    for address in addresses():
        if address.declared is PUBLIC or "^" in address.pattern or address.pattern.startswith("/api/"):
            continue
        if address.declared.test(user):
            continue
        url = fill(address.pattern)
        assert client.get(url).status_code in (404, 405), address.pattern
        assert client.post(url).status_code in (403, 404, 405), address.pattern


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["", "curator", "administrator", "auditor"])
def test_a_character_that_no_text_has_makes_an_address_absent(role):
    call, person = call_of(), UserFactory(roles=[role] if role else [])
    seat(call, person, "chair")
    client = Client()
    client.force_login(person)
    for address in addresses():
        if "<str:" not in address.pattern and "<path:" not in address.pattern:
            continue
        pattern = address.pattern.replace("<slug:slug>", call.slug).replace("<slug:call>", call.slug)
        url = fill(pattern.replace("<str:reference>", "a%00b").replace("<path:number>", "a%00b"))
        if "%00" in url:
            assert client.get(url).status_code in (404, 405), url
            assert client.post(url).status_code in (403, 404, 405), url


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["panel", "samples"])
def test_a_button_that_names_what_no_text_has_finds_nothing(page):
    call, client = call_of(status="draft"), Client()
    client.force_login(UserFactory(roles=["administrator"]))

    assert client.post(f"/manage/calls/{call.slug}/{page}/", {"drop": "a\0b"}).status_code == 404
