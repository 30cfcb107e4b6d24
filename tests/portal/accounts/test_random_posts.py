"""Whatever is sent to the pages of signing in, and in whatever order, none of them fails."""

import random
import string
import uuid

import pytest
from django.test import Client

from portal.accounts.models import User
from tests.factories.accounts import UserFactory
from tests.portal.accounts.reading import proved

pytestmark = pytest.mark.django_db
POSTS = 400
PATHS = (
    *("login/", "login/code/", "login/code/enter/", "signup/", "signup/passkey/", "signup/passkey/make/"),
    *("signup/orcid/", "confirm/", "reauthenticate/", "reauthenticate/code/", "reauthenticate/passkey/", "email/"),
    *("email/second/", "email/second/code/", "email/second/remove/", "email/decisions/", "password/set/"),
    *("password/reset/", "password/reset/code/", "passkey/", "passkey/options/", "passkeys/add/", "passkeys/options/"),
    *("orcid/", "orcid/callback/", "orcid/link/", "orcid/unlink/", "profile/", "institutions/"),
    *(f"passkeys/{uuid.uuid4()}/remove/", f"passkeys/{uuid.uuid4()}/rename/"),
)
FIELDS = (
    *("email", "login", "password", "password1", "name", "native_name", "institution_name", "country_or_region"),
    *("department", "zone", "language", "code", "credential", "next", "state", "error", "action", "action_add"),
    *("also_to_second", "later", "_once", "q"),
)
STRANGE = (
    *("", " ", "\0", "\x00\x01", "a" * 5000, "https://evil.example/", "//evil.example", "/my/", "{}", "[]", "null"),
    *('{"response": {"userHandle": "AAAA"}}', "BBBB-BBBB", "０１２３", "\u202e\u0000", "XA", "NO", "UTC", "en", "on"),
    *("verify", "resend", "new@example.org", "a@b", "%s%n{{7*7}}", "'; --", "😀" * 60, "\ud800"),
)


def anything(chance: random.Random) -> str:
    if chance.random() < 0.8:
        return chance.choice(STRANGE).encode("utf-8", "replace").decode()
    return "".join(chance.choices(string.printable, k=chance.randint(1, 40)))


def test_no_order_of_random_posts_meets_a_fault(orcid):
    chance = random.Random(20260922)
    user = UserFactory()
    browsers, seen = [Client(raise_request_exception=False), proved(user)], set()
    browsers[1].raise_request_exception = False
    for number in range(POSTS):
        client, path = chance.choice(browsers), chance.choice(PATHS)
        sent = {name: anything(chance) for name in chance.sample(FIELDS, chance.randint(0, 12))}
        how = client.post if chance.random() < 0.8 else client.get
        prefix = chance.choice(["", "/zh-hans"])
        host = chance.choice(["localhost", "127.0.0.1"])
        address = f"10.{number % 250}.{number // 250}.1"
        answer = how(f"{prefix}/accounts/{path}", sent, HTTP_HOST=host, REMOTE_ADDR=address)
        seen.add(answer.status_code)
        assert answer.status_code < 500, (path, sent)
        assert "evil.example" not in answer.get("Location", "").partition("?")[0], (path, sent)
    assert {200, 302, 404, 422} <= seen
    assert User.objects.get(pk=user.pk).orcid == ""
