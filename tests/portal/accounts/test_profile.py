import pytest
from django.utils.translation import override

from portal import countries
from portal.accounts.models import Institution, User
from portal.audit.models import Event
from tests.factories.accounts import InstitutionFactory, UserFactory

pytestmark = pytest.mark.django_db
PROFILE = "/accounts/profile/"


@pytest.fixture
def user(client):
    user = UserFactory(name="Old name", institution__name="Demonstration Institute A")
    client.force_login(user)
    return user


def typed(**changes):
    return {
        "name": "New name",
        "native_name": "新名",
        "institution_name": "Demonstration Institute A",
        "country_or_region": "XA",
        "department": "Petrology",
        "orcid": "https://orcid.org/0000-0002-1694-233X",
        "zone": "Asia/Shanghai",
        "language": "zh-hans",
        **changes,
    }


def test_a_profile_is_changed_and_the_event_names_fields_but_no_words(client, user):
    answer = client.post(PROFILE, typed())
    assert (answer.status_code, answer["Location"]) == (303, PROFILE)
    changed = User.objects.get()
    assert (changed.name, changed.native_name, changed.department) == ("New name", "新名", "Petrology")
    # Whatever is typed as an ORCID iD changes nothing: only ORCID says whose it is.
    assert (changed.orcid, changed.zone, changed.language) == ("", "Asia/Shanghai", "zh-hans")
    assert changed.institution == user.institution
    event = Event.objects.get(verb="user.change-profile")
    assert event.facts == {"fields": ["department", "language", "name", "native_name", "zone"]}
    assert event.text.old["name"] == "Old name"
    assert event.actor == user


def test_a_profile_sent_unchanged_leaves_no_event(client, user):
    client.post(PROFILE, typed())
    client.post(PROFILE, typed())
    assert Event.objects.filter(verb="user.change-profile").count() == 1


def test_another_institution_is_made_once(client, user):
    client.post(PROFILE, typed(institution_name="Demonstration Institute Z"))
    client.post(PROFILE, typed(institution_name="DEMONSTRATION institute z"))
    made = Institution.objects.get(verified=False)
    assert User.objects.get().institution == made


def test_an_institution_is_known_by_its_chinese_name(client, user):
    known = InstitutionFactory(name="Demonstration Institute Y", name_zh="演示研究所乙", country_or_region="XA")
    client.post(PROFILE, typed(institution_name="演示研究所乙"))
    assert User.objects.get().institution == known


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", " "), ("zone", "Mars/Utopia"), ("zone", "../../etc/passwd"), ("language", "xx")),
        ("country_or_region", "QQ"),
        ("institution_name", ""),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_changes(client, user, field, value):
    answer = client.post(PROFILE, typed(**{field: value}))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert User.objects.get().name == "Old name"


def test_what_nobody_may_change_here_stays(client, user):
    client.post(PROFILE, typed(email="evil@example.org", is_active="", is_staff="1", role="administrator", uid="1"))
    changed = User.objects.get()
    assert (changed.email, changed.is_active, changed.uid, changed.portal_roles) == (
        user.email,
        True,
        user.uid,
        frozenset(),
    )


def test_every_country_has_a_name_in_both_languages():
    with override("zh-hans"):
        chinese = dict(countries.choices())
    english = dict(countries.choices())
    assert chinese.keys() == english.keys()
    assert len([code for code in english if not countries.is_user_assigned(code)]) == 249
    assert all(chinese[code] and english[code] and chinese[code] != english[code] for code in english)


def test_what_is_no_country_is_not_known_and_named_by_its_code():
    assert [code for code in ("XA", "XZ", "CN", "TW", "AQ") if not countries.is_known(code)] == []
    none = ("QQ", "X1", "", "DEU", "EU", "UN", "ZZ", "AC", "IC", "001", "419")
    assert [code for code in none if countries.is_known(code) or countries.name_of(code) != code] == []
