"""`issue_token` and `list_urls`, as programs outside use them."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.accounts import tokens
from portal.inventory import addresses
from tests.factories.accounts import UserFactory
from tests.programs import API


def said(*words: str) -> str:
    """Return what a command prints."""
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "scopes"),
    [
        ([], ["read"]),
        (["--scope", "apply"], ["apply"]),
        (["--scope", "read", "--scope", "apply"], ["read", "apply"]),
        (["--scope", "apply", "read"], ["read", "apply"]),
        (["--scope", "read,apply"], ["read", "apply"]),
    ],
)
def test_a_token_is_printed_as_the_last_word(words, scopes, client):
    user = UserFactory(email="somebody@example.org")
    text = said("issue_token", "Somebody@Example.org", *words).split()[-1]
    assert (tokens.find(text).user, tokens.find(text).scopes) == (user, scopes)
    status = client.get(f"{API}applications/", headers={"Authorization": f"Bearer {text}"}).status_code
    assert status == (200 if "read" in scopes else 403)


@pytest.mark.django_db
def test_no_token_is_made_for_nobody_a_closed_account_or_an_unknown_scope():
    UserFactory(email="closed@example.org", is_active=False)
    UserFactory(email="open@example.org")
    for words in (["nobody@example.org"], ["closed@example.org"], ["open@example.org", "--scope", "root"]):
        with pytest.raises(CommandError):
            said("issue_token", *words)


@pytest.mark.django_db
def test_an_unknown_scope_is_told_with_those_there_are():
    UserFactory(email="open@example.org")
    with pytest.raises(CommandError, match=r"^No such scope: root\. There are read, apply"):
        said("issue_token", "open@example.org", "--scope", "root")


def test_every_address_is_listed_with_its_methods_and_who_may():
    listed = json.loads(said("list_urls", "--json"))
    assert {tuple(sorted(one)) for one in listed} == {("methods", "name", "pattern", "who")}
    by_pattern = {one["pattern"]: one for one in listed}
    assert by_pattern["/api/v1/applications/"] == {
        "pattern": "/api/v1/applications/",
        "name": "api:applications",
        "methods": ["GET"],
        "who": "everybody signed in",
    }
    assert by_pattern["/admin/"]["who"] == "administrators and auditors"
    assert [one for one in listed if not one["who"]] == []
    assert len(listed) == len(addresses())
