"""The chair's pages: ranking, what is left, a form for each request."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from applications.enums import Status
from applications.models import Application, Decision, ReviewTally
from portal.accounts.models import User
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, award_of, chair_of
from tests.factories.decisions import closed_call

pytestmark = pytest.mark.django_db


def to(name: str, *arguments: str) -> str:
    return reverse(f"applications:decisions-{name}", args=arguments)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ranked(call, mean: str, **fields) -> Application:
    application = application_of(call, status=fields.pop("status", Status.DELIBERATED), **fields)
    ReviewTally.objects.filter(application=application).update(mean=mean, number=3)
    return application


def sent(application: Application, whole: bool = False, **fields: str) -> dict[str, str]:
    request = application.submission.requests.get(whole=whole)
    prefix = f"r{request.uid.hex[:8]}"
    filled = {"seen": "none", "verdict": "award", "reason": "Six runs reach the error.", **fields}
    return {"request": str(request.uid), **{f"{prefix}-{name}": value for name, value in filled.items()}}


def test_ranking_is_by_mean_with_equal_ranks_and_without_conflicts() -> None:
    call = closed_call()
    chair = chair_of(call)
    second, first, tied = ranked(call, "3.5"), ranked(call, "4.5"), ranked(call, "3.5")
    hidden = ranked(call, "5", by=UserFactory(institution=chair.institution))
    page = browser(chair).get(to("list", call.slug)).content.decode()
    assert re.findall(r'class="rank" rowspan="2">(\d+)<', page) == ["1", "2", "2"]
    assert page.index(first.reference) < page.index(second.reference) < page.index(tied.reference)
    assert hidden.reference not in page


def test_ranking_counts_present_holds_and_has_a_fixed_number_of_queries() -> None:
    call = closed_call()
    client = browser(chair_of(call))
    award_of(ranked(call, "4").submission.requests.get(whole=False), 40)
    few = queries_of(client, to("list", call.slug))
    for _ in range(6):
        ranked(call, "3")
    assert len(queries_of(client, to("list", call.slug))) == len(few) <= MOST_QUERIES
    assert '<b><span class="nowrap">960 mg</span></b>' in client.get(to("list", call.slug)).content.decode()


def test_only_the_chair_opens_the_pages() -> None:
    application = ranked(closed_call(), "4")
    slug, reference = application.call.slug, application.reference
    reviewer = UserFactory()
    application.call.panel.create(user=reviewer, role="reviewer", since=application.created_at)
    for person in (UserFactory(), application.principal_investigator, administrator(), reviewer):
        for path in (to("list", slug), to("decide", slug, reference)):
            assert browser(person).get(path).status_code == 404
        assert browser(person).post(to("decide", slug, reference), sent(application)).status_code == 404
        assert browser(person).post(to("conclude", slug, reference)).status_code == 404
    assert not Decision.objects.exists()


def test_conflicted_chair_finds_no_page() -> None:
    application = ranked(closed_call(), "4")
    conflicted = UserFactory(institution=application.institution)
    application.call.panel.create(user=conflicted, role="chair", since=application.created_at)
    path = to("decide", application.call.slug, application.reference)
    assert browser(conflicted).get(path).status_code == 404
    assert browser(conflicted).post(path, sent(application, mass_mg="10")).status_code == 404


def test_request_is_decided_in_the_browser() -> None:
    application = ranked(closed_call(), "4")
    client, path = browser(chair_of(application.call)), to("decide", application.call.slug, application.reference)
    assert len(queries_of(client, path)) <= MOST_QUERIES
    assert client.post(path, sent(application, mass_mg="12,5")).status_code == 303
    assert str(Decision.objects.get().award.mass_mg) == "12.500"
    assert client.post(path, sent(application, whole=True)).status_code == 303
    conclude = to("conclude", application.call.slug, application.reference)
    assert client.post(conclude).status_code == 303
    application.refresh_from_db()
    assert application.status == Status.DECIDED


@pytest.mark.parametrize(
    ("typed", "status"),
    [("1,250", 422), ("-5", 422), ("", 422), ("51", 422), ("NaN", 422), ("1e3", 422), ("50.0001", 422)],
)
def test_wrong_mass_is_said_at_its_field_and_nothing_typed_is_lost(typed: str, status: int) -> None:
    application = ranked(closed_call(), "4")
    client, path = browser(chair_of(application.call)), to("decide", application.call.slug, application.reference)
    answer = client.post(path, sent(application, mass_mg=typed))
    assert answer.status_code == status
    page = answer.content.decode()
    assert "Six runs reach the error." in page
    assert 'class="wrong"' in page
    assert not Decision.objects.exists()


def test_stale_page_shows_the_decision_of_somebody_else_beside_what_was_typed() -> None:
    application = ranked(closed_call(), "4")
    client, path = browser(chair_of(application.call)), to("decide", application.call.slug, application.reference)
    client.post(path, sent(application, verdict="decline", reason="Somebody else’s words."))
    answer = client.post(path, sent(application, verdict="decline", reason="My words."))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Somebody else’s words." in page and "My words." in page
    assert f'value="{Decision.objects.get().uid}"' in page


def test_request_of_another_application_is_not_decided_here() -> None:
    application, other = ranked(closed_call(), "4"), ranked(closed_call(), "4")
    client, path = browser(chair_of(application.call)), to("decide", application.call.slug, application.reference)
    assert client.post(path, sent(other, mass_mg="10")).status_code == 404
    assert client.get(to("list", application.call.slug) + "?cursor=nonsense").status_code == 400
