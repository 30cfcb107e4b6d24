"""What the tables and the trail keep from who reads them: hidden columns through filters, conflicted applications."""

from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.audit.trail import record
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, assignment_of, award_of, call_of, member_of
from tests.factories.review import review_of

pytestmark = pytest.mark.django_db


def decided() -> Any:
    """Make a decided application with an assignment, a review, an award and its hold."""
    application = application_of(call_of(), status="decided")
    review_of(assignment_of(application), for_panel="Between us", private_note="Only mine")
    award_of(application.submission.requests.filter(whole=False).first())
    return application


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize(
    "address",
    [
        "applications/review/?private_note__startswith=Only",
        "applications/review/?state=submitted",
        "applications/decision/?verdict=award",
        "applications/samplerequest/?asked_mg__gt=1",
        "accounts/user/?password__startswith=md5",
        "accounts/user/?email__startswith=person",
        "notifications/notice/?body__contains=code",
        "samples/sample/?held_mg__gt=0",
        "audit/event/?facts__verdict=award",
    ],
)
def test_a_filter_in_the_address_of_a_table_is_refused(address: str) -> None:
    decided()
    client = as_(UserFactory(roles=["administrator", "auditor"]))

    assert client.get(f"/admin/{address.partition('?')[0]}").status_code == 200
    assert client.get(f"/admin/{address}").status_code == 400


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_a_conflict_takes_the_rows_of_an_application_out_of_every_table(role: str) -> None:
    application, other = decided(), decided()
    person = UserFactory(roles=[role])
    client = as_(person)

    def pages(one: Any) -> list[int]:
        assignment = one.assignments.get()
        decision = one.submission.requests.filter(whole=False).first().decisions.get(is_effective=True)
        rows = [("application", one), ("submission", one.submission), ("screening", one.submission.screening)]
        if role == "auditor":
            rows += [("assignment", assignment), ("review", assignment.review), ("decision", decision)]
            rows.append(("award", decision.award))
        found = [client.get(f"/admin/applications/{name}/{row.pk}/change/").status_code for name, row in rows]
        if role == "auditor":
            found.append(client.get(f"/admin/samples/hold/{decision.award.hold.pk}/change/").status_code)
        return found

    assert set(pages(application)) == {200}

    member_of(application, person)

    assert set(pages(application)) == {302}  # as for a row that does not exist
    assert set(pages(other)) == {200}


def test_the_trail_tells_a_conflicted_auditor_nothing_of_the_application() -> None:
    application, other = decided(), decided()
    chair = application.call.announced_by
    for one in (application, other):
        record("decision.make", one, by=chair, facts={"verdict": "award"}, reason=f"Because of {one.reference}")
        record("review.submit", one.assignments.get().review, by=chair)
    person = UserFactory(roles=["auditor"])
    client = as_(person)
    assert client.get("/manage/audit/").content.decode().count(application.reference) > 2

    member_of(application, person)

    page = client.get("/manage/audit/").content.decode()
    assert (application.reference in page, other.reference in page) == (False, True)
    answer = client.get("/manage/audit/", {"about": application.reference})
    assert "decision.make" not in answer.content.decode()
    events = client.get("/admin/audit/event/").context["cl"].queryset
    assert events.filter(about_reference=application.reference).count() == 0
    assert events.filter(about_reference=other.reference).count() == 2
