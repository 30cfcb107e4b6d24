"""Hints: each kind by itself, what is none, and that a ruling stands."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.enums import HintKind, Status
from applications.models import Application, Ruling, TeamMember
from applications.rules.coauthors import names_of
from applications.rules.conflicts import conflicts_of
from applications.rules.hints import check_has_no_open_hint, hints_among, open_hints_among
from portal import clock
from portal.accounts.models import User
from portal.errors import NotNow
from tests.factories.accounts import InstitutionFactory, UserFactory
from tests.factories.applications import application_of, call_of, draft_of, member_of, submission_of
from tests.factories.conflicts import minor_interest_of, relative_of, work_of

pytestmark = pytest.mark.django_db
PARENT, COAUTHOR, MINOR = HintKind.PARENT, HintKind.COAUTHOR, HintKind.MINOR


def kinds(user: User, application: Application) -> list[HintKind]:
    return [hint.kind for hint in hints_among([user], [application]).get((application.pk, user.pk), [])]


@pytest.fixture
def application() -> Application:
    lead = UserFactory(name="Ada Vermeer", orcid="0000-0002-1825-0097")
    return application_of(by=lead, status=Status.UNDER_REVIEW)


# --- Parent organisations --------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["siblings", "theirs above", "mine above"])
def test_institutions_of_one_organisation_are_a_hint(way: str) -> None:
    top = InstitutionFactory()
    theirs, mine = {
        "siblings": (InstitutionFactory(parent=top), InstitutionFactory(parent=top)),
        "theirs above": (top, InstitutionFactory(parent=top)),
        "mine above": (InstitutionFactory(parent=top), top),
    }[way]
    application = draft_of(by=UserFactory(institution=theirs))
    person = UserFactory(institution=mine)
    assert kinds(person, application) == [PARENT]
    assert conflicts_of(person, application) == []


def test_the_same_institution_bars_and_is_no_hint_and_neither_are_strangers() -> None:
    top = InstitutionFactory()
    place = InstitutionFactory(parent=top)
    application = draft_of(by=UserFactory(institution=place))
    assert kinds(UserFactory(institution=place), application) == []
    assert kinds(UserFactory(institution=InstitutionFactory(parent=InstitutionFactory())), application) == []
    assert kinds(UserFactory(), application) == []
    assert kinds(UserFactory(institution=None), application) == []


def test_an_organisation_counts_wherever_people_of_the_application_work() -> None:
    application, top = draft_of(), InstitutionFactory()
    person = UserFactory(institution=InstitutionFactory(parent=top))
    assert kinds(person, application) == []
    member = member_of(application, UserFactory(institution=InstitutionFactory(parent=top)))
    assert kinds(person, application) == [PARENT]
    TeamMember.objects.filter(pk=member.pk).update(invited_at=None)
    assert kinds(person, application) == []  # who was named and not invited is not on the team
    TeamMember.objects.filter(pk=member.pk).update(invited_at=clock.now())
    application.submission = submission_of(application)
    application.save()
    member.delete()
    assert kinds(person, application) == [PARENT]  # what was submitted names them still


# --- Works ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "author", ["Vermeer, Ada", "Vermeer, A.", "Ada Vermeer", "VERMEER A", "Věrmeer, A", "van Vermeer, Ada"]
)
def test_a_work_that_names_somebody_on_the_team_is_a_hint_however_the_name_is_written(
    application: Application, author: str
) -> None:
    person = UserFactory(name="Bo Lindqvist")
    work_of(person, "10.1000/1", "Lindqvist, Bo", author, title="Two winds")
    hint = hints_among([person], [application])[application.pk, person.pk][0]
    assert (hint.kind, hint.about) == (COAUTHOR, "Two winds")


@pytest.mark.parametrize("author", ["Vermeer, B.", "Vermeeren, Ada", "Ada", "", "Lindqvist, Bo"])
def test_another_name_is_no_hint(application: Application, author: str) -> None:
    person = UserFactory(name="Bo Lindqvist")
    work_of(person, "10.1000/1", "Lindqvist, Bo", author)
    assert kinds(person, application) == []


def test_an_orcid_id_decides_where_both_have_one(application: Application) -> None:
    same, other = UserFactory(), UserFactory()
    work_of(same, authors=[{"name": "Vermeer-Smith, Ada", "orcid": "0000-0002-1825-0097"}])
    work_of(other, authors=[{"name": "Vermeer, Ada", "orcid": "0000-0001-5109-3700"}])
    assert (kinds(same, application), kinds(other, application)) == ([COAUTHOR], [])


def test_the_applicants_list_counts_as_well(application: Application) -> None:
    person = UserFactory(name="Bo Lindqvist")
    work_of(application.principal_investigator, "10.1000/1", "Vermeer, Ada", "Lindqvist, B")
    assert kinds(person, application) == [COAUTHOR]
    assert kinds(UserFactory(name="Somebody Else"), application) == []


def test_the_same_doi_in_both_lists_is_enough_and_a_namesake_of_oneself_is_not(application: Application) -> None:
    person, namesake = UserFactory(name="Bo Lindqvist"), UserFactory(name="Ada Vermeer")
    work_of(namesake, "10.1000/2", "Vermeer, Ada", "Someone, Else")
    for user in (person, application.principal_investigator):
        work_of(user, "10.1000/1")
    assert (kinds(person, application), kinds(namesake, application)) == ([COAUTHOR], [])


@pytest.mark.parametrize(("years_before", "number", "found"), [(3, 15, True), (4, 15, False), (3, 16, False)])
def test_old_works_and_works_of_many_authors_say_nothing(
    application: Application, years_before: int, number: int, found: bool
) -> None:
    person = UserFactory(name="Bo Lindqvist")
    year = application.call.closes_at.year - years_before
    others = [f"Other{at}, X" for at in range(number - 1)]
    work_of(person, "10.1000/1", *others, "Vermeer, A", year=year)
    assert (kinds(person, application) == [COAUTHOR]) is found
    # What one list knows of a work holds for the bare DOI in another.
    bare = UserFactory(name="Cy Marten")
    work_of(bare)
    work_of(application.principal_investigator)
    assert (kinds(bare, application) == [COAUTHOR]) is found


def test_family_name_and_initial_in_any_order() -> None:
    assert names_of("Li, Xiaoming") == {("li", "x")}
    assert names_of("Xiaoming Li") == names_of("Li Xiaoming") == {("li", "x"), ("xiaoming", "l")}
    assert names_of("van der Berg, Jan") == {("berg", "j")}
    assert names_of("李晓明") == {("李晓明", "")}
    assert names_of("  ") == names_of(",") == frozenset()


# --- Minor interests and rulings --------------------------------------------------------------------------


def test_a_minor_interest_is_a_hint_with_its_words(application: Application) -> None:
    person = UserFactory()
    minor_interest_of(application, person, "Same field trip.")
    hint = hints_among([person], [application])[application.pk, person.pk][0]
    assert (hint.kind, hint.about) == (MINOR, "Same field trip.")


@pytest.mark.parametrize("bars", [True, False])
def test_a_ruling_closes_the_hint_and_stays_when_more_of_its_kind_is_found(
    application: Application, bars: bool
) -> None:
    person = relative_of(application)
    with pytest.raises(NotNow):
        check_has_no_open_hint(person, application)
    rule = {"bars": bars, "reason": "Far apart.", "by": UserFactory(), "at": clock.now()}
    Ruling.objects.create(application=application, user=person, kind=PARENT, **rule)
    check_has_no_open_hint(person, application)
    top = InstitutionFactory()
    person.institution.parent.parent = top
    application.institution = InstitutionFactory(parent=person.institution)
    application.save()
    assert PARENT in kinds(person, application)  # control: it is computed still
    assert open_hints_among([person], [application]) == {}
    assert bool(conflicts_of(person, application)) is bars


def test_another_kind_is_another_hint(application: Application) -> None:
    person = relative_of(application)
    rule = {"bars": False, "reason": "Far apart.", "by": UserFactory(), "at": clock.now()}
    Ruling.objects.create(application=application, user=person, kind=PARENT, **rule)
    minor_interest_of(application, person)
    assert [hint.kind for hint in open_hints_among([person], [application])[application.pk, person.pk]] == [MINOR]


def test_hints_need_the_same_sql_for_one_pair_and_for_many() -> None:
    call = call_of()

    def pairs(number: int) -> int:
        applications = [application_of(call, status=Status.UNDER_REVIEW) for _ in range(number)]
        people = [relative_of(one) for one in applications]
        for one, person in zip(applications, people, strict=True):
            work_of(person)
            minor_interest_of(one, person)
        with CaptureQueriesContext(connection) as captured:
            found = open_hints_among(people, applications)
        assert len(found) == number
        return len(captured)

    assert pairs(1) == pairs(6)
