import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from portal.accounts import fence, people
from portal.accounts.models import LoginFailures
from tests.factories.accounts import PASSWORD, UserFactory, administrator
from tests.portal.accounts.reading import same

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def sign_in(client, email, password=PASSWORD, **headers):
    return client.post(LOGIN, {"login": email, "password": password}, **headers)


def is_signed_in(client):
    return client.get("/accounts/profile/").status_code == 200


def test_sign_in_leads_to_what_was_asked_for(client):
    user = UserFactory()
    asked = client.get("/accounts/profile/")
    assert (asked.status_code, asked["Location"]) == (302, f"{LOGIN}?next=/accounts/profile/")
    answer = client.post(asked["Location"], {"login": user.email.upper(), "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/profile/")
    assert is_signed_in(client)


def test_sign_in_leads_to_my_page_in_the_language_of_the_page(client):
    user = UserFactory()
    answer = client.post("/zh-hans/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer["Location"] in ("/zh-hans/my/", "/my/")  # the second while nothing stands at /my/


def test_sign_in_never_leads_to_another_host(client):
    user = UserFactory()
    answer = client.post(f"{LOGIN}?next=https://evil.example/", {"login": user.email, "password": PASSWORD})
    assert answer["Location"] == "/my/"


def test_known_and_unknown_addresses_get_the_same_answer(client):
    known = UserFactory()
    closed = UserFactory(is_active=False)
    answers = [sign_in(client, email, "not the password") for email in (known.email, closed.email, "no@example.org")]
    pages = {same(answer, known.email, closed.email, "no@example.org") for answer in answers}
    assert len(pages) == 1
    assert answers[0].status_code == 422
    assert "E-mail or password is wrong." in answers[0].content.decode()


def test_a_closed_account_is_told_so_only_with_the_right_password(client):
    user = UserFactory(is_active=False)
    assert sign_in(client, user.email)["Location"] == reverse("account_inactive")
    assert client.get(reverse("account_inactive")).status_code == 200
    assert not is_signed_in(client)


def test_a_closed_account_loses_its_session_at_once(client):
    user, office = UserFactory(), administrator()
    sign_in(client, user.email)
    people.close(user, by=office, reason="left")
    assert not is_signed_in(client)


def test_signing_in_gives_the_session_a_new_key(client):
    user = UserFactory()
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    sign_in(client, user.email)
    assert client.session.session_key != planted
    assert not Session.objects.filter(pk=planted).exists()


def test_signing_out_ends_the_session_and_only_by_post(client):
    user = UserFactory()
    sign_in(client, user.email)
    stolen = client.cookies["session"].value
    assert client.get("/accounts/logout/").status_code == 200
    assert is_signed_in(client)
    assert client.post("/accounts/logout/")["Location"] == "/"
    client.cookies["session"] = stolen
    assert not is_signed_in(client)


def test_five_failures_for_an_account_make_an_address_wait(client):
    user, other = UserFactory(), UserFactory()
    statuses = [sign_in(client, user.email, "wrong").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    waiting = sign_in(client, user.email)
    assert (waiting.status_code, waiting["Retry-After"]) == (429, "300")
    assert not is_signed_in(client)
    assert sign_in(client, other.email).status_code == 302


def test_an_address_that_fails_at_many_accounts_waits(client):
    users = [UserFactory() for _ in range(11)]
    assert [sign_in(client, user.email, "wrong").status_code for user in users] == [422] * 10 + [429]
    assert sign_in(client, users[0].email).status_code == 429


def test_the_forwarded_address_is_not_believed(client):
    users = [UserFactory() for _ in range(11)]
    answers = [
        sign_in(client, user.email, "wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}")
        for number, user in enumerate(users)
    ]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]


def test_guessing_from_many_addresses_does_not_lock_the_owner_out(client):
    user = UserFactory()
    for number in range(60):
        sign_in(client, user.email, "wrong", REMOTE_ADDR=f"10.1.0.{number}")
    slowed = [sign_in(client, user.email, "wrong", REMOTE_ADDR="10.9.9.9").status_code for _ in range(2)]
    assert slowed == [422, 429]
    assert sign_in(client, user.email, REMOTE_ADDR="192.0.2.1").status_code == 302


def test_unknown_accounts_wait_as_known_ones_do(client):
    statuses = [sign_in(client, "nobody@example.org", "wrong").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_right_passwords_are_not_limited(client):
    user = UserFactory()
    sign_in(client, user.email, "wrong")
    for _ in range(150):
        assert sign_in(client, user.email).status_code == 302
        client.cookies.clear()
    assert sorted(LoginFailures.objects.values_list("failures", flat=True)) == [1, 1, 1]


def test_one_household_of_ipv6_counts_as_one_address():
    for host in range(10):
        fence.count_failure(f"person{host}@example.org", f"2001:db8:1:2::{host + 1}")
    assert fence.must_wait("other@example.org", "2001:db8:1:2:ffff::1")
    assert not fence.must_wait("other@example.org", "2001:db8:1:3::1")


def test_counts_are_forgotten_when_their_time_is_over(client):
    user = UserFactory()
    for _ in range(6):
        sign_in(client, user.email, "wrong")
    LoginFailures.objects.update(until="2020-01-01T00:00Z")
    assert sign_in(client, user.email, "wrong").status_code == 422
    assert sorted(LoginFailures.objects.values_list("failures", flat=True)) == [1, 1, 1]


def test_a_form_kept_open_too_long_loses_nothing_but_the_password(client):
    answer = client.post("/accounts/profile/", {"name": "A long name", "oldpassword": "secret"})
    assert answer.status_code == 403
    assert "A long name" in answer.content.decode()
    assert "secret" not in answer.content.decode()
