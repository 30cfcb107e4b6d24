"""Verdicts hold mass at once, supersede each other, and are the unconflicted chair's alone."""

from decimal import Decimal

import pytest

from applications import holdings
from applications.decisions import actions
from applications.enums import Status
from applications.models import Application, Decision
from portal.accounts.models import User
from portal.audit.trail import trail
from portal.errors import Denied, Invalid, NotNow, Refused
from samples import ledger
from samples.enums import Preparation
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, award_of, call_of, chair_of, stock

pytestmark = pytest.mark.django_db
WHY = "The panel’s reason."


@pytest.fixture
def application() -> Application:
    return application_of(call_of(), status=Status.DELIBERATED)


@pytest.fixture
def chair(application: Application) -> User:
    return chair_of(application.call)


def powder(application: Application):
    return application.submission.requests.get(whole=False)


def piece(application: Application):
    return application.submission.requests.get(whole=True)


def test_award_holds_its_mass_at_once(application: Application, chair: User) -> None:
    decision = actions.decide(powder(application), by=chair, verdict="award", reason=WHY, mass_mg=Decimal(40))
    sample = powder(application).sample
    assert (sample.free_mg, sample.held_mg, sample.public_free_mg) == (960, 40, 1000)
    assert (decision.award.mass_mg, decision.award.whole, decision.award.hold.state) == (40, False, "held")
    assert ledger.faults() == holdings.faults() == []


def test_award_of_a_piece_is_the_whole_piece(application: Application, chair: User) -> None:
    decision = actions.decide(piece(application), by=chair, verdict="award", reason=WHY)
    assert (decision.award.whole, decision.award.mass_mg) == (True, Decimal("36.2"))


def test_superseding_decision_gives_back_what_the_old_one_held(application: Application, chair: User) -> None:
    first = actions.decide(powder(application), by=chair, verdict="award", reason=WHY, mass_mg=Decimal(50))
    second = actions.decide(powder(application), by=chair, verdict="award", reason=WHY, mass_mg=Decimal(20))
    first.refresh_from_db()
    assert (first.is_effective, second.is_effective, second.supersedes) == (False, True, first)
    assert powder(application).sample.held_mg == 20
    third = actions.decide(powder(application), by=chair, verdict="decline", reason=WHY)
    assert powder(application).sample.held_mg == 0
    assert list(Decision.objects.filter(is_effective=True)) == [third]
    assert [e.verb for e in trail(application)][-3:] == ["decision.make", "decision.supersede", "decision.supersede"]
    assert ledger.faults() == holdings.faults() == []


def test_whole_free_mass_can_be_moved_between_two_decisions_of_one_request(chair: User) -> None:
    call = call_of(samples=[stock("60")])
    application = application_of(call, status=Status.DELIBERATED)
    request = application.submission.requests.get()
    actions.decide(request, by=chair_of(call), verdict="award", reason=WHY, mass_mg=Decimal(50))
    actions.decide(request, by=chair_of(call), verdict="award", reason=WHY, mass_mg=Decimal(45))
    request.sample.refresh_from_db()
    assert (request.sample.free_mg, request.sample.held_mg) == (15, 45)


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"verdict": "award"}, "mass-missing", "mass_mg"),
        ({"verdict": "award", "mass_mg": Decimal(0)}, "mass-missing", "mass_mg"),
        ({"verdict": "award", "mass_mg": Decimal(-5)}, "mass-missing", "mass_mg"),
        ({"verdict": "award", "mass_mg": Decimal("50.001")}, "more-than-asked", "mass_mg"),
        ({"verdict": "decline", "mass_mg": Decimal(5)}, "mass-without-award", "mass_mg"),
        ({"verdict": "decline", "reserve_rank": 1}, "rank-without-reserve", "reserve_rank"),
        ({"verdict": "decline", "reason": "  "}, "reason-missing", "reason"),
        ({"verdict": "perhaps"}, "verdict-missing", "verdict"),
    ],
)
def test_decide_refuses_wrong_content_beside_its_field(application, chair, given, code, field) -> None:
    with pytest.raises(Invalid) as refusal:
        actions.decide(powder(application), by=chair, **{"reason": WHY, **given})
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert not Decision.objects.exists()
    assert powder(application).sample.held_mg == 0


def test_part_of_a_piece_is_never_awarded(application: Application, chair: User) -> None:
    with pytest.raises(Invalid) as refusal:
        actions.decide(piece(application), by=chair, verdict="award", reason=WHY, mass_mg=Decimal(5))
    assert refusal.value.code == "piece"


