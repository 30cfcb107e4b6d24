"""Saving and sending a review: versions, completeness, the tally that follows, and who may not."""

import random
from decimal import Decimal
from typing import Any

import pytest

from applications import reviewing
from applications.conflicts.actions import declare_conflict
from applications.enums import ReviewState, Status
from applications.models import Assignment, Review, ReviewTally
from applications.panel import actions as panel_actions
from applications.reviewing import Opinion
from applications.rules.scoring import mean_of
from portal.audit.models import Event, EventText
from portal.errors import Denied, Invalid, NotNow
from tests.factories.accounts import InstitutionFactory, UserFactory, administrator
from tests.factories.applications import application_of, assignment_of, call_of, chair_of

pytestmark = pytest.mark.django_db
ALL = {"significance": 5, "feasibility": 2}


@pytest.fixture
def assignment() -> Assignment:
    return assignment_of(application_of(status=Status.UNDER_REVIEW))


def save(assignment: Assignment, version: int = 0, by: Any = None, **content: Any) -> Review:
    content.setdefault("scores", {})
    return reviewing.save(assignment, by=by or assignment.reviewer, version=version, **content)


def send(assignment: Assignment, version: int = 0, by: Any = None, **content: Any) -> Review:
    content.setdefault("scores", ALL)
    return reviewing.submit(assignment, by=by or assignment.reviewer, version=version, **content)


def powder(assignment: Assignment) -> str:
    return str(assignment.application.submission.requests.get(whole=False).uid)


def test_save_keeps_an_empty_draft(assignment: Assignment) -> None:
    review = save(assignment)
    assert (review.state, review.version, review.weighted_mean, review.submitted_at) == ("draft", 1, None, None)
    assert list(review.scores.all()) == []


def test_save_keeps_scores_texts_and_opinions_and_replaces_the_former(assignment: Assignment) -> None:
    uid = powder(assignment)
    save(assignment, scores=ALL, for_panel="First.", mass_opinions={uid: Opinion(Decimal("20"), "Enough.")})
    review = save(assignment, 1, scores={"significance": None}, for_panel="Second.")
    assert {score.criterion.code: score.value for score in review.scores.all()} == {"significance": None}
    assert (review.version, review.for_panel, review.mass_opinions.count()) == (2, "Second.", 0)


def test_second_save_of_one_version_is_refused_and_overwrites_nothing(assignment: Assignment) -> None:
    save(assignment, for_panel="From the first window.")
    with pytest.raises(NotNow) as refusal:
        save(assignment, for_panel="From the second window.")
    assert refusal.value.code == "stale"
    assert Review.objects.get().for_panel == "From the first window."


def test_send_writes_mean_time_and_tally(assignment: Assignment) -> None:
    review = send(assignment)
    assert (review.state, review.weighted_mean) == ("submitted", Decimal("3.800"))
    assert review.submitted_at is not None
    tally = ReviewTally.objects.get(application=assignment.application)
    assert (tally.number, tally.total, tally.mean) == (1, Decimal("3.800"), Decimal("3.800"))
    assert [event.verb for event in Event.objects.filter(verb__startswith="review.").order_by("pk")] == [
        "review.save",
        "review.submit",
    ]


def test_what_does_not_apply_lowers_no_mean(assignment: Assignment) -> None:
    assert send(assignment, scores={"significance": 5, "feasibility": None}).weighted_mean == Decimal("5.000")


def test_send_is_refused_while_a_criterion_is_open_and_keeps_the_draft(assignment: Assignment) -> None:
    save(assignment, for_panel="Kept.")
    with pytest.raises(Invalid) as refusal:
        send(assignment, 1, scores={"significance": 4}, for_panel="Not kept.")
    assert list(refusal.value.errors) == ["score_feasibility"]
    review = Review.objects.get()
    assert (review.state, review.version, review.for_panel) == ("draft", 1, "Kept.")
    assert ReviewTally.objects.get(application=assignment.application).number == 0


def test_review_cannot_be_changed_after_it_was_sent(assignment: Assignment) -> None:
    send(assignment, for_panel="As sent.")
    for act in (save, send):
        with pytest.raises(NotNow) as refusal:
            act(assignment, 1, for_panel="Changed.")
        assert refusal.value.code == "submitted"
    assert Review.objects.get().for_panel == "As sent."


@pytest.mark.parametrize(
    ("opinion", "code"),
    [(Opinion(Decimal("51"), "More."), "more-than-asked"), (Opinion(Decimal("-1"), "Less."), "more-than-asked")],
)
def test_opinion_stays_between_nothing_and_what_was_asked(assignment: Assignment, opinion: Any, code: str) -> None:
    uid = powder(assignment)
    with pytest.raises(Invalid) as refusal:
        save(assignment, mass_opinions={uid: opinion})
    assert (refusal.value.code, refusal.value.field) == (code, f"mass_{uid}")


