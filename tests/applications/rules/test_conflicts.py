"""Conflict of interest: each reason by itself, and the check and the query saying the same of generated cases."""

import random
from typing import Any

import pytest

from applications.access import relations
from applications.enums import ConflictKind
from applications.models import Application, Conflict
from applications.rules.conflicts import conflicted_for, conflicts_among, conflicts_of
from portal import clock
from tests.factories.accounts import InstitutionFactory, UserFactory
from tests.factories.applications import call_of, draft_of, member_of

pytestmark = pytest.mark.django_db
CASES = 360


def declare(application: Application, user: Any) -> None:
    Conflict.objects.create(application=application, user=user, by=user, at=clock.now())


def draft(call: Any, by: Any, **fields: Any) -> Application:
    return draft_of(call, by, complete=False, **fields)


def test_own_application_bars() -> None:
    own = draft_of(by=UserFactory(institution=None), complete=False)
    assert conflicts_of(own.principal_investigator, own) == [ConflictKind.SELF]


def test_place_on_the_team_bars_before_it_is_confirmed_too() -> None:
    application, invited = draft_of(), UserFactory(email="mixed@example.org")
    member_of(application, confirmed=False, email="Mixed@Example.ORG")
    assert conflicts_of(invited, application) == [ConflictKind.TEAM]


@pytest.mark.parametrize("place", ["application", "principal investigator", "member", "member's own"])
def test_same_institution_bars(place: str) -> None:
    shared, stranger = InstitutionFactory(), UserFactory()
    stranger.institution = shared
    stranger.save()
    person = UserFactory(institution=shared if place == "principal investigator" else InstitutionFactory())
    application = draft_of(by=person, institution=shared if place == "application" else InstitutionFactory())
    if place == "member":
        member_of(application, institution=shared)
    if place == "member's own":
        member_of(application, UserFactory(institution=shared))
    assert conflicts_of(stranger, application) == [ConflictKind.INSTITUTION]


def test_declared_interest_bars() -> None:
    application, person = draft_of(), UserFactory()
    declare(application, person)
    assert conflicts_of(person, application) == [ConflictKind.DECLARED]


def test_country_does_not_bar() -> None:
    applicant = UserFactory(institution=InstitutionFactory(country_or_region="XB"))
    reviewer = UserFactory(institution=InstitutionFactory(country_or_region="XB"))
    assert conflicts_of(reviewer, draft_of(by=applicant)) == []


def test_people_without_an_institution_share_none() -> None:
    application = draft_of(by=UserFactory(institution=None), institution=None)
    assert conflicts_of(UserFactory(institution=None), application) == []


def test_conflict_leaves_no_way_of_staff() -> None:
    call = call_of()
    chair = call.panel.get().user
    application = draft_of(call)
    declare(application, chair)
    assert relations(chair, application) == frozenset()


def test_check_and_query_and_the_bulk_check_agree_on_generated_cases() -> None:
    chance = random.Random(20261122)
    places = [None, *(InstitutionFactory() for _ in range(4))]
    people = [UserFactory(institution=chance.choice(places)) for _ in range(9)]
    call = call_of(samples=[])
    applications = [_generated(call, people, places, chance) for _ in range(CASES // len(people))]
    among, barred = conflicts_among(people, applications), 0
    for person in people:
        found = set(Application.objects.filter(conflicted_for(person)).values_list("pk", flat=True))
        for application in applications:
            kinds = conflicts_of(person, application)
            assert bool(kinds) == (application.pk in found), (person.pk, application.pk, kinds)
            assert among.get((application.pk, person.pk), []) == kinds
            barred += bool(kinds)
    assert CASES // 5 < barred < CASES * 4 // 5  # both answers were tried


def _generated(call: Any, people: list[Any], places: list[Any], chance: random.Random) -> Application:
    """One application with a team of nobody to three: confirmed or invited, addresses in any capitals."""
    application = draft(call, chance.choice(people), institution=chance.choice([None, None, *places]))
    for person in chance.sample(people, chance.choice([0, 0, 1, 2])):
        confirmed = chance.random() < 0.5
        email = "".join(chance.choice([letter.lower(), letter.upper()]) for letter in person.email)
        user = person if confirmed or chance.random() < 0.3 else None
        member_of(application, user, confirmed=confirmed, email=email, institution=chance.choice([None, *places]))
    if chance.random() < 0.2:
        declare(application, chance.choice(people))
    return application
