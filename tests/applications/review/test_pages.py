"""The pages of reviewers: blind among each other, nothing lost, nothing hidden behind a script."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications import reviewing
from applications.enums import Anonymity, AssignmentAnswer, Status
from applications.models import Application, Assignment, Call, Conflict, Review
from portal import clock
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.accounts import InstitutionFactory, UserFactory, administrator
from tests.factories.applications import (
    application_of,
    assignment_of,
    call_of,
    chair_of,
    member_of,
    seat,
    shortlisting_of,
)
from tests.factories.decisions import closed_call, decided, released
from tests.factories.review import opinion_of, review_of, typed

pytestmark = pytest.mark.django_db


def to(name: str, *arguments: Any) -> str:
    room = {"conflicts": "conflicts-list", "conflict": "conflicts-declare"}.get(name, f"review-{name}")
    return reverse(f"applications:{room}", args=arguments)


def page_of(assignment: Assignment) -> str:
    return to("write", assignment.application.call.slug, assignment.application.reference)


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def assignment() -> Assignment:
    return assignment_of(application_of(status=Status.UNDER_REVIEW))


def test_page_shows_the_submission_beside_the_words_of_every_point(assignment: Assignment) -> None:
    application = assignment.application
    Application.objects.filter(pk=application.pk).update(question="What is only drafted.")
    page = shown(browser(assignment.reviewer), page_of(assignment))
    assert application.submission.document["question"] in page
    assert "What is only drafted." not in page
    assert page.count("point 3") == application.call.criteria.count()
    assert page.count('value="na"') == application.call.criteria.count()
    for reader in (
        "The applicant reads this after the decision is released, without your name.",
        "The chair reads this once you have sent your review, and so do the reviewers who have sent theirs.",
        "Only you ever read this.",
    ):
        assert reader in page


def test_draft_is_saved_and_shown_again(assignment: Assignment) -> None:
    client, path = browser(assignment.reviewer), page_of(assignment)
    uid = assignment.application.submission.requests.get(whole=False).uid
    form = typed(score_significance="4", for_panel="Half a thought", **{f"mass_{uid}": "12,5", f"because_{uid}": "So."})
    assert client.post(path, form).status_code == 303
    review = Review.objects.get()
    assert (review.state, review.mass_opinions.get().would_give_mg) == ("draft", 12.5)
    page = shown(client, path)
    assert "Half a thought" in page
    assert 'value="12.5"' in page


def test_review_is_sent_and_then_read_only(assignment: Assignment) -> None:
    client, path = browser(assignment.reviewer), page_of(assignment)
    form = typed(act="submit", score_significance="4", score_feasibility="na", for_panel="Sound.")
    assert client.post(path, form).status_code == 303
    assert Review.objects.get().state == "submitted"
    page = shown(client, path)
    assert "You sent this review; it can be read, not changed." in page
    assert "<textarea" not in page
    assert client.post(path, typed(1, for_panel="Changed.")).status_code == 409


def test_incomplete_review_is_refused_at_the_criterion_and_keeps_what_was_typed(assignment: Assignment) -> None:
    form = typed(act="submit", score_significance="4", for_panel="Typed with care.", private_note="And this.")
    answer = browser(assignment.reviewer).post(page_of(assignment), form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_score_feasibility_0"' in page
    assert "Typed with care." in page
    assert "And this." in page


def test_two_saves_of_one_version_show_both_texts_and_the_second_can_then_replace(assignment: Assignment) -> None:
    client, path = browser(assignment.reviewer), page_of(assignment)
    assert client.post(path, typed(0, for_panel="From the first window.")).status_code == 303
    answer = client.post(path, typed(0, for_panel="From the second window."))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "From the first window." in page
    assert "From the second window." in page
    assert '<input type="hidden" name="version" value="1"' in page
    assert Review.objects.get().for_panel == "From the first window."
    assert client.post(path, typed(1, for_panel="From the second window.")).status_code == 303
    assert Review.objects.get().for_panel == "From the second window."


@pytest.mark.parametrize("forged", [{"score_significance": "6"}, {"version": "x"}, {"version": "-1"}])
def test_forged_field_is_a_complaint_and_no_crash(assignment: Assignment, forged: Any) -> None:
    assert browser(assignment.reviewer).post(page_of(assignment), typed() | forged).status_code == 422
    assert not Review.objects.exists()


def test_late_review_is_still_saved_and_says_so(assignment: Assignment) -> None:
    call = assignment.application.call
    call.reviews_due_at = clock.now() - timedelta(days=1)
    call.save()
    client = browser(assignment.reviewer)
    assert "The day by which reviews were due has passed." in shown(client, page_of(assignment))
    assert client.post(page_of(assignment), typed(for_panel="Late.")).status_code == 303


def test_reviewers_see_nothing_of_each_other_before_they_have_sent(assignment: Assignment) -> None:
    application = assignment.application
    other = assignment_of(application, UserFactory(name="Nosy Canary"))
    review = review_of(
        other, 1, 2, for_panel="Canary panel.", for_applicant="Canary applicant.", private_note="Canary!"
    )
    opinion_of(review, "13.375", "Canary because.")
    review_of(assignment, 5, 5, sent=False)
    client = browser(assignment.reviewer)
    call = application.call.slug
    paths = [to("list"), to("queue", call), to("conflicts", call), page_of(assignment)]
    for path in paths:
        page = shown(client, path)
        assert "Canary" not in page, path
        assert "13.375" not in page, path
        assert review.label not in page, path
        assert "1.40" not in page, path  # their mean
        assert "3.20" not in page, path  # everybody's mean


def test_pages_of_a_reviewer_are_the_same_with_and_without_the_reviews_of_others(assignment: Assignment) -> None:
    application, client = assignment.application, browser(assignment.reviewer)
    review_of(assignment, 5, 5, sent=False)
    call = application.call.slug
    paths = [to("list"), to("queue", call), to("conflicts", call), page_of(assignment)]
    before = [_without_keys(shown(client, path)) for path in paths]
    for score in range(1, 6):
        review_of(assignment_of(application), score, score, for_panel=f"Said {score}.")
    shortlisting_of(application)
    assert [_without_keys(shown(client, path)) for path in paths] == before


def test_queue_keeps_the_own_order_whatever_the_scores(assignment: Assignment) -> None:
    call, reviewer = assignment.application.call, assignment.reviewer
    later = assignment_of(application_of(call, status=Status.UNDER_REVIEW), reviewer)
    client, path = browser(reviewer), to("queue", call.slug)

    def order() -> list[int]:
        page = shown(client, path)
        return [page.index(one.application.reference) for one in (assignment, later)]

    assert order() == sorted(order())
    review_of(assignment_of(later.application), 5, 5)
    review_of(assignment_of(assignment.application), 1, 1)
    assert order() == sorted(order())


@pytest.mark.parametrize("name", ["queue", "conflicts"])
def test_lists_page_through_everything_without_gap_or_twin(
    assignment: Assignment, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("applications.review.queries.SIZE", 2)
    call, reviewer = assignment.application.call, assignment.reviewer
    mine = [assignment, *(assignment_of(application_of(call, status=Status.UNDER_REVIEW), reviewer) for _ in range(4))]
    client, start, seen = browser(reviewer), to(name, call.slug), []
    path = start
    while path:
        page = client.get(path).context["page"]
        seen += [row.reference for row in page.rows]
        path = f"{start}?cursor={page.next}" if page.next else ""
    assert seen == [one.application.reference for one in mine]
    assert client.get(f"{start}?cursor=forged").status_code == 400


def test_queue_counts_and_leads_to_the_next_open_one(assignment: Assignment) -> None:
    call, reviewer = assignment.application.call, assignment.reviewer
    later = assignment_of(application_of(call, status=Status.UNDER_REVIEW), reviewer)
    client, path = browser(reviewer), to("queue", call.slug)
    assert "0 of 2 sent." in shown(client, path)
    review_of(assignment)
    page = shown(client, path)
    assert "1 of 2 sent." in page
    assert f'class="btn btn--second" href="{page_of(later)}"' in page  # what waits for an answer comes first
    Assignment.objects.update(answer=AssignmentAnswer.ACCEPTED)
    assert f'class="btn" href="{page_of(later)}"' in shown(client, path)
    assert "1 <small>of 2</small>" in shown(client, to("list"))


def test_review_is_hidden_from_everybody_who_is_not_assigned(assignment: Assignment) -> None:
    application = assignment.application
    seated = assignment_of(application_of(application.call, status=Status.UNDER_REVIEW)).reviewer
    people = [
        seated,
        application.principal_investigator,
        member_of(application).user,
        administrator(),
        UserFactory(roles=["curator"]),
        UserFactory(roles=["auditor"]),
        chair_of(application.call),
        UserFactory(),
    ]
    for user in people:
        client = browser(user)
        assert client.get(page_of(assignment)).status_code == 404
        assert client.post(page_of(assignment), typed(for_panel="Forged.")).status_code == 404
    assert not Review.objects.exists()


def test_panel_pages_are_hidden_without_a_seat(assignment: Assignment) -> None:
    call, reference = assignment.application.call.slug, assignment.application.reference
    client = browser(assignment.application.principal_investigator)
    for path in (to("queue", call), to("conflicts", call), to("conflict", call, reference)):
        assert client.get(path).status_code == 404
    assert client.post(to("conflict", call, reference)).status_code == 404
    assert "You sit on no panel." in shown(client, to("list"))


def test_conflicts_page_shows_references_people_and_institutions_alone(assignment: Assignment) -> None:
    application = assignment.application
    member_of(application, name="Member of the team", institution=InstitutionFactory(name="Institute of the member"))
    client, call = browser(assignment.reviewer), application.call.slug
    for path in (to("conflicts", call), to("conflict", call, application.reference)):
        page = shown(client, path)
        for known in (
            application.reference,
            application.principal_investigator.name,
            application.institution.name,
            "Member of the team",
            "Institute of the member",
        ):
            assert known in page
        assert application.submission.title not in page
        assert application.submission.document["question"] not in page


def test_in_a_call_without_names_no_page_of_a_reviewer_says_whose_an_application_is(assignment: Assignment) -> None:
    application = assignment.application
    member_of(application, name="Member of the team", institution=InstitutionFactory(name="Institute of the member"))
    slug, reference = application.call.slug, application.reference
    names = (
        application.principal_investigator.name,
        application.institution.name,
        "Member of the team",
        "Institute of the member",
    )
    paths = [to("conflicts", slug), to("conflict", slug, reference)]
    assert all(name in shown(browser(assignment.reviewer), path) for path in paths for name in names)
    Call.objects.filter(slug=slug).update(anonymity=Anonymity.DUAL)
    for path in (to("list"), to("queue", slug), *paths, page_of(assignment)):
        page = shown(browser(assignment.reviewer), path)
        assert [name for name in names if name in page] == [], path
        assert reference in page or path == to("list")
    chair = chair_of(application.call)
    assert all(name in shown(browser(chair), path) for path in paths for name in names)


def test_declaring_a_conflict_closes_the_application_at_once(assignment: Assignment) -> None:
    call, reference = assignment.application.call.slug, assignment.application.reference
    client = browser(assignment.reviewer)
    answer = client.post(to("conflict", call, reference))
    assert (answer.status_code, answer["Location"]) == (303, to("conflicts", call))
    assert client.get(page_of(assignment)).status_code == 404
    assert reference not in shown(client, to("queue", call))
    assert "Declared interest" in shown(client, to("conflicts", call))


def test_conflicted_reviewer_keeps_what_the_declaration_list_showed_and_loses_the_rest(assignment: Assignment) -> None:
    application = assignment.application
    reviewer = assignment.reviewer
    reviewer.institution = application.institution
    reviewer.save()
    client, call = browser(reviewer), application.call.slug
    page = shown(client, to("conflicts", call))
    assert (application.reference in page, "Same institution" in page) == (True, True)
    assert client.get(page_of(assignment)).status_code == 404
    assert application.reference not in shown(client, to("queue", call))


def test_applicant_sees_no_trace_of_reviewing(assignment: Assignment) -> None:
    application = assignment.application
    client = browser(application.principal_investigator)
    path = reverse("applications:following-status", args=[application.reference])
    before = _without_keys(shown(client, path))
    reviewing.submit(
        assignment,
        by=assignment.reviewer,
        version=0,
        scores={"significance": 1, "feasibility": 1},
        for_applicant="Canary.",
    )
    assert _without_keys(shown(client, path)) == before


def _without_keys(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line and "_once" not in line]


@pytest.mark.parametrize("name", ["list", "queue", "conflicts"])
def test_lists_need_the_same_sql_for_one_row_and_for_thirty(name: str) -> None:
    call, reviewer = call_of(), UserFactory(institution=InstitutionFactory())
    path = to(name) if name == "list" else to(name, call.slug)
    assignment_of(application_of(call, status=Status.UNDER_REVIEW), reviewer)
    one = queries_of(browser(reviewer), path)
    for _ in range(29):
        assignment_of(application_of(call, status=Status.UNDER_REVIEW), reviewer)
    if name == "list":
        for _ in range(5):
            assignment_of(application_of(status=Status.UNDER_REVIEW), reviewer)
    assert len(queries_of(browser(reviewer), path)) == len(one) <= MOST_QUERIES


def test_review_page_stays_within_its_sql(assignment: Assignment) -> None:
    review_of(assignment, sent=False)
    opinion_of(assignment.review, "20", "Enough.")
    assert (
        len(queries_of(browser(assignment.reviewer), page_of(assignment))) <= MOST_QUERIES + 3
    )  # what was said since, own scores


def test_finished_calls_stand_below_those_that_go_on_under_their_own_heading() -> None:
    reviewer, over = UserFactory(), closed_call()
    seat(over, reviewer)
    assert "Finished calls" not in shown(browser(reviewer), to("list"))
    decided(over, "40")
    released(over)
    page = shown(browser(reviewer), to("list"))
    assert "No call waits for you now." in page
    current = assignment_of(application_of(status=Status.UNDER_REVIEW), reviewer).application.call
    page = shown(browser(reviewer), to("list"))
    assert page.index(f'id="call-{current.slug}"') < page.index("Finished calls") < page.index(f'id="call-{over.slug}"')
    assert f'<h3 id="call-{over.slug}"' in page
    assert f'<h2 id="call-{current.slug}"' in page


def test_a_call_is_finished_for_who_reviews_once_nothing_is_under_review_and_for_its_chair_later() -> None:
    call, reviewer = closed_call(), UserFactory()
    application_of(call, status=Status.INTERVIEWING)
    last, barred = (application_of(call, status=Status.UNDER_REVIEW) for _each in range(2))
    seat(call, reviewer)
    Conflict.objects.create(application=barred, user=reviewer, by=reviewer, at=clock.now())
    assert "Finished calls" not in shown(browser(reviewer), to("list"))
    Application.objects.filter(pk=last.pk).update(status=Status.INTERVIEWING)
    assert "Finished calls" in shown(browser(reviewer), to("list"))  # whatever becomes of what they may not know of
    assert "Finished calls" not in shown(browser(chair_of(call)), to("list"))
