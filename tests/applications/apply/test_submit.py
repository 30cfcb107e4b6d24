"""Submitting: complete, in time by the database's clock, once, and unchangeable afterwards."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from applications.apply import actions
from applications.attachments import actions as attachments
from applications.declarations import actions as declarations
from applications.documents import lines
from applications.enums import Status
from applications.models import Application, Call, SampleRequest, Submission
from applications.requests import actions as requests
from applications.team import actions as team
from portal import clock
from portal.accounts.models import User
from portal.audit.models import Event
from portal.canonical import sha256_of
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, draft_of, member_of

Send = Callable[..., Any]
SECOND = timedelta(seconds=1)


def state_of(application: Application) -> tuple[Any, ...]:
    row = Application.objects.get(pk=application.pk)
    return (row.status, row.version, row.submission_id, Submission.objects.filter(application=row).count())


def test_submit_seals_everything_in_one_document(visitor: Client, draft: Application, send: Send) -> None:
    curator, office = UserFactory(roles=["curator"]), administrator()
    member_of(draft, confirmed=False, name="Not confirmed")
    answer = send(visitor, page("apply-check", draft), version=draft.version)
    assert (answer.status_code, answer["Location"]) == (303, page("following-receipt", draft))
    draft.refresh_from_db()
    submission = draft.submission
    assert draft.status == Status.SUBMITTED
    assert submission.sha256 == sha256_of(submission.document)
    assert submission.document["team"][0]["name"] == "Not confirmed"
    uids = {str(request.uid) for request in submission.requests.all()}
    assert uids == {one["uid"] for one in submission.document["requests"]} and len(uids) == 2
    assert Event.objects.get(verb="application.submit").facts["sha256"] == submission.sha256
    told = {(notice.kind, notice.recipient_id) for notice in Notice.objects.exclude(recipient=None)}
    assert ("application-submitted", draft.principal_investigator_id) in told
    assert ("application-to-screen", office.pk) in told and ("advice-wanted", curator.pk) in told
    shown = visitor.get(page("following-receipt", draft)).content.decode()
    assert all(part in shown for part in (draft.reference, submission.sha256, "Beijing", "UTC"))


def test_submit_is_refused_while_something_is_missing(visitor: Client, call: Call, applicant: User, send: Send) -> None:
    draft = draft_of(call, applicant, complete=False)
    before = state_of(draft)
    answer = send(visitor, page("apply-check", draft), version=draft.version)
    shown = answer.content.decode()
    assert answer.status_code == 422
    for words in ("Fill in: title.", "Ask for at least one sample.", "Add one PDF", "Make every declaration"):
        assert words in shown
    science = page("apply-section", draft, "science")
    assert f'href="{science}?return=check#id_title"' in shown and 'class="problem"' in shown
    assert state_of(draft) == before


def test_submit_in_the_last_moment_counts_and_at_the_deadline_does_not(call: Call) -> None:
    early, late = draft_of(call), draft_of(call)
    with clock.set_to(call.closes_at - timedelta(milliseconds=1)):
        submission = actions.submit(early, by=early.principal_investigator)
    assert submission.received_at == call.closes_at - timedelta(milliseconds=1)
    before = state_of(late)
    with clock.set_to(call.closes_at), pytest.raises(NotNow) as caught:
        actions.submit(late, by=late.principal_investigator)
    assert caught.value.code == "closed"
    assert state_of(late) == before


def test_late_submission_is_told_so_and_keeps_the_draft(visitor: Client, draft: Application, send: Send) -> None:
    before = state_of(draft)
    with clock.set_to(draft.call.closes_at + SECOND):
        answer = send(visitor, page("apply-check", draft), version=draft.version)
        assert answer.status_code == 409
        assert "The call is closed." in answer.content.decode()
        assert visitor.get(page("apply-tasks", draft)).status_code == 200
    assert state_of(draft) == before


def test_arrival_before_the_deadline_counts_however_long_the_request_waited(call: Call) -> None:
    draft = draft_of(call)
    with clock.set_to(call.closes_at + SECOND), clock.arrived(call.closes_at - SECOND):
        submission = actions.submit(draft, by=draft.principal_investigator)
    assert submission.received_at == call.closes_at - SECOND


def test_extension_moves_the_deadline(call: Call) -> None:
    draft, moment = draft_of(call), call.closes_at + SECOND
    Call.objects.filter(pk=call.pk).update(closes_at=call.closes_at + timedelta(days=1))
    with clock.set_to(moment):
        assert actions.submit(draft, by=draft.principal_investigator).number == 1


def test_cancelled_call_takes_nothing(call: Call) -> None:
    draft = draft_of(call)
    Call.objects.filter(pk=call.pk).update(status="cancelled")
    with pytest.raises(NotNow):
        actions.submit(draft, by=draft.principal_investigator)


def test_returned_application_is_taken_until_its_own_time(call: Call, applicant: User) -> None:
    in_time, too_late = (application_of(call, applicant, Status.RETURNED) for _ in range(2))
    Call.objects.filter(pk=call.pk).update(closes_at=clock.now() - SECOND)
    first = in_time.submission
    again = actions.submit(in_time, by=applicant)
    assert (again.number, in_time.status, in_time.resubmit_until) == (2, Status.SUBMITTED, None)
    assert set(again.requests.values_list("uid")).isdisjoint(first.requests.values_list("uid"))
    first.refresh_from_db()
    assert sha256_of(first.document) == first.sha256
    with clock.set_to(too_late.resubmit_until), pytest.raises(NotNow) as caught:
        actions.submit(too_late, by=applicant)
    assert caught.value.code == "closed"


def test_submit_twice_with_the_same_key_is_one_submission(visitor: Client, draft: Application) -> None:
    data = {"_once": str(uuid.uuid4()), "version": draft.version}
    answers = [visitor.post(page("apply-check", draft), data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert Submission.objects.filter(application=draft).count() == 1


def test_submit_again_is_refused(visitor: Client, draft: Application, send: Send) -> None:
    send(visitor, page("apply-check", draft), version=draft.version)
    assert send(visitor, page("apply-check", draft), version=draft.version).status_code == 409
    assert Submission.objects.filter(application=draft).count() == 1


def test_submit_of_another_text_than_was_read_is_refused(visitor: Client, draft: Application, send: Send) -> None:
    colleague = member_of(draft).user
    actions.save(draft, by=colleague, version=1, methods="Changed while the other one read")
    before = state_of(draft)
    answer = send(visitor, page("apply-check", draft), version=1)
    assert answer.status_code == 409
    assert "The application was changed since you read it." in answer.content.decode()
    assert state_of(draft) == before


def test_only_the_principal_investigator_submits(draft: Application, send: Send) -> None:
    colleague = member_of(draft).user
    assert (
        "Only the principal investigator submits."
        in signed_in(colleague).get(page("apply-check", draft)).content.decode()
    )
    assert send(signed_in(colleague), page("apply-check", draft), version=1).status_code == 403
    with pytest.raises(Denied):
        actions.submit(draft, by=colleague)
    assert state_of(draft)[0] == Status.DRAFT


@pytest.mark.parametrize("mass", ["0", "600"])
def test_submit_checks_the_masses_once_more(draft: Application, mass: str) -> None:
    draft.draft_requests.filter(whole=False).update(asked_mg=mass, least_mg=0)
    with pytest.raises(Invalid) as caught:
        actions.submit(draft, by=draft.principal_investigator)
    assert list(caught.value.errors) == ["requests"]


def test_submission_cannot_be_changed(draft: Application) -> None:
    submission = actions.submit(draft, by=draft.principal_investigator)
    for rows, change in (
        (Submission.objects.filter(pk=submission.pk), {"title": "x"}),
        (SampleRequest.objects.filter(submission=submission), {"technique": "x"}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()


def test_writing_after_submission_reaches_nothing(draft: Application) -> None:
    person = draft.principal_investigator
    powder = draft.draft_requests.get(whole=False).sample
    submission = actions.submit(draft, by=person)
    Call.objects.filter(pk=draft.call_id).update(closes_at=clock.now())
    writes: list[Callable[[], Any]] = [
        lambda: actions.save(draft, by=person, version=99, title="x"),
        lambda: requests.put(draft, by=person, sample=powder, whole=False, asked_mg=None, least_mg=None),
        lambda: requests.drop(draft, by=person, sample=powder),
        lambda: declarations.declare(draft, by=person, answers={}),
        lambda: attachments.detach(draft, by=person),
        lambda: team.invite(draft, by=person, email="x@example.org", name="X"),
    ]
    for write in writes:
        with pytest.raises(NotNow):
            write()
    assert sha256_of(submission.document) == submission.sha256


def test_lines_of_a_submission_have_ids_of_their_own(draft: Application) -> None:
    assert {line.uid for line in lines(draft)}.isdisjoint(draft.draft_requests.values_list("uid", flat=True))


def test_reference_is_tried_again_until_it_is_free(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    year = clock.now().astimezone(call.timezone).year
    draft_of(call, complete=False, reference=f"LSA-{year}-00007")
    numbers = iter([7, 7, 7, 7, 42])
    monkeypatch.setattr("applications.apply.actions.secrets.randbelow", lambda below: next(numbers))
    assert actions.start(call, by=UserFactory()).reference == f"LSA-{year}-000042"
