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


def test_everything_that_is_right_is_kept_and_what_is_wrong_is_named(assignment: Assignment, client: Client) -> None:
    client.force_login(assignment.reviewer)
    asked = assignment.application.submission.requests.get(whole=False)
    mass, sample = f"mass_{asked.uid}", asked.sample.catalogue_number
    for version, wrong in enumerate(("much", "5000", "-1")):
        answer = by_itself(
            client, assignment, version, score_significance="4", for_panel=f"Typed {wrong}.", **{mass: wrong}
        )
        said = answer.json()
        assert (answer.status_code, said["state"], said["version"], said["partly"]) == (200, "saved", version + 1, True)
        assert said["words"].startswith("Everything else is saved.")
        assert said["words"].count(sample) == 1
        review = Review.objects.get()
        assert (review.for_panel, review.scores.count()) == (f"Typed {wrong}.", 1)
        assert not review.mass_opinions.exists()
    assert "50 mg were asked; give no more." in by_itself(client, assignment, 3, **{mass: "51"}).json()["words"]


def test_a_wrong_mass_leaves_the_one_that_was_saved(assignment: Assignment, client: Client) -> None:
    client.force_login(assignment.reviewer)
    asked = assignment.application.submission.requests.get(whole=False)
    mass, because = f"mass_{asked.uid}", f"because_{asked.uid}"
    assert not by_itself(client, assignment, **{mass: "20", because: "Enough."}).json()["partly"]
    answer = by_itself(client, assignment, 1, for_panel="x" * 9000, **{mass: "51", because: "More.", "confidence": "9"})
    assert answer.json()["state"] == "saved"
    review = Review.objects.get()
    opinion = review.mass_opinions.get()
    assert (str(opinion.would_give_mg), opinion.because) == ("20.000", "More.")
    assert (review.for_panel, review.confidence) == ("", None)


def test_sending_and_saving_by_hand_still_refuse_and_name_the_sample(assignment: Assignment, client: Client) -> None:
    client.force_login(assignment.reviewer)
    application = assignment.application
    asked = application.submission.requests.get(whole=False)
    path = reverse("applications:review-write", args=[application.call.slug, application.reference])
    for act in ("save", "submit"):
        fields = {f"mass_{asked.uid}": "51", "score_significance": "4", "score_feasibility": "4"}
        answer = client.post(path, typed(0, act, **fields))
        page = answer.content.decode()
        assert answer.status_code == 422
        assert f"{asked.sample.catalogue_number}: 50 mg were asked; give no more." in page
        assert 'value="51"' in page
    assert not Review.objects.exists()


def test_what_nobody_may_save_is_kept(assignment: Assignment, client: Client) -> None:
    answer = by_itself(client, assignment, for_panel="Typed in the train.")
    assert answer.status_code == 403
    assert "Typed in the train." in answer.content.decode()
    assert not Review.objects.exists()
