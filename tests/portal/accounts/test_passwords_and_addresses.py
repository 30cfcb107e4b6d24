import pytest

from portal.accounts.models import User
from portal.notifications.models import Notice
from tests.factories.accounts import PASSWORD, UserFactory
from tests.portal.accounts.reading import code_of, last_mail, proved, same, signed_in

pytestmark = pytest.mark.django_db
RESET, CODE, NEW = "/accounts/password/reset/", "/accounts/password/reset/code/", "/accounts/password/reset/new/"
LOGIN, EMAIL, CONFIRM = "/accounts/login/", "/accounts/email/", "/accounts/confirm/"
SECRET = "another long secret"


def works(client):
    return client.get("/accounts/profile/").status_code == 200


def test_a_code_permits_a_new_password_and_ends_every_session(client):
    user = UserFactory()
    elsewhere = signed_in(user)
    assert client.post(RESET, {"email": user.email})["Location"] == CODE
    assert client.get(NEW)["Location"] == CODE
    assert client.post(CODE, {"code": code_of(last_mail())})["Location"] == NEW
    assert client.post(NEW, {"password1": "short"}).status_code == 422
    assert client.post(NEW, {"password1": SECRET}).status_code == 302
    assert User.objects.get().check_password(SECRET)
    assert not works(elsewhere)
    assert list(Notice.objects.order_by("id").values_list("kind", flat=True)) == [
        *("password-reset-code", "password-reset"),
    ]
    assert client.get(NEW)["Location"] == RESET
    assert client.post(LOGIN, {"login": user.email, "password": SECRET}).status_code == 302


def test_a_new_password_opens_the_fence_for_its_owner(client):
    user = UserFactory()
    for number in range(60):
        client.post(LOGIN, {"login": user.email, "password": "wrong"}, REMOTE_ADDR=f"10.1.0.{number}")
    client.post(RESET, {"email": user.email})
    client.post(CODE, {"code": code_of(last_mail())})
    client.post(NEW, {"password1": SECRET})
    slips = [client.post(LOGIN, {"login": user.email, "password": "slip"}).status_code for _ in range(2)]
    assert slips == [422, 422]


def test_unknown_and_closed_accounts_get_the_same_answers(client):
    known, closed = UserFactory(), UserFactory(is_active=False)
    seen = []
    for email in (known.email, closed.email, "nobody@example.org"):
        client.cookies.clear()
        seen.append(
            [
                same(client.post(RESET, {"email": email}), email),
                same(client.get(CODE), email),
                *(same(client.post(CODE, {"code": "AAAA-AAAA"}), email) for _ in range(3)),
            ]
        )
    assert seen[0] == seen[1] == seen[2]
    kinds = dict(Notice.objects.values_list("address", "kind"))
    assert kinds == {
        known.email: "password-reset-code",
        closed.email: "unknown-account",
        "nobody@example.org": "unknown-account",
    }


def test_changing_the_password_keeps_this_session_and_ends_the_others():
    user = UserFactory()
    here, elsewhere = signed_in(user), signed_in(user)
    change = "/accounts/password/change/"
    assert here.post(change, {"oldpassword": "wrong", "password1": SECRET}).status_code == 422
    assert User.objects.get().check_password(PASSWORD)
    assert here.post(change, {"oldpassword": PASSWORD, "password1": SECRET}).status_code == 302
    assert (works(here), works(elsewhere)) == (True, False)
    assert (last_mail().kind, last_mail().address) == ("password-changed", user.email)


def test_another_address_needs_the_password_and_its_own_code_and_is_told_to_the_old_one():
    user = UserFactory(email="old@example.org")
    here, elsewhere = signed_in(user), signed_in(user)
    asked = here.post(EMAIL, {"email": "new@example.org", "action_add": "1"})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert Notice.objects.count() == 0
    assert here.post(asked["Location"], {"password": "wrong"}).status_code == 422
    assert here.post(asked["Location"], {"password": PASSWORD})["Location"] == CONFIRM
    assert User.objects.get().email == "old@example.org"
    assert last_mail().address == "new@example.org"
    here.post(CONFIRM, {"code": code_of(last_mail())})
    assert User.objects.get().email == "new@example.org"
    assert (last_mail().kind, last_mail().address) == ("email-changed", "old@example.org")
    assert (works(here), works(elsewhere)) == (True, False)


def test_an_address_of_somebody_else_gets_the_same_answer_and_cannot_be_taken():
    user, other = UserFactory(), UserFactory(email="taken@example.org")
    answers = []
    for email in (other.email, "free@example.org"):
        here = proved(user)
        answers.append(same(here.post(EMAIL, {"email": email, "action_add": "1"}), email))
        answers.append(same(here.get(CONFIRM), email))
    assert answers[:2] == answers[2:]
    assert (answers[0][0], answers[0][1]) == (302, CONFIRM)
    assert User.objects.get(pk=user.pk).email == user.email


@pytest.mark.parametrize("action", ["action_remove", "action_primary", "action_send"])
def test_no_other_button_of_addresses_answers(action):
    user = UserFactory()
    here = proved(user)
    assert here.post(EMAIL, {"email": user.email, action: "1"}).status_code == 422
    assert works(here)
