"""What a conflict suspends when it comes up: review and posts alike, until a person finds none left."""

from collections.abc import Callable
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.core.context import request_context
from django.apps import apps
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import Client, RequestFactory
from django.urls import reverse

from applications.apply import actions as apply
from applications.conflicts import actions as conflicts
from applications.conflicts import settling
from applications.conflicts.overview import overview
from applications.discussion import actions as discussion
from applications.enums import AssignmentEnd, ConflictKind, PanelRole, Status
from applications.models import Application, Conflict, ReviewTally, Suspension, TeamMember, Waiver
from applications.rules.conflicts import conflicts_of
from applications.suspending import end_conflicted, recheck_for_team, suspension_of
from portal import clock
from portal.accounts import addresses, identity, orcid
from portal.accounts.actions import change_profile
from portal.accounts.adapter import AccountAdapter
from portal.accounts.models import User, Visitor
from portal.audit.models import Event
from portal.errors import NotNow
from tests.factories.accounts import InstitutionFactory, UserFactory
from tests.factories.applications import application_of, assignment_of, call_of, chair_of, draft_of, member_of, seat
from tests.factories.decisions import closed_call
from tests.factories.review import review_of

pytestmark = pytest.mark.django_db
WORDS = "zqsuspended words"
LEFT = "This member left because of a conflict."
IDS = ("0000-0002-1825-0097", "0000-0001-5109-3700")


@pytest.fixture
def application() -> Application:
    return application_of(closed_call(), status=Status.UNDER_REVIEW)


def sent(application: Application, *scores: int, **facts: Any) -> User:
    """Somebody who has sent a review."""
    assignment = assignment_of(application, UserFactory(**facts))
    review_of(assignment, *scores)
    return assignment.reviewer


def moves(user: User, application: Application) -> None:
    change_profile(user, by=user, institution=application.institution)


def thread(user: User, application: Application) -> str:
    """The discussion as somebody reads it."""
    client = Client()
    client.force_login(user)
    where = reverse("applications:discussion-read", args=[application.call.slug, application.reference])
    answer = client.get(where)
    assert answer.status_code == 200
    return answer.content.decode()


def audited(application: Application) -> str:
    client = Client()
    client.force_login(UserFactory(roles=["auditor"]))
    return client.get(reverse("applications:auditing-reviews", args=[application.reference])).content.decode()


def tally_of(application: Application) -> tuple[int, Any]:
    tally = ReviewTally.objects.get(application=application)
    return tally.number, tally.mean


# --- Posts as reviews ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "come_up",
    [moves, lambda user, application: conflicts.declare_conflict(application, by=user)],
    ids=["moved", "declared"],
)
def test_who_left_because_of_a_conflict_is_read_by_no_panel_any_more_and_by_auditors(
    application: Application, come_up: Callable[[User, Application], Any]
) -> None:
    author, other, chair = sent(application, 1, 1), sent(application, 5, 5), chair_of(application.call)
    discussion.post(application, by=author, text=WORDS)
    discussion.post(application, by=other, text="What stays.")
    label = application.assignments.get(reviewer=author).review.label
    for reader in (other, chair):
        page = thread(reader, application)
        assert (WORDS in page, label in page, LEFT in page) == (True, True, False)
    assert "a conflict came up" not in audited(application)

    come_up(author, application)

    for reader in (other, chair):
        page = thread(reader, application)
        assert (WORDS in page, label in page, author.name in page) == (False, False, False)
        assert (LEFT in page, "What stays." in page) == (True, True)
    assert tally_of(application) == (1, Decimal("5.000"))
    record = audited(application)
    assert (WORDS in record, record.count("suspended: a conflict came up")) == (True, 1)
    facts = Event.objects.get(verb="application.suspend_posts").facts
    assert facts == {"author": str(author.uid), "posts": 1}