def test_whole_piece_takes_words_and_no_mass(assignment: Assignment) -> None:
    uid = str(assignment.application.submission.requests.get(whole=True).uid)
    with pytest.raises(Invalid) as refusal:
        save(assignment, mass_opinions={uid: Opinion(Decimal("1"))})
    assert refusal.value.code == "piece"
    review = save(assignment, mass_opinions={uid: Opinion(because="A section would do.")})
    assert review.mass_opinions.get().because == "A section would do."


def test_smaller_mass_needs_a_reason_when_sent(assignment: Assignment) -> None:
    uid = powder(assignment)
    with pytest.raises(Invalid) as refusal:
        send(assignment, mass_opinions={uid: Opinion(Decimal("20"))})
    assert list(refusal.value.errors) == [f"because_{uid}"]
    send(assignment, mass_opinions={uid: Opinion(Decimal("20"), "Twenty runs suffice.")})


def test_opinion_on_another_application_is_refused(assignment: Assignment) -> None:
    other = assignment_of(application_of(status=Status.UNDER_REVIEW))
    with pytest.raises(Invalid) as refusal:
        save(assignment, mass_opinions={powder(other): Opinion(Decimal("20"))})
    assert refusal.value.code == "unknown-request"


def test_review_is_denied_to_everybody_but_its_reviewer(assignment: Assignment) -> None:
    application = assignment.application
    other = assignment_of(application).reviewer
    for by in (other, chair_of(application.call), administrator(), application.principal_investigator):
        with pytest.raises(Denied):
            save(assignment, by=by)
    assert not Review.objects.exists()


def test_review_is_denied_from_the_moment_the_reviewer_is_taken_off(assignment: Assignment) -> None:
    save(assignment)
    panel_actions.unassign(assignment, by=chair_of(assignment.application.call), reason="Too much load.")
    with pytest.raises(Denied):
        save(assignment, 1)


def test_review_is_denied_once_the_reviewer_shares_the_institution(assignment: Assignment) -> None:
    assignment.reviewer.institution = assignment.application.institution
    assignment.reviewer.save()
    with pytest.raises(Denied):
        save(assignment)


def test_review_is_denied_without_a_seat(assignment: Assignment) -> None:
    seat = assignment.application.call.panel.get(user=assignment.reviewer)
    seat.until = seat.since
    seat.save()
    with pytest.raises(Denied):
        save(assignment)


@pytest.mark.parametrize("status", [Status.INTERVIEWING, Status.DELIBERATED, Status.DECIDED, Status.PUBLISHED])
def test_review_is_refused_once_it_is_concluded(assignment: Assignment, status: str) -> None:
    application = assignment.application
    application.status = status
    application.save()
    with pytest.raises(NotNow):
        save(assignment)


def test_events_hold_no_words_of_a_review(assignment: Assignment) -> None:
    send(assignment, for_panel="Canary one.", private_note="Canary two.", for_applicant="Canary three.")
    kept = [*Event.objects.values_list("facts", flat=True), *EventText.objects.values_list("reason", "old")]
    assert "Canary" not in str(kept)


def test_labels_differ_within_an_application() -> None:
    application = application_of(status=Status.UNDER_REVIEW)
    labels = [save(assignment_of(application)).label for _ in range(12)]
    assert len(set(labels)) == 12
    assert all(len(label) == 4 and label.startswith("R-") for label in labels)


def test_labels_do_not_follow_a_reviewer_through_applications() -> None:
    call, reviewer = call_of(samples=[]), UserFactory(institution=InstitutionFactory())
    labels = {save(assignment_of(application_of(call, status=Status.UNDER_REVIEW), reviewer)).label for _ in range(12)}
    assert len(labels) > 6  # 160 labels: twelve draws of one person hardly ever meet


def test_tally_equals_its_recomputation_whatever_happens() -> None:
    chance = random.Random(7)
    application = application_of(status=Status.UNDER_REVIEW)
    assignments = [assignment_of(application) for _ in range(6)]
    versions = dict.fromkeys(range(6), 0)
    for _ in range(40):
        number = chance.randrange(6)
        one, act = assignments[number], chance.choice([save, save, send, "declare"])
        try:
            if act == "declare":
                declare_conflict(application, by=one.reviewer)
            else:
                scores = {"significance": chance.randint(1, 5), "feasibility": chance.choice([None, 1, 3, 5])}
                versions[number] = act(one, versions[number], scores=scores).version
        except (Denied, NotNow):
            pass
        _check_tally(application)
    assert Review.objects.filter(state=ReviewState.SUBMITTED).exists()


def _check_tally(application: Any) -> None:
    means = [
        review.weighted_mean
        for review in Review.objects.filter(
            assignment__application=application, assignment__ended_at=None, state=ReviewState.SUBMITTED
        )
    ]
    tally, total = ReviewTally.objects.get(application=application), sum(means, Decimal(0))
    assert (tally.number, tally.total, tally.mean) == (len(means), total, mean_of(total, len(means)))
