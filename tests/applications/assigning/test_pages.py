"""The pages: what a chair sees of a round and nobody else, the link that needs no sign-in, and what members fill in."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.assigned import LASTS, Asking, asking_of, taken_up_by, waiting_for
from applications.assigning import proposing, rounds
from applications.enums import AssignmentAnswer, PanelRole, RoundMode, Status
from applications.models import Application, Assignment, AssignmentRound, Bid, Call, Conflict, Proposal
from portal import clock
from portal.accounts.models import User
from portal.notifications import letters
from portal.notifications.models import Notice
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, assignment_of, chair_of, seat
from tests.factories.rounds import panel_of, released, worked_out

pytestmark = pytest.mark.django_db


def to(name: str, *arguments: Any) -> str:
    return reverse(f"applications:assigning-{name}", args=arguments)


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def conflict_of(application: Application, user: User) -> None:
    Conflict.objects.create(application=application, user=user, by=user, at=clock.now())


ASKING = {"mode": "small", "each": "2", "most": "", "seed": "7", "version": "0"}


# --- The chair -------------------------------------------------------------------------------------------


def test_the_chair_asks_waits_sees_changes_and_releases() -> None:
    call, people, (application, _other) = panel_of(reviewers=3, applications=2)
    client, page = browser(chair_of(call)), to("round", call.slug)
    assert "Propose reviewers" in shown(client, page)
    assert client.post(page, ASKING).status_code == 303
    assert "being worked out" in shown(client, page)
    assert proposing.work_out_due() == 1
    text = shown(client, page)
    assert ("being worked out" in text, text.count(">covered<")) == (False, 2)
    names = set(Proposal.objects.values_list("reviewer__name", flat=True))
    assert all(name in text for name in names)
    edit = to("edit", call.slug, application.reference)
    chosen = {f"part_{people[0].uid}": "lead", f"part_{people[1].uid}": "reviewer", f"part_{people[2].uid}": ""}
    assert people[0].name in shown(client, edit)
    assert client.post(edit, {**chosen, "version": "2"}).status_code == 303
    rows = Proposal.objects.filter(application=application).values_list("reviewer", "is_lead")
    assert set(rows) == {(people[0].pk, True), (people[1].pk, False)}
    release = to("release", call.slug)
    assert "4 reviews are asked of" in shown(client, release)
    assert client.post(release, {"version": "3"}).status_code == 303
    assert Assignment.objects.count() == 4
    assert "Released." in shown(client, page)


def test_who_edits_what_another_chair_changed_sees_both() -> None:
    call, people, (application,) = panel_of(reviewers=3, applications=1)
    worked_out(call)
    client, edit = browser(chair_of(call)), to("edit", call.slug, application.reference)
    rounds.edit(application, by=chair_of(call), chosen={people[0].uid: True}, version=2)
    typed = {f"part_{people[0].uid}": "", f"part_{people[1].uid}": "reviewer", f"part_{people[2].uid}": ""}
    answer = client.post(edit, {**typed, "version": "2"})
    text = answer.content.decode()
    assert (answer.status_code, 'name="version" value="3"' in text) == (409, True)
    assert '<option value="reviewer" selected>' in text
    assert Proposal.objects.get().reviewer == people[0]
    assert client.post(edit, {**typed, "version": "3"}).status_code == 303
    assert Proposal.objects.get().reviewer == people[1]


@pytest.mark.parametrize("facts", [{"each": "0"}, {"each": "x"}, {"most": "-1"}, {"seed": "9" * 12}, {"mode": "dice"}])
def test_what_cannot_be_asked_for_is_said_at_its_field(facts: dict[str, str]) -> None:
    call, _people, _applications = panel_of()
    answer = browser(chair_of(call)).post(to("round", call.slug), ASKING | facts)
    assert answer.status_code == 422
    assert b"field--wrong" in answer.content
    assert not AssignmentRound.objects.exists()


def test_a_round_that_cannot_be_done_is_worded() -> None:
    call, people, (first, _second) = panel_of(reviewers=2, applications=2)
    client, page = browser(chair_of(call)), to("round", call.slug)
    conflict_of(first, people[0])
    worked_out(call)
    text = shown(client, page)
    assert f"{first.reference} lacks 2 reviewers, and only 1 member of the panel can be asked" in text
    Conflict.objects.all().delete()
    worked_out(call, most=1)
    assert "4 reviews are needed, and the panel takes 2 in all" in shown(client, page)


def test_nothing_of_a_proposal_is_seen_before_the_release() -> None:
    """Control: after it the reviewer's queue and page have what was proposed."""
    call, people, (closed, application) = panel_of(reviewers=3, applications=2)
    worked_out(call)
    person = Proposal.objects.filter(application=application).first().reviewer  # type: ignore[union-attr]
    conflicted = seat(call, UserFactory(), PanelRole.CHAIR)
    conflict_of(closed, conflicted)
    worked = [to("round", call.slug), to("release", call.slug), to("edit", call.slug, closed.reference)]
    for user in (person, UserFactory(), administrator(), UserFactory(roles=["auditor"])):
        assert [browser(user).get(path).status_code for path in worked] == [404] * 3
    queue = reverse("applications:review-queue", args=[call.slug])
    assert application.reference not in shown(browser(person), queue)
    text = shown(browser(conflicted), worked[0])
    assert (closed.reference in text, application.reference in text) == (False, True)
    assert browser(conflicted).get(worked[2]).status_code == 404
    office = shown(browser(administrator()), to("office-round", call.slug))
    assert not any(one.reference in office for one in (closed, application))
    released(call, by=chair_first(call))
    assert application.reference in shown(browser(person), queue)


