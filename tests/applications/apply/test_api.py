"""One's own applications through the API: the same acts as the pages, the coarse status alone."""

from datetime import timedelta

import pytest

from applications.enums import Status
from applications.models import Application
from portal import clock
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, call_of, draft_of, member_of
from tests.programs import API, assert_problem, program

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}


def test_a_list_holds_ones_own_applications_latest_first() -> None:
    person = UserFactory()
    drafts = [draft_of(by=person) for _ in range(3)]
    for age, draft in zip((3, 2, 1), drafts, strict=True):
        Application.objects.filter(pk=draft.pk).update(created_at=clock.now() - timedelta(days=age))
    application_of()
    member_of(joined := application_of(), person)
    member_of(application_of(), person, confirmed=False)
    found = program(person).get(f"{API}applications/").json()["results"]
    assert [one["reference"] for one in found][:3] == [one.reference for one in reversed(drafts)]
    assert {one["reference"] for one in found} == {joined.reference, *(one.reference for one in drafts)}


def test_submitting_seals_what_the_draft_says() -> None:
    application = draft_of()
    client = program(application.principal_investigator, "read", "apply")
    url = f"{API}applications/{application.reference}/"
    assert client.get(url).json()["submission"] is None
    found = client.post(f"{url}submit/", **JSON).json()
    application.refresh_from_db()
    assert (found["status"], found["sha256"]) == ("received", application.submission.sha256)
    assert found["submission"] == application.submission.document
    assert client.get(url).json() == found
    assert_problem(client.post(f"{url}submit/", **JSON), 409, "unchanged")


def test_an_act_needs_no_body_at_all() -> None:
    application = draft_of()
    client = program(application.principal_investigator, "apply")
    answer = client.generic("POST", f"{API}applications/{application.reference}/withdraw/", b"", content_type="")
    assert (answer.status_code, answer.json()["status"]) == (200, "withdrawn")


def test_what_is_missing_is_422_and_named() -> None:
    application = draft_of(complete=False)
    client = program(application.principal_investigator, "apply")
    answer = client.post(f"{API}applications/{application.reference}/submit/", **JSON)
    body = assert_problem(answer, 422, answer.json()["code"])
    assert {"/title", "/plan"} <= {one["pointer"] for one in body["errors"]}


def test_after_the_deadline_is_409_and_the_draft_stays() -> None:
    call = call_of()
    application = draft_of(call)
    client = program(application.principal_investigator, "apply")
    with clock.set_to(call.closes_at + timedelta(seconds=1)):
        answer = client.post(f"{API}applications/{application.reference}/submit/", **JSON)
    assert_problem(answer, 409, "closed")
    application.refresh_from_db()
    assert (application.status, application.version) == (Status.DRAFT, 1)


@pytest.mark.parametrize("status", [Status.UNDER_REVIEW, Status.INTERVIEWING, Status.DELIBERATED, Status.DECIDED])
def test_the_way_to_a_decision_has_one_status(status: str) -> None:
    application = application_of(status=status)
    found = program(application.principal_investigator).get(f"{API}applications/{application.reference}/").json()
    assert found["status"] == "in-review"
    assert set(found) == {
        *("reference", "call", "title", "status", "created_at", "submitted_at", "sha256", "submission"),
    }


def test_withdrawing_ends_it_with_its_reason() -> None:
    application = application_of()
    client = program(application.principal_investigator, "apply")
    answer = client.post(
        f"{API}applications/{application.reference}/withdraw/", {"reason": "We found another way."}, **JSON
    )
    assert (answer.status_code, answer.json()["status"]) == (200, "withdrawn")
    assert Application.objects.get(pk=application.pk).status == Status.WITHDRAWN
