"""The curator's advice and the administrator's waiver, per sample request."""

from decimal import Decimal
from typing import Any

import pytest

from applications.models import Advice, SampleRequest
from applications.screening import actions
from portal.audit.trail import trail
from portal.errors import Denied, Invalid, NotNow
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, member_of, submission_of

pytestmark = pytest.mark.django_db


def curator(**fields: Any) -> Any:
    return UserFactory(roles=["curator"], **fields)


def powder_request(**fields: Any) -> SampleRequest:
    return application_of(**fields).submission.requests.get(whole=False)


def whole_request(**fields: Any) -> SampleRequest:
    return application_of(**fields).submission.requests.get(whole=True)


def test_advice_names_the_mass_that_could_be_given() -> None:
    request, by = powder_request(), curator()
    advice = actions.advise(request, by=by, feasibility="partly", feasible_mg=Decimal("20"), note="Half is left.")
    assert (advice.feasibility, advice.feasible_mg, advice.waived, advice.by) == ("partly", 20, False, by)
    event = trail(request.submission.application).last()
    assert (event.verb, event.facts) == (
        "application.advise",
        {"request": str(request.uid), "feasibility": "partly", "again": False},
    )


def test_advice_can_be_given_anew_and_the_trail_keeps_the_former_words() -> None:
    request = powder_request()
    actions.advise(request, by=curator(), feasibility="infeasible", note="Too little.")
    actions.advise(request, by=curator(), feasibility="feasible")
    assert Advice.objects.get().feasibility == "feasible"
    event = trail(request.submission.application).last()
    assert event.text.old == {"feasibility": "infeasible", "feasible_mg": None, "note": "Too little."}
    assert event.facts["again"] is True


@pytest.mark.parametrize(
    ("advice", "field"),
    [
        ({"feasibility": "perhaps"}, "feasibility"),
        ({"feasibility": "infeasible"}, "note"),
        ({"feasibility": "partly", "note": "Half."}, "feasible_mg"),
        ({"feasibility": "partly", "note": "Half.", "feasible_mg": Decimal("50")}, "feasible_mg"),
        ({"feasibility": "partly", "note": "Half.", "feasible_mg": Decimal("0")}, "feasible_mg"),
        ({"feasibility": "feasible", "feasible_mg": Decimal("20")}, "feasible_mg"),
    ],
)
def test_advice_is_refused_where_mass_or_note_do_not_fit(advice: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        actions.advise(powder_request(), by=curator(), **advice)
    assert (refusal.value.field, Advice.objects.count()) == (field, 0)


def test_whole_piece_is_never_feasible_in_part() -> None:
    with pytest.raises(Invalid) as refusal:
        actions.advise(whole_request(), by=curator(), feasibility="partly", feasible_mg=Decimal("1"), note="Half.")
    assert refusal.value.code == "piece"


@pytest.mark.parametrize("status", ["returned", "ineligible", "under-review", "published", "withdrawn"])
def test_advice_is_refused_once_screening_is_over(status: str) -> None:
    request = powder_request(status=status)
    before = Advice.objects.count()
    with pytest.raises(NotNow) as refusal:
        actions.advise(request, by=curator(), feasibility="infeasible", note="Too little.")
    assert (refusal.value.code, Advice.objects.count()) == ("wrong-status", before)


def test_advice_on_a_replaced_request_is_refused() -> None:
    request = powder_request()
    application = request.submission.application
    application.submission = submission_of(application)
    application.save()
    with pytest.raises(NotNow) as refusal:
        actions.advise(request, by=curator(), feasibility="feasible")
    assert refusal.value.code == "replaced"


def test_advice_is_denied_to_everybody_but_a_free_curator() -> None:
    request = powder_request()
    application = request.submission.application
    own = curator()
    member_of(application, own)
    for by in (administrator(), UserFactory(), own, curator(institution=application.institution)):
        with pytest.raises(Denied):
            actions.advise(request, by=by, feasibility="feasible")
    assert not Advice.objects.exists()


def test_waiver_keeps_its_reason_and_lets_the_application_pass() -> None:
    application, by = application_of(), administrator()
    for request in application.submission.requests.all():
        actions.waive(request, by=by, note="The same request was advised on in spring.")
    actions.pass_on(application, by=by)
    assert set(Advice.objects.values_list("waived", "note")) == {(True, "The same request was advised on in spring.")}


def test_waiver_needs_a_reason_and_replaces_no_advice() -> None:
    request = powder_request()
    with pytest.raises(Invalid):
        actions.waive(request, by=administrator(), note=" ")
    actions.advise(request, by=curator(), feasibility="feasible")
    with pytest.raises(NotNow) as refusal:
        actions.waive(request, by=administrator(), note="Not needed.")
    assert (refusal.value.code, Advice.objects.get().waived) == ("advised", False)


def test_waiver_is_denied_to_a_curator_and_to_a_conflicted_administrator() -> None:
    request = powder_request()
    for by in (curator(), administrator(institution=request.submission.application.institution)):
        with pytest.raises(Denied):
            actions.waive(request, by=by, note="Not needed.")


def test_advice_replaces_a_waiver() -> None:
    request = powder_request()
    actions.waive(request, by=administrator(), note="Not needed.")
    actions.advise(request, by=curator(), feasibility="feasible")
    advice = Advice.objects.get()
    assert (advice.waived, advice.feasibility) == (False, "feasible")