def chair_first(call: Call) -> User:
    return call.panel.filter(role=PanelRole.CHAIR).order_by("pk")[0].user


def test_an_administrator_without_a_conflict_assigns_what_every_chair_is_barred_from() -> None:
    call, people, (closed, other) = panel_of(reviewers=3, applications=2)
    conflict_of(closed, chair_of(call))
    office = browser(administrator())
    page = to("office-round", call.slug)
    assert closed.reference in shown(office, page)
    assert office.post(page, ASKING).status_code == 303
    proposing.work_out_due()
    assert (
        office.post(
            to("office-edit", call.slug, closed.reference), {f"part_{people[0].uid}": "lead", "version": "2"}
        ).status_code
        == 303
    )
    assert office.post(to("office-release", call.slug), {"version": "3"}).status_code == 303
    assert Assignment.objects.get().application == closed
    assert other.reference not in shown(office, page)
    conflict_of(closed, User.objects.get(pk=office.session["_auth_user_id"]))
    assert closed.reference not in shown(office, page)


def test_what_waits_for_the_chair_stands_before_what_is_covered() -> None:
    call, people, applications = panel_of(reviewers=4, applications=3)
    released(call)
    late = application_of(call, status=Status.UNDER_REVIEW, reference="LSA-2026-99999")
    client, page = browser(chair_of(call)), to("round", call.slug)

    def order() -> list[str]:
        return [row.application.reference for row in client.get(page).context["rows"]]

    assert order() == [late.reference, *sorted(one.reference for one in applications)]
    worked_out(call)
    assert order()[0] == late.reference  # covered by what is proposed, and waiting for the release
    rounds.release(call, by=chair_of(call), version=AssignmentRound.objects.get().version)
    assert order() == sorted(one.reference for one in (late, *applications))
    assert people


def test_the_round_costs_the_same_with_few_and_with_many() -> None:
    call, people, applications = panel_of(reviewers=3, applications=1)
    worked_out(call)
    client, paths = browser(chair_of(call)), (to("round", call.slug), to("release", call.slug))
    for path in paths:
        client.get(path)
    few = [len(queries_of(client, path)) for path in paths]
    for _ in range(30):
        application_of(call, status=Status.UNDER_REVIEW)
    worked_out(call)
    assert [len(queries_of(client, path)) for path in paths] == few
    assert max(few) <= MOST_QUERIES
    edit = to("edit", call.slug, applications[0].reference)
    one = len(queries_of(client, edit))
    for _ in range(5):
        seat(call, UserFactory())
    assert len(queries_of(client, edit)) == one
    assert people


# --- The link -----------------------------------------------------------------------------------------------


@pytest.fixture
def asked() -> tuple[Call, User, str, list[str]]:
    call, people, _applications = panel_of(reviewers=3, applications=3)
    made = released(call)
    token = Asking(call.pk, str(people[0].uid), made.released_at).token  # type: ignore[arg-type]
    return call, people[0], to("invitation", token), [one.application.reference for one in waiting_for(people[0], call)]


def test_the_mail_leads_to_the_page_that_needs_no_sign_in(asked: Any, client: Client) -> None:
    call, person, page, references = asked
    body = letters.write(Notice.objects.get(kind="reviews-asked", recipient=person)).body
    assert page in body
    assert not any(reference in body for reference in references)
    before = list(Assignment.objects.order_by("pk").values())
    text = shown(client, page)
    assert all(reference in text for reference in references)
    assert "50 minutes" in text
    titles = Application.objects.filter(call=call).values_list("title", flat=True)
    assert not any(title in text for title in titles)
    assert list(Assignment.objects.order_by("pk").values()) == before


