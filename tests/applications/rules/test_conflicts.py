"""Conflict of interest: each reason by itself, and the check and the query saying the same of generated cases."""

from typing import Any

import pytest
from django.test import Client

from applications.access import assigned_to, relations, visible_to
from applications.enums import ConflictKind, PlaceKind
from applications.models import Application, Conflict, Place, TeamMember
from applications.rules.conflicts import conflicted_for, conflicts_among, conflicts_of
from portal import clock
from tests.conflicting import Cases, without_rulings
from tests.factories.accounts import InstitutionFactory, UserFactory
from tests.factories.applications import application_of, assignment_of, call_of, draft_of, member_of, submission_of

pytestmark = pytest.mark.django_db
CASES = 900


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


def test_who_is_invited_by_an_orcid_id_is_barred_only_with_that_very_id() -> None:
    application = draft_of()
    member_of(application, confirmed=False, email="", orcid="0000-0002-1825-0097")
    meant, other, without = (
        UserFactory(orcid="0000-0002-1825-0097"),
        UserFactory(orcid="0000-0001-5109-3700"),
        UserFactory(),
    )
    assert [conflicts_of(person, application) for person in (meant, other, without)] == [[ConflictKind.TEAM], [], []]


def test_institution_that_would_hold_material_bars_and_one_that_is_visited_does_not() -> None:
    application, holder, visited = draft_of(), InstitutionFactory(), InstitutionFactory()
    Place.objects.create(application=application, institution=holder, kind=PlaceKind.HOLDER)
    Place.objects.create(application=application, institution=visited, kind=PlaceKind.VISITED)
    assert conflicts_of(UserFactory(institution=holder), application) == [ConflictKind.INSTITUTION]
    assert conflicts_of(UserFactory(institution=visited), application) == []


def test_who_was_named_and_not_invited_is_not_barred() -> None:
    application, person = draft_of(), UserFactory()
    member = member_of(application, person, confirmed=False, institution=person.institution)
    assert conflicts_of(person, application) == [ConflictKind.TEAM, ConflictKind.INSTITUTION]
    TeamMember.objects.filter(pk=member.pk).update(invited_at=None)
    assert conflicts_of(person, application) == []
    assert not Application.objects.filter(conflicted_for(person)).exists()


@pytest.mark.parametrize("cause", ["place", "member", "orcid", "declared", "moved"])
def test_reviewer_whom_a_later_addition_puts_in_conflict_loses_everything(cause: str) -> None:
    application = application_of(status="under-review")
    reviewer = assignment_of(application, UserFactory(orcid="0000-0002-1825-0097")).reviewer
    client = Client()
    client.force_login(reviewer)
    slug, reference = application.call.slug, application.reference
    urls = [f"/review/{slug}/{reference}/", f"/files/{reference}/{'0' * 64}/"]
    assert client.get(urls[0]).status_code == 200
    assert application.submission.title in client.get(f"/review/{slug}/").content.decode()
    assert relations(reviewer, application) == {"reviewer"}

    if cause == "place":
        Place.objects.create(application=application, institution=reviewer.institution)
    elif cause == "member":
        member_of(application, institution=reviewer.institution)
    elif cause == "orcid":
        member_of(application, confirmed=False, email="", orcid=reviewer.orcid)
    elif cause == "declared":
        declare(application, reviewer)
    else:
        reviewer.institution = application.institution
        reviewer.save()

    assert relations(reviewer, application) == frozenset()
    assert not visible_to(reviewer).exists() and not assigned_to(reviewer).exists()
    assert [client.get(url).status_code for url in urls] == [404, 404]
    assert client.post(urls[0], {"version": 0}).status_code == 404
    assert application.submission.title not in client.get(f"/review/{slug}/").content.decode()
    assert client.get(f"/api/v1/applications/{reference}/").status_code in (401, 403, 404)


def test_whom_the_submission_names_stays_barred_though_the_draft_has_changed() -> None:
    left, home, holder = UserFactory(), InstitutionFactory(), InstitutionFactory()
    draft = draft_of(institution=home)
    place = Place.objects.create(application=draft, institution=holder)
    member = member_of(draft, left)
    waiting = member_of(draft, UserFactory(), confirmed=False)
    draft.submission = submission_of(draft)
    draft.status, draft.institution = "submitted", InstitutionFactory()
    draft.save()
    place.delete()
    member.delete()
    unasked = waiting.user
    waiting.delete()

    barred = [left, UserFactory(institution=home), UserFactory(institution=holder)]
    assert [bool(conflicts_of(person, draft)) for person in barred] == [True] * 3
    assert all(Application.objects.filter(conflicted_for(person)).exists() for person in barred)
    assert set(conflicts_among([*barred, unasked], [draft])) == {(draft.pk, person.pk) for person in barred}
    assert conflicts_of(unasked, draft) == []  # who had not confirmed is on no team any more
    assert conflicts_of(draft.principal_investigator, draft) == [ConflictKind.SELF, ConflictKind.INSTITUTION]


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
    cases = Cases(people=9, applications=CASES // 9, seed=20261122)
    outcome = cases.compare()
    assert (outcome.tries, outcome.violations) == (CASES, [])
    assert outcome.kinds == set(ConflictKind)  # every kind was tried,
    assert CASES // 5 < outcome.barred < CASES * 4 // 5  # and both answers


def test_a_query_that_forgets_a_kind_is_found_out() -> None:
    cases = Cases(people=5, applications=30, seed=20261122)
    assert cases.compare().violations == []
    assert cases.compare(without_rulings).violations
