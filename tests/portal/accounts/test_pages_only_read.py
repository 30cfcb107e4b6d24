import pytest
from django.test import Client

from portal.accounts.models import ApiToken
from tests.factories.accounts import PASSWORD, UserFactory, administrator, token_of
from tests.portal.accounts.test_invitations import invited


@pytest.mark.django_db(transaction=True)
def test_every_page_of_accounts_can_be_read_without_writing():
    """Outside a test's transaction GET is READ ONLY, so that a page that writes would fail here."""
    office, user = administrator(), UserFactory()
    token_of(user)
    link = invited(by=office)
    anonymous, signed_in, manager, halfway = Client(), Client(), Client(), Client()
    signed_in.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    manager.post("/accounts/login/", {"login": office.email, "password": PASSWORD})
    typed = {"email": "new@example.org", "password1": "long enough to pass", "name": "Newcomer"}
    assert halfway.post("/accounts/signup/", typed).status_code == 302
    revoke = f"/accounts/tokens/{ApiToken.objects.get().uid}/revoke/"
    own = ["profile/", "tokens/", "email/", "password/change/", "logout/", "reauthenticate/"]
    manage = ["", "invite/", f"{user.uid}/"]
    for client, paths in (
        (anonymous, ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", link]),
        (halfway, ["/accounts/confirm/", link]),
        (signed_in, [*(f"/accounts/{page}" for page in own), revoke, link]),
        (manager, [f"/manage/people/{page}" for page in manage]),
    ):
        assert [(path, client.get(path).status_code) for path in paths] == [(path, 200) for path in paths]


@pytest.mark.django_db(transaction=True)
def test_two_sign_ups_with_one_address_make_one_account_and_no_error():
    typed = {"email": "new@example.org", "password1": "long enough to pass", "name": "Newcomer"}
    answers = [Client().post("/accounts/signup/", typed) for _ in range(2)]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/accounts/confirm/")}
