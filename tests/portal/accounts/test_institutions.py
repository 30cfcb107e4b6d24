import json
import zipfile
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.accounts import actions, ror
from portal.accounts.institutions import fold, institution_named, search
from portal.accounts.models import Affiliation, Institution, InstitutionName, User
from portal.accounts.queries import Worked, affiliations
from portal.audit.models import Event
from portal.errors import Invalid
from tests.factories.accounts import InstitutionFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE, PROFILE, SIGN_UP = "/accounts/institutions/", "/accounts/profile/", "/accounts/signup/"


def organisation(number, display, *others, country="XA", status="active", parent=None):
    """Return a record as the registry's data file has it; `others` are (name, type, language)."""
    names = [{"value": display, "types": ["label", "ror_display"], "lang": "en"}]
    names += [{"value": name, "types": [sort], "lang": lang} for name, sort, lang in others]
    related = [{"type": "parent", "id": f"https://ror.org/0{parent:06}00", "label": "x"}] if parent else []
    return {
        "id": f"https://ror.org/0{number:06}00",
        "names": names,
        "status": status,
        "locations": [{"geonames_details": {"country_code": country}}],
        "relationships": related,
    }


RECORDS = [
    organisation(
        1, "Demonstration Organisation for Research", ("DOR", "acronym", None), ("Old Council", "alias", "en")
    ),
    organisation(
        2, "Universität Übersee", ("演示大学", "label", "zh"), ("DOR", "acronym", None), country="XB", parent=1
    ),
    organisation(3, "Closed Institute", status="withdrawn"),
    organisation(4, "Saint Anna’s Hospital"),
    organisation(5, "Saint Anna's Hospital"),
]


@pytest.fixture
def file(tmp_path):
    def write(records, zipped=False):
        path = tmp_path / "ror.json"
        path.write_text(json.dumps(records, indent=1, ensure_ascii=False), encoding="utf-8")
        if zipped:
            with zipfile.ZipFile(tmp_path / "ror.zip", "w") as archive:
                archive.writestr("v1-ror-data.json", "[]")
                archive.write(path, "v1-ror-data_schema_v2.json")
            return tmp_path / "ror.zip"
        return path

    return write


# --- Taking in the registry -----------------------------------------------------------------------------


@pytest.mark.parametrize("zipped", [False, True])
def test_the_registry_is_taken_in_with_names_languages_and_parents(file, zipped):
    totals = ror.take_in(file([*RECORDS, {"id": "x"}, 7], zipped))
    assert dict(totals) == {"new": 4, "not active": 1, "unreadable": 2, "parents": 1}
    overseas = Institution.objects.get(name="Universität Übersee")
    assert (overseas.name_zh, overseas.country_or_region, overseas.verified) == ("演示大学", "XB", True)
    assert overseas.parent.name == "Demonstration Organisation for Research"
    assert set(overseas.names.values_list("name", "key", "kind")) == {
        ("Universität Übersee", "universitat ubersee", "label"),
        ("演示大学", "演示大学", "label"),
        ("DOR", "dor", "acronym"),
    }


def test_the_same_file_again_changes_nothing_and_a_newer_one_what_differs(file):
    ror.take_in(file(RECORDS))
    before = list(Institution.objects.order_by("pk").values()), list(InstitutionName.objects.order_by("pk").values())
    assert dict(ror.take_in(file(RECORDS))) == {"unchanged": 4, "not active": 1, "parents": 0}
    after = list(Institution.objects.order_by("pk").values()), list(InstitutionName.objects.order_by("pk").values())
    assert before == after
    newer = [organisation(1, "Demonstration Organisation", ("DOR", "acronym", None)), *RECORDS[1:]]
    assert ror.take_in(file(newer))["changed"] == 1
    assert set(InstitutionName.objects.filter(institution__ror=RECORDS[0]["id"]).values_list("name", flat=True)) == {
        "Demonstration Organisation",
        "DOR",
    }


def test_what_somebody_typed_before_becomes_the_registrys_and_nobody_has_to_move(file):
    typed = institution_named("demonstration organisation for research", "XA")
    user = UserFactory(institution=typed)
    assert dict(ror.take_in(file(RECORDS[:1]))) == {"changed": 1, "parents": 0}
    assert User.objects.get(pk=user.pk).institution.ror == RECORDS[0]["id"]
    assert Institution.objects.count() == 1


@pytest.mark.parametrize("text", ["", "{}", "[", '[{"id": 1}', "null", '[{"id": "\\ud800"}, nonsense]', "\x00"])
def test_a_damaged_file_is_said(tmp_path, text):
    path = tmp_path / "ror.json"
    path.write_text(text)
    with pytest.raises(Invalid):
        ror.take_in(path)


def test_a_file_longer_than_what_is_read_at_once_is_read_whole(file, monkeypatch):
    monkeypatch.setattr(ror, "CHUNK", 7)
    monkeypatch.setattr(ror, "BATCH", 2)
    assert ror.take_in(file(RECORDS))["new"] == 4


def test_the_command_reports_and_brings_the_few_of_the_public_record(file, tmp_path):
    said = StringIO()
    call_command("import_institutions", file(RECORDS), stdout=said)
    assert said.getvalue() == "4 new, 0 changed, 0 unchanged, 1 not active, 0 unreadable; 1 parents set.\n"
    for expected in ("11 new, 0 changed", "0 new, 0 changed, 11 unchanged"):
        said = StringIO()
        call_command("import_institutions", stdout=said)
        assert said.getvalue().startswith(expected)
    assert institution_named("suparco", "PK").name == "Pakistan Space and Upper Atmosphere Research Commission"
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_institutions", tmp_path / "absent.json")


