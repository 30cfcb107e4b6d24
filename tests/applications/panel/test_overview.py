"""What a chair asks of a whole call: nothing of a conflicted application is in any list, count, mean or file."""

import csv
import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from applications.conflicts import overview as conflicts
from applications.enums import AssignmentAnswer, AssignmentEnd, Confidence, PanelRole, Status
from applications.models import Application, Assignment, Call, Conflict, PanelMember, Review
from applications.panel import overview
from portal import clock
from samples.rules.techniques import techniques
from tests.counting import queries_of
from tests.factories.accounts import UserFactory
from tests.factories.applications import (
    answered,
    application_of,
    assignment_of,
    call_of,
    chair_of,
    draft_of,
    seat,
    shortlisting_of,
    submission_of,
)
from tests.factories.conflicts import minor_interest_of
from tests.factories.review import review_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def call() -> Call:
    return call_of()


@pytest.fixture
def chair(call: Call, client: Client) -> Any:
    user = chair_of(call)
    client.force_login(user)
    return user


def under_review(call: Call, **fields: Any) -> Application:
    return application_of(call, status=Status.UNDER_REVIEW, **fields)


def barred(call: Call, user: Any, application: Application | None = None) -> Application:
    """Make an application that this person has a conflict with, with reviews far apart."""
    made = application or under_review(call)
    review_of(assignment_of(made), 1, 1)
    review_of(assignment_of(made), 5, 5)
    Conflict.objects.create(application=made, user=user, by=user, at=clock.now())
    return made


def path(call: Call, **query: str) -> str:
    tail = "&".join(f"{name}={value}" for name, value in query.items())
    return reverse("applications:panel-overview", args=[call.slug]) + (f"?{tail}" if tail else "")


def references(client: Client, call: Call, show: str) -> list[str]:
    return [row.reference for row in client.get(path(call, show=show)).context["page"].rows]


def members_of(call: Call) -> list[PanelMember]:
    return list(call.panel.filter(until=None).select_related("user"))


def test_the_matrix_marks_leads_answers_and_suspended_reviews(client: Client, call: Call, chair: Any) -> None:
    application = under_review(call)
    lead, waiting, accepted, declined, suspended = (assignment_of(application) for _ in range(5))
    review_of(lead, 5, 5)
    Assignment.objects.filter(pk=lead.pk).update(is_lead=True)
    Assignment.objects.filter(pk=accepted.pk).update(answer=AssignmentAnswer.ACCEPTED)
    for one, because in ((declined, AssignmentEnd.DECLINED), (suspended, AssignmentEnd.CONFLICT)):
        Assignment.objects.filter(pk=one.pk).update(ended_at=clock.now(), ended_because=because)
    shown = client.get(path(call)).context
    cells = {member.user.pk: cell for member, cell in zip(shown["members"], shown["rows"][0].cells, strict=True)}
    assert cells[lead.reviewer_id].is_lead and cells[lead.reviewer_id].tone == "h5"
    told = {one: str(cells[one.reviewer_id].said) for one in (waiting, accepted, declined, suspended)}
    assert told[waiting] == "asked, not answered"
    assert told[accepted] == "accepted, not yet sent"
    assert told[declined] == "declined"
    assert told[suspended] == "conflict, review suspended"
    assert shown["rows"][0].assigned == 3


def test_who_reviews_comes_first_and_what_is_short_of_reviewers_is_counted(
    client: Client, call: Call, chair: Any
) -> None:
    few = under_review(call)
    last = assignment_of(few).reviewer
    covered = under_review(call)
    for _ in range(call.reviews_each):
        assignment_of(covered)
    shown = client.get(path(call))
    assert [seat.user for seat in shown.context["members"]][-1] == chair != last
    assert shown.context["counts"]["short"] == 1
    assert b'href="?show=too-few"' in shown.content
    assignment_of(few)
    assert client.get(path(call)).context["counts"]["short"] == 0
    alone = under_review(call)
    assert client.get(path(call)).context["counts"]["short"] == 1
    Conflict.objects.create(application=alone, user=chair, by=chair, at=clock.now())
    assert client.get(path(call)).context["counts"]["short"] == 0


