"""Scenarios reach what they promise, so that tests which stand on them stand on the real actions."""

import pytest

from applications.enums import Status, Verdict
from applications.models import ApplicantDocument, Award, Interview
from portal import clock
from samples import ledger
from tests.scenarios import application_at, panel_call

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", Status)
def test_application_at_reaches_every_status_in_the_past(status):
    application = application_at(status)

    assert application.status == status
    assert application.created_at < clock.now()
    assert ledger.faults() == []


def test_application_at_decided_gives_the_mass_that_was_named():
    application_at(Status.DECIDED, award_mg="12.5")

    assert sorted(str(award.mass_mg) for award in Award.objects.all()) == ["12.500", "36.200"]


def test_application_at_published_without_an_award_tells_only_the_applicant():
    call = panel_call(closes_in=-5)
    application = application_at(Status.PUBLISHED, call=call, invited=False, verdict=Verdict.DECLINE)

    assert not Interview.objects.exists()
    assert ApplicantDocument.objects.get().application == application
    assert call.public_entries.filter(kind="selection").count() == 0
