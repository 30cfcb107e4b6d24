"""What passkeys refuse. That they work is shown in a real browser: `tests/journeys/test_signing_in.py`."""

import json
import uuid

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from portal.accounts import passkeys
from portal.accounts.models import User
from portal.audit.models import Event
from portal.notifications.models import Notice
from tests.factories.accounts import UserFactory
from tests.portal.accounts.reading import proved, signed_in

pytestmark = pytest.mark.django_db
SIGN_IN, OPTIONS, WAYS = "/accounts/passkey/", "/accounts/passkey/options/", "/accounts/ways/"
ADD, NEW_OPTIONS, PROVE = "/accounts/passkeys/add/", "/accounts/passkeys/options/", "/accounts/reauthenticate/passkey/"
HERE = {"HTTP_HOST": "localhost"}
WRONG = '{"response": {}}'


def passkey_of(user, name="Laptop"):
    """Keep a row as one is kept; what it holds could never sign in."""
    data = {"name": name, "credential": {}, "uid": str(uuid.uuid4())}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)


def address(passkey, verb):
    return f"/accounts/passkeys/{passkey.data['uid']}/{verb}/"


def test_the_question_names_the_portal_asks_for_the_owner_and_names_nobody(client):
    asked = client.post(OPTIONS, **HERE).json()["publicKey"]
    challenge = asked.pop("challenge")
    assert len(challenge) >= 43
    assert client.post(OPTIONS, **HERE).json()["publicKey"]["challenge"] != challenge
    assert (asked["rpId"], asked["userVerification"], asked.get("allowCredentials", [])) == (
        "localhost",
        "required",
        [],
    )


def test_a_new_passkey_must_check_its_owner_and_knows_no_key_of_a_row(client):
    user = UserFactory()
    here = proved(user)
    asked = here.post(NEW_OPTIONS, **HERE).json()["publicKey"]
    assert asked["rp"] == {"id": "localhost", "name": "Lunar Sample Access"}
    assert asked["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert asked["user"]["name"] == user.email
    assert len(asked["user"]["id"]) == 22  # 16 bytes: the public id


def test_making_one_needs_a_fresh_proof(client):
    assert client.post(NEW_OPTIONS).status_code == 404
    here = signed_in(UserFactory())
    assert here.post(NEW_OPTIONS).status_code == 404
    for verb in ("get", "post"):
        assert getattr(here, verb)(ADD)["Location"].startswith("/accounts/reauthenticate/")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000"])
def test_where_browsers_allow_none_the_page_says_so_and_where_they_do(client, host):
    port = host.partition(":")[2] or "80"
    for path in ("/accounts/login/", "/accounts/signup/", SIGN_IN):
        page = client.get(path, HTTP_HOST=host).content.decode()
        assert f"http://localhost:{port}" in page
        assert "data-passkey" not in page
    assert "data-passkey" in client.get("/accounts/login/", HTTP_HOST="localhost:8000").content.decode()


def test_without_an_answer_the_page_says_what_is_missing(client):
    answer = client.post(SIGN_IN, {"credential": "", "next": "/samples/"}, **HERE)
    assert answer.status_code == 422
    assert "It needs JavaScript; signing in by e-mail does not." in answer.content.decode()
    assert "/accounts/login/code/?next=%2Fsamples%2F" in answer.content.decode()


BROKEN = [
    *("null", "7", "[]", "{}", "nonsense", '"x"', "{" * 5000, '{"response": 7}', '{"response": {"userHandle": 7}}'),
    json.dumps({"response": {"userHandle": "AAAA"}}),
    json.dumps({"response": {"userHandle": "A" * 22}}),
    json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"userHandle": "A" * 22}}),
    json.dumps({"id": "\x00", "rawId": [], "type": None, "response": {"clientDataJSON": "AA", "signature": "AA"}}),
]


@pytest.mark.parametrize("credential", BROKEN)
def test_a_broken_answer_is_refused_and_changes_nothing(client, credential):
    user = UserFactory()
    here = proved(user)
    client.post(OPTIONS, **HERE)
    here.post(NEW_OPTIONS, **HERE)
    events = Event.objects.count()
    assert client.post(SIGN_IN, {"credential": credential}, **HERE).status_code == 422
    assert here.post(ADD, {"credential": credential, "name": "x"}, **HERE).status_code == 422
    here.post(OPTIONS, **HERE)
    assert here.post(PROVE, {"credential": credential}, **HERE).status_code == 303
    assert (Authenticator.objects.count(), Event.objects.count()) == (0, events)
    assert client.get("/accounts/profile/").status_code == 302


