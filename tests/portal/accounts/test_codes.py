import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from portal.accounts.models import User
from portal.notifications.models import Notice
from tests.factories.accounts import PASSWORD, UserFactory
from tests.portal.accounts.reading import code_of, last_mail, same, signed_in

pytestmark = pytest.mark.django_db
ASK, ENTER, LOGIN = "/accounts/login/code/", "/accounts/login/code/enter/", "/accounts/login/"
PROVE, CODE = "/accounts/reauthenticate/", "/accounts/reauthenticate/code/"


def test_a_code_by_mail_signs_in_and_leads_on(client):
    user = UserFactory()
    asked = client.post(f"{ASK}?next=/samples/", {"email": user.email.upper()})
    assert asked["Location"].startswith(ENTER)
    assert (last_mail().kind, last_mail().address) == ("login-code", user.email)
    assert client.post(ENTER, {"code": "AAAA-AAAA"}).status_code == 422
    answer = client.post(asked["Location"], {"code": code_of(last_mail())})
    assert (answer.status_code, answer["Location"]) == (302, "/samples/")
    assert client.get("/accounts/profile/").context["user"] == user


def test_unknown_closed_and_unproved_accounts_get_the_same_answers(client):
    known, closed, unproved = UserFactory(), UserFactory(is_active=False), UserFactory(confirmed=False)
    seen = []
    for email in (known.email, closed.email, unproved.email, "nobody@example.org"):
        client.cookies.clear()
        asked = [client.post(ASK, {"email": email}), client.get(ENTER)]
        asked += [client.post(ENTER, {"code": "AAAA-AAAA"}), client.post(ENTER, {"action": "resend"})]
        seen.append([same(answer, email) for answer in asked])
    assert seen[0] == seen[1] == seen[2] == seen[3]
    kinds = dict(Notice.objects.values_list("address", "kind"))
    assert kinds == {
        known.email: "login-code",
        closed.email: "unknown-account",
        unproved.email: "unknown-account",
        "nobody@example.org": "unknown-account",
    }


def test_no_code_opens_an_account_that_somebody_made_with_anothers_address(client):
    """Whoever made it knows its password; its owner must not move in beside them."""
    made = UserFactory(email="owner@example.org", confirmed=False)
    client.post(ASK, {"email": made.email})
    assert last_mail().kind == "unknown-account"
    assert not EmailAddress.objects.get().verified


def test_three_wrong_codes_end_the_try(client):
    client.post(ASK, {"email": UserFactory().email})
    code = code_of(last_mail())
    assert [client.post(ENTER, {"code": "AAAA-AAAA"}).status_code for _ in range(3)] == [422, 422, 302]
    client.post(ENTER, {"code": code})
    assert client.get("/accounts/profile/").status_code == 302


def test_an_account_without_password_sets_one_after_proving_itself_by_a_code(client):
    user = UserFactory()
    User.objects.update(password="!")
    client.post(ASK, {"email": user.email})
    client.post(ENTER, {"code": code_of(last_mail())})
    assert client.get("/accounts/password/change/")["Location"] == "/accounts/password/set/"
    assert client.get("/accounts/password/set/")["Location"].startswith(PROVE)
    client.post(CODE, {"next": "/accounts/password/set/"})
    code = code_of(last_mail())
    answer = client.post(CODE, {"code": code, "next": "/accounts/password/set/"})
    assert answer["Location"] == "/accounts/password/set/"
    assert client.post("/accounts/password/set/", {"password1": "short"}).status_code == 422
    assert client.post("/accounts/password/set/", {"password1": "another long secret"}).status_code == 302
    assert (last_mail().kind, last_mail().address) == ("password-set", user.email)
    assert Client().post(LOGIN, {"login": user.email, "password": "another long secret"}).status_code == 302


def test_what_waited_for_a_proof_is_done_once_it_is_given():
    user = UserFactory()
    here = signed_in(user)
    asked = here.post("/accounts/email/second/", {"email": "second@example.org"})
    done = here.post(asked["Location"], {"password": PASSWORD})
    assert done["Location"] == "/accounts/email/second/code/"
    assert last_mail().address == "second@example.org"


def test_a_wrong_code_proves_nothing():
    here = signed_in(UserFactory())
    here.post(CODE)
    assert here.post(CODE, {"code": "AAAA-AAAA"})["Location"].startswith(PROVE)
    assert here.get("/accounts/email/second/")["Location"].startswith(PROVE)


def test_a_proof_lasts_five_minutes():
    here = signed_in(UserFactory())
    here.post(PROVE, {"password": PASSWORD})
    assert here.get("/accounts/email/second/").status_code == 200
    session = here.session
    for entry in session["account_authentication_methods"]:
        entry["at"] -= 5 * 60
    session.save()
    assert here.get("/accounts/email/second/")["Location"].startswith(PROVE)
