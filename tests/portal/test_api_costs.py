"""What the API costs: SQL of every list and every single thing, the same with one row and with thirty."""

import pytest
from django.test import Client

from portal.accounts.models import User
from tests.counting import queries_of
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, award_of, call_of
from tests.factories.decisions import closed_call, decided, released
from tests.factories.samples import powder
from tests.programs import API, program

pytestmark = pytest.mark.django_db
MOST_OF_A_LIST, MOST_OF_ONE = 6, 4


def sql_of(client: Client, address: str) -> int:
    """Count the SQL of a request, who asks included; its transaction and its arrival, one more round trip, are not."""
    client.get(API + address)  # a token's use is noted once a minute
    return len(queries_of(client, API + address))


def browser_of(user: User) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client


def fill(user: User, number: int) -> None:
    """Make this many rows for every list."""
    for _ in range(number):
        call = call_of(samples=[powder(10, parent=powder(5))])
        application_of(call, user)
    over = closed_call(samples=[powder(1000)])
    for _ in range(number):
        decided(over, 20, by=user)
    released(over)


def test_a_list_costs_the_same_with_one_row_and_with_thirty() -> None:
    user = UserFactory()
    token, session = program(user), browser_of(user)
    lists = ["missions/", "samples/", "calls/", "decisions/", "applications/"]
    lists += ["samples/?kind=powder&mission=CE-5", "decisions/?origin=portal", "applications/?page_size=3"]
    fill(user, 1)
    before = [(sql_of(token, path), sql_of(session, path)) for path in lists]
    fill(user, 29)
    after = [(sql_of(token, path), sql_of(session, path)) for path in lists]
    assert after == before
    assert max(max(pair) for pair in after) <= MOST_OF_A_LIST
    assert len(token.get(f"{API}applications/").json()["results"]) == 50
    assert len(token.get(f"{API}decisions/").json()["results"]) == 30


def test_one_thing_costs_the_same_whatever_belongs_to_it() -> None:
    user = UserFactory()
    costs = []
    for number in (1, 30):
        call = closed_call(samples=[powder(100) for _ in range(number)])
        application = application_of(call, user, status="decided")
        award_of(application.submission.requests.first(), 10)
        released(call)
        paths = [f"samples/{call.offers.first().sample.catalogue_number}/", f"calls/{call.slug}/"]
        paths += [f"applications/{application.reference}/", f"applications/{application.reference}/decision/"]
        costs.append([(sql_of(program(user), path), sql_of(browser_of(user), path)) for path in paths])
    assert costs[0] == costs[1]
    assert max(max(pair) for pair in costs[0]) <= MOST_OF_ONE
