"""The chair's acts: assign, take off, shortlist, conclude; what refuses them; who may not."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.access import assigned_to
from applications.conflicts import actions as conflicts
from applications.enums import ConflictKind, HintKind, Status
from applications.models import Application, Assignment, Conflict, Ruling, Shortlisting
from applications.panel import actions, queries
from portal import clock
from portal.audit.models import Event
from portal.audit.trail import trail
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import (
    application_of,
    assignment_of,
    chair_of,
    member_of,
    seat,
    shortlisting_of,
)
from tests.factories.review import review_of
from tests.factories.rounds import panel_of, released

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    return application_of(status=Status.UNDER_REVIEW)


def assign(application: Application, reviewer: Any, by: Any = None) -> Assignment:
    return actions.assign(application, by=by or chair_of(application.call), reviewer=reviewer)


def test_assign_opens_the_application_to_the_reviewer_and_tells_them(application: Application) -> None:
    reviewer = seat(application.call, UserFactory())
    assert not assigned_to(reviewer).exists()
    assignment = assign(application, reviewer)
    assert list(assigned_to(reviewer)) == [application]
    event = trail(assignment).get()
    assert (event.verb, event.about_reference, event.facts) == (
        "assignment.make",
        application.reference,
        {"reviewer": str(reviewer.uid)},
    )
    notice = Notice.objects.get()
    assert (notice.kind, notice.recipient, notice.event) == ("review-assigned", reviewer, event)


@pytest.mark.parametrize("kind", list(ConflictKind))
def test_assign_is_refused_with_each_kind_of_conflict(application: Application, kind: str) -> None:
    reviewer = {
        ConflictKind.SELF: lambda: application.principal_investigator,
        ConflictKind.TEAM: lambda: member_of(application).user,
        ConflictKind.INSTITUTION: lambda: UserFactory(institution=application.institution),
        ConflictKind.COMPETING: lambda: application_of(application.call).principal_investigator,
    }.get(kind, UserFactory)()
    seat(application.call, reviewer)
    said = {"application": application, "user": reviewer, "by": reviewer, "at": clock.now()}
    if kind in (ConflictKind.DECLARED, ConflictKind.SUPERVISOR):
        Conflict.objects.create(kind=kind, **said)
    elif kind == ConflictKind.RULED:
        Ruling.objects.create(kind=HintKind.COAUTHOR, bars=True, reason="Three papers in two years.", **said)
    with pytest.raises(Invalid) as refusal:
        assign(application, reviewer)
    assert (refusal.value.code, refusal.value.field) == ("conflict", "reviewer")
    assert str(ConflictKind(kind).label) in str(refusal.value.message)
    assert (Assignment.objects.count(), Notice.objects.count()) == (0, 0)


def test_assign_is_refused_without_a_seat_or_twice(application: Application) -> None:
    with pytest.raises(Invalid) as refusal:
        assign(application, UserFactory())
    assert refusal.value.code == "not-seated"
    reviewer = assignment_of(application).reviewer
    with pytest.raises(NotNow) as twice:
        assign(application, reviewer)
    assert (twice.value.code, Assignment.objects.count()) == ("assigned", 1)


def test_chair_without_a_conflict_may_review_too(application: Application) -> None:
    assign(application, chair_of(application.call))
    assert list(assigned_to(chair_of(application.call))) == [application]


def test_take_off_closes_the_application_at_once_and_it_can_be_assigned_again(application: Application) -> None:
    assignment = assignment_of(application)
    actions.unassign(assignment, by=chair_of(application.call), reason="Too much load.")
    assert not assigned_to(assignment.reviewer).exists()
    event = trail(assignment).get()
    assert (event.verb, event.text.reason) == ("assignment.end", "Too much load.")
    assign(application, assignment.reviewer)
    assert list(assigned_to(assignment.reviewer)) == [application]


def test_take_off_is_refused_without_a_reason_twice_or_once_the_review_was_sent(application: Application) -> None:
    chair, assignment, reviewed = chair_of(application.call), assignment_of(application), assignment_of(application)
    review_of(reviewed)
    with pytest.raises(Invalid):
        actions.unassign(assignment, by=chair, reason=" ")
    with pytest.raises(NotNow) as sent:
        actions.unassign(reviewed, by=chair, reason="Unwelcome.")
    actions.unassign(assignment, by=chair, reason="Too much load.")
    with pytest.raises(NotNow) as twice:
        actions.unassign(assignment, by=chair, reason="Too much load.")
    assert (sent.value.code, twice.value.code) == ("submitted", "ended")
    assert list(assigned_to(reviewed.reviewer)) == [application]


def test_shortlist_can_be_changed_until_the_review_is_concluded(application: Application) -> None:
    chair = chair_of(application.call)
    actions.shortlist(application, by=chair, invited=True)
    entry = actions.shortlist(application, by=chair, invited=False, reason="Below the line.")
    assert (Shortlisting.objects.count(), entry.invited, entry.reason) == (1, False, "Below the line.")
    assert trail(application).last().text.old == {"invited": True, "reason": ""}
    review_of(assignment_of(application))
    actions.conclude_review(application, by=chair)
    with pytest.raises(NotNow):
        actions.shortlist(application, by=chair, invited=True)


def test_shortlist_needs_a_reason_to_leave_somebody_out(application: Application) -> None:
    with pytest.raises(Invalid) as refusal:
        actions.shortlist(application, by=chair_of(application.call), invited=False, reason=" ")
    assert (refusal.value.field, Shortlisting.objects.count()) == ("reason", 0)


def test_second_entry_of_one_state_is_refused_and_overwrites_nothing(application: Application) -> None:
    chair = chair_of(application.call)
    actions.shortlist(application, by=chair, invited=True, seen="")
    with pytest.raises(NotNow) as refusal:
        actions.shortlist(application, by=chair, invited=False, reason="No.", seen="")
    assert (refusal.value.code, Shortlisting.objects.get().invited) == ("stale", True)


@pytest.mark.parametrize("invited", [True, False])
def test_conclude_leads_on_whether_invited_or_not(application: Application, invited: bool) -> None:
    shortlisting_of(application, invited=invited)
    review_of(assignment_of(application))
    actions.conclude_review(application, by=chair_of(application.call))
    application.refresh_from_db()
    assert application.status == Status.INTERVIEWING
    assert not Notice.objects.exists()  # the applicant learns nothing before a publication


def test_conclude_is_refused_without_an_entry_or_without_a_live_review(application: Application) -> None:
    chair, assignment = chair_of(application.call), assignment_of(application)
    review_of(assignment)
    with pytest.raises(NotNow) as no_entry:
        actions.conclude_review(application, by=chair)
    shortlisting_of(application)
    assignment.ended_at = clock.now()
    assignment.save()
    with pytest.raises(NotNow) as no_review:
        actions.conclude_review(application, by=chair)
    assert (no_entry.value.code, no_review.value.code) == ("not-shortlisted", "no-review")


def test_conclude_several_is_all_or_nothing(application: Application) -> None:
    other = application_of(application.call, status=Status.UNDER_REVIEW)
    shortlisting_of(application)
    review_of(assignment_of(application))
    with pytest.raises(NotNow):
        actions.conclude_reviews([application, other], by=chair_of(application.call))
    application.refresh_from_db()
    assert application.status == Status.UNDER_REVIEW
    shortlisting_of(other)
    review_of(assignment_of(other))
    assert actions.conclude_reviews([application, other], by=chair_of(application.call)) == 2


@pytest.mark.parametrize(
    "who", ["reviewer", "administrator", "curator", "auditor", "applicant", "other chair", "conflicted chair"]
)
def test_everything_of_the_chair_is_denied_to(application: Application, who: str) -> None:
    assignment, spare = assignment_of(application), seat(application.call, UserFactory())
    chair = chair_of(application.call)
    if who == "conflicted chair":
        Conflict.objects.create(application=application, user=chair, by=chair, at=clock.now())
    by = {
        "reviewer": lambda: assignment.reviewer,
        "administrator": administrator,
        "curator": lambda: UserFactory(roles=["curator"]),
        "auditor": lambda: UserFactory(roles=["auditor"]),
        "applicant": lambda: application.principal_investigator,
        "other chair": lambda: chair_of(application_of(status=Status.UNDER_REVIEW).call),
        "conflicted chair": lambda: chair,
    }[who]()
    before = Event.objects.count()
    for act in (
        lambda: assign(application, spare, by=by),
        lambda: actions.unassign(assignment, by=by, reason="Words."),
        lambda: actions.shortlist(application, by=by, invited=True),
        lambda: actions.conclude_review(application, by=by),
    ):
        with pytest.raises(Denied):
            act()
    assert (Event.objects.count(), Shortlisting.objects.count()) == (before, 0)


@pytest.mark.parametrize("status", [Status.INTERVIEWING, Status.DECIDED, Status.PUBLISHED])
def test_assign_and_take_off_are_refused_once_the_review_is_concluded(status: str) -> None:
    application = application_of(status=status)
    assignment, spare = assignment_of(application), seat(application.call, UserFactory())
    with pytest.raises(NotNow):
        assign(application, spare)
    with pytest.raises(NotNow):
        actions.unassign(assignment, by=chair_of(application.call), reason="Words.")


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.RETURNED, Status.INELIGIBLE])
def test_nothing_is_assigned_before_the_application_has_passed(status: str) -> None:
    application = application_of(status=status)
    with pytest.raises(Denied):
        assign(application, seat(application.call, UserFactory()))


# --- Lead readers ------------------------------------------------------------------------------------------


def led() -> tuple[Application, Any, Any]:
    """An application of a released small round: a lead who stays, and one who has recused."""
    call, _people, (application,) = panel_of(reviewers=4, applications=1)
    released(call)
    stays, leaves = (one.reviewer for one in application.assignments.order_by("pk"))
    conflicts.declare_conflict(application, by=leaves)
    return application, stays, leaves


def test_who_is_assigned_in_place_of_a_lead_reader_may_lead_and_the_trail_says_so() -> None:
    application, _stays, _leaves = led()
    one, two = seat(application.call, UserFactory()), seat(application.call, UserFactory())
    chair = chair_of(application.call)
    assert queries.lacking_leads(application) == 1
    assert queries.without_leads(chair, application.call) == [application.pk]
    made = actions.assign(application, by=chair, reviewer=one, leads=True)
    assert (made.is_lead, trail(made).get().facts["leads"]) == (True, True)
    assert queries.counts(chair, application.call)["without_lead"] == 0
    with pytest.raises(NotNow, match="No lead reader is lacking"):
        actions.assign(application, by=chair, reviewer=two, leads=True)
    assert not actions.assign(application, by=chair, reviewer=two).is_lead


def test_who_was_assigned_already_is_marked_lead_once_and_while_one_is_lacking() -> None:
    application, _stays, _leaves = led()
    chair = chair_of(application.call)
    one, two = (assign(application, seat(application.call, UserFactory())) for _each in range(2))
    for who in (one.reviewer, administrator(), application.principal_investigator):
        with pytest.raises(Denied):
            actions.mark_lead(one, by=who)
    actions.mark_lead(one, by=chair)
    one.refresh_from_db()
    assert one.is_lead
    assert trail(one).filter(verb="assignment.mark-lead").get().facts == {"reviewer": str(one.reviewer.uid)}
    for late in (one, two):
        with pytest.raises(NotNow):
            actions.mark_lead(late, by=chair)
    assert application.assignments.filter(is_lead=True, ended_at=None).count() == 2


def test_where_no_lead_reader_has_left_nobody_is_marked(application: Application) -> None:
    assignment = assign(application, seat(application.call, UserFactory()))
    assert queries.lacking_leads(application) == 0
    with pytest.raises(NotNow):
        actions.mark_lead(assignment, by=chair_of(application.call))
    with pytest.raises(NotNow):
        actions.assign(
            application, by=chair_of(application.call), reviewer=seat(application.call, UserFactory()), leads=True
        )


def test_the_page_offers_the_place_of_a_lead_reader_and_the_matrix_shows_who_has_it() -> None:
    application, stays, _leaves = led()
    call, client = application.call, Client()
    client.force_login(chair_of(call))
    beside, fresh = assign(application, seat(call, UserFactory())).reviewer, seat(call, UserFactory())
    where = reverse("applications:panel-assign", args=[call.slug, application.reference])
    overview = reverse("applications:panel-overview", args=[call.slug])
    page = client.get(where).content.decode()
    assert "1 lead reader is lacking." in page
    assert "applications short of lead readers" in client.get(overview).content.decode()
    assert application.reference in client.get(f"{overview}?show=no-lead").content.decode()
    assert page.count('name="leads"') == len([beside, fresh]) + 3  # and the chair, and the two who were not asked
    assert client.post(where, {"reviewer": str(beside.uid), "leads": "1"}).status_code == 303
    page = client.get(where).content.decode()
    assert ("lacking" in page, 'name="leads"' in page) == (False, False)
    live = application.assignments.filter(is_lead=True, ended_at=None)
    assert set(live.values_list("reviewer", flat=True)) == {stays.pk, beside.pk}
    page = client.get(overview).content.decode()
    assert page.count('<abbr title="lead reader"> L</abbr>') == 2
    assert "applications short of lead readers" not in page
    refused = client.post(where, {"reviewer": str(fresh.uid), "leads": "1"})
    assert (refused.status_code, "No lead reader is lacking." in refused.content.decode()) == (409, True)
    assert not client.get(f"{overview}?show=no-lead").context["page"].rows
