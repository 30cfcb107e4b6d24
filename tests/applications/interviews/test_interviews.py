"""One slot for each invited application; slots of a call never overlap; the applicant confirms."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from applications.enums import InterviewState, Status
from applications.interviews import actions
from applications.models import Application, Interview
from portal import clock
from portal.accounts.models import User
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, chair_of, member_of
from tests.factories.contention import race
from tests.factories.decisions import closed_call, released

pytestmark = pytest.mark.django_db
PLACE = "https://meet.example.org/lsa"


@pytest.fixture
def application() -> Application:
    return application_of(closed_call(), status=Status.INTERVIEWING)


@pytest.fixture
def chair(application: Application) -> User:
    return chair_of(application.call)


def in_days(days: float) -> datetime:
    return clock.now() + timedelta(days=days)


def proposed(application: Application, days: float = 3) -> Interview:
    by = chair_of(application.call)
    return actions.propose(application, by=by, begins_at=in_days(days), place=PLACE)


def not_invited(application: Application) -> Application:
    application.shortlisting.invited = False
    application.shortlisting.save()
    return application


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def mine(application: Application) -> str:
    return reverse("applications:interviews-mine", args=[application.reference])


def test_slot_lasts_as_long_as_the_call_says_and_the_team_is_told(application: Application) -> None:
    member = member_of(application)
    interview = proposed(application)
    assert interview.slot.upper - interview.slot.lower == timedelta(minutes=15)
    told = Notice.objects.filter(kind="interview-proposed").values_list("recipient", flat=True)
    assert sorted(told) == sorted([application.principal_investigator_id, member.user_id])


@pytest.mark.parametrize("minutes", [0, 1, 14, -14])
def test_overlapping_slots_of_a_call_are_refused(application: Application, minutes: int) -> None:
    first = proposed(application)
    other = application_of(application.call, status=Status.INTERVIEWING)
    begins_at = first.slot.lower + timedelta(minutes=minutes)
    with pytest.raises(NotNow) as refusal:
        actions.propose(other, by=chair_of(application.call), begins_at=begins_at, place=PLACE)
    assert (refusal.value.code, refusal.value.field) == ("slot-taken", "begins_at")


def test_slots_may_touch_and_other_calls_have_their_own(application: Application, chair: User) -> None:
    first = proposed(application)
    after = application_of(application.call, status=Status.INTERVIEWING)
    actions.propose(after, by=chair, begins_at=first.slot.upper, place=PLACE)
    elsewhere = application_of(closed_call(), status=Status.INTERVIEWING)
    actions.propose(elsewhere, by=chair_of(elsewhere.call), begins_at=first.slot.lower, place=PLACE)
    assert Interview.objects.count() == 3


def test_propose_refuses_what_is_not_so_far(application: Application, chair: User) -> None:
    for status in (Status.UNDER_REVIEW, Status.DELIBERATED):
        other = application_of(application.call, status=status)
        with pytest.raises(NotNow):
            actions.propose(other, by=chair, begins_at=in_days(1), place=PLACE)
    passed_over = not_invited(application_of(application.call, status=Status.INTERVIEWING))
    with pytest.raises(NotNow) as refusal:
        actions.propose(passed_over, by=chair, begins_at=in_days(1), place=PLACE)
    assert refusal.value.code == "not-invited"
    with pytest.raises(Invalid) as refused:
        actions.propose(application, by=chair, begins_at=in_days(-1), place=PLACE)
    assert refused.value.field == "begins_at"
    with pytest.raises(Invalid):
        actions.propose(application, by=chair, begins_at=in_days(1), place=" ")
    proposed(application)
    with pytest.raises(NotNow) as again:
        actions.propose(application, by=chair, begins_at=in_days(9), place=PLACE)
    assert again.value.code == "slot-exists"


def test_announced_shortlist_is_published_before_the_first_slot() -> None:
    application = application_of(closed_call(announces_shortlist=True), status=Status.INTERVIEWING)
    with pytest.raises(NotNow) as refusal:
        proposed(application)
    assert refusal.value.code == "shortlist-not-released"
    released(application.call, "shortlist")
    proposed(application)


def test_only_the_unconflicted_chair_proposes_and_settles(application: Application) -> None:
    interview = proposed(application)
    other = application_of(application.call, by=UserFactory(institution=application.institution), status="interviewing")
    conflicted = UserFactory(institution=application.institution)
    application.call.panel.create(user=conflicted, role="chair", since=application.created_at)
    for person in (conflicted, UserFactory(), administrator(), application.principal_investigator):
        with pytest.raises(Denied):
            actions.propose(other, by=person, begins_at=in_days(1), place=PLACE)
        with pytest.raises(Denied):
            actions.cancel(interview, by=person, reason="Because.")


def test_principal_investigator_alone_confirms_and_the_chair_is_told(application: Application, chair: User) -> None:
    interview, member = proposed(application), member_of(application)
    for person in (member.user, chair, UserFactory()):
        with pytest.raises(Denied):
            actions.confirm(interview, by=person)
    actions.confirm(interview, by=application.principal_investigator)
    assert (interview.status, interview.confirmed_at is not None) == (InterviewState.CONFIRMED, True)
    assert [one.recipient for one in Notice.objects.filter(kind="interview-confirmed")] == [chair]
    with pytest.raises(NotNow):
        actions.confirm(interview, by=application.principal_investigator)


def test_cancelled_slot_makes_room_for_another(application: Application, chair: User) -> None:
    interview = proposed(application)
    with pytest.raises(NotNow):
        actions.cancel(interview, by=chair, reason=" ")
    actions.cancel(interview, by=chair, reason="A panel member is ill.")
    again = actions.propose(application, by=chair, begins_at=interview.slot.lower, place=PLACE)
    assert again.pk != interview.pk


@pytest.mark.parametrize("verb", ["hold", "miss"])
def test_interview_is_settled_once_it_has_begun_and_then_deliberated(application, chair, verb) -> None:
    interview = proposed(application, days=1)
    words = {"minutes": "Asked about blanks."} if verb == "hold" else {"reason": "The line was dead."}
    with pytest.raises(NotNow):
        getattr(actions, verb)(interview, by=chair, **words)
    with pytest.raises(NotNow) as refusal:
        actions.conclude(application, by=chair)
    assert refusal.value.code == "no-interview"
    with clock.set_to(interview.slot.lower + timedelta(minutes=1)):
        getattr(actions, verb)(interview, by=chair, **words)
        actions.conclude(application, by=chair)
    assert application.status == Status.DELIBERATED


def test_application_without_invitation_goes_on_without_interview(application: Application, chair: User) -> None:
    actions.conclude(not_invited(application), by=chair)
    assert application.status == Status.DELIBERATED


@pytest.mark.django_db(transaction=True)
def test_parallel_proposals_of_one_time_give_one_slot_and_clean_refusals() -> None:
    call = closed_call()
    applications = [application_of(call, status=Status.INTERVIEWING) for _ in range(8)]
    facts = {"by": chair_of(call), "begins_at": in_days(2), "place": PLACE}
    said = race(*(partial(actions.propose, one, **facts) for one in applications))
    assert said == ["done", *["slot-taken"] * 7]


# --- Pages ---------------------------------------------------------------------------------------------------


def test_applicant_sees_both_clocks_and_confirms(application: Application) -> None:
    person = application.principal_investigator
    User.objects.filter(pk=person.pk).update(zone="Europe/Berlin")
    begins_at = datetime(2027, 1, 12, 12, 0, tzinfo=UTC)
    actions.propose(application, by=chair_of(application.call), begins_at=begins_at, place=PLACE)
    client = browser(User.objects.get(pk=person.pk))
    page = client.get(mine(application)).content.decode()
    assert "2027-01-12 20:00 (UTC+08:00, Beijing)" in page
    assert "2027-01-12 13:00 (UTC+01:00, Berlin, your time)" in page
    assert f'href="mailto:{settings.OFFICE_EMAIL}"' in page
    assert client.post(mine(application)).status_code == 303
    assert Interview.objects.get().status == InterviewState.CONFIRMED
    assert client.post(mine(application)).status_code == 409


def test_page_of_the_slot_is_absent_without_one_whoever_was_invited(application: Application) -> None:
    passed_over = not_invited(application_of(application.call, status=Status.INTERVIEWING))
    for one in (application, passed_over):
        assert browser(one.principal_investigator).get(mine(one)).status_code == 404
    interview = proposed(application)
    for stranger in (passed_over.principal_investigator, UserFactory(), chair_of(application.call)):
        assert browser(stranger).get(mine(application)).status_code == 404
    actions.cancel(interview, by=chair_of(application.call), reason="A panel member is ill.")
    page = browser(application.principal_investigator).get(mine(application)).content.decode()
    assert "A panel member is ill." in page


def test_minutes_are_not_the_applicants(application: Application, chair: User) -> None:
    interview = proposed(application, days=1)
    with clock.set_to(interview.slot.lower + timedelta(minutes=1)):
        actions.hold(interview, by=chair, minutes="The panel doubts the blanks.")
    page = browser(application.principal_investigator).get(mine(application)).content.decode()
    assert "doubts the blanks" not in page


def test_chair_proposes_in_the_zone_of_the_call(application: Application, chair: User) -> None:
    path = reverse("applications:interviews-propose", args=[application.call.slug, application.reference])
    client = browser(chair)
    assert client.post(path, {"begins_at": "2027-01-12T20:00", "place": PLACE}).status_code == 303
    assert Interview.objects.get().slot.lower == datetime(2027, 1, 12, 12, 0, tzinfo=UTC)
    other = application_of(application.call, status=Status.INTERVIEWING)
    path = reverse("applications:interviews-propose", args=[application.call.slug, other.reference])
    answer = client.post(path, {"begins_at": "2027-01-12T20:05", "place": PLACE})
    assert answer.status_code == 409
    assert 'value="2027-01-12T20:05"' in answer.content.decode()
    assert client.post(path, {"begins_at": "tomorrow", "place": ""}).status_code == 422


def test_list_shows_what_no_conflict_bars_in_a_fixed_number_of_queries(application: Application, chair: User) -> None:
    path = reverse("applications:interviews-list", args=[application.call.slug])
    client = browser(chair)
    proposed(application)
    few = queries_of(client, path)
    for day in range(4, 12):
        proposed(application_of(application.call, status=Status.INTERVIEWING), days=day)
    assert len(queries_of(client, path)) == len(few) <= MOST_QUERIES
    hidden = application_of(application.call, by=UserFactory(institution=chair.institution), status="interviewing")
    page = client.get(path).content.decode()
    assert application.reference in page
    assert hidden.reference not in page
    for stranger in (UserFactory(), application.principal_investigator, administrator()):
        assert browser(stranger).get(path).status_code == 404