def test_without_the_guard_the_words_of_the_conflicted_stay_before_the_panel(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, other = sent(application), sent(application)
    discussion.post(application, by=author, text=WORDS)
    monkeypatch.setattr("applications.suspending._suspend", lambda application, people: None)
    moves(author, application)
    assert WORDS in thread(other, application)


def test_lifting_restores_review_and_posts_at_once(application: Application) -> None:
    author, other, chair = sent(application, 2, 2), sent(application, 4, 4), chair_of(application.call)
    discussion.post(application, by=author, text=WORDS)
    member = member_of(application, UserFactory(institution=author.institution))
    end_conflicted(application)
    (row,) = overview(chair, application.call).suspended
    assert (row.review, row.posts, row.barred) == (True, 1, True)
    with pytest.raises(NotNow, match="conflict is left"):
        settling.reinstate(row.row, by=chair, reason="They left.")
    TeamMember.objects.filter(pk=member.pk).delete()
    assert WORDS not in thread(other, application)  # until somebody says so

    settling.reinstate(row.row, by=chair, reason="They left.")

    assert WORDS in thread(other, application)
    assert tally_of(application) == (2, Decimal("3.000"))
    assert suspension_of(application, author) is None
    verbs = {"assignment.reinstate", "application.reinstate_posts"}
    assert set(Event.objects.filter(verb__in=verbs, actor=chair).values_list("verb", flat=True)) == verbs
    discussion.post(application, by=author, text="zqlater")
    moves(author, application)
    page = thread(other, application)
    assert (WORDS in page, "zqlater" in page) == (False, False)
    assert Suspension.objects.filter(application=application, user=author).count() == 2


def test_a_chair_who_only_wrote_is_suspended_and_taken_up_again_too(application: Application) -> None:
    other, former = sent(application), chair_of(application.call)
    second = seat(application.call, UserFactory(), PanelRole.CHAIR)
    discussion.post(application, by=former, text=WORDS)
    home = former.institution
    moves(former, application)
    assert WORDS not in thread(other, application)
    (row,) = overview(second, application.call).suspended
    assert (row.row.user, row.review, row.posts, row.barred) == (former, False, 1, True)
    change_profile(former, by=former, institution=home)
    page = thread(former, application)  # who is back reads like the others, and writes anew
    assert (WORDS in page, LEFT in page) == (False, True)
    discussion.post(application, by=former, text="zqanew")
    page = thread(other, application)
    assert (WORDS in page, "zqanew" in page) == (False, True)
    settling.reinstate(row.row, by=second, reason="They went back.")
    assert WORDS in thread(other, application)


def test_who_speaks_by_a_waiver_keeps_their_word(application: Application) -> None:
    other, speaker = sent(application), seat(application.call, UserFactory(institution=application.institution))
    said = {"reason": "Nobody else knows.", "by": chair_of(application.call), "at": clock.now()}
    Waiver.objects.create(application=application, user=speaker, **said)
    discussion.post(application, by=speaker, text=WORDS)
    end_conflicted(application)
    conflicts.declare_conflict(application, by=speaker)
    assert WORDS in thread(other, application)
    assert not Suspension.objects.filter(user=speaker).exists()


def test_who_declared_a_conflict_is_in_no_list_of_what_could_be_taken_up(application: Application) -> None:
    author, chair = sent(application), chair_of(application.call)
    discussion.post(application, by=author, text=WORDS)
    conflicts.declare_conflict(application, by=author)
    assert suspension_of(application, author) is not None
    assert overview(chair, application.call).suspended == []


# --- An account that changes --------------------------------------------------------------------------------


def links_orcid(user: User) -> None:
    orcid.link(user, IDS[0], by=user)


def adds_second_address(user: User) -> None:
    addresses.add_second(user, "invited@example.org", by=user)


def changes_address(user: User) -> None:
    request = RequestFactory().post("/")
    request.session, request.user, request._messages = {}, Visitor(), CookieStorage(request)
    fresh = EmailAddress.objects.create(user=user, email="invited@example.org", verified=False, primary=False)
    with request_context(request):
        assert AccountAdapter(request).confirm_email(request, fresh)


CHANGES = [links_orcid, adds_second_address, changes_address]


@pytest.mark.parametrize("change", CHANGES)
def test_an_account_that_turns_out_to_be_invited_is_suspended(
    application: Application, change: Callable[[User], None]
) -> None:
    reviewer, other = sent(application, 1, 1), sent(application, 5, 5)
    discussion.post(application, by=reviewer, text=WORDS)
    member_of(application, confirmed=False, email="", orcid=IDS[0])
    member_of(application, confirmed=False, email="Invited@Example.org")
    bystander = sent(application, 3, 3)
    orcid.link(bystander, IDS[1], by=bystander)  # control: another iD, another address, and nothing is suspended
    addresses.add_second(bystander, "another@example.org", by=bystander)
    assert tally_of(application) == (3, Decimal("3.000"))

    change(reviewer)

    assert conflicts_of(User.objects.get(pk=reviewer.pk), application) == [ConflictKind.TEAM]
    assert application.assignments.get(reviewer=reviewer).ended_because == AssignmentEnd.CONFLICT
    assert tally_of(application) == (2, Decimal("4.000"))
    assert WORDS not in thread(other, application)


@pytest.mark.parametrize("change", CHANGES)
def test_without_a_listener_the_score_of_who_was_invited_stays(
    application: Application, change: Callable[[User], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewer = sent(application, 1, 1)
    member_of(application, confirmed=False, email="", orcid=IDS[0])
    member_of(application, confirmed=False, email="invited@example.org")
    monkeypatch.setattr(identity, "_listeners", [])
    change(reviewer)
    assert conflicts_of(User.objects.get(pk=reviewer.pk), application) == [ConflictKind.TEAM]
    assert tally_of(application) == (1, Decimal("1.000"))


# --- Drafts, and what was submitted --------------------------------------------------------------------------


def chairs_page(application: Application) -> str:
    client = Client()
    client.force_login(chair_of(application.call))
    where = reverse("applications:panel-assign", args=[application.call.slug, application.reference])
    return client.get(where).content.decode()


def own_for_the_same(application: Application, by: User) -> Application:
    """A complete draft in an open call, for a sample that the application asks for."""
    samples = [request.sample for request in application.submission.requests.all()]
    return draft_of(call_of(samples=samples), by)


def test_a_draft_for_the_same_samples_is_told_to_nobody_and_a_submission_suspends(application: Application) -> None:
    reviewer, other = sent(application, 1, 1), sent(application, 5, 5)
    discussion.post(application, by=reviewer, text=WORDS)
    draft = own_for_the_same(application, reviewer)
    asked = {line.sample_id for line in draft.draft_requests.all()}
    assert asked & {request.sample_id for request in application.submission.requests.all()}  # it could leak

    assert conflicts_of(reviewer, application) == []
    page = chairs_page(application)
    assert reviewer.name in page
    assert str(ConflictKind.COMPETING.label) not in page
    assert end_conflicted(application) == []
    assert WORDS in thread(other, application)

    assert apply.submit(draft, by=reviewer) is not None

    assert conflicts_of(reviewer, application) == [ConflictKind.COMPETING]
    assert str(ConflictKind.COMPETING.label) in chairs_page(application)  # control: submitted, it is told
    assert tally_of(application) == (1, Decimal("5.000"))
    assert WORDS not in thread(other, application)


@pytest.mark.parametrize("way", ["user", "email", "second", "orcid"])
def test_submitting_asks_anew_about_everybody_on_the_team_by_whatever_they_were_invited(
    application: Application, way: str
) -> None:
    reviewer = sent(application, 1, 1, orcid=IDS[0])
    EmailAddress.objects.create(user=reviewer, email="second@example.org", verified=True, primary=False)
    bystander = sent(application, 5, 5)
    other = application_of(own_for_the_same(application, UserFactory()).call)
    whom = {
        "user": {"user": reviewer},
        "email": {"email": reviewer.email.upper()},
        "second": {"email": "Second@example.org"},
        "orcid": {"email": "", "orcid": IDS[0]},
    }[way]
    member_of(other, confirmed=way == "user", **whom)
    recheck_for_team(other)
    assert conflicts_of(reviewer, application) == [ConflictKind.COMPETING]
    assert tally_of(application) == (1, Decimal("5.000"))
    assert suspension_of(application, bystander) is None


def test_what_a_team_changed_in_its_draft_since_it_submitted_is_told_to_nobody(application: Application) -> None:
    reviewer = sent(application)
    theirs = application_of(call_of(), reviewer)
    line = theirs.draft_requests.first()
    wanted = application.submission.requests.first().sample
    assert conflicts_of(reviewer, application) == []
    theirs.draft_requests.filter(pk=line.pk).update(sample=wanted)
    assert conflicts_of(reviewer, application) == []


def test_an_institution_nobody_has_bars_nobody(application: Application) -> None:
    reviewer = sent(application)
    change_profile(reviewer, by=reviewer, institution=InstitutionFactory())
    change_profile(reviewer, by=reviewer, institution=None)
    assert not Suspension.objects.exists()


# --- Rows from before there were suspensions -----------------------------------------------------------------


def test_the_migration_writes_down_what_was_suspended_before(application: Application) -> None:
    migration = import_module("applications.migrations.0012_suspended_reviews_and_posts")
    barred, again, author, quiet, live = (sent(application) for _ in range(5))
    for user in (barred, again):
        rows = application.assignments.filter(reviewer=user)
        rows.update(ended_at=clock.now(), ended_because=AssignmentEnd.CONFLICT)
    assignment_of(application, again)  # assigned anew since
    discussion.post(application, by=author, text=WORDS)
    for user in (author, quiet):
        Conflict.objects.create(application=application, user=user, by=user, at=clock.now())
    migration.suspend(apps, None)
    assert set(Suspension.objects.values_list("application", "user")) == {
        (application.pk, barred.pk),
        (application.pk, author.pk),
    }
    assert WORDS not in thread(live, application)
