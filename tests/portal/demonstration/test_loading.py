"""The demonstration as the contract describes it, loaded once for this file over a database that needed a reset."""

from collections import Counter
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count

from applications import chain, holdings
from applications.decisions import actions as decisions
from applications.enums import (
    CallOrigin,
    ConflictKind,
    DeclarationKind,
    InterviewState,
    PublicationKind,
    Status,
    Verdict,
)
from applications.models import (
    Advice,
    Application,
    Award,
    Call,
    CallQuestion,
    Conflict,
    Decision,
    Interview,
    Publication,
    Review,
    SampleRequest,
    TeamMember,
)
from applications.publication import actions as publication
from applications.rules.conflicts import conflicts_of
from portal import clock
from portal.accounts.models import Institution, User
from portal.audit.models import Event
from portal.demonstration import loading, people
from portal.errors import NotNow
from portal.notifications.models import Notice
from portal.roles import Permission
from samples import ledger
from samples.enums import Hemisphere, Preparation
from samples.models import Movement, Sample
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, call_of, stock

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("demonstration"),
    pytest.mark.xdist_group("demonstration"),  # one process loads it once
]
OLD = "LSA-2026-OLD"


@pytest.fixture(scope="module")
def demonstration(django_db_setup, django_db_blocker):
    """Load it anew over an older one, in a transaction that the end of the file takes back."""
    with django_db_blocker.unblock(), transaction.atomic():
        _older_demonstration()
        loaded = loading.load(reset=True)
        yield loaded
        transaction.set_rollback(True)


def _older_demonstration() -> None:
    """Leave rows that refuse to be deleted: movements, events, a submission."""
    sample = stock(is_demonstration=True, catalogue_number="DEMO-OLD")
    call = call_of(slug="demo-open", is_demonstration=True, samples=[sample])
    application_of(call, UserFactory(email="applicant@example.org"), Status.UNDER_REVIEW)
    Application.objects.update(reference=OLD)
    for number, user in enumerate(User.objects.exclude(email__in=people.ADDRESSES), start=1):
        User.objects.filter(pk=user.pk).update(email=f"applicant{number:02}@example.org")


def call(slug: str) -> Call:
    return Call.objects.get(slug=slug)


def statuses(slug: str) -> dict[str, int]:
    rows = call(slug).applications.values_list("status").annotate(number=Count("pk"))
    return dict(rows.order_by("status"))


# --- People ----------------------------------------------------------------------------------------------


def test_load_makes_the_people_of_the_contract_who_can_sign_in_at_once():
    named = ["admin", "director", "chair", "curator", "applicant", "colleague", "rival", "auditor"]
    named += [f"reviewer{number}" for number in range(1, 9)]

    for key in named:
        user = User.objects.get(email=f"{key}@example.org")
        assert user.check_password("moonrock-demo")
        assert EmailAddress.objects.filter(user=user, email=user.email, verified=True, primary=True).exists()
    assert User.objects.get(email="rival@example.org").name == "Second applicant"
    assert User.objects.filter(name="Demonstration applicant 07").exists()
    assert User.objects.values("zone").distinct().count() >= 10


def test_load_gives_the_office_its_roles_and_nobody_else():
    held = {user.email.partition("@")[0]: user.portal_roles for user in User.objects.filter(role_grants__isnull=False)}

    assert held == {
        "admin": {"administrator"},
        "director": {"administrator"},
        "curator": {"curator"},
        "auditor": {"auditor"},
    }
    assert not User.objects.get(email="chair@example.org").may(Permission.SCREEN)


def test_load_names_no_real_institution_or_country():
    assert set(Institution.objects.values_list("country_or_region", flat=True)) == {"XA", "XB", "XC", "XD", "XE", "XF"}
    assert set(Institution.objects.values_list("ror", flat=True)) == {None}
    assert all(
        name.startswith("Demonstration Institute ") for name in Institution.objects.values_list("name", flat=True)
    )


# --- Calls and applications --------------------------------------------------------------------------------


def test_load_makes_four_calls_without_a_hold_time_announced_by_a_second_administrator():
    made = Call.objects.filter(origin=CallOrigin.PORTAL, is_practice=False).order_by("slug")

    assert [one.slug for one in made] == ["demo-decision", "demo-interview", "demo-open", "demo-review"]
    for one in made:
        assert (one.hold_minutes, one.is_demonstration, one.status) == (0, True, "announced")
        assert (one.created_by.email, one.announced_by.email) == ("admin@example.org", "director@example.org")
        assert sum(criterion.weight for criterion in one.criteria.all()) == 100
        assert one.criteria.count() == 6
        assert one.panel.count() == 9
        assert one.note == "Whether far-side samples are open to international applicants is for the agency to say."
        assert one.note_zh
        assert one.agreement.startswith("DEMONSTRATION TEXT") and one.agreement_zh.startswith("演示文本")
        assert one.holidays
        assert [declaration.kind for declaration in one.declarations.all()] == list(DeclarationKind)[:5]