def test_the_link_accepts_declines_and_is_used_once(asked: Any, client: Client) -> None:
    call, person, page, (first, second) = asked
    typed = {"shown": [first, second], "answer": "except", "references": [second], "suggestion": "Dr. B"}
    answer = client.post(page, typed)
    assert (answer.status_code, answer["Location"]) == (303, page)
    rows = Assignment.objects.filter(reviewer=person).values_list("application__reference", "answer", "suggestion")
    assert set(rows) == {(first, "accepted", ""), (second, "declined", "Dr. B")}
    text = shown(client, page)
    assert "You have answered." in text
    assert (first in text, "/accounts/login/" in text, "1 declined" in text) == (True, True, True)
    again = client.post(page, typed)
    assert again.status_code == 409
    assert Assignment.objects.filter(reviewer=person, answer=AssignmentAnswer.ACCEPTED).count() == 1


def test_a_single_application_is_accepted_or_declined_and_nothing_is_excepted(client: Client) -> None:
    call, people, (application,) = panel_of(reviewers=2, applications=1)
    made = released(call)
    page = to("invitation", Asking(call.pk, str(people[0].uid), made.released_at).token)  # type: ignore[arg-type]
    text = shown(client, page)
    assert ("I accept it" in text, "all of them" in text, "What I decline" in text) == (True, False, False)
    body = letters.write(Notice.objects.get(kind="reviews-asked", recipient=people[0])).body
    assert ("The review is due on" in body, "reviews are due" in body) == (True, False)
    typed = {"shown": [application.reference], "suggestion": "Dr. B"}
    assert client.post(page, {**typed, "answer": "except"}).status_code == 422
    assert client.post(page, {**typed, "answer": "decline"}).status_code == 303
    assert Assignment.objects.get(reviewer=people[0]).suggestion == "Dr. B"


def test_the_link_answers_nothing_that_was_asked_later(asked: Any, client: Client) -> None:
    call, person, page, references = asked
    later = application_of(call, status=Status.UNDER_REVIEW)
    assignment_of(later, person)
    assert later.reference in [one.application.reference for one in waiting_for(person, call)]
    answer = client.post(page, {"shown": [*references, later.reference], "answer": "decline"})
    assert (answer.status_code, later.reference in answer.content.decode()) == (409, False)
    assert not Assignment.objects.filter(reviewer=person).exclude(answer=AssignmentAnswer.WAITING).exists()


@pytest.mark.parametrize(
    "typed, status",
    [
        ({}, 422),
        ({"answer": "maybe"}, 422),
        ({"answer": "except"}, 422),
        ({"answer": "accept", "references": "first"}, 422),
        ({"answer": "except", "references": "LSA-0"}, 422),
        ({"answer": "decline", "suggestion": "x" * 1001}, 422),
        ({"answer": "accept", "shown": ["LSA-0"]}, 409),
        ({"answer": "accept", "shown": []}, 409),
        ({"answer": "decline", "shown": ["a\0b"]}, 409),
    ],
)
def test_what_the_link_is_not_sent_rightly_changes_nothing(
    asked: Any, client: Client, typed: dict[str, Any], status: int
) -> None:
    _call, _person, page, references = asked
    typed = {"shown": references, **typed}
    if typed.get("references") == "first":
        typed["references"] = references[:1]
    answer = client.post(page, typed)
    assert answer.status_code == status
    assert set(Assignment.objects.values_list("answer", flat=True)) == {AssignmentAnswer.WAITING}


def test_a_link_that_is_over_forged_or_anothers_does_nothing(asked: Any, client: Client) -> None:
    call, person, page, references = asked
    typed = {"shown": references, "answer": "accept"}
    other = browser(UserFactory())
    assert person.name in shown(other, page)
    assert other.post(page, typed).status_code == 403
    for token in ("nothing", page.rstrip("/").rpartition("/")[2][:-2]):
        assert asking_of(token) is None
        assert client.get(to("invitation", token)).status_code == 404
    released_at = AssignmentRound.objects.get().released_at
    assert released_at is not None
    old = Asking(call.pk, str(person.uid), released_at - LASTS - timedelta(minutes=1)).token
    text = shown(client, to("invitation", old))
    assert ("14 days" in text, references[0] in text, "/accounts/login/" in text) == (True, False, True)
    assert client.post(to("invitation", old), typed).status_code == 409
    assert set(Assignment.objects.values_list("answer", flat=True)) == {AssignmentAnswer.WAITING}
    conflict_of(Application.objects.get(reference=references[0]), person)
    assert references[0] not in shown(client, page)


