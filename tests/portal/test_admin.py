"""`/admin/`: every table to look at, for administrators and auditors, without words, in constant numbers of queries."""

import pytest
from django.test import Client

from applications.models import Application, Submission
from portal.admin import ABSENT, CONFIDENTIAL, KEPT, tables
from portal.inventory import addresses
from tests.counting import queries_of
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import (
    application_of,
    assignment_of,
    award_of,
    call_of,
    chair_of,
    draft_of,
    member_of,
)
from tests.factories.decisions import closed_call, decided, released
from tests.factories.review import opinion_of, review_of

pytestmark = pytest.mark.django_db
MODELS = [model._meta for model in tables._registry]
SECRETS = ("Only the panel reads this", "Only I read this", "Between you and me", "The panel’s reason", "77.125")


def signed_in(*roles: str) -> Client:
    """Return a browser in which somebody with these roles is signed in."""
    client = Client()
    client.force_login(UserFactory(roles=list(roles)))
    return client


def fill() -> Application:
    """Make rows of about every table, with words that nobody may read here."""
    call = call_of()
    application = application_of(call, status="under-review", question="Only I read this")
    member_of(application)
    review = review_of(
        assignment_of(application), for_panel="Only the panel reads this", private_note="Between you and me"
    )
    opinion_of(review, "77.125")
    award_of(application_of(call, status="decided").submission.requests.filter(whole=False).first())
    draft_of(call, title="A draft")
    over = closed_call()
    decided(over, 40)
    released(over)
    return application


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_every_table_opens_without_words_scores_or_drafts(role: str) -> None:
    fill()
    client = signed_in(role)
    opened = [client.get("/admin/")]
    for meta in MODELS:
        address = f"/admin/{meta.app_label}/{meta.model_name}/"
        listed = client.get(address)
        hidden = role == "administrator" and meta.model_name in CONFIDENTIAL
        assert listed.status_code == (403 if hidden else 200), address
        row = meta.model.objects.order_by("-pk").first()
        if hidden or row is None:
            continue
        opened += [listed, client.get(f"{address}{row.pk}/change/")]
    assert {answer.status_code for answer in opened} == {200}
    for answer in opened:
        page = answer.content.decode()
        assert [secret for secret in (*SECRETS, "A draft") if secret in page] == []
        assert "<script" not in page
        assert "<style" not in page
        assert 'type="submit"' not in page


def test_drafts_of_applications_are_absent() -> None:
    draft, submitted = draft_of(), application_of()
    client = signed_in("auditor")
    assert draft.reference not in client.get("/admin/applications/application/").content.decode()
    assert client.get(f"/admin/applications/application/{draft.pk}/change/").status_code == 302
    assert client.get(f"/admin/applications/application/{submitted.pk}/change/").status_code == 200


def test_a_table_costs_the_same_with_few_rows_and_with_many() -> None:
    client = signed_in("auditor")
    costs = []
    for rounds in (1, 3):
        for _ in range(rounds):
            fill()
        costs.append(
            {meta.model_name: len(queries_of(client, f"/admin/{meta.app_label}/{meta.model_name}/")) for meta in MODELS}
        )
    assert costs[0] == costs[1]
    assert max(costs[0].values()) <= 8


def test_nothing_is_posted_added_or_deleted() -> None:
    application = application_of()
    client = signed_in("administrator", "auditor")
    before = list(Application.objects.values()), Submission.objects.count()
    for meta in MODELS:
        address = f"/admin/{meta.app_label}/{meta.model_name}/"
        for url in (address, f"{address}{application.pk}/change/"):
            assert [getattr(client, method)(url).status_code for method in ("post", "put", "patch", "delete")] == [
                405
            ] * 4
        for url in (f"{address}add/", f"{address}{application.pk}/delete/", f"{address}{application.pk}/history/"):
            assert client.get(url).status_code == 404
    assert (list(Application.objects.values()), Submission.objects.count()) == before


def test_there_is_no_second_door() -> None:
    visitor = Client()
    answer = visitor.get("/admin/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/admin/")
    for address in ("login/", "logout/", "password_change/", "jsi18n/", "autocomplete/", "r/1/1/"):
        assert visitor.get(f"/admin/{address}").status_code == 404
        assert signed_in("administrator").get(f"/admin/{address}").status_code == 404


@pytest.mark.parametrize("role", ["", "curator"])
def test_for_everybody_else_there_is_nothing(role: str) -> None:
    client = signed_in(*([role] if role else []))
    for address in ("", "applications/", "applications/application/", "accounts/user/", "audit/event/"):
        assert client.get(f"/admin/{address}").status_code == 404
    client.force_login(chair_of(call_of()))
    assert client.get("/admin/").status_code == 404


def test_secrets_are_no_tables() -> None:
    assert {meta.model_name for meta in MODELS} & ABSENT == set()
    assert {each.name for each in addresses() if each.pattern.startswith("/admin/")} >= {
        f"admin:{name}" for name in KEPT[:1]
    }


@pytest.mark.django_db(transaction=True)
def test_reading_the_tables_writes_nothing() -> None:
    """Outside a test's transaction GET is READ ONLY, so that a page that writes would fail here."""
    office = administrator()
    client = Client()
    client.force_login(office)
    for meta in MODELS:
        if meta.model_name not in CONFIDENTIAL:
            assert client.get(f"/admin/{meta.app_label}/{meta.model_name}/").status_code == 200
    assert client.get(f"/admin/accounts/user/{office.pk}/change/").status_code == 200
