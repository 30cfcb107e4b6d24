"""Copies of earlier applications, the way back to what was submitted, and what the pages say of both."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from applications import documents
from applications.apply import actions, copying
from applications.attachments import actions as attachments
from applications.declarations import statements
from applications.differences import changed_parts
from applications.enums import AuthorisationState, CareerStage, GroupKind, Status
from applications.models import Application, Call, DraftGroup
from applications.requests import actions as asking
from applications.team import handover
from portal import clock, orphans
from portal.accounts.models import User
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import UserFactory
from tests.factories.applications import DAY, application_of, call_of, draft_of, member_of, stock
from tests.factories.kept import Beside, lay, lying, refer, use_directory

Send = Callable[..., Any]


def grouped(draft: Application) -> DraftGroup:
    group = DraftGroup.objects.create(
        application=draft, name="Pair", kind=GroupKind.NEEDS_ALL, least_set="Both.", matching="Grain size"
    )
    draft.draft_requests.update(group=group)
    return group


def said(application: Application) -> dict[str, Any]:
    """What the draft would say, without what is its own."""
    moment = application.created_at
    document = documents.snapshot(application, documents.lines(application), number=1, received_at=moment)
    for request in document["requests"]:
        request.pop("uid"), request.pop("group")
    for part in (*document["groups"], *document["places"], *document["team"]):
        part.pop("uid")
    return {name: document[name] for name in (*documents.TEXTS, "language", "requests", "groups", "places", "file")}


# --- Copies -------------------------------------------------------------------------------------------


def test_a_copy_says_what_the_earlier_one_said_and_declares_nothing(applicant: User) -> None:
    samples = [stock(), stock("36.2", "clast", "far")]
    source = draft_of(call_of(samples=samples), applicant, career_stage=CareerStage.EARLY)
    grouped(source)
    member = member_of(source)
    into = call_of(samples=samples)
    copied = copying.clone(source, by=applicant, call=into, what_changed=" A new blank. ")
    assert said(copied) == said(source) | {"what_changed": "A new blank."}
    assert (copied.status, copied.call, copied.cloned_from, copied.declared) == (Status.DRAFT, into, source, {})
    assert not copied.confirms_eligibility and not copied.draft_authorisations.exists()
    assert copied.reference != source.reference
    kept = copied.team.get()
    assert (kept.email, kept.invited_at, kept.confirmed_at, kept.user) == (member.email, None, None, member.user)
    assert not Notice.objects.exists()


def test_a_copy_asks_only_for_samples_that_are_offered(applicant: User) -> None:
    kept = stock()
    source = draft_of(call_of(samples=[kept, stock("36.2", "clast", "far")]), applicant)
    copied = copying.clone(source, by=applicant, call=call_of(samples=[kept]), what_changed="Less.")
    assert [line.sample for line in copied.draft_requests.all()] == [kept]


@pytest.mark.parametrize("status", [Status.DRAFT, Status.WITHDRAWN, Status.INELIGIBLE, Status.PUBLISHED])
def test_whatever_became_of_the_earlier_one_it_can_be_copied(applicant: User, status: str) -> None:
    source = application_of(None, applicant, status) if status != Status.DRAFT else draft_of(by=applicant)
    copied = copying.clone(source, by=applicant, call=call_of(), what_changed="New.")
    source.refresh_from_db()
    assert (source.status, copied.title) == (status, source.title)


def test_copies_are_refused_to_others_and_into_closed_calls(applicant: User) -> None:
    source = draft_of(by=applicant)
    for somebody in (UserFactory(), member_of(source).user):
        with pytest.raises(Denied):
            copying.clone(source, by=somebody, call=call_of(), what_changed="New.")
        assert signed_in(somebody).get(page("apply-clone", source)).status_code == 404
    with pytest.raises(NotNow):
        copying.clone(source, by=applicant, call=call_of(closes_at=clock.now() - DAY), what_changed="New.")
    with pytest.raises(Invalid):
        copying.clone(source, by=applicant, call=call_of(), what_changed="  ")


def kept_by_a_copy_while_its_source_is_detached(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Take the file out of a draft and sweep while it is copied; return whether the file of the copy is there."""
    use_directory(settings, tmp_path)
    applicant = UserFactory()
    source = draft_of(by=applicant)
    refer(draft_of(), lay(tmp_path, "of somebody else"))
    sha256 = lay(tmp_path, "plan", days=9)
    refer(source, sha256)
    source.refresh_from_db()
    usual, besides = copying.with_new_reference, []

    def watched(*args: Any, **facts: Any) -> Application:
        mate = Beside(lambda: attachments.detach(Application.objects.get(pk=source.pk), by=applicant))
        mate.start_until_done_or_waiting()
        besides.append(mate)
        sweeper = Beside(lambda: orphans.sweep(whole=True))
        sweeper.start()
        sweeper.end()
        return usual(*args, **facts)

    monkeypatch.setattr(copying, "with_new_reference", watched)
    copied = copying.clone(source, by=applicant, call=call_of(), what_changed="New.")
    besides[0].end()
    orphans.sweep(whole=True)
    source.refresh_from_db()
    assert (source.file_sha256, copied.file_sha256) == ("", sha256)
    return sha256 in lying()