# --- Members --------------------------------------------------------------------------------------------------


def test_the_queue_asks_for_an_answer_and_offers_what_may_be_scored() -> None:
    call, people, _applications = panel_of(reviewers=4, applications=3)
    released(call)
    person = people[0]
    client, queue = browser(person), reverse("applications:review-queue", args=[call.slug])
    references = [one.application.reference for one in waiting_for(person, call)]
    offered = list(taken_up_by(person, call))
    text = shown(client, queue)
    assert "You may also score" in text
    assert all(one.submission.title in text for one in offered if one.submission)
    assert client.post(to("asked", call.slug), {"shown": references, "answer": "accept"}).status_code == 303
    assert "You are asked for" not in shown(client, queue)
    taking = to("take-up", call.slug, offered[0].reference)
    assert client.get(taking).status_code == 405
    assert client.post(taking).status_code == 303
    assert client.post(taking).status_code == 409
    assert Assignment.objects.filter(reviewer=person, application=offered[0], by=person).count() == 1
    assert "You may also score" in shown(client, to("free", call.slug))
    conflict_of(other := Application.objects.exclude(assignments__reviewer=person).first() or offered[0], person)
    assert client.post(to("take-up", call.slug, other.reference)).status_code == 404


def test_expertise_and_wishes_are_typed_in() -> None:
    call, people, applications = panel_of(reviewers=2, applications=2)
    client = browser(people[0])
    page = to("expertise", call.slug)
    assert "Mass spectrometry" in shown(client, page)
    assert client.post(page, {"techniques": ["SIMS"], "most": "5"}).status_code == 303
    assert call.panel.get(user=people[0]).techniques == ["SIMS"]
    assert 'value="SIMS"' in shown(client, page)
    assert client.post(page, {"techniques": ["alchemy"]}).status_code == 422
    wishes = to("wishes", call.slug)
    text = shown(client, wishes)
    assert all(one.public_title in text for one in applications)
    fields = {f"wish_{applications[0].reference}": "2", f"wish_{applications[1].reference}": ""}
    assert client.post(wishes, fields).status_code == 303
    assert Bid.objects.get().application == applications[0]
    assert client.post(wishes, {f"wish_{applications[0].reference}": "17"}).status_code == 422
    conflict_of(applications[0], people[0])
    assert applications[0].reference not in shown(client, wishes)
    assert browser(UserFactory()).get(wishes).status_code == 404


@pytest.mark.parametrize("name", ["wishes", "free", "asked"])
def test_a_members_page_costs_the_same_with_one_and_with_thirty(name: str) -> None:
    call, people, _applications = panel_of(reviewers=4, applications=2)
    released(call, mode=RoundMode.SMALL)
    client, path = browser(people[0]), to(name, call.slug)
    client.get(path)
    few = len(queries_of(client, path))
    for _ in range(30):
        application_of(call, status=Status.UNDER_REVIEW)
    rounds_made = worked_out(call)
    rounds.release(call, by=chair_of(call), version=rounds_made.version)
    assert len(queries_of(client, path)) == few <= MOST_QUERIES


def test_the_link_costs_the_same_whatever_is_asked(asked: Any, client: Client) -> None:
    _call, _person, page, _references = asked
    with CaptureQueriesContext(connection) as captured:
        client.get(page)
    assert len(captured) <= MOST_QUERIES + 4  # what frames every request


def test_the_link_names_no_zone_of_a_reader_it_does_not_know_and_signs_in_to_itself(asked: Any, client: Client) -> None:
    _call, person, page, _references = asked
    there = reverse("account_login") + f"?next={page.replace('/', '%2F').replace(':', '%3A')}"
    words = shown(client, page)
    assert ("UTC" in words, "your time" in words) == (True, False)
    assert f'href="{there}"' in words
    client.cookies["zone"] = "Europe/Berlin"
    assert "Berlin, your time" in shown(client, page)
    client.force_login(person)
    assert "account_login" not in shown(client, page)


def test_one_button_of_the_queue_is_the_main_one() -> None:
    call, people, _applications = panel_of(reviewers=2, applications=3)
    released(call)
    page = shown(browser(people[0]), reverse("applications:review-queue", args=[call.slug]))
    main = re.findall(r'class="btn"[^>]*>([^<]*)<', page)
    assert main == ["Accept all"]
    assert "Continue with the next one" in page
