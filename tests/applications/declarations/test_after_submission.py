"""Authorisations after submission: asked again after an award, both sides for the office, flags for a person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from applications import authorisations
from applications.access import fields
from applications.declarations import statements
from applications.declarations.statements import Statement
from applications.models import Application, AuthorisationRecord
from portal import clock
from portal.audit.models import Event
from portal.errors import Denied, NotNow
from portal.notifications.models import Notice
from tests.applications.apply.conftest import page, signed_in
from tests.counting import queries_of
from tests.factories.accounts import InstitutionFactory, UserFactory, administrator
from tests.factories.applications import application_of, assignment_of, call_of, chair_of, member_of
from tests.factories.decisions import closed_call, decided, released
from tests.factories.files import pdf

pytestmark = pytest.mark.django_db
Send = Callable[..., Any]
DAY = timedelta(days=1)


def awarded(**fields: Any) -> Application:
    """An application whose powder (CE5) is awarded, and the piece (CE6) declined, released to all."""
    call = closed_call()
    application = decided(call, 40, **fields)
    released(call)
    application.refresh_from_db()
    return application


def sent(application: Application, code: str = "CE5", **said: Any) -> dict[str, Any]:
    return {f"{name}-{code}-{application.institution.key}": value for name, value in said.items()}


def test_nothing_is_asked_before_the_release_whatever_was_decided(send: Send) -> None:
    call = closed_call()
    given, refused = decided(call, 40), decided(call)
    for application in (given, refused):
        client = signed_in(application.principal_investigator)
        assert client.get(page("declarations-again", application)).status_code == 404
        assert not authorisations.is_asked_again(application)
        assert page("declarations-again", application) not in client.get("/my/").content.decode()
        with pytest.raises(NotNow):
            statements.state_again(application, by=application.principal_investigator, statements=[])
    released(call)
    assert signed_in(refused.principal_investigator).get(page("declarations-again", refused)).status_code == 404
    assert signed_in(given.principal_investigator).get(page("declarations-again", given)).status_code == 200


def test_award_is_followed_by_a_task_until_it_is_said_how_it_stands(send: Send) -> None:
    application = awarded()
    client, url = signed_in(application.principal_investigator), page("declarations-again", application)
    for shown in ("/my/", page("following-status", application)):
        assert url in client.get(shown).content.decode(), shown
    assert [row.pair[0].code for row in client.get(url).context["form"].rows()] == ["CE5"]

    assert send(client, url, **sent(application, state="pending", reference="A-17")).status_code == 303

    row = AuthorisationRecord.objects.get(occasion="award")
    assert (row.side, row.state, row.reference, row.mission.code) == ("applicant", "pending", "A-17", "CE5")
    assert url not in client.get("/my/").content.decode()
    assert AuthorisationRecord.objects.filter(application=application, occasion="submission").count() == 2
    assert Event.objects.get(verb="application.state-authorisations").facts["occasion"] == "award"


def test_office_is_told_and_who_has_a_conflict_is_not(send: Send) -> None:
    application = awarded()
    clean, barred = administrator(), administrator(institution=application.institution)
    client = signed_in(application.principal_investigator)
    send(client, page("declarations-again", application), **sent(application, state="unsure"))
    told = set(Notice.objects.filter(kind="authorisation-stated").values_list("recipient", flat=True))
    assert clean.pk in told and barred.pk not in told


@pytest.mark.parametrize(
    ("said", "field"),
    [({}, "state"), ({"state": "obtained"}, "reference"), ({"state": "none", "expires_on": "x"}, "expires_on")],
)
def test_each_has_to_be_said_then(send: Send, said: dict[str, str], field: str) -> None:
    application = awarded()
    client = signed_in(application.principal_investigator)
    answer = send(client, page("declarations-again", application), **sent(application, **said))
    assert answer.status_code == 422
    assert {name.partition("-")[0] for name in answer.context["form"].errors} == {field}
    assert not AuthorisationRecord.objects.filter(occasion="award").exists()


def test_only_the_principal_investigator_says_it_and_the_team_reads(send: Send) -> None:
    application = awarded()
    member = member_of(application)
    client, url = signed_in(member.user), page("declarations-again", application)
    assert client.get(url).status_code == 200
    assert send(client, url, **sent(application, state="none")).status_code == 403
    assert signed_in(UserFactory()).get(url).status_code == 404


def test_evidence_is_a_record_of_its_own_and_stays_with_the_same_authorisation(send: Send) -> None:
    application = awarded()
    client, url = signed_in(application.principal_investigator), page("declarations-again", application)
    where = page("declarations-again-evidence", application, "CE5", application.institution.key)
    file = {"file": SimpleUploadedFile("a.pdf", pdf(1), "application/pdf")}
    assert send(client, where, **file).status_code == 404  # nothing is said yet
    send(client, url, **sent(application, state="obtained", reference="A-17"))
    file = {"file": SimpleUploadedFile("a.pdf", pdf(1), "application/pdf")}
    assert send(client, where, **file).status_code == 303
    first, second = AuthorisationRecord.objects.filter(occasion="award").order_by("at", "pk")
    assert (first.evidence_sha256, second.reference) == ("", "A-17")
    assert client.get(page("attachments-download", application, second.evidence_sha256)).status_code == 200

    send(client, url, **sent(application, state="obtained", reference="A-17", note="Checked."))
    send(client, url, **sent(application, state="obtained", reference="B-18"))
    kept = list(AuthorisationRecord.objects.filter(occasion="award").order_by("at", "pk"))[2:]
    assert [bool(row.evidence_sha256) for row in kept] == [True, False]


def test_a_record_is_never_changed() -> None:
    row = application_of().authorisations.first()
    for write in (lambda: AuthorisationRecord.objects.filter(pk=row.pk).update(state="unsure"), row.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


# --- The office -----------------------------------------------------------------------------------------------


def test_office_sees_both_sides_with_their_history_and_adds_its_own(send: Send) -> None:
    application, office = application_of(), administrator()
    client = signed_in(office)
    url = page("declarations-office", application)
    assert client.get(url).content.decode().count("Nothing stated yet") == 2
    where = page("declarations-office-state", application, "CE5", application.institution.key)
    assert send(client, where, **sent(application, state="pending", reference="OFFICE-1")).status_code == 303
    assert send(client, where, **sent(application, state="obtained", reference="OFFICE-1")).status_code == 303

    stand = authorisations.stands(application)[0]
    assert [(row.state, row.side, row.by) for row in stand.agency] == [
        ("obtained", "agency", office),
        ("pending", "agency", office),
    ]
    assert [row.side for row in stand.applicant] == ["applicant"]
    shown = client.get(url).content.decode()
    assert shown.count("OFFICE-1") == 2 and "Applicant’s side" in shown and "Agency’s side" in shown


def test_office_reads_what_was_declared_in_its_words() -> None:
    call = call_of(samples=[])
    call.declarations.create(code="funding", kind="funding", text="My sources.", asks_details=True, position=9)
    said = {"funding": {"version": 1, "details": "Fund A, Norway, none"}}
    application = application_of(call, declared=said)
    shown = signed_in(administrator()).get(page("declarations-office", application)).content.decode()
    assert "Funding and its restrictions" in shown and "My sources." in shown and "Fund A, Norway, none" in shown


def test_agencys_evidence_is_the_offices_alone(send: Send) -> None:
    application, office = application_of(), administrator()
    client, key = signed_in(office), application.institution.key
    where = page("declarations-office-evidence", application, "CE5", key)
    assert client.get(where).status_code == 404
    send(client, page("declarations-office-state", application, "CE5", key), **sent(application, state="none"))
    file = {"file": SimpleUploadedFile("a.pdf", pdf(3), "application/pdf")}
    assert send(client, where, **file).status_code == 303
    sha256 = AuthorisationRecord.objects.exclude(evidence_sha256="").get().evidence_sha256
    url = page("attachments-download", application, sha256)
    assert client.get(url).status_code == 200
    for person in (
        application.principal_investigator,
        chair_of(application.call),
        UserFactory(roles=["curator"]),
        administrator(institution=application.institution),
    ):
        assert signed_in(person).get(url).status_code == 404


def test_applicants_evidence_is_no_reviewers() -> None:
    application = application_of(status="under-review")
    row = application.authorisations.first()
    AuthorisationRecord.objects.create(
        **{name: getattr(row, name) for name in ("application", "mission", "institution", "side", "occasion", "by")},
        state="obtained",
        reference="A",
        at=clock.now(),
        evidence_sha256="c" * 64,
        evidence_bytes=9,
    )
    for person, has in (
        (assignment_of(application).reviewer, False),
        (chair_of(application.call), False),
        (administrator(), True),
        (application.principal_investigator, True),
    ):
        assert ("c" * 64 in authorisations.evidence_for(fields(person, application), application)) is has


def test_pages_of_the_office_are_absent_for_everybody_else(send: Send) -> None:
    application = application_of(status="under-review")
    key = application.institution.key
    urls = [
        page("declarations-office", application),
        page("declarations-office-state", application, "CE5", key),
        page("declarations-office-evidence", application, "CE5", key),
    ]
    people = [
        application.principal_investigator,
        assignment_of(application).reviewer,
        chair_of(application.call),
        UserFactory(roles=["curator"]),
        UserFactory(roles=["auditor"]),
        administrator(institution=application.institution),
        UserFactory(),
    ]
    for person in people:
        client = signed_in(person)
        for url in urls:
            assert client.get(url).status_code == 404, (person, url)
            assert send(client, url, **sent(application, state="none")).status_code in (404, 405)
        statement = Statement(application.authorisations.first().mission, application.institution, "none")
        with pytest.raises(Denied):
            statements.state_for_agency(application, by=person, statement=statement)


def test_pair_that_nobody_asked_for_is_absent(send: Send) -> None:
    application, client = application_of(), signed_in(administrator())
    for code, key in (("CE5", InstitutionFactory().key), ("CE9", application.institution.key)):
        assert client.get(page("declarations-office-state", application, code, key)).status_code == 404


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"state": "none"}, []),
        ({"state": "unsure"}, ["unsure"]),
        ({"state": "pending"}, ["pending"]),
        ({"state": "pending", "expected_on": -1}, ["pending beyond the expected day"]),
        ({"state": "obtained", "reference": "A", "expires_on": 30}, []),
        ({"state": "obtained", "reference": "A", "expires_on": -2}, ["expired"]),
    ],
)
def test_what_a_person_should_look_at_is_a_flag_and_stops_nothing(said: dict[str, Any], words: list[str]) -> None:
    application, office = application_of(), administrator()
    today = clock.now().date()
    days = {name: today + value * DAY for name, value in said.items() if name.endswith("_on")}
    statement = Statement(application.authorisations.first().mission, application.institution, **(said | days))
    statements.state_for_agency(application, by=office, statement=statement)

    assert authorisations.flags(application) == words
    shown = signed_in(office).get(page("screening-detail", application))
    findings = {str(one.what): one.holds for one in shown.context["findings"]}
    assert findings["Authorisations are settled"] is (None if words else True)  # a person looks; it is never False
    assert "Pass on to the panel" in shown.content.decode()


def test_only_the_latest_of_each_side_is_flagged() -> None:
    application, office = application_of(), administrator()
    mission = application.authorisations.first().mission
    for state in ("unsure", "none"):
        statements.state_for_agency(
            application, by=office, statement=Statement(mission, application.institution, state)
        )
    assert authorisations.flags(application) == []


def test_office_page_costs_the_same_with_few_and_many(send: Send) -> None:
    application, office = application_of(), administrator()
    client, url = signed_in(office), page("declarations-office", application)
    client.get(url)
    costs = [len(queries_of(client, url))]
    row = application.authorisations.first()
    for _each in range(20):
        AuthorisationRecord.objects.create(
            application=application,
            mission=row.mission,
            institution=InstitutionFactory(),
            side="applicant",
            occasion="submission",
            state="none",
            by=row.by,
            at=clock.now(),
        )
    costs.append(len(queries_of(client, url)))
    assert costs[0] == costs[1]