class TestRandomAnswers(TestCase):
    """Whatever is sent as an answer of a device is a refusal."""

    json_values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=8,
    )
    words = st.sampled_from(["AAAA", "", "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0", "\x00"]) | json_values
    names = ("clientDataJSON", "authenticatorData", "signature", "attestationObject", "userHandle")
    answers = st.fixed_dictionaries(
        {"id": words, "rawId": words, "type": words, "response": st.fixed_dictionaries(dict.fromkeys(names, words))}
    )

    @examples(max_examples=60)
    @given(answers | json_values)
    def test_random(self, answer):
        user = User.objects.first() or UserFactory()
        if isinstance(answer, dict) and isinstance(answer.get("response"), dict):
            answer["response"]["userHandle"] = answer["response"].get("userHandle") or "AAAA"
        client = Client(REMOTE_ADDR=f"10.0.{uuid.uuid4().int % 250}.{uuid.uuid4().int % 250}")
        client.post(OPTIONS, **HERE)
        sent = client.post(SIGN_IN, {"credential": json.dumps(answer)}, **HERE)
        assert sent.status_code == 422
        assert user.email not in sent.content.decode()


def test_too_many_wrong_answers_have_to_wait(client):
    statuses = [client.post(SIGN_IN, {"credential": WRONG}, **HERE).status_code for _ in range(7)]
    assert statuses == [422] * 5 + [429] * 2
    assert client.post(SIGN_IN, {"credential": WRONG}, REMOTE_ADDR="10.9.9.9", **HERE).status_code == 422


def test_a_passkey_is_renamed_and_removed_after_a_proof_and_the_owner_is_told():
    user = UserFactory()
    passkey = passkey_of(user)
    for verb in ("rename", "remove"):
        asked = signed_in(user).post(address(passkey, verb), {"name": "Phone"})
        assert asked["Location"].startswith("/accounts/reauthenticate/")
    here = proved(user)
    assert here.post(address(passkey, "rename"), {"name": " "}).status_code == 422
    assert here.post(address(passkey, "rename"), {"name": "My  phone\r\nBcc: x"})["Location"] == WAYS
    assert Authenticator.objects.get().data["name"] == "My phone Bcc: x"
    assert "My phone Bcc: x" in here.get(WAYS).content.decode()
    assert here.get(address(passkey, "remove")).status_code == 200
    assert here.post(address(passkey, "remove"))["Location"] == WAYS
    assert not Authenticator.objects.exists()
    told = Notice.objects.get(kind="passkey-removed")
    assert (told.address, "“My phone Bcc: x”" in told.body) == (user.email, True)
    verbs = Event.objects.filter(verb__contains="passkey").order_by("version").values_list("verb", flat=True)
    assert list(verbs) == ["user.rename-passkey", "user.remove-passkey"]


def test_a_passkey_of_somebody_else_is_absent():
    passkey, here = passkey_of(UserFactory()), proved(UserFactory())
    for verb in ("rename", "remove"):
        assert here.get(address(passkey, verb)).status_code == 404
        assert here.post(address(passkey, verb), {"name": "x"}).status_code == 404
    assert Authenticator.objects.get().data["name"] == "Laptop"


def test_ten_are_enough():
    user = UserFactory()
    for _each in range(passkeys.MOST):
        passkey_of(user)
    with pytest.raises(passkeys.NotNow):
        passkeys.check_may_add(user)


def test_a_password_still_opens_the_account_alone_and_asks_for_no_second_proof():
    user = UserFactory()
    passkey_of(user)
    assert signed_in(user).get(WAYS).status_code == 200


def test_the_page_asks_as_often_for_ten_as_for_one(django_assert_max_num_queries):
    counts = []
    for size in (1, 10):
        user = UserFactory()
        for _each in range(size):
            passkey_of(user)
        here = signed_in(user)
        with django_assert_max_num_queries(40) as asked:
            here.get(WAYS)
        counts.append(len(asked))
    assert counts[0] == counts[1]