def test_piece_has_one_holder(application: Application, chair: User) -> None:
    other = application_of(application.call, status=Status.DELIBERATED)
    actions.decide(piece(application), by=chair, verdict="award", reason=WHY)
    with pytest.raises(NotNow):
        actions.decide(piece(other), by=chair, verdict="award", reason=WHY)
    assert not Decision.objects.filter(request=piece(other)).exists()


def test_reserve_floor_is_never_awarded() -> None:
    call = call_of(samples=[stock("60", reserve_floor_mg=Decimal(20))])
    application = application_of(call, status=Status.DELIBERATED)
    request = application.submission.requests.get()
    with pytest.raises(NotNow) as refusal:
        actions.decide(request, by=chair_of(call), verdict="award", reason=WHY, mass_mg=Decimal("40.001"))
    assert (refusal.value.code, refusal.value.field) == ("not-enough-mass", "mass_mg")
    actions.decide(request, by=chair_of(call), verdict="award", reason=WHY, mass_mg=Decimal(40))


def test_refused_superseding_decision_leaves_the_old_one(application: Application, chair: User) -> None:
    first = actions.decide(powder(application), by=chair, verdict="award", reason=WHY, mass_mg=Decimal(50))
    with pytest.raises(Refused):
        actions.decide(powder(application), by=chair, verdict="award", reason=WHY, mass_mg=Decimal(51))
    first.refresh_from_db()
    assert (first.is_effective, powder(application).sample.held_mg) == (True, 50)


def test_decision_on_a_stale_page_is_refused(application: Application, chair: User) -> None:
    actions.decide(powder(application), by=chair, verdict="decline", reason=WHY, seen="none")
    with pytest.raises(NotNow) as refusal:
        actions.decide(powder(application), by=chair, verdict="decline", reason="Other.", seen="none")
    assert refusal.value.code == "stale"


def test_only_the_unconflicted_chair_decides(application: Application, chair: User) -> None:
    conflicted = UserFactory(institution=application.institution)
    application.call.panel.create(user=conflicted, role="chair", since=application.created_at)
    for person in (UserFactory(), administrator(), application.principal_investigator, conflicted):
        with pytest.raises(Denied):
            actions.decide(powder(application), by=person, verdict="decline", reason=WHY)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("status", [Status.UNDER_REVIEW, Status.INTERVIEWING, Status.PUBLISHED])
def test_nothing_is_decided_before_deliberation_or_after_publication(status: str) -> None:
    application = application_of(call_of(), status=status)
    with pytest.raises(NotNow):
        actions.decide(powder(application), by=chair_of(application.call), verdict="decline", reason=WHY)


def test_award_may_wait_for_an_authorisation(application: Application, chair: User) -> None:
    given = {"verdict": "award", "reason": WHY, "mass_mg": Decimal(5), "waits_for": " An export licence. "}
    assert actions.decide(powder(application), by=chair, **given).award.waits_for == "An export licence."


def test_conclude_needs_every_request_decided(application: Application, chair: User) -> None:
    actions.decide(powder(application), by=chair, verdict="decline", reason=WHY)
    with pytest.raises(NotNow) as refusal:
        actions.conclude(application, by=chair)
    assert refusal.value.code == "undecided"
    actions.decide(piece(application), by=chair, verdict="reserve", reason=WHY, reserve_rank=1)
    actions.conclude(application, by=chair)
    assert application.status == Status.DECIDED
    actions.decide(piece(application), by=chair, verdict="decline", reason=WHY)


def test_withdrawal_gives_back_what_is_held() -> None:
    application = application_of(call_of(samples=[stock("60"), stock("9", Preparation.CLAST)]), status=Status.DECIDED)
    for request in application.submission.requests.all():
        award_of(request)
    assert holdings.release_awards(application, by=application.principal_investigator) == 2
    application.status = Status.WITHDRAWN
    application.save()
    assert [request.sample.held_mg for request in application.submission.requests.all()] == [0, 0]
    assert ledger.faults() == holdings.faults() == []


def test_faults_name_an_award_without_its_hold() -> None:
    application = application_of(call_of(), status=Status.DECIDED)
    award = award_of(powder(application))
    ledger.release(award.hold, by=None)
    assert holdings.faults() == [f"{application.reference}: hold {award.hold.key} is released, not held"]
