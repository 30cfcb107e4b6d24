"""A review saves itself as the sections of a draft do; the server says what became of it, and nothing is lost."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.enums import Status
from applications.models import Assignment, Review
from tests.factories.applications import application_of, assignment_of
from tests.factories.review import typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def assignment() -> Assignment:
    return assignment_of(application_of(status=Status.UNDER_REVIEW))


def by_itself(client: Client, assignment: Assignment, version: int = 0, **fields: Any) -> Any:
    application = assignment.application
    path = reverse("applications:review-write", args=[application.call.slug, application.reference])
    return client.post(path, typed(version, _by_itself="1", **fields))


def test_it_saves_says_when_and_never_sends(assignment: Assignment, client: Client) -> None:
    client.force_login(assignment.reviewer)
    answer = by_itself(
        client, assignment, act="submit", score_significance="4", score_feasibility="2", for_panel="Half"
    )
    said = answer.json()
    assert (answer.status_code, said["state"], said["version"]) == (200, "saved", 1)
    assert "Draft saved" in said["words"]
    assert "<" not in said["words"]
    assert (Review.objects.get().state, Review.objects.get().for_panel) == ("draft", "Half")


def test_what_another_window_saved_is_not_written_over(assignment: Assignment, client: Client) -> None:
    client.force_login(assignment.reviewer)
    by_itself(client, assignment, for_panel="First window.")
    answer = by_itself(client, assignment, for_panel="Second window.")
    assert (answer.status_code, answer.json()["state"]) == (409, "stale")
    assert Review.objects.get().for_panel == "First window."
    application = assignment.application
    path = reverse("applications:review-write", args=[application.call.slug, application.reference])
    both = client.post(path, typed(0, for_panel="Second window."))
    page = both.content.decode()
    assert both.status_code == 409
    assert "<del>" in page
    assert "<ins>" in page


def test_what_cannot_be_saved_is_said_and_what_nobody_may_save_is_kept(assignment: Assignment, client: Client) -> None:
    client.force_login(assignment.reviewer)
    uid = assignment.application.submission.requests.get(whole=False).uid
    answer = by_itself(client, assignment, **{f"mass_{uid}": "much"})
    assert (answer.status_code, answer.json()["state"]) == (422, "refused")
    answer = by_itself(client, assignment, **{f"mass_{uid}": "5000"})
    assert (answer.status_code, answer.json()["state"]) == (422, "refused")
    client.logout()
    answer = by_itself(client, assignment, for_panel="Typed in the train.")
    assert answer.status_code == 403
    assert "Typed in the train." in answer.content.decode()
    assert not Review.objects.exists()
