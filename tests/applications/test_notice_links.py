"""Whoever is told of a panel, an assignment or a review is led to a page that they may open: every kind, every role."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications import (
    assigning_notices,
    conflict_notices,
    notices,
    panel_notices,
    review_notices,
    reviewing,
)
from applications.assigned import waiting_for
from applications.assigning import actions as assigning
from applications.conflicts import actions as conflicts
from applications.conflicts import settling
from applications.conflicts.actions import Answered
from applications.discussion import actions as discussion
from applications.enums import InterestAnswer, PanelRole, Status
from applications.exchanges import asking
from applications.following import actions as following
from applications.interviews import actions as interviews
from applications.models import Application, Assignment, Call, Conflict, PanelMember, Waiver
from applications.panel import actions as panel
from applications.panel import reminding
from portal import clock
from portal.accounts.models import User
from portal.notifications import inbox, letters
from portal.notifications.models import Notice
from portal.roles import Permission
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, assignment_of, chair_of, seat
from tests.factories.decisions import closed_call
from tests.factories.exchanges import in_review
from tests.factories.review import review_of
from tests.factories.rounds import panel_of, released

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ELSEWHERE = {"review-assigned", "interview-confirmed", "clarification-answered-to-panel"}  # kinds of other modules
Told = dict[str, set[User]]


def under_review() -> tuple[Application, User]:
    application = application_of(closed_call(), status=Status.UNDER_REVIEW)
    return application, chair_of(application.call)


def sent(application: Application) -> User:
    assignment = assignment_of(application)
    review_of(assignment)
    return assignment.reviewer


def barred(application: Application, user: User) -> None:
    Conflict.objects.create(application=application, user=user, by=user, at=clock.now())


def administrators() -> set[User]:
    return set(notices.holders(Permission.MANAGE_CALLS))


def asked_in_a_round() -> tuple[Call, User, User, list[str]]:
    call, people, _applications = panel_of(reviewers=3, applications=2)
    chair = chair_of(call)
    released(call)
    person = next(one for one in people if waiting_for(one, call).exists())
    return call, chair, person, [one.application.reference for one in waiting_for(person, call)]


# --- How each comes about, and to whom -------------------------------------------------------------------------


def reviews_are_asked() -> Told:
    call, _chair, _person, _asked = asked_in_a_round()
    return {"reviews-asked": {one.reviewer for one in Assignment.objects.filter(application__call=call)}}


def one_is_declined() -> Told:
    call, chair, person, asked = asked_in_a_round()
    administrator()
    assigning.answer(call, by=person, asked=asked, declined=asked)
    return {"reviews-declined": {chair}}


def one_is_declined_that_no_chair_may_judge() -> Told:
    call, people, applications = panel_of(reviewers=3, applications=2)
    closed, open_ = applications
    chair, office, other = chair_of(call), administrator(), administrator()
    barred(closed, chair)
    barred(closed, other)
    person = people[0]
    for one, by in ((closed, office), (open_, chair)):
        Assignment.objects.create(application=one, reviewer=person, by=by, at=clock.now())
    asked = [closed.reference, open_.reference]
    assigning.answer(call, by=person, asked=asked, declined=asked)
    office_reads = letters.write(Notice.objects.get(kind="reviews-declined-to-office")).body
    chair_reads = letters.write(Notice.objects.get(kind="reviews-declined")).body
    assert (closed.reference in office_reads, open_.reference in office_reads) == (True, False)
    assert (closed.reference in chair_reads, open_.reference in chair_reads) == (False, True)
    return {"reviews-declined": {chair}, "reviews-declined-to-office": {office}}


def one_is_declined_that_a_former_chair_had_assigned() -> Told:
    application, former = under_review()
    assignment = assignment_of(application)
    application.call.panel.filter(user=former).update(until=clock.now())
    seat(application.call, chair := UserFactory(), PanelRole.CHAIR)
    barred(application, chair)
    office = administrator()
    asked = [application.reference]
    assigning.answer(application.call, by=assignment.reviewer, asked=asked, declined=asked)
    return {"reviews-declined-to-office": {office, *administrators()}}


def one_recuses_late() -> Told:
    application, chair = under_review()
    administrator()
    reviewer = sent(application)
    conflicts.declare_conflict(application, by=reviewer)
    (row,) = Notice.objects.filter(kind="review-recused")
    body = letters.write(row).body
    assert (reviewer.name in body, application.reference in body) == (True, True)
    assert f"/panel/{application.call.slug}/assign/{application.reference}/" in body
    return {"review-recused": {chair}}


def one_recuses_from_several_of_which_a_chair_may_judge_some() -> Told:
    call, people, (one, two, three) = panel_of(reviewers=2, applications=3)
    chair = chair_of(call)
    for application in (one, two, three):
        assignment_of(application, people[0])
    other = seat(call, UserFactory(), PanelRole.CHAIR)
    barred(two, other)
    barred(three, other)
    cannot = Answered(InterestAnswer.CANNOT)
    conflicts.answer(call, by=people[0], said={each.reference: cannot for each in (one, two, three)})
    reads = {row.recipient: letters.write(row).body for row in Notice.objects.filter(kind__contains="recused")}
    assert [each.reference in reads[chair] for each in (one, two, three)] == [True, True, True]
    assert [each.reference in reads[other] for each in (one, two, three)] == [True, False, False]
    return {"reviews-recused": {chair}, "review-recused": {other}}


def one_recuses_from_what_no_chair_may_judge() -> Told:
    application, chair = under_review()
    office, reviewer = administrator(), assignment_of(application).reviewer
    barred(application, chair)
    barred(application, administrator())
    Assignment.objects.filter(application=application).update(by=office)
    conflicts.declare_conflict(application, by=reviewer)
    return {"reviews-recused-to-office": {office}}


def somebody_is_assigned() -> Told:
    application, chair = under_review()
    reviewer = seat(application.call, UserFactory())
    panel.assign(application, by=chair, reviewer=reviewer)
    return {"review-assigned": {reviewer}}


def a_review_is_sent() -> Told:
    application, _chair = under_review()
    assignment = assignment_of(application)
    reviewing.submit(
        assignment, by=assignment.reviewer, version=0, scores=dict.fromkeys(("significance", "feasibility"), 4)
    )
    return {"review-sent": {assignment.reviewer}}


def a_review_is_reopened() -> Told:
    application, chair = under_review()
    review = review_of(assignment_of(application))
    panel.reopen(review, by=chair, reason="A criterion was misread.")
    return {"review-reopened": {review.assignment.reviewer}}


def the_discussion_goes_on() -> Told:
    application, chair = under_review()
    one, two = sent(application), sent(application)
    speaker = seat(application.call, UserFactory(institution=application.institution))
    said = {"reason": "Nobody else knows.", "by": chair, "at": clock.now()}
    Waiver.objects.create(application=application, user=speaker, **said)
    discussion.post(application, by=one, text="I would give less.")
    return {"discussion-continued": {two, speaker, chair}}


def reviews_are_due() -> Told:
    application, chair = under_review()
    reviewer = assignment_of(application).reviewer
    newcomer = UserFactory()  # neither pledged nor answered yet
    application.call.panel.create(user=newcomer, role=PanelRole.REVIEWER, since=clock.now())
    Assignment.objects.create(application=application, reviewer=newcomer, by=chair, at=clock.now())
    reminding.remind(application.call, by=chair, people=[reviewer, newcomer])
    return {"reviews-due": {reviewer, newcomer}}


def an_expert_is_invited() -> Told:
    application, chair = under_review()
    expert = UserFactory()
    settling.invite_expert(application, by=chair, email=expert.email)
    return {"expert-invited": {expert}}


def a_conflict_is_waived() -> Told:
    application, chair = under_review()
    speaker = seat(application.call, UserFactory(institution=application.institution))
    settling.waive(application, by=chair, person=speaker, reason="Nobody else knows.")
    return {"waiver-recorded": {speaker}}


def members_are_barred_from_all() -> Told:
    application, chair = under_review()
    member = seat(application.call, UserFactory())
    conflicts.declare_conflict(application, by=member)
    conflicts.declare_conflict(application, by=chair)
    return {"panel-member-barred": {chair, *administrators()}}


def an_interview_is_confirmed() -> Told:
    application = application_of(closed_call(), status=Status.INTERVIEWING)
    chair = chair_of(application.call)
    interview = interviews.propose(application, by=chair, begins_at=clock.now() + 3 * DAY, place="https://meet.example")
    interviews.confirm(interview, by=application.principal_investigator)
    return {"interview-confirmed": {chair}}


def a_question_of_the_panel_is_answered() -> Told:
    application = in_review()
    chair = chair_of(application.call)
    row = asking.ask(application, by=chair, question="Which blank?", due_at=clock.now() + 5 * DAY)
    following.answer(row, by=application.principal_investigator, text="Low.")
    return {"clarification-answered-to-panel": {chair}}


WAYS: dict[Callable[[], Told], set[str]] = {
    reviews_are_asked: {"reviews-asked"},
    one_is_declined: {"reviews-declined"},
    one_is_declined_that_no_chair_may_judge: {"reviews-declined", "reviews-declined-to-office"},
    one_is_declined_that_a_former_chair_had_assigned: {"reviews-declined-to-office"},
    one_recuses_late: {"review-recused"},
    one_recuses_from_several_of_which_a_chair_may_judge_some: {"reviews-recused", "review-recused"},
    one_recuses_from_what_no_chair_may_judge: {"reviews-recused-to-office"},
    somebody_is_assigned: {"review-assigned"},
    a_review_is_sent: {"review-sent"},
    a_review_is_reopened: {"review-reopened"},
    the_discussion_goes_on: {"discussion-continued"},
    reviews_are_due: {"reviews-due"},
    an_expert_is_invited: {"expert-invited"},
    a_conflict_is_waived: {"waiver-recorded"},
    members_are_barred_from_all: {"panel-member-barred"},
    an_interview_is_confirmed: {"interview-confirmed"},
    a_question_of_the_panel_is_answered: {"clarification-answered-to-panel"},
}
LINK = re.compile(re.escape(settings.SITE_URL) + r"(/\S*)")


def opened(user: User, path: str) -> int:
    client = Client()
    client.force_login(user)
    return client.get(path).status_code


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_whoever_is_told_may_open_where_the_line_and_the_mail_lead(way: Callable[[], Told]) -> None:
    told = way()
    assert told.keys() == WAYS[way]
    for kind, people in told.items():
        rows = Notice.objects.filter(kind=kind).select_related("recipient")
        assert {row.recipient for row in rows} == people, kind
        for row in rows:
            assert row.recipient is not None
            (line,) = letters.lines(row.recipient, inbox.notices_of(row.recipient).filter(pk=row.pk))
            assert opened(row.recipient, line.url) == 200, (kind, line.url)
            links = LINK.findall(letters.write(row).body)
            assert links, kind
            for path in links:
                assert opened(row.recipient, path) == 200, (kind, path)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_line_whose_page_has_closed_is_shown_without_a_link(way: Callable[[], Told]) -> None:
    """Whoever is told loses every seat and role: what is still said of it leads to no page that is absent for them."""
    people = {one for told in way().values() for one in told}
    PanelMember.objects.update(until=clock.now())
    for one in people:
        one.role_grants.update(revoked_at=clock.now())
    for one in (User.objects.get(pk=one.pk) for one in people):
        for line in letters.lines(one, inbox.notices_of(one)):
            assert not line.url or opened(one, line.url) == 200, (line.notice.kind, line.url)
            client = Client()
            client.force_login(one)
            page = client.get("/my/notifications/").content.decode()
            assert (f'href="{line.url}"' in page) == bool(line.url)


def test_lines_lose_their_links_with_the_seat_alone_at_a_constant_cost(
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    call, people, applications = panel_of(reviewers=2, applications=30)
    released(call)
    chair, reader = chair_of(call), people[0]
    for application in applications:
        conflicts.declare_conflict(application, by=reader)
    rows = list(inbox.notices_of(chair).filter(kind="review-recused"))
    assert len(rows) == 30
    assert letters.lines(chair, rows[:1])  # the roles of the reader are asked for once
    with CaptureQueriesContext(connection) as one:
        letters.lines(chair, rows[:1])
    with django_assert_num_queries(len(one)):
        assert all(line.url for line in letters.lines(chair, rows))
    asked = list(inbox.notices_of(reader).filter(kind="reviews-asked"))
    assert [bool(line.url) for line in letters.lines(reader, asked)] == [True]
    call.panel.filter(user=reader).update(until=clock.now())
    assert [bool(line.url) for line in letters.lines(reader, asked)] == [False]


def test_who_declares_before_anything_is_assigned_is_told_of_to_nobody() -> None:
    application, _chair = under_review()
    conflicts.declare_conflict(application, by=seat(application.call, UserFactory()))
    assert not Notice.objects.filter(kind__contains="recused").exists()


def test_every_kind_about_panels_assignments_and_reviews_is_opened_here() -> None:
    modules = (assigning_notices, panel_notices, review_notices, conflict_notices)
    every = {kind for module in modules for kind in module.KINDS} | ELSEWHERE
    assert every <= notices.KINDS.keys()
    assert {kind for kinds in WAYS.values() for kind in kinds} == every


def test_the_page_of_chairs_is_none_of_an_administrator() -> None:
    """The control: where both kinds led to one page, the administrator would stand before a 404."""
    call, _people, _applications = panel_of(reviewers=1, applications=1)
    office = administrator()
    assert opened(office, notices.KINDS["reviews-declined"].url(call)) == 404
    assert opened(office, notices.KINDS["reviews-declined-to-office"].url(call)) == 200
