import pytest
from allauth.account.models import EmailAddress

from portal.accounts.models import Institution, User
from portal.audit.models import Event
from portal.notifications.models import Notice
from tests.factories.accounts import PASSWORD, InstitutionFactory, UserFactory
from tests.portal.accounts.reading import code_of, last_mail, same

pytestmark = pytest.mark.django_db
SIGN_UP, CONFIRM = "/accounts/signup/", "/accounts/confirm/"
TYPED = {"email": "New@Example.org", "password1": "long enough to pass", "name": "Demonstration newcomer"}


def test_signing_up_asks_only_what_is_needed(client):
    form = client.get(SIGN_UP).context["form"]
    assert list(form.fields) == [
        *("email", "password1", "name", "institution_name", "country_or_region", "zone", "language"),
    ]
    assert [name for name, field in form.fields.items() if field.required] == ["email", "password1", "name"]


def test_a_code_by_mail_opens_the_account(client):
    answer = client.post(SIGN_UP, {**TYPED, "zone": "Asia/Shanghai", "language": "zh-hans"})
    assert (answer.status_code, answer["Location"]) == (302, CONFIRM)
    user = User.objects.get(email="new@example.org")
    assert (user.name, user.zone, user.language, user.institution) == (TYPED["name"], "Asia/Shanghai", "zh-hans", None)
    assert client.get("/accounts/profile/").status_code == 302
    notice = last_mail()
    assert (notice.account, notice.in_app, notice.language) == (True, False, "zh-hans")
    assert client.post(CONFIRM, {"code": "AAAA-AAAA"}).status_code == 422
    assert client.post(CONFIRM, {"code": code_of(notice).lower()}).status_code == 302
    assert client.get("/accounts/profile/").status_code == 200
    assert EmailAddress.objects.get(user=user).verified
    assert list(Event.objects.order_by("version").values_list("verb", flat=True)) == [
        *("user.create", "user.confirm-address"),
    ]


def test_three_wrong_codes_end_the_try(client):
    client.post(SIGN_UP, TYPED)
    code = code_of(last_mail())
    answers = [client.post(CONFIRM, {"code": "AAAA-AAAA"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [422, 422, 302]
    client.post(CONFIRM, {"code": code})
    assert not EmailAddress.objects.get().verified


def test_a_new_code_is_one_click_away_and_the_old_one_is_void(client):
    client.post(SIGN_UP, TYPED)
    old = code_of(last_mail())
    assert client.post(CONFIRM, {"action": "resend"})["Location"] == CONFIRM
    new = code_of(last_mail())
    assert new != old
    assert client.post(CONFIRM, {"code": old}).status_code == 422
    assert client.post(CONFIRM, {"code": new}).status_code == 302
    assert EmailAddress.objects.get().verified


def test_a_known_address_gets_the_same_answers_and_a_mail_that_says_so(client):
    known = UserFactory(email="known@example.org", name="Owner's own name")
    seen = []
    for email in (known.email, TYPED["email"]):
        client.cookies.clear()
        client.post(SIGN_UP, {**TYPED, "email": email})
        seen.append(
            [
                same(client.get(CONFIRM), email.lower()),
                same(client.post(CONFIRM, {"code": "AAAA-AAAA"}), email.lower()),
                same(client.post(CONFIRM, {"action": "resend"}), email.lower()),
                same(client.get(SIGN_UP), email.lower()),
            ]
        )
    assert seen[0] == seen[1]
    assert User.objects.count() == 2
    kinds = list(Notice.objects.order_by("id").values_list("address", "kind"))
    assert kinds[0] == ("known@example.org", "account-already-exists")
    assert {kind for address, kind in kinds[1:]} == {"email-confirmation-signup"}
    assert User.objects.get(pk=known.pk).name == "Owner's own name"
    assert known.check_password(PASSWORD)


def test_a_known_address_costs_as_many_questions_to_the_database(client, django_assert_max_num_queries):
    UserFactory(email="known@example.org")
    counts = []
    for email in ("known@example.org", "unknown@example.org"):
        client.cookies.clear()
        with django_assert_max_num_queries(60) as asked:
            client.post(SIGN_UP, {**TYPED, "email": email, "institution_name": "", "country_or_region": ""})
        counts.append(len(asked))
    assert abs(counts[0] - counts[1]) <= 8


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("password1", "short"),
        ("password1", "password1234"),
        ("name", ""),
        ("zone", "Mars/Utopia"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(client, field, value):
    answer = client.post(SIGN_UP, {**TYPED, field: value})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not User.objects.exists()


def test_an_institution_typed_in_is_new_and_not_verified(client):
    typed = {**TYPED, "institution_name": "  Demonstration   Institute Q ", "country_or_region": "NO"}
    client.post(SIGN_UP, typed)
    made = User.objects.get().institution
    assert (made.name, made.country_or_region, made.verified) == ("Demonstration Institute Q", "NO", False)


def test_an_institution_known_is_taken_whatever_its_capitals(client):
    known = InstitutionFactory(name="Demonstration Institute R", country_or_region="NZ")
    client.post(SIGN_UP, {**TYPED, "institution_name": "demonstration institute r", "country_or_region": "NZ"})
    assert User.objects.get().institution == known
    assert Institution.objects.count() == 1


def test_an_institution_needs_its_country_or_region(client):
    answer = client.post(SIGN_UP, {**TYPED, "institution_name": "Demonstration Institute S"})
    assert list(answer.context["form"].errors) == ["country_or_region"]
    assert not Institution.objects.exists()


@pytest.mark.parametrize(("demonstration", "status"), [(True, 302), (False, 422)])
def test_countries_that_do_not_exist_are_of_demonstrations_only(client, settings, demonstration, status):
    settings.DEMO = demonstration
    typed = {**TYPED, "institution_name": "Demonstration Institute T", "country_or_region": "XF"}
    assert client.post(SIGN_UP, typed).status_code == status


def test_proposals_hold_no_institution_that_somebody_typed_in(client):
    InstitutionFactory(name="Verified Institute")
    InstitutionFactory(name="Typed Institute", verified=False)
    page = client.get(SIGN_UP).content.decode()
    assert "Verified Institute" in page
    assert "Typed Institute" not in page


def test_the_link_of_a_mail_does_not_follow_a_forged_host(client):
    UserFactory(email="known@example.org")
    assert client.post(SIGN_UP, {**TYPED, "email": "known@example.org"}, HTTP_HOST="evil.example").status_code == 400
    client.post(SIGN_UP, {**TYPED, "email": "known@example.org"}, HTTP_X_FORWARDED_HOST="evil.example")
    assert "evil.example" not in last_mail().body