# --- Finding --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "DOR",
        "dor",
        "Old  council",
        "DEMONSTRATION ORGANISATION for Research",
        "Demonstration Organisation for research.",
    ],
)
def test_every_known_name_leads_to_the_same_institution(file, typed):
    ror.take_in(file(RECORDS))
    assert institution_named(typed, "XA").ror == RECORDS[0]["id"]
    assert Institution.objects.count() == 4


def test_the_same_acronym_elsewhere_is_another_institution(file):
    ror.take_in(file(RECORDS))
    assert institution_named("DOR", "XB").name == "Universität Übersee"
    assert institution_named("ubersee, universitat", "XB").verified is False


def test_a_name_that_two_have_is_asked_about_and_nothing_is_made(client, file, settings):
    settings.DEMO = True  # places that do not exist may be chosen
    ror.take_in(file(RECORDS))
    with pytest.raises(Invalid, match="Several institutions are called"):
        institution_named("saint annas hospital", "XA")
    typed = {"email": "new@example.org", "password1": "long enough to pass", "name": "New"}
    typed |= {"institution_name": "saint annas hospital", "country_or_region": "XA"}
    answer = client.post(SIGN_UP, typed)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["institution_name"]
    assert Institution.objects.count() == 4


def test_a_place_that_only_one_has_needs_no_country_typed(client, file):
    ror.take_in(file(RECORDS[:1]))
    client.post(
        SIGN_UP,
        {"email": "n@example.org", "password1": "long enough to pass", "name": "N", "institution_name": "old council"},
    )
    assert User.objects.get().institution.ror == RECORDS[0]["id"]


def found(words):
    return [row.institution.name for row in search(words)]


def test_search_knows_acronyms_aliases_and_parts_in_any_order_and_names_each_once(file):
    ror.take_in(file(RECORDS))
    both = ["Demonstration Organisation for Research", "Universität Übersee"]
    assert found("DOR") == both
    assert search("dor")[0].by == "DOR"
    assert found("old coun") == both[:1]
    assert found("übers") == found("ubers") == found("演示") == both[1:]
    assert found("research demonstr") == both[:1]
    assert found("d") == found(" ") == found("\0") == found("%") == []
    assert search("ubersee")[0].detail == "Demonstration Organisation for Research · Demonstration country B"


def test_search_shows_none_that_somebody_typed_in():
    UserFactory(institution=institution_named("Secret Institute", "XA"))
    InstitutionFactory(name="Known Institute")
    assert found("institute") == ["Known Institute"]


def test_the_page_answers_anybody_as_page_and_as_lines(client, file):
    ror.take_in(file(RECORDS))
    assert "Universität Übersee" in client.get(PAGE, {"q": "ubersee"}).content.decode()
    assert client.get(PAGE, {"q": "ubersee", "as": "json"}).json() == {
        "results": [
            {
                "name": "Universität Übersee",
                "detail": "Demonstration Organisation for Research · Demonstration country B",
            }
        ]
    }
    assert "No institution of that name" in client.get(PAGE, {"q": "nowhere"}).content.decode()
    assert client.get(PAGE).status_code == 200


@pytest.mark.parametrize("words", ["\0", "%", "_", "\\", "'", "a" * 5000, "\U0001f600", "<script>", "(", "\u202e"])
def test_the_page_takes_whatever_is_typed(client, words):
    assert client.get(PAGE, {"q": words}).status_code == 200


def test_search_asks_as_often_for_many_as_for_one():
    counts = []
    for size in (1, 30):
        for number in range(size):
            place = InstitutionFactory(name=f"Place {size} {number}", parent=InstitutionFactory())
            InstitutionName.objects.create(institution=place, name=place.name, key=fold(place.name), kind="label")
        with CaptureQueriesContext(connection) as asked:
            search("place")
        counts.append(len(asked))
    assert max(counts) == counts[0] == 4


def test_a_form_proposes_a_short_list_at_once_and_leaves_a_long_one_to_the_search(client):
    InstitutionFactory(name="Verified Institute")
    assert "Verified Institute" in client.get(SIGN_UP).content.decode()
    for _each in range(100):
        InstitutionFactory()
    page = client.get(SIGN_UP).content.decode()
    assert "Verified Institute" not in page
    assert f'data-search="{PAGE}"' in page


# --- Who worked where -----------------------------------------------------------------------------------


def test_leaving_an_institution_is_written_down_and_never_rewritten():
    first, second = InstitutionFactory(), InstitutionFactory()
    user = UserFactory(institution=first)
    actions.change_profile(user, by=user, institution=second)
    actions.change_profile(user, by=user, institution=second)
    actions.change_profile(user, by=user, institution=None)
    was = affiliations(user)
    assert [(place.institution, place.since, place.until) for place in was[:1]] == [
        (first, user.created_at, was[1].since)
    ]
    assert (was[1].institution, was[1].until > was[1].since, len(was)) == (second, True, 2)
    events = Event.objects.filter(verb="user.change-institution").order_by("version")
    assert [event.facts for event in events] == [
        {"from": str(first.key), "to": str(second.key)},
        {"from": str(second.key), "to": ""},
    ]
    assert events[0].text.old == {"institution": first.name, "department": ""}
    with pytest.raises(Exception, match="Cannot update or delete"):
        Affiliation.objects.all().delete()


def test_a_new_account_begins_its_history(client):
    typed = {"email": "n@example.org", "password1": "long enough to pass", "name": "N"}
    client.post(SIGN_UP, typed | {"institution_name": "Demonstration Institute Q", "country_or_region": "NO"})
    user = User.objects.get()
    [only] = affiliations(user)
    assert only == Worked(user.institution, only.since, None)
