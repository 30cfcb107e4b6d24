"""Bringing back what was written: seen row by row before it is saved, nothing lost, nobody else's touched."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import reviewing
from applications.models import Assignment, OfflineUpload, Review
from applications.offline import actions
from portal.errors import Denied
from tests.applications.offline.desks import Desk, filled, packed, typed_into
from tests.applications.offline.trial import Trial
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, assignment_of
from tests.factories.review import review_of

pytestmark = pytest.mark.django_db
SCORES = {"score significance": "4", "score feasibility": "NA"}


@pytest.fixture
def desk() -> Desk:
    return Desk(3)


def saved_on_the_web(assignment: Assignment, version: int = 0, **said: Any) -> Review:
    return reviewing.save(assignment, by=assignment.reviewer, version=version, scores={}, **said)


def reviews() -> dict[str, tuple[str, str]]:
    return {one.reference: (one.state, one.for_panel) for one in Review.objects.order_by("pk")}


def test_upload_is_shown_first_and_saved_as_drafts(desk: Desk) -> None:
    first, second, third = (one.reference for one in desk.applications)
    saved_on_the_web(desk.assignments[1], for_panel="As it was.")
    forms = [filled(desk.form(number), {"text for_panel": f"Offline {number}."} | SCORES) for number in range(2)]
    answer = desk.send(("a.txt", forms[0]), ("b.txt", forms[1]), ("c.txt", desk.form(2)))
    assert (answer.status_code, answer["Location"]) == (303, desk.path("preview"))
    assert desk.look() == {first: "new", second: "changed", third: "unchanged"}
    assert reviews() == {second: ("draft", "As it was.")}
    page = desk.client.get(desk.path("preview")).content.decode()
    assert "Save these 2 reviews" in page
    assert "<del>As</del> <del>it was.</del>" in page and "<ins>Offline</ins> <ins>1.</ins>" in page
    assert desk.save()["Location"] == desk.path()
    assert reviews() == {first: ("draft", "Offline 0."), second: ("draft", "Offline 1.")}
    review = Review.objects.get(assignment=desk.assignments[0])
    assert {one.criterion.code: one.value for one in review.scores.all()} == {"significance": 4, "feasibility": None}
    assert not OfflineUpload.objects.exists()


def test_complete_reviews_are_sent_where_that_was_ticked_and_others_stay_drafts(desk: Desk) -> None:
    first, second, _third = (one.reference for one in desk.applications)
    number = desk.applications[1].submission.requests.get(whole=False).sample.catalogue_number
    whole = filled(desk.form(0), SCORES | {"confidence": "3", "text for_applicant": "Fine."})
    desk.send(("a.txt", whole), ("b.txt", filled(desk.form(1), SCORES | {f"give {number}": "10"})))
    answer = desk.client.get(desk.save(send=True)["Location"]).content.decode()
    assert "2 reviews are saved. 1 of them is sent." in answer
    assert f"{second}: Say why you would give less than asked." in answer
    assert {reference: state for reference, (state, _said) in reviews().items()} == {
        first: "submitted",
        second: "draft",
    }
    assert Review.objects.get(assignment=desk.assignments[0]).confidence == 3


def test_sheet_and_archive_are_taken_alike(desk: Desk) -> None:
    book = typed_into(desk.workbook(), 2, {"score significance": 5, "text private_note": "=1+1"})
    assert (
        desk.send(
            ("book.zip", packed({"reviews.xlsx": typed_into(book, 2, {"text private_note": "One."})}))
        ).status_code
        == 303
    )
    desk.save()
    assert Review.objects.get().private_note == "One."


# --- Both versions -----------------------------------------------------------------------------------------


@pytest.fixture
def conflict(desk: Desk) -> str:
    """What was written offline and, since the pack was made, on the web: the reference."""
    saved_on_the_web(desk.assignments[0], for_panel="Before.")
    form = filled(desk.form(0), {"text for_panel": "Written on the train."})
    saved_on_the_web(desk.assignments[0], 1, for_panel="Written at home.", private_note="Kept.")
    desk.send(("a.txt", form))
    return desk.applications[0].reference


def test_both_versions_are_shown_and_nothing_is_saved_unless_one_is_chosen(desk: Desk, conflict: str) -> None:
    assert desk.look() == {conflict: "conflicting"}
    page = desk.client.get(desk.path("preview")).content.decode()
    for words in ("train", "home", "Which one stays?", "Kept."):
        assert words in page
    assert desk.save()["Location"] == desk.path("preview")
    assert reviews() == {conflict: ("draft", "Written at home.")}
    assert desk.look() == {conflict: "conflicting"}


@pytest.mark.parametrize(("choice", "stays"), [("web", "Written at home."), ("mine", "Written on the train.")])
def test_the_chosen_version_stays(desk: Desk, conflict: str, choice: str, stays: str) -> None:
    assert desk.save(**{conflict: choice})["Location"] == desk.path()
    assert reviews() == {conflict: ("draft", stays)}


def test_what_is_saved_between_looking_and_saving_is_not_written_over(desk: Desk) -> None:
    desk.send(("a.txt", filled(desk.form(0), {"text for_panel": "Offline."})))
    reference = desk.applications[0].reference
    seen = {f"seen_{reference}": 0}
    saved_on_the_web(desk.assignments[0], for_panel="In this very moment.")
    assert desk.client.post(desk.path("preview"), seen).status_code == 303
    assert reviews() == {reference: ("draft", "In this very moment.")}
    assert desk.look() == {reference: "conflicting"}


def test_choice_is_refused_where_it_was_saved_once_more_since_it_was_shown(desk: Desk, conflict: str) -> None:
    saved_on_the_web(desk.assignments[0], 2, for_panel="Once more.")
    sent = {f"seen_{conflict}": 2, f"choice_{conflict}": "mine"}
    answer = desk.client.get(desk.client.post(desk.path("preview"), sent)["Location"]).content.decode()
    assert "This review was saved elsewhere in the meantime." in answer
    assert reviews() == {conflict: ("draft", "Once more.")}


def test_row_that_was_not_touched_in_the_file_is_no_conflict(desk: Desk) -> None:
    book = desk.workbook()
    saved_on_the_web(desk.assignments[0], for_panel="Written at home.")
    desk.send(("reviews.xlsx", typed_into(book, 3, {"text for_panel": "Offline."})))
    first, second, third = (one.reference for one in desk.applications)
    assert desk.look() == {first: "unchanged", second: "new", third: "unchanged"}
    desk.save()
    assert reviews() == {first: ("draft", "Written at home."), second: ("draft", "Offline.")}


def test_field_that_was_deleted_from_a_form_stays_as_it_is_saved(desk: Desk) -> None:
    saved_on_the_web(desk.assignments[0], for_panel="Stays.", private_note="Goes.")
    form = filled(desk.form(0), {"text private_note": ""})
    before, after = form.split("==*== text for_panel")
    desk.send(("a.txt", before + "==*== " + after.split("==*== ", 1)[1]))
    desk.save()
    review = Review.objects.get()
    assert (review.for_panel, review.private_note) == ("Stays.", "")


# --- What is wrong ------------------------------------------------------------------------------------------


def test_wrong_rows_are_listed_with_place_and_field_and_good_ones_kept(desk: Desk) -> None:
    book = typed_into(desk.workbook(), 2, {"score significance": 9})
    desk.send(("reviews.xlsx", typed_into(book, 3, {"text for_panel": "Good."})))
    first, second, third = (one.reference for one in desk.applications)
    assert desk.look() == {second: "new", third: "unchanged"}
    page = desk.client.get(desk.path("preview")).content.decode()
    for words in ("reviews.xlsx", "cell D2", "Significance", "“9” is no point of the scale."):
        assert words in page
    assert first not in page
    assert desk.save()["Location"] == desk.path("preview")
    assert reviews() == {second: ("draft", "Good.")}
    page = desk.client.get(desk.path("preview")).content.decode()
    assert "cell D2" in page and "There is nothing to save in it." in page


def test_what_is_not_assigned_is_not_before_you_whether_it_exists_or_not(desk: Desk) -> None:
    exists = application_of(desk.call, status="under-review").reference
    form = filled(desk.form(0), {"text for_panel": "Mine."})
    own = desk.applications[0].reference
    pages = []
    for reference in (exists, "LSA-2026-00000"):
        desk.send(("a.txt", form), ("b.txt", form.replace(own, reference)))
        with CaptureQueriesContext(connection) as captured:
            page = desk.client.get(desk.path("preview")).content.decode()
        assert f"{reference} is not before you." in page
        pages.append((len(captured), page.replace(reference, "?").count("?")))
        assert desk.look() == {own: "new"}
    assert pages[0] == pages[1]


def test_review_of_another_is_never_touched(desk: Desk) -> None:
    other = assignment_of(desk.applications[0], UserFactory())
    review = review_of(other, 2, 2, sent=False, for_panel="Theirs.")
    desk.send(("a.txt", filled(desk.form(0), {"text for_panel": "Mine."})))
    desk.save()
    review.refresh_from_db()
    assert (review.version, review.for_panel) == (1, "Theirs.")
    assert Review.objects.get(assignment=desk.assignments[0]).for_panel == "Mine."


def test_upload_of_another_cannot_be_saved(desk: Desk) -> None:
    desk.send(("a.txt", filled(desk.form(0), SCORES)))
    with pytest.raises(Denied):
        actions.save_upload(OfflineUpload.objects.get(), by=UserFactory(), seen={}, choices={})
    assert not Review.objects.exists()


def test_assignment_that_ends_before_saving_leaves_the_row_unsaved(desk: Desk) -> None:
    desk.send(("a.txt", filled(desk.form(0), SCORES)), ("b.txt", filled(desk.form(1), SCORES)))
    Assignment.objects.filter(pk=desk.assignments[0].pk).update(ended_at=desk.assignments[0].at)
    first, second, _third = (one.reference for one in desk.applications)
    assert desk.look() == {first: "wrong", second: "new"}
    desk.save()
    assert list(reviews()) == [second]


def test_sent_review_is_not_changed_and_says_so(desk: Desk) -> None:
    form = filled(desk.form(0), {"text for_panel": "Later."})
    review_of(desk.assignments[0], 3, 3)
    desk.send(("a.txt", form))
    assert desk.look() == {desk.applications[0].reference: "wrong"}
    assert (
        "You have sent this review. It changes only where the chair reopens it."
        in desk.client.get(desk.path("preview")).content.decode()
    )


def test_two_files_that_say_different_things_are_a_fault_and_the_same_twice_is_none(desk: Desk) -> None:
    forms = [filled(desk.form(0), {"text for_panel": words}) for words in ("One.", "Two.")]
    desk.send(("a.txt", forms[0]), ("b.txt", forms[1]), ("c.txt", filled(desk.form(1), SCORES)))
    reference = desk.applications[0].reference
    assert desk.look() == {desk.applications[1].reference: "new"}
    assert f"{reference} is filled in more than once, and differently." in str(OfflineUpload.objects.get().faults)
    desk.send(("a.txt", forms[0]), ("b.txt", forms[0]), ("reviews.xlsx", desk.workbook()))
    assert desk.look()[reference] == "new"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([], "“Files” is missing."),
        ([("a.txt", b"")], "a.txt: The file is empty."),
        ([("a.txt", b"Dear chair")], "a.txt: This is no review form of this portal"),
        ([("a.txt", b"x")] * 61, "At most 60 files at once."),
    ],
)
def test_what_cannot_be_read_at_all_is_an_error_at_the_field(desk: Desk, files: Any, reason: str) -> None:
    answer = desk.send(*files)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert reason in page and 'href="#id_files"' in page


def test_files_are_no_larger_together_than_one_may_be(desk: Desk, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    form = desk.form(0).encode()
    assert len(form) > 1000
    answer = desk.send(("a.txt", form), ("b.txt", form))
    assert answer.status_code in (303, 422)
    assert OfflineUpload.objects.count() == (answer.status_code == 303)


def test_upload_can_be_dropped_and_replaced(desk: Desk) -> None:
    desk.send(("a.txt", filled(desk.form(0), SCORES)))
    desk.send(("b.txt", filled(desk.form(1), SCORES)))
    assert list(desk.look()) == [desk.applications[1].reference]
    assert "waits to be saved" in desk.client.get(desk.path()).content.decode()
    assert desk.client.post(desk.path("drop")).status_code == 303
    assert desk.client.get(desk.path("preview")).status_code == 404
    assert not OfflineUpload.objects.exists()


# --- In numbers ------------------------------------------------------------------------------------------------


def test_damaged_files_are_no_fault_and_lose_no_good_row() -> None:
    assert Trial().run(18) == []


def test_queries_do_not_grow_with_rows() -> None:
    counts = []
    for count in (1, 30):
        desk = Desk(count)
        book = desk.workbook()
        for row in range(2, count + 2):
            book = typed_into(book, row, {"text for_panel": "Said."}) if row in (2, count + 1) else book
        desk.send(("reviews.xlsx", book))
        counts.append([len(queries_of(desk.client, desk.path(name))) for name in ("pack", "preview", "booklet")])
    assert counts[0] == counts[1]
    assert max(counts[1]) <= MOST_QUERIES, counts