@pytest.mark.django_db(transaction=True)
def test_file_of_a_copy_stays_though_its_source_loses_it_meanwhile(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept_by_a_copy_while_its_source_is_detached(settings, tmp_path, monkeypatch)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_of_the_source_it_is_lost(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "locked", lambda application: application)
    assert not kept_by_a_copy_while_its_source_is_detached(settings, tmp_path, monkeypatch)


def test_the_page_copies_into_the_call_that_is_chosen(visitor: Client, applicant: User, send: Send) -> None:
    source, into = draft_of(by=applicant), call_of()
    url = page("apply-clone", source)
    shown = visitor.get(f"{url}?call={into.slug}").content.decode()
    assert f'value="{into.slug}" id="id_call' in shown and "checked" in shown
    assert send(visitor, url, call=into.slug, what_changed="").status_code == 422
    assert send(visitor, url, call="no-such-call", what_changed="New.").status_code == 422
    answer = send(visitor, url, call=into.slug, what_changed="New.")
    copied = Application.objects.get(cloned_from=source)
    assert (answer.status_code, answer["Location"]) == (303, page("apply-tasks", copied))
    for address in ("/my/", f"/calls/{into.slug}/apply/"):
        assert page("apply-clone", source) in visitor.get(address).content.decode()


def test_what_changed_is_asked_of_a_copy_alone_and_read_by_the_panel(visitor: Client, applicant: User) -> None:
    source = draft_of(by=applicant)
    copied = copying.clone(source, by=applicant, call=call_of(), what_changed="A blank of our own.")
    for application, is_asked in ((source, False), (copied, True)):
        shown = visitor.get(page("apply-section", application, "science")).content.decode()
        assert ("What changed since the earlier application" in shown) is is_asked
    assert "A blank of our own." in visitor.get(page("apply-check", copied)).content.decode()
    assert documents.snapshot(copied, [], number=1, received_at=clock.now())["what_changed"] == "A blank of our own."


# --- Back to what was submitted ----------------------------------------------------------------------------


@pytest.fixture
def submitted(call: Call, applicant: User) -> Application:
    draft = draft_of(call, applicant)
    grouped(draft)
    actions.submit(draft, by=applicant)
    draft.refresh_from_db()
    return draft


def test_nothing_differs_right_after_the_submission(visitor: Client, submitted: Application) -> None:
    assert changed_parts(submitted) == []
    shown = visitor.get(page("apply-tasks", submitted)).content.decode()
    assert "Submitted. It may be replaced." in shown and "Nothing differs from what was submitted." in shown
    with pytest.raises(NotNow) as refused:
        actions.submit(submitted, by=submitted.principal_investigator)
    assert refused.value.code == "unchanged"


def test_a_second_tab_that_submits_the_same_again_learns_that_it_stands(submitted: Application) -> None:
    with pytest.raises(NotNow) as refused:
        actions.submit(submitted, by=submitted.principal_investigator, version=submitted.version - 1)
    assert refused.value.code == "unchanged"


def test_what_differs_is_listed_part_by_part_and_word_by_word(
    visitor: Client, submitted: Application, send: Send
) -> None:
    url = page("apply-section", submitted, "methods")
    assert send(visitor, url, version=submitted.version, methods="Nine runs of 4 mg.").status_code == 303
    submitted.draft_requests.filter(whole=False).update(asked_mg=40)
    submitted.refresh_from_db()
    assert changed_parts(submitted) == ["requests", "methods"]
    shown = visitor.get(page("apply-check", submitted)).content.decode()
    assert "<del>Eight</del>" in shown and "<ins>Nine</ins>" in shown
    assert "<del>50</del>" in shown and "<ins>40</ins>" in shown  # mg
    assert shown.count('state state--warn">changed<') == 2
    for name in ("apply-tasks", "requests-list", "team-list", "attachments-file", "declarations-declare"):
        assert "Submitted. It may be replaced." in visitor.get(page(name, submitted)).content.decode(), name


def test_throwing_the_changes_away_brings_back_every_part(visitor: Client, submitted: Application, send: Send) -> None:
    before, submission = said(submitted), submitted.submission
    home = submitted.institution
    other = draft_of(by=UserFactory()).institution
    Application.objects.filter(pk=submitted.pk).update(
        methods="Other",
        title="Other",
        institution=other,
        declared={},
        file_sha256="",
        names_principal_investigator=True,
    )
    submitted.draft_requests.all().delete()
    submitted.draft_groups.all().delete()
    submitted.places.all().delete()
    submitted.draft_authorisations.all().delete()
    submitted.refresh_from_db()
    assert len(changed_parts(submitted)) > 8
    url = page("apply-restore", submitted)
    assert "Throw away everything" in visitor.get(url).content.decode()
    assert send(visitor, url, version=submitted.version - 1).status_code == 409
    assert send(visitor, url, version=submitted.version).status_code == 303
    submitted.refresh_from_db()
    assert (said(submitted), changed_parts(submitted)) == (before, [])
    assert (submitted.institution, submitted.submission, submitted.status) == (home, submission, Status.SUBMITTED)


def test_nobody_throws_away_for_the_head_what_only_the_head_declares(submitted: Application) -> None:
    former, heir = submitted.principal_investigator, member_of(submitted)
    Application.objects.filter(pk=submitted.pk).update(declared={}, names_principal_investigator=True)
    submitted.refresh_from_db()
    copying.restore(submitted, by=heir.user, version=submitted.version)
    submitted.refresh_from_db()
    assert (submitted.declared, submitted.names_principal_investigator) == ({}, True)
    handover.offer(heir, by=former)
    handover.accept(submitted, by=heir.user)
    for who in (former, heir.user):
        submitted.refresh_from_db()
        copying.restore(submitted, by=who, version=submitted.version)
        submitted.refresh_from_db()
        assert (submitted.declared, submitted.names_principal_investigator) == ({}, False), who


def test_what_was_brought_back_is_not_written_over_from_a_page_opened_before(submitted: Application) -> None:
    person, before = submitted.principal_investigator, submitted.version
    line, stated = submitted.draft_requests.get(whole=False), submitted.draft_authorisations.first()
    assert stated
    actions.save(submitted, by=person, version=before, methods="Other")
    copying.restore(submitted, by=person, version=submitted.version)
    with pytest.raises(NotNow) as refused:
        asking.put(submitted, by=person, sample=line.sample, whole=False, version=before)
    assert refused.value.code == "stale"
    statement = statements.Statement(stated.mission, stated.institution, AuthorisationState.UNSURE, note="Other")
    with pytest.raises(NotNow) as refused:
        statements.state_authorisations(submitted, by=person, statements=[statement], version=before)
    assert refused.value.code == "stale"


def test_there_is_no_way_back_without_a_submission_or_after_the_deadline(
    visitor: Client, draft: Application, submitted: Application, send: Send
) -> None:
    assert send(visitor, page("apply-restore", draft), version=draft.version).status_code == 409
    Application.objects.filter(pk=submitted.pk).update(methods="Other")
    with clock.set_to(submitted.call.closes_at + timedelta(seconds=1)):
        assert send(visitor, page("apply-restore", submitted), version=submitted.version).status_code == 409
    submitted.refresh_from_db()
    assert submitted.methods == "Other"


def test_a_replaced_submission_stays_and_the_last_one_counts(visitor: Client, submitted: Application) -> None:
    first, person = submitted.submission, submitted.principal_investigator
    actions.save(submitted, by=person, version=submitted.version, methods="Nine runs.")
    told = Notice.objects.filter(kind="application-submitted").count()
    second = actions.submit(submitted, by=person)
    submitted.refresh_from_db()
    assert second and (submitted.submission, second.number, first.number) == (second, 2, 1)
    assert first.document["methods"] == "Eight runs of 4 mg."
    assert Notice.objects.filter(kind="application-submitted").count() == told + 1
    assert not Notice.objects.filter(kind="application-to-screen").exclude(event__facts__submission=1).exists()
    assert second.sha256 in visitor.get(page("following-receipt", submitted)).content.decode()