def test_filters_narrow_to_what_needs_somebody(client: Client, call: Call, chair: Any) -> None:
    few, late, apart = (under_review(call) for _ in range(3))
    assignment_of(few)
    for one in (late, apart):
        review_of(assignment_of(one), 4, 4)
    assignment_of(late)
    review_of(assignment_of(apart), 1, 1)
    barred(call, chair)
    assert references(client, call, "too-few") == [few.reference]
    assert references(client, call, "late") == []  # nothing is late before it is due
    Call.objects.update(reviews_due_at=clock.now() - DAY)
    assert set(references(client, call, "late")) == {late.reference, few.reference}
    assert references(client, call, "disputed") == [apart.reference]
    assert len(references(client, call, "")) == 3
    for query in ({"show": "x"}, {"order": "x"}, {"format": "pdf"}, {"cursor": "x"}):
        assert client.get(path(call, **query)).status_code == 400


def test_a_filter_is_kept_from_page_to_page(
    client: Client, call: Call, chair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("applications.panel.queries.SIZE", 2)
    wanted = {under_review(call).reference for _ in range(5)}
    full = under_review(call)
    for _ in range(2):
        assignment_of(full)
    url, seen = path(call, show="too-few"), []
    while url:
        page = client.get(url).context["page"]
        seen += [row.reference for row in page.rows]
        url = path(call, show="too-few", cursor=page.next) if page.next else ""
    assert sorted(seen) == sorted(wanted)


def test_who_owes_reviews_is_told_with_since_when_and_answers(client: Client, call: Call, chair: Any) -> None:
    reviewer = seat(call, UserFactory(name="Owes Two"))
    for number in range(3):
        assignment = assignment_of(under_review(call), reviewer)
        if number == 0:
            review_of(assignment, 4, 4)
    ended = assignment_of(under_review(call), reviewer)
    Assignment.objects.filter(pk=ended.pk).update(ended_at=clock.now(), ended_because=AssignmentEnd.DECLINED)
    hidden = under_review(call)
    assignment_of(hidden, reviewer)
    barred(call, chair, hidden)
    part = next(one for one in overview.parts(chair, call, members_of(call)) if one.member.user == reviewer)
    assert (part.assigned, part.sent, part.owed, part.waiting, part.declined) == (3, 1, 2, 2, 1)
    assert part.since is not None
    assert not part.says_something
    page = client.get(path(call)).content.decode()
    assert "too few to say" in page
    assert "1 of 3" in page


def test_a_mean_is_told_from_five_reviews_on_beside_that_of_the_panel(client: Client, call: Call, chair: Any) -> None:
    mild, strict = seat(call, UserFactory()), seat(call, UserFactory())
    for number in range(5):
        application = under_review(call)
        review_of(assignment_of(application, mild), 5, 5)
        if number < 4:
            review_of(assignment_of(application, strict), 2, 2)
    barred(call, chair)
    parts = {one.member.user: one for one in overview.parts(chair, call, members_of(call))}
    assert (parts[mild].mean, parts[mild].says_something) == (5, True)
    assert (parts[strict].mean, parts[strict].says_something) == (2, False)
    mean = overview.mean_of_all(parts.values())
    assert mean is not None
    assert abs(float(mean) - (5 * 5 + 4 * 2) / 9) < 0.001


def test_disagreement_has_range_and_standard_deviation(call: Call, chair: Any) -> None:
    application = under_review(call)
    for score in (1, 3, 5):
        review_of(assignment_of(application), score, score)
    review_of(assignment_of(application), 5, 5, sent=False)
    barred(call, chair)
    (one,) = overview.disputed(chair, call)
    assert (one.lowest, one.highest) == (1, 5)
    assert abs(float(one.deviation) - (8 / 3) ** 0.5) < 0.001


def test_expertise_gaps_close_by_technique_by_a_broader_one_or_by_high_confidence(call: Call, chair: Any) -> None:
    narrow = next(one for one in techniques() if one.broader)
    made = []
    for _ in range(5):
        draft = draft_of(call)
        draft.draft_requests.update(technique=narrow.code)
        draft.submission, draft.status = submission_of(draft), Status.UNDER_REVIEW
        draft.save()
        made.append(draft)
    answered(call)
    for one, techniques_of in zip(made[:3], ([narrow.code], [narrow.broader], []), strict=True):
        assignment = assignment_of(one)
        call.panel.filter(user=assignment.reviewer).update(techniques=techniques_of)
    sure = assignment_of(made[3])
    review = review_of(sure, 4, 4)
    Review.objects.filter(pk=review.pk).update(confidence=Confidence.HIGH)
    found = [one.reference for one, _labels in overview.gaps(chair, call, members_of(call))]
    assert found == sorted([made[2].reference, made[4].reference])
    Review.objects.filter(pk=review.pk).update(confidence=Confidence.MEDIUM)
    assert len(overview.gaps(chair, call, members_of(call))) == 3


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_file_has_what_the_matrix_has_and_nothing_of_a_conflict(
    client: Client, call: Call, chair: Any, kind: str
) -> None:
    application = under_review(call, title="=1+1")
    review_of(assignment_of(application), 4, 4, for_panel="Canary.", private_note="Canary.")
    hidden = barred(call, chair)
    answer = client.get(path(call, format=kind))
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="panel-{call.slug}.{kind}"'
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    else:
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        rows = [["" if cell is None else str(cell) for cell in row] for row in book.active.iter_rows(values_only=True)]
    assert [row[0] for row in rows] == ["Reference", application.reference]
    assert rows[1][1] in ("'=1+1", "=1+1")
    assert "4.00" in rows[1]
    assert not any("Canary" in cell or hidden.reference in cell for row in rows for cell in row)


def test_a_page_costs_the_same_for_one_row_and_for_thirty(client: Client, chair: Any, call: Call) -> None:
    review_of(assignment_of(under_review(call)), 4, 4)
    shows = ("", "too-few", "late", "disputed", "gaps")
    Call.objects.update(reviews_due_at=clock.now() - DAY, reviews_each=9)
    one = {show: len(queries_of(client, path(call, show=show))) for show in shows}
    for _number in range(29):
        made = under_review(call)
        for score in (1, 5):
            review_of(assignment_of(made), score, score)
        assignment_of(made)
    many = {show: len(queries_of(client, path(call, show=show))) for show in shows}
    assert max(many.values()) <= max(one.values())
    assert many[""] == one[""]


def test_hints_that_wait_are_counted_as_the_page_of_conflicts_lists_them(
    client: Client, call: Call, chair: Any
) -> None:
    application, other = under_review(call), under_review(call)
    assert "hints waiting" not in client.get(path(call)).content.decode()
    member, expert = seat(call, UserFactory()), seat(call, UserFactory(), PanelRole.EXPERT)
    for person in (member, expert, chair):  # of which an expert not invited, and the chair's own, are not theirs
        minor_interest_of(application, person)
    minor_interest_of(other, member)
    barred(call, chair, other)
    page = client.get(path(call)).content.decode()
    assert "hints waiting for a ruling</dt><dd>1 " in page
    assert reverse("applications:conflicts-chair", args=[call.slug]) in page
    assert overview.open_hints(chair, call, members_of(call)) == len(conflicts.overview(chair, call).questions) == 1


def test_concluding_is_the_main_button_only_where_something_is_ready(client: Client, call: Call, chair: Any) -> None:
    button = f'<a class="btn" href="{reverse("applications:panel-conclude-ready", args=[call.slug])}">'
    application = under_review(call)
    assert button not in client.get(path(call)).content.decode()
    review_of(assignment_of(application), 4, 4)
    shortlisting_of(application)
    assert button in client.get(path(call)).content.decode()
