import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from portal.accounts import addresses
from portal.accounts.models import User
from portal.accounts.queries import decision_copy
from portal.audit.models import Event
from portal.notifications.models import Notice
from tests.factories.accounts import PASSWORD, UserFactory
from tests.portal.accounts.reading import code_of, last_mail, proved, same, signed_in

pytestmark = pytest.mark.django_db
ADD, CODE, REMOVE = "/accounts/email/second/", "/accounts/email/second/code/", "/accounts/email/second/remove/"
DECISIONS, EMAIL, LOGIN = "/accounts/email/decisions/", "/accounts/email/", "/accounts/login/"
SECOND = "second@example.org"


def with_second(**fields):
    user = UserFactory(**fields)
    addresses.add_second(user, SECOND, by=user)
    return user


def test_a_second_address_is_confirmed_by_its_own_code_and_told_to_the_first():
    user = UserFactory()
    here = proved(user)
    assert here.post(ADD, {"email": "Second@Example.org"})["Location"] == CODE
    assert (last_mail().kind, last_mail().address) == ("second-address-code", SECOND)
    code = code_of(last_mail())
    assert not EmailAddress.objects.filter(email=SECOND).exists()
    assert here.post(CODE, {"code": "AAAA-AAAA"}).status_code == 422
    assert here.post(CODE, {"code": code})["Location"] == EMAIL
    kept = EmailAddress.objects.get(email=SECOND)
    assert (kept.user, kept.verified, kept.primary) == (user, True, False)
    assert (last_mail().kind, last_mail().address) == ("second-address-added", user.email)
    assert SECOND in here.get(EMAIL).content.decode()
    assert Event.objects.get(verb="user.add-second-address").facts == {}


@pytest.mark.parametrize("path", [ADD, REMOVE, DECISIONS])
def test_every_change_needs_a_fresh_proof(path):
    user = with_second()
    asked = signed_in(user).post(path, {"email": "other@example.org", "also_to_second": "on"})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert EmailAddress.objects.filter(user=user).count() == 2
    assert not User.objects.get().decisions_to_second


def test_three_wrong_codes_end_the_try():
    here = proved(UserFactory())
    here.post(ADD, {"email": SECOND})
    code = code_of(last_mail())
    statuses = [here.post(CODE, {"code": "AAAA-AAAA"}).status_code for _ in range(3)]
    assert statuses == [422, 422, 409]
    assert here.post(CODE, {"code": code})["Location"] == EMAIL
    assert not EmailAddress.objects.filter(email=SECOND).exists()


def test_a_code_for_one_purpose_serves_no_other():
    here = signed_in(UserFactory())
    here.post("/accounts/reauthenticate/code/")
    code = code_of(last_mail())
    assert here.post(CODE, {"code": code})["Location"] == EMAIL
    here.post("/accounts/reauthenticate/code/", {"code": code})
    here.post(ADD, {"email": SECOND})
    other = code_of(last_mail())
    here.post("/accounts/reauthenticate/code/", {"code": other})
    assert here.post(CODE, {"code": other})["Location"] == EMAIL
    assert EmailAddress.objects.filter(email=SECOND).exists()


@pytest.mark.parametrize("taken", ["first", "second"])
def test_an_address_of_somebody_else_gets_the_same_answers_and_no_mail(taken):
    other = with_second()
    email = {"first": other.email, "second": SECOND}[taken]
    seen = []
    Notice.objects.all().delete()
    for tried in (email, "free@example.org"):
        here = proved(UserFactory())
        answers = [here.post(ADD, {"email": tried}), here.get(CODE), here.post(CODE, {"code": "AAAA-AAAA"})]
        seen.append([same(answer, tried) for answer in answers])
    assert seen[0] == seen[1]
    assert not Notice.objects.filter(address=email).exists()


def test_an_address_that_somebody_confirms_meanwhile_stays_theirs():
    here = proved(UserFactory())
    here.post(ADD, {"email": SECOND})
    code = code_of(last_mail())
    other = with_second()
    assert here.post(CODE, {"code": code}).status_code == 409
    assert EmailAddress.objects.get(email=SECOND).user == other


@pytest.mark.parametrize(
    ("email", "status"), [("no address", 422), ("", 422), ("own", 422), ("third@example.org", 409)]
)
def test_what_cannot_be_is_said_at_its_field(email, status):
    user = with_second() if status == 409 else UserFactory()
    here = proved(user)
    answer = here.post(ADD, {"email": user.email if email == "own" else email})
    assert answer.status_code == status
    assert list(answer.context["form"].errors) == ["email"]


def test_the_second_address_opens_the_account_too(client):
    with_second()
    assert client.post(LOGIN, {"login": SECOND, "password": PASSWORD}).status_code == 302
    assert client.get("/accounts/profile/").status_code == 200


def test_decisions_go_there_only_if_the_person_said_so():
    user = with_second()
    assert decision_copy(user) == ""
    here = proved(user)
    here.post(DECISIONS, {"also_to_second": "on"})
    assert decision_copy(User.objects.get()) == SECOND
    here.post(DECISIONS, {"also_to_second": "on"})
    assert Event.objects.filter(verb="user.send-decisions").count() == 1
    here.post(DECISIONS, {})
    assert decision_copy(User.objects.get()) == ""


def test_removing_it_is_told_to_both_and_takes_decisions_back():
    user = with_second(decisions_to_second=True)
    here = proved(user)
    assert here.post(REMOVE)["Location"] == EMAIL
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [user.email]
    assert decision_copy(User.objects.get()) == ""
    told = Notice.objects.filter(kind="second-address-removed").order_by("pk").values_list("address", flat=True)
    assert list(told) == [user.email, SECOND]
    assert Client().post(LOGIN, {"login": SECOND, "password": PASSWORD}).status_code == 422


def test_moving_the_first_address_keeps_the_second_and_tells_the_old_one():
    user = with_second(email="old@example.org", decisions_to_second=True)
    here = proved(user)
    here.post(EMAIL, {"email": "new@example.org", "action_add": "1"})
    here.post("/accounts/confirm/", {"code": code_of(last_mail())})
    assert (User.objects.get().email, decision_copy(User.objects.get())) == ("new@example.org", SECOND)
    assert (last_mail().kind, last_mail().address) == ("email-changed", "old@example.org")
    assert set(EmailAddress.objects.values_list("email", "primary", "verified")) == {
        ("new@example.org", True, True),
        (SECOND, False, True),
    }
