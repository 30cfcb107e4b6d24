import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from portal.accounts import orcid as actions
from portal.accounts.models import User
from portal.audit.models import Event
from portal.errors import Invalid
from portal.notifications.models import Notice
from tests.factories.accounts import PASSWORD, UserFactory
from tests.orcid_server import CLIENT, SOMEBODY, SOMEBODY_ELSE
from tests.portal.accounts.reading import code_of, last_mail, proved, same, signed_in

pytestmark = pytest.mark.django_db
GO, BACK, LINK, WAYS = "/accounts/orcid/", "/accounts/orcid/callback/", "/accounts/orcid/link/", "/accounts/ways/"
SIGN_UP, CONFIRM, LOGIN = "/accounts/signup/orcid/", "/accounts/confirm/", "/accounts/login/"
TYPED = {"email": "new@example.org", "name": "Demonstration researcher"}


def at_orcid(client, start=GO, **asked):
    """Go to ORCID, let it answer, and return what it sends back: the parameters of the callback."""
    to = client.post(start, asked)
    assert to.status_code == 302, to.content
    back = requests.get(to["Location"], allow_redirects=False, timeout=5).headers["Location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


def come_back(client, start=GO, **asked):
    return client.post(BACK, at_orcid(client, start, **asked))


def linked(orcid=SOMEBODY, **fields):
    user = UserFactory(**fields)
    actions.link(user, orcid, by=user)
    return User.objects.get(pk=user.pk)


# --- Where it is not set up -----------------------------------------------------------------------------


def test_without_an_id_of_its_own_the_portal_does_not_offer_orcid(client):
    for page in (LOGIN, "/accounts/signup/"):
        assert "ORCID" not in client.get(page).content.decode()
    assert [client.post(GO).status_code, client.post(BACK).status_code, client.get(BACK).status_code] == [404] * 3
    assert "form-action 'self';" in client.get(LOGIN)["Content-Security-Policy"] + ";"


def test_with_one_it_is_offered_as_equal_and_forms_may_lead_there(client, orcid):
    for page in (LOGIN, "/accounts/signup/"):
        answer = client.get(page)
        assert "Continue with ORCID" in answer.content.decode()
        assert f"form-action 'self' {orcid.url}" in answer["Content-Security-Policy"]
    assert orcid.url not in client.get("/")["Content-Security-Policy"]


def test_the_way_to_orcid_asks_for_no_more_than_who_it_is(client, orcid):
    asked = parse_qs(urlsplit(client.post(GO, {"scope": "/activities/update"})["Location"]).query)
    del asked["state"]
    back = "http://testserver" + BACK
    assert asked == {
        "client_id": [CLIENT],
        "redirect_uri": [back],
        "scope": ["/authenticate"],
        "response_type": ["code"],
    }
    assert parse_qs(urlsplit(client.post(f"/zh-hans{GO}")["Location"]).query)["redirect_uri"] == [back]


# --- Signing up -----------------------------------------------------------------------------------------


def test_a_new_account_proves_an_address_before_anything_and_is_then_linked(client, orcid):
    answer = come_back(client, next="/calls/")
    assert (answer.status_code, answer["Location"]) == (302, SIGN_UP)
    form = client.get(SIGN_UP).context["form"]
    assert (form["name"].value(), form["email"].value()) == ("Demonstration researcher", "")
    assert "password1" not in form.fields
    assert not User.objects.exists()
    assert client.post(SIGN_UP, TYPED)["Location"] == CONFIRM
    user = User.objects.get()
    assert (user.orcid, user.has_usable_password(), SocialAccount.objects.count()) == ("", False, 0)
    assert client.get("/accounts/profile/").status_code == 302
    answer = client.post(CONFIRM, {"code": code_of(last_mail())})
    assert (answer.status_code, answer["Location"]) == (302, "/calls/")
    user = User.objects.get()
    assert (user.orcid, user.orcid_url) == (SOMEBODY, f"{orcid.url}/{SOMEBODY}")
    assert list(SocialAccount.objects.values_list("user", "provider", "uid")) == [(user.pk, "orcid", SOMEBODY)]
    assert (last_mail().kind, last_mail().address) == ("orcid-linked", "new@example.org")
    assert list(Event.objects.order_by("version").values_list("verb", flat=True)) == [
        *("user.create", "user.confirm-address", "user.link-orcid"),
    ]
    page = client.get(WAYS).content.decode()
    assert f"{orcid.url}/{SOMEBODY}</a>: authenticated by ORCID." in page


def test_what_the_record_says_of_an_address_is_proposed_and_never_believed(client, orcid):
    orcid.emails = [{"email": "open@example.org", "verified": False}, {"email": "said@example.org", "verified": True}]
    come_back(client)
    assert client.get(SIGN_UP).context["form"]["email"].value() == "said@example.org"
    client.post(SIGN_UP, {**TYPED, "email": "said@example.org"})
    assert not EmailAddress.objects.get().verified
    assert last_mail().kind == "email-confirmation-signup"


def test_an_address_that_belongs_to_somebody_gives_nothing_away_and_opens_nothing(client, orcid):
    known = UserFactory(email="known@example.org")
    orcid.emails = [{"email": known.email, "verified": True}]
    seen = []
    for email in (known.email, "free@example.org"):
        client.cookies.clear()
        come_back(client)
        asked = client.post(SIGN_UP, {**TYPED, "email": email})
        seen.append([same(answer, email) for answer in (asked, client.get(CONFIRM))])
        seen[-1].append(same(client.post(CONFIRM, {"code": "AAAA-AAAA"}), email))
        assert client.get("/accounts/profile/").status_code == 302
    assert seen[0] == seen[1]
    assert User.objects.get(pk=known.pk).orcid == ""
    assert list(Notice.objects.filter(address=known.email).values_list("kind", flat=True)) == ["account-already-exists"]


def test_whoever_used_anothers_address_has_no_key_left_once_its_owner_comes(client, orcid):
    """Somebody signs up with an address that is not theirs; its owner later sets a password by code."""
    come_back(client)
    client.post(SIGN_UP, {**TYPED, "email": "owner@example.org"})
    owner = Client()
    owner.post("/accounts/password/reset/", {"email": "owner@example.org"})
    owner.post("/accounts/password/reset/code/", {"code": code_of(last_mail())})
    owner.post("/accounts/password/reset/new/", {"password1": "another long secret"})
    owner.post(LOGIN, {"login": "owner@example.org", "password": "another long secret"})
    if last_mail().kind == "email-confirmation":
        owner.post(CONFIRM, {"code": code_of(last_mail())})
    assert owner.get("/accounts/profile/").status_code == 200
    assert (User.objects.get().orcid, SocialAccount.objects.count()) == ("", 0)
    again = Client()
    assert come_back(again)["Location"] == SIGN_UP
    assert again.get("/accounts/profile/").status_code == 302


def test_the_form_cannot_be_opened_without_orcid(client):
    assert client.get(SIGN_UP)["Location"] == LOGIN
    assert client.post(SIGN_UP, TYPED)["Location"] == LOGIN
    assert not User.objects.exists()


# --- Signing in -----------------------------------------------------------------------------------------


def test_a_linked_id_signs_in_and_leads_on(client, orcid):
    user = linked()
    answer = come_back(client, next="/samples/")
    assert (answer.status_code, answer["Location"]) == (302, "/samples/")
    assert client.get("/accounts/profile/").context["user"] == user


def test_where_it_leads_is_never_another_site(client, orcid):
    linked()
    assert come_back(client, next="https://evil.example/")["Location"] == "/my/"


def test_a_closed_account_stays_closed(client, orcid):
    linked(is_active=False)
    assert come_back(client)["Location"] == "/accounts/closed/"
    assert client.get("/accounts/profile/").status_code == 302


def test_an_address_at_orcid_never_opens_the_account_that_has_it(client, orcid):
    user = UserFactory()
    orcid.emails = [{"email": user.email, "verified": True}]
    assert come_back(client)["Location"] == SIGN_UP
    assert client.get("/accounts/profile/").status_code == 302


def test_the_way_back_only_reads_until_the_button_is_pressed(client, orcid):
    linked()
    given = at_orcid(client)
    page = client.get(BACK, given)
    assert page.status_code == 200
    assert [path for path, _sent in orcid.asked] == ["/oauth/authorize"]
    assert client.post(BACK, given).status_code == 302


def test_the_way_back_speaks_the_language_of_the_page_that_led_away(client, orcid):
    given = at_orcid(client, start=f"/zh-hans{GO}")
    assert '<html lang="zh-Hans"' in client.get(BACK, given).content.decode()
    assert client.post(BACK, given)["Location"] == f"/zh-hans{SIGN_UP}"


@pytest.mark.parametrize("spoilt", ["state", "code"])
def test_an_answer_that_was_not_asked_for_signs_nobody_in(client, orcid, spoilt):
    linked()
    answer = client.post(BACK, {**at_orcid(client), spoilt: "forged"})
    assert answer.status_code == {"state": 400, "code": 503}[spoilt]
    assert client.get("/accounts/profile/").status_code == 302


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(client, orcid):
    linked()
    given = at_orcid(client)
    assert Client().post(BACK, given).status_code == 400
    assert client.post(BACK, given).status_code == 302
    client.post("/accounts/logout/")
    assert client.post(BACK, given).status_code == 400


# --- ORCID in trouble -----------------------------------------------------------------------------------


def test_refusing_at_orcid_is_no_error_and_shows_the_way_by_mail(client, orcid):
    orcid.refuses = True
    answer = come_back(client, next="/calls/")
    assert answer.status_code == 200
    assert "You did not allow it at ORCID." in answer.content.decode()
    assert "/accounts/login/?next=%2Fcalls%2F" in answer.content.decode()


@pytest.mark.parametrize(
    "token",
    [b"no json", b"", [], {}, {"orcid": 7}, {"access_token": "x", "orcid": "0000-0002-1825-0098"}, {"error": 1}],
)
def test_an_answer_nobody_can_read_is_said_and_shows_the_way_by_mail(client, orcid, token):
    orcid.token = token
    answer = come_back(client)
    assert answer.status_code == 503
    assert "ORCID did not answer" in answer.content.decode()
    assert 'href="/accounts/login/"' in answer.content.decode()


def test_a_silent_orcid_holds_nobody_longer_than_five_seconds(client, orcid, monkeypatch):
    given = at_orcid(client)
    orcid.pause = 30
    begun = time.monotonic()
    assert client.post(BACK, given).status_code == 503
    assert 4 < time.monotonic() - begun < 6


def test_a_stopped_orcid_is_said(client, orcid, settings):
    given = at_orcid(client)
    settings.ORCID_BASE_URL = "http://127.0.0.1:9"
    assert client.post(BACK, given).status_code == 503


def test_a_record_that_does_not_come_keeps_nobody_out(client, orcid):
    orcid.record_status = 500
    assert come_back(client)["Location"] == SIGN_UP
    assert client.get(SIGN_UP).context["form"]["name"].value() == "Demonstration researcher"


# --- Linking --------------------------------------------------------------------------------------------


def test_linking_needs_a_fresh_proof_and_is_told(orcid):
    user = UserFactory()
    here = signed_in(user)
    asked = here.post(LINK, {"next": WAYS})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert orcid.asked == []
    here = proved(user)
    assert come_back(here, LINK)["Location"] == WAYS
    assert User.objects.get().orcid == SOMEBODY
    assert (last_mail().kind, last_mail().address) == ("orcid-linked", user.email)


def test_a_proof_that_is_too_old_when_orcid_answers_links_nothing(orcid):
    here = proved(UserFactory())
    given = at_orcid(here, LINK)
    session = here.session
    for entry in session["account_authentication_methods"]:
        entry["at"] -= 3600
    session.save()
    assert here.post(BACK, given)["Location"] == WAYS
    assert (User.objects.get().orcid, SocialAccount.objects.count()) == ("", 0)


def test_an_account_without_password_proves_itself_by_a_code(orcid):
    user = linked()
    actions.unlink(user, by=user)
    User.objects.update(password="!")
    here = Client()
    here.force_login(User.objects.get(), backend="portal.accounts.backend.Backend")
    assert here.post(LINK)["Location"].startswith("/accounts/reauthenticate/")
    page = here.get("/accounts/reauthenticate/")
    assert 'name="password"' not in page.content.decode()
    here.post("/accounts/reauthenticate/code/")
    assert (last_mail().kind, last_mail().address) == ("proof-code", user.email)
    here.post("/accounts/reauthenticate/code/", {"code": code_of(last_mail())})
    assert come_back(here, LINK)["Location"] == WAYS
    assert User.objects.get().orcid == SOMEBODY


def test_an_id_of_another_account_is_not_taken_away(orcid):
    other, user = linked(), UserFactory()
    here = proved(user)
    answer = here.post(BACK, at_orcid(here, LINK), follow=True)
    assert "This ORCID iD belongs to another account here." in answer.content.decode()
    assert (User.objects.get(pk=other.pk).orcid, User.objects.get(pk=user.pk).orcid) == (SOMEBODY, "")


def test_a_second_id_does_not_replace_the_first(orcid):
    user = linked(SOMEBODY_ELSE)
    here = proved(user)
    answer = here.post(BACK, at_orcid(here, LINK), follow=True)
    assert "Unlink that one first." in answer.content.decode()
    assert User.objects.get().orcid == SOMEBODY_ELSE


def test_unlinking_needs_a_proof_is_told_and_ends_the_way_in(client, orcid):
    user = linked()
    assert signed_in(user).post("/accounts/orcid/unlink/").status_code == 302
    assert User.objects.get().orcid == SOMEBODY
    here = proved(user)
    assert here.get("/accounts/orcid/unlink/").status_code == 200
    assert here.post("/accounts/orcid/unlink/")["Location"] == WAYS
    assert (User.objects.get().orcid, SocialAccount.objects.count()) == ("", 0)
    assert (last_mail().kind, last_mail().address) == ("orcid-unlinked", user.email)
    assert come_back(client)["Location"] == SIGN_UP
    assert here.post("/accounts/orcid/unlink/").status_code == 409
    assert client.post(LOGIN, {"login": user.email, "password": PASSWORD}).status_code == 302


# --- The iD itself --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["0000-0002-1694-233X", "https://orcid.org/0000-0002-1694-233x/", " 000000021694233X "]
)
def test_an_id_is_read_as_people_write_it(text):
    assert actions.parse(text) == "0000-0002-1694-233X"


@pytest.mark.parametrize("text", ["", "0000-0002-1694-2339", "000000021694233٣", "x" * 16, "1" * 400, "\0"])
def test_what_is_no_id_is_refused(text):
    with pytest.raises(Invalid):
        actions.parse(text)