def test_load_makes_one_practice_call_that_nobody_judges():
    practice = Call.objects.get(is_practice=True)

    assert (practice.slug, practice.is_open(clock.now())) == ("demo-practice", True)
    assert (practice.panel.count(), practice.applications.count()) == (0, 0)


def test_load_has_questions_answered_for_everybody_and_one_that_waits():
    asked = CallQuestion.objects.filter(call__slug="demo-open")

    assert (asked.filter(answered_at=None).count(), asked.exclude(answered_at=None).count()) == (1, 3)
    assert asked.exclude(answered_at=None).values("answered_at").distinct().count() == 2


def test_only_the_open_call_is_open_and_offers_both_sides():
    now = clock.now()

    assert [one.slug for one in Call.objects.filter(is_practice=False) if one.is_open(now)] == ["demo-open"]
    sides = call("demo-open").offers.values_list("sample__mission__hemisphere", flat=True)
    assert set(sides) == {Hemisphere.NEAR, Hemisphere.FAR}


def test_the_applicant_has_a_draft_in_the_open_call_with_a_colleague_invited():
    draft = Application.objects.get(call__slug="demo-open", principal_investigator__email="applicant@example.org")
    member = draft.team.get()

    assert statuses("demo-open") == {Status.DRAFT: 1, Status.SUBMITTED: 2}
    assert (draft.status, draft.submission) == (Status.DRAFT, None)
    assert (member.email, member.confirmed_at) == ("colleague@example.org", None)


def test_demo_review_has_24_applications_and_70_requests_partly_reviewed():
    requests = SampleRequest.objects.filter(submission__application__call__slug="demo-review")
    reviews = Review.objects.filter(assignment__application__call__slug="demo-review")
    numbers = Counter(call("demo-review").tallies.values_list("number", flat=True))

    assert statuses("demo-review") == {Status.UNDER_REVIEW: 24}
    assert requests.count() == 70
    assert Advice.objects.filter(request__in=requests).count() == 70
    assert set(Advice.objects.values_list("feasibility", flat=True)) == {"feasible", "partly", "infeasible"}
    assert set(numbers) == {0, 1, 2, 3}
    assert set(reviews.values_list("state", flat=True)) == {"draft", "submitted"}
    assert reviews.filter(state="submitted").values("weighted_mean").distinct().count() > 8


def test_demo_review_has_a_conflict_by_institution_and_a_declared_one():
    reviewers = User.objects.filter(panels__call__slug="demo-review")
    found = {
        kind
        for application in call("demo-review").applications.all()
        for reviewer in reviewers
        for kind in conflicts_of(reviewer, application)
    }

    assert found == {ConflictKind.INSTITUTION, ConflictKind.DECLARED}
    assert Conflict.objects.count() == 1


def test_demo_interview_has_an_interview_in_each_state():
    found = Interview.objects.filter(call__slug="demo-interview").values_list("status", flat=True)

    assert sorted(found) == sorted(InterviewState.values)
    assert statuses("demo-interview") == {Status.INTERVIEWING: 6}
    coming = Interview.objects.filter(call__slug="demo-interview", status__in=["proposed", "confirmed"])
    assert all(one.slot.lower > clock.now() for one in coming)


def test_demo_decision_is_decided_but_for_two_and_nothing_of_it_is_published():
    requests = SampleRequest.objects.filter(submission__application__call__slug="demo-decision")
    left = requests.exclude(decisions__is_effective=True)

    assert statuses("demo-decision") == {Status.DECIDED: 6, Status.DELIBERATED: 2}
    assert {request.submission.application.principal_investigator.email for request in left} == {
        "applicant@example.org",
        "rival@example.org",
    }
    assert not Publication.objects.exists()
    assert set(Decision.objects.values_list("verdict", flat=True)) == set(Verdict.values)


def test_demo_decision_has_a_contested_pair_a_contested_piece_a_partial_and_a_waiting_award():
    requests = SampleRequest.objects.filter(submission__application__call__slug="demo-decision")
    asked = Counter(requests.values_list("sample__catalogue_number", flat=True))
    awards = Award.objects.select_related("decision__request")

    assert (asked["DEMO-CE6-YX-003"], asked["DEMO-CE6-FM-002"]) == (2, 2)
    wanted = sum(one.asked_mg for one in requests.filter(sample__catalogue_number="DEMO-CE6-FM-002"))
    assert wanted > call("demo-decision").offers.get(sample__catalogue_number="DEMO-CE6-FM-002").offered_mg
    assert len([one for one in awards if not one.whole and one.mass_mg < one.decision.request.asked_mg]) == 1
    assert awards.exclude(waits_for="").count() == 1


