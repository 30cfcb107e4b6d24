"""Authorisations in a draft: every mission at every holder on one page; evidence on its own step; nothing blocks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications.apply import actions as apply
from applications.declarations import statements
from applications.declarations.statements import Statement
from applications.models import Application, AuthorisationRecord, DraftAuthorisation, Place
from applications.rules import eligibility
from portal import clock
from portal.errors import Invalid, NotNow
from samples.models import Mission
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import InstitutionFactory, UserFactory
from tests.factories.applications import draft_of, member_of
from tests.factories.files import pdf

Send = Callable[..., Any]
DAY = timedelta(days=1)


def upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("licence of somebody.pdf", pdf(1), "application/pdf")


def typed(draft: Application, **said: Any) -> dict[str, Any]:
    """The same statement for every pair."""
    pairs = [(one.mission.code, one.institution.key) for one in draft.draft_authorisations.all()]
    fields = {f"{name}-{mission}-{key}": value for mission, key in pairs for name, value in said.items()}
    return {"version": draft.version, **fields}


def test_every_mission_at_every_holder_stands_on_one_page(visitor: Client, draft: Application) -> None:
    other, visited = InstitutionFactory(), InstitutionFactory()
    Place.objects.create(application=draft, institution=other)
    Place.objects.create(application=draft, institution=visited, kind="visited")
    rows = visitor.get(page("declarations-authorisations", draft)).context["form"].rows()
    assert [(row.pair[0].code, row.pair[1]) for row in rows] == [
        ("CE5", draft.institution),
        ("CE5", other),
        ("CE6", draft.institution),
        ("CE6", other),
    ]
    assert [bool(row.stated) for row in rows] == [True, False, True, False]
    assert "authorisations" in eligibility.missing(draft)


def test_all_are_stated_at_once(visitor: Client, draft: Application, send: Send) -> None:
    later = (clock.now() + 100 * DAY).date().isoformat()
    sent = typed(draft, state="pending", reference="A-17", expected_on=later, note="Asked for.")
    assert send(visitor, page("declarations-authorisations", draft), **sent).status_code == 303
    assert set(draft.draft_authorisations.values_list("state", "reference", "note")) == {
        ("pending", "A-17", "Asked for.")
    }
    draft.refresh_from_db()
    assert not eligibility.missing(draft)  # pending blocks nothing


def test_one_may_be_left_open_in_a_draft(visitor: Client, draft: Application, send: Send) -> None:
    other = InstitutionFactory()
    Place.objects.create(application=draft, institution=other)
    assert send(visitor, page("declarations-authorisations", draft), **typed(draft, state="unsure")).status_code == 303
    assert draft.draft_authorisations.count() == 2


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"state": "obtained"}, "reference"),
        ({"state": "perhaps"}, "state"),
        ({"state": "", "reference": "A-17"}, "state"),
        ({"state": "none", "expires_on": "tomorrow"}, "expires_on"),
        ({"state": "none", "expected_on": "31/12/2027"}, "expected_on"),
        ({"state": "obtained", "reference": "x" * 121}, "reference"),
        ({"state": "none", "note": "x" * 1001}, "note"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    visitor: Client, draft: Application, send: Send, said: dict[str, str], field: str
) -> None:
    before = list(DraftAuthorisation.objects.values())
    answer = send(visitor, page("declarations-authorisations", draft), **typed(draft, **said))
    assert answer.status_code == 422
    assert {name.partition("-")[0] for name in answer.context["form"].errors} == {field}
    assert list(DraftAuthorisation.objects.values()) == before


def test_what_does_not_belong_to_a_state_is_not_kept(draft: Application) -> None:
    head, day = draft.principal_investigator, clock.now().date()
    row = draft.draft_authorisations.select_related("mission", "institution").first()
    facts = {"mission": row.mission, "institution": row.institution}
    said = {"reference": "A-17", "expires_on": day, "expected_on": day}
    kept = statements.state_authorisation(draft, by=head, **facts, state="none", **said)
    assert (kept.reference, kept.expires_on, kept.expected_on) == ("", None, None)
    kept = statements.state_authorisation(draft, by=head, **facts, state="obtained", **said)
    assert (kept.reference, kept.expires_on, kept.expected_on) == ("A-17", day, None)
    with pytest.raises(Invalid):
        statements.state_authorisation(draft, by=head, **facts, state="obtained")


def test_evidence_is_uploaded_replaced_removed_and_had_by_the_team(
    visitor: Client, draft: Application, send: Send
) -> None:
    row = draft.draft_authorisations.select_related("mission", "institution").first()
    where = (row.mission.code, row.institution.key)
    assert send(visitor, page("declarations-evidence", draft, *where), file=upload()).status_code == 303
    row.refresh_from_db()
    assert len(row.evidence_sha256) == 64 and row.evidence_bytes > 0
    url = page("attachments-download", draft, row.evidence_sha256)
    for person in (draft.principal_investigator, member_of(draft, role="reader").user):
        answer = signed_in(person).get(url)
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment")
        assert "licence of somebody" not in str(answer.headers)
    for person in (UserFactory(), UserFactory(roles=["administrator"]), draft_of(draft.call).principal_investigator):
        assert signed_in(person).get(url).status_code == 404

    remove = page("declarations-evidence-remove", draft, *where)
    stale = send(visitor, remove, version=1)
    draft.refresh_from_db()
    assert (stale.status_code, f'name="version" value="{draft.version}"' in visitor.get(remove).content.decode()) == (
        409,
        True,
    )
    assert send(visitor, remove, version=draft.version).status_code == 303
    row.refresh_from_db()
    assert row.evidence_sha256 == ""
    assert visitor.get(url).status_code == 404
    assert visitor.get(page("declarations-evidence-remove", draft, *where)).status_code == 404


@pytest.mark.parametrize("content", [b"", b"not a pdf", b"%PDF-1.4 broken"])
def test_what_is_no_pdf_is_refused_at_the_field(
    visitor: Client, draft: Application, send: Send, content: bytes
) -> None:
    row = draft.draft_authorisations.select_related("mission", "institution").first()
    file = SimpleUploadedFile("x.pdf", content, "application/pdf")
    answer = send(visitor, page("declarations-evidence", draft, row.mission.code, row.institution.key), file=file)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["file"])


def test_evidence_belongs_to_what_it_was_given_for(draft: Application) -> None:
    head = draft.principal_investigator
    row = draft.draft_authorisations.select_related("mission", "institution").first()
    facts = {"mission": row.mission, "institution": row.institution}
    statements.state_authorisation(draft, by=head, **facts, state="obtained", reference="A-17")
    DraftAuthorisation.objects.filter(pk=row.pk).update(evidence_sha256="a" * 64, evidence_bytes=9)
    kept = statements.state_authorisation(draft, by=head, **facts, state="obtained", reference="A-17", note="More.")
    assert kept.evidence_sha256 == "a" * 64
    kept = statements.state_authorisation(draft, by=head, **facts, state="obtained", reference="B-18")
    assert kept.evidence_sha256 == ""


def test_what_is_not_asked_for_any_more_is_kept_and_not_submitted(visitor: Client, draft: Application) -> None:
    draft.draft_requests.filter(sample__mission__code="CE6").delete()
    context = visitor.get(page("declarations-authorisations", draft)).context
    assert [row.pair[0].code for row in context["form"].rows()] == ["CE5"]
    assert [one.mission.code for one in context["kept"]] == ["CE6"]

    submission = apply.submit(draft, by=draft.principal_investigator)
    assert [one["mission"] for one in submission.document["authorisations"]] == ["CE5"]
    assert [one.mission.code for one in AuthorisationRecord.objects.filter(application=draft)] == ["CE5"]
    assert draft.draft_authorisations.count() == 2


def test_submission_keeps_a_record_of_each(draft: Application) -> None:
    DraftAuthorisation.objects.filter(application=draft).update(state="unsure", evidence_sha256="b" * 64)
    apply.submit(draft, by=draft.principal_investigator)
    rows = AuthorisationRecord.objects.filter(application=draft)
    assert set(rows.values_list("side", "occasion", "state", "evidence_sha256")) == {
        ("applicant", "submission", "unsure", "b" * 64)
    }
    assert rows.count() == 2


def test_readers_strangers_and_the_late_state_nothing(draft: Application, send: Send) -> None:
    before = list(DraftAuthorisation.objects.values())
    sent, url = typed(draft, state="unsure"), page("declarations-authorisations", draft)
    assert send(signed_in(member_of(draft, role="reader").user), url, **sent).status_code == 403
    assert send(signed_in(UserFactory()), url, **sent).status_code == 404
    row = draft.draft_authorisations.select_related("mission", "institution").first()
    late = Statement(row.mission, row.institution, "unsure")
    with clock.set_to(draft.call.closes_at + DAY), pytest.raises(NotNow):
        statements.state_authorisations(draft, by=draft.principal_investigator, statements=[late])
    assert list(DraftAuthorisation.objects.values()) == before


def test_two_people_at_the_same_statement_are_told(visitor: Client, draft: Application, send: Send) -> None:
    colleague = signed_in(member_of(draft).user)
    url, version = page("declarations-authorisations", draft), draft.version
    assert send(colleague, url, **typed(draft, state="pending", note="Theirs")).status_code == 303
    answer = send(visitor, url, **(typed(draft, state="unsure", note="Mine") | {"version": version}))
    assert answer.status_code == 409
    assert "Theirs" in answer.content.decode() and "Mine" in answer.content.decode()
    assert set(draft.draft_authorisations.values_list("note", flat=True)) == {"Theirs"}


def test_pair_that_is_not_in_the_application_is_absent(visitor: Client, draft: Application, send: Send) -> None:
    foreign = InstitutionFactory()
    mission = Mission.objects.get(code="CE5")
    for name in ("declarations-evidence", "declarations-evidence-remove"):
        assert send(visitor, page(name, draft, mission.code, foreign.key), file=upload()).status_code == 404
    send(
        visitor,
        page("declarations-authorisations", draft),
        version=draft.version,
        **{f"state-CE5-{foreign.key}": "none"},
    )
    assert not DraftAuthorisation.objects.filter(institution=foreign).exists()