def test_load_has_the_stock_of_both_sides():
    far = Sample.objects.filter(mission__hemisphere=Hemisphere.FAR, is_demonstration=True)
    kinds = Counter(far.values_list("preparation", flat=True))

    assert kinds == {Preparation.CLAST: 12, Preparation.SECTION: 8, Preparation.POWDER: 2}
    assert all(number.startswith("DEMO-") for number in far.values_list("catalogue_number", flat=True))


def test_demo_decision_can_be_decided_signed_and_released():
    admin, director, chair = (User.objects.get(email=f"{key}@example.org") for key in ("admin", "director", "chair"))
    requests = SampleRequest.objects.filter(submission__application__call__slug="demo-decision")
    for request in requests.exclude(decisions__is_effective=True).select_related("sample", "submission"):
        mass_mg = None if request.whole else request.least_mg
        decisions.decide(request, by=chair, verdict=Verdict.AWARD, reason="It fits.", mass_mg=mass_mg)
        decisions.conclude(request.submission.application, by=chair)

    results = publication.prepare(call("demo-decision"), PublicationKind.RESULTS, by=admin)
    for signer in (admin, director):
        publication.sign(results, by=signer, manifest_sha256=results.manifest_sha256)
    publication.release(results, by=director)

    assert statuses("demo-decision") == {Status.PUBLISHED: 8}
    assert call("demo-decision").public_entries.filter(kind="selection").count() == 6
    assert (ledger.faults(), holdings.faults(), chain.faults()) == ([], [], [])


# --- What must hold whatever is loaded ----------------------------------------------------------------------


def test_load_sends_no_mail_and_leaves_its_notices_in_the_lists():
    assert set(Notice.objects.values_list("state", "in_app", "account")) == {("in-app", True, False)}
    assert Notice.objects.filter(recipient__email="applicant@example.org").exists()


def test_load_leaves_ledger_holdings_and_record_whole():
    assert (ledger.faults(), holdings.faults(), chain.faults()) == ([], [], [])
    call_command("verify_ledger", verbosity=0)


def test_everything_happened_before_now_and_in_its_order():
    now = clock.now()

    for model, moment in (
        (Event, "at"),
        (Notice, "created_at"),
        (Movement, "at"),
        (User, "created_at"),
        (Review, "saved_at"),
    ):
        assert not model.objects.filter(**{f"{moment}__gt": now}).exists(), model
    for application in Application.objects.exclude(submission=None).select_related("submission", "call"):
        assert application.created_at < application.submission.received_at < application.call.closes_at
    assert TeamMember.objects.filter(confirmed_at__lt=clock.now()).exists()


def test_the_clock_is_the_databases_again():
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp(), current_setting('portal.now', true)")
        moment, switch = cursor.fetchone()

    assert switch == ""
    assert abs(clock.now() - moment) < timedelta(minutes=1)


def test_reset_has_left_nothing_of_before():
    assert not Application.objects.filter(reference=OLD).exists()
    assert not Sample.objects.filter(catalogue_number="DEMO-OLD").exists()
    assert User.objects.count() == len(people.EVERYBODY)


def test_load_again_changes_nothing_and_asks_little(django_assert_max_num_queries):
    events = Event.objects.count()

    with django_assert_max_num_queries(1):
        assert loading.load().anew is False
    assert Event.objects.count() == events


def test_load_again_keeps_what_people_did_with_it():
    UserFactory(email="visitor@example.org")

    assert loading.load().anew is False
    assert User.objects.filter(email="visitor@example.org").exists()


def test_reset_is_refused_where_somebody_else_has_an_account():
    UserFactory(email="visitor@example.org")

    with pytest.raises(NotNow) as refusal:
        loading.load(reset=True)
    assert refusal.value.code == "other-people"
    assert Application.objects.filter(call__slug="demo-review").count() == 24


def test_a_load_on_https_is_refused(settings):
    settings.SITE_URL = "https://samples.example.org"

    with pytest.raises(CommandError, match="https"):
        call_command("load_demo", "--reset")
    assert Application.objects.filter(call__slug="demo-review").count() == 24


def test_every_application_has_the_same_real_file():
    kept = set(Application.objects.exclude(submission=None).values_list("file_sha256", "file_pages"))

    assert len(kept) == 1
    sha256, pages = kept.pop()
    assert pages == 2
    assert (settings.FILES_DIR / "pdf" / sha256[:2] / f"{sha256}.pdf").stat().st_size > 0
