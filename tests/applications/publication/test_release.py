"""Two different administrators sign exactly what is listed; one transaction releases it, once."""

import json
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from django.utils import translation

from applications import chain, holdings
from applications.decisions.actions import decide
from applications.enums import PublicationStatus, Status
from applications.models import ApplicantDocument, Application, Decision, Publication, PublicEntry
from applications.publication import actions, manifest
from applications.tasks import release_due
from portal import clock
from portal.accounts.models import User
from portal.audit.models import Event
from portal.errors import Denied, NotNow
from portal.notifications.models import Notice
from samples import ledger
from samples.models import Movement
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, call_of, chair_of, member_of
from tests.factories.decisions import closed_call, decided, released, review_of, signed, signers

pytestmark = pytest.mark.django_db


def test_release_writes_everything_together() -> None:
    call = closed_call()
    given = decided(call, 40, whole=True, names_principal_investigator=True)
    refused = decided(call)
    member_of(given)  # reads it in the portal
    member_of(given, receives_decisions=True)
    review_of(given, "A convincing plan.")
    publication = released(call)
    given.refresh_from_db()
    refused.refresh_from_db()
    assert (given.status, refused.status) == (Status.PUBLISHED, Status.PUBLISHED)
    assert publication.status == PublicationStatus.RELEASED_TO_PUBLIC
    assert publication.released_to_applicants_at == publication.released_to_public_at
    powder = given.submission.requests.get(whole=False).sample
    assert (powder.held_mg, powder.allocated_mg) == (0, 40)
    entry = PublicEntry.objects.get(kind="selection")
    assert entry.document == {
        "reference": given.reference,
        "call": call.slug,
        "outcome": "selected_in_part",
        "title": given.public_title,
        "summary": given.public_summary,
        "principal_investigator": given.principal_investigator.name,
        "institution": {"name": given.institution.name, "ror": None, "country": "XA"},
        "awards": [
            {
                "sample": request.sample.catalogue_number,
                "mission": request.sample.mission.code,
                "hemisphere": request.sample.mission.hemisphere,
                "whole": request.whole,
                "mass_mg": "36.200" if request.whole else "40.000",
            }
            for request in given.submission.requests.all()
        ],
        "decided_at": chain.time_text(Decision.objects.filter(request__submission=given.submission).latest("at").at),
        "published_at": chain.time_text(publication.released_to_public_at),
        "publication": str(publication.uid),
        "origin": "portal",
    }
    told = ApplicantDocument.objects.get(application=given).document
    assert (told["entry_hash"], told["panel"]) == (entry.entry_hash, [{"label": "K7", "text": "A convincing plan."}])
    assert [one["reason"] for one in told["requests"]] == ["The panel’s reason.", "The panel’s reason."]
    letters = Notice.objects.filter(kind="decision-released")
    assert sorted(letters.values_list("about_id", flat=True)) == sorted([given.pk, given.pk, refused.pk])
    assert ledger.faults() == holdings.faults() == chain.faults() == []


def test_a_decision_goes_to_the_second_address_of_whoever_asked_for_that_and_of_nobody_else() -> None:
    call = closed_call()
    wants, silent = decided(call, 40).principal_investigator, decided(call).principal_investigator
    for user, asked in ((wants, True), (silent, False)):
        EmailAddress.objects.create(user=user, email=f"second{user.pk}@example.org", verified=True, primary=False)
        User.objects.filter(pk=user.pk).update(decisions_to_second=asked)
    released(call)
    assert list(Notice.objects.filter(copy=True).values_list("kind", "recipient")) == [("decision-released", wants.pk)]


def test_nothing_of_the_panel_is_in_a_document_but_its_text_for_the_applicant() -> None:
    call = closed_call()
    application = decided(call, 40)
    review = review_of(application)
    released(call)
    told = json.dumps(ApplicantDocument.objects.get().document)
    for secret in ("Between us.", "Only mine.", review.assignment.reviewer.name, review.assignment.reviewer.email):
        assert secret not in told
    assert "weighted_mean" not in told


def test_principal_investigator_is_named_only_with_consent() -> None:
    call = closed_call()
    application = decided(call, 50, names_principal_investigator=False)
    released(call)
    entry = PublicEntry.objects.get(kind="selection")
    assert entry.document["principal_investigator"] is None
    assert application.principal_investigator.name not in json.dumps(entry.document)


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({"mass_mg": 50, "whole": True}, "selected"),
        ({"mass_mg": 50}, "selected_in_part"),
        ({"mass_mg": 20, "whole": True}, "selected_in_part"),
        ({"reserve": 1}, "reserve"),
        ({}, "not_selected"),
    ],
)
def test_outcome_follows_from_the_effective_decisions(given: dict, outcome: str) -> None:
    call = closed_call()
    decided(call, **given)
    publication = actions.prepare(call, "results", by=administrator())
    (document,) = publication.manifest["documents"]
    assert document["outcome"] == outcome
    assert len(publication.manifest["public"]) == outcome.startswith("selected")


def test_public_record_shows_neither_number_nor_reference_of_the_rest() -> None:
    call = closed_call()
    hidden = [decided(call), decided(call, reserve=1), decided(call)]
    chosen = decided(call, 50)
    publication = released(call)
    said = json.dumps(list(publication.entries.values_list("key", "document")))
    assert chosen.reference in said
    assert [one.reference for one in hidden if one.reference in said] == []
    remainder = publication.entries.get(kind="remainder").document
    assert set(remainder) == {"publication", "call", "kind", "manifest_sha256", "root", "published_at"}


def test_proof_of_what_was_told_leads_to_the_public_root_and_no_other_does() -> None:
    call = closed_call()
    refused, other = decided(call), decided(call, reserve=1)
    publication = released(call)
    root = publication.entries.get(kind="remainder").document["root"]
    proof = ApplicantDocument.objects.get(application=refused).document["record"]
    assert proof["statement"]["outcome"] == "not_selected"
    assert chain.proves(proof, root)
    assert not chain.proves({**proof, "statement": {**proof["statement"], "outcome": "selected"}}, root)
    theirs = ApplicantDocument.objects.get(application=other).document["record"]
    assert len(theirs["path"]) == len(proof["path"]) == 10
    assert theirs["salt"] != proof["salt"]


# --- Signatures ---------------------------------------------------------------------------------------------


def test_signers_who_read_in_different_languages_sign_one_list() -> None:
    call = closed_call()
    review_of(decided(call, 40))
    decided(call, reserve=1)
    publication = actions.prepare(call, "results", by=administrator())
    with translation.override("zh-hans"):
        assert manifest.build(publication).sha256 == publication.manifest_sha256


def test_same_person_never_signs_twice() -> None:
    call = closed_call()
    decided(call, 40)
    person = administrator()
    publication = actions.prepare(call, "results", by=person)
    actions.sign(publication, by=person, manifest_sha256=publication.manifest_sha256)
    with pytest.raises(Denied) as refusal:
        actions.sign(publication, by=person, manifest_sha256=publication.manifest_sha256)
    assert refusal.value.code == "signed-already"
    with pytest.raises(NotNow):
        actions.release(publication, by=person)
    assert not ApplicantDocument.objects.exists()


def test_nobody_without_the_role_or_with_a_conflict_publishes() -> None:
    call = closed_call()
    application = decided(call, 40)
    publication = actions.prepare(call, "results", by=administrator())
    conflicted = administrator(institution=application.institution)
    for person in (UserFactory(), chair_of(call), UserFactory(roles=["curator", "auditor"]), conflicted):
        with pytest.raises(Denied):
            actions.prepare(call, "shortlist", by=person)
        with pytest.raises(Denied):
            actions.sign(publication, by=person, manifest_sha256=publication.manifest_sha256)
        with pytest.raises(Denied):
            actions.recall(publication, by=person, reason="Why not.")
    assert not publication.signatures.exists()


def test_signature_on_another_list_is_refused() -> None:
    call = closed_call()
    application = decided(call, 40)
    publication = actions.prepare(call, "results", by=administrator())
    request = application.submission.requests.get(whole=False)
    decide(request, by=chair_of(call), verdict="award", reason="Less.", mass_mg=Decimal(30))
    with pytest.raises(NotNow) as refusal:
        actions.sign(publication, by=administrator(), manifest_sha256=publication.manifest_sha256)
    assert refusal.value.code == "changed"
    actions.sign(publication, by=administrator(), manifest_sha256=manifest.build(publication).sha256)


def change_a_decision(application: Application) -> None:
    request = application.submission.requests.get(whole=False)
    decide(request, by=chair_of(application.call), verdict="award", reason="Less.", mass_mg=Decimal(30))


def withdraw(application: Application) -> None:
    holdings.release_awards(application, by=application.principal_investigator)
    Application.objects.filter(pk=application.pk).update(status=Status.WITHDRAWN)


def name_another_receiver(application: Application) -> None:
    member_of(application, receives_decisions=True)


def write_a_text(application: Application) -> None:
    review_of(application, "Another text for the applicant.")


@pytest.mark.parametrize("change", [change_a_decision, withdraw, name_another_receiver, write_a_text])
def test_any_change_of_what_is_listed_voids_both_signatures_and_stops_the_release(change) -> None:
    call = closed_call()
    application = decided(call, 40)
    decided(call)
    first, second = signers()
    publication = signed(call, by=(first, second))
    change(application)
    with pytest.raises(NotNow) as refusal:
        actions.release(publication, by=first)
    assert refusal.value.code == "changed"
    publication.refresh_from_db()
    assert (publication.status, publication.release_at) == (PublicationStatus.DRAFT, None)
    assert publication.signatures.filter(voided_at__isnull=True).count() == 0
    assert publication.signatures.count() == 2
    assert not PublicEntry.objects.exists() and not ApplicantDocument.objects.exists()
    for person in (first, second):
        actions.sign(publication, by=person, manifest_sha256=manifest.build(publication).sha256)
    publication.refresh_from_db()
    actions.release(publication, by=second)
    assert chain.faults() == []


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.RETURNED, Status.UNDER_REVIEW, Status.DELIBERATED])
def test_nothing_is_signed_while_an_application_has_not_come_so_far(status: str) -> None:
    call = closed_call()
    decided(call, 40)
    application_of(call, status=status)
    publication = actions.prepare(call, "results", by=administrator())
    with pytest.raises(NotNow) as refusal:
        actions.sign(publication, by=administrator(), manifest_sha256=publication.manifest_sha256)
    assert refusal.value.code == "undecided"


def test_withdrawn_ineligible_and_lapsed_applications_neither_block_nor_are_listed() -> None:
    call = closed_call()
    decided(call, 40)
    application_of(call, status=Status.WITHDRAWN)
    application_of(call, status=Status.INELIGIBLE)
    lapsed = application_of(call, status=Status.RETURNED)
    Application.objects.filter(pk=lapsed.pk).update(resubmit_until=clock.now() - timedelta(days=1))
    assert len(released(call).manifest["documents"]) == 1


def test_open_call_is_not_published() -> None:
    call = call_of()
    decided(call, 40)
    publication = actions.prepare(call, "results", by=administrator())
    with pytest.raises(NotNow) as refusal:
        actions.sign(publication, by=administrator(), manifest_sha256=publication.manifest_sha256)
    assert refusal.value.code == "call-open"


# --- Release and recall -----------------------------------------------------------------------------------------


def test_second_release_is_refused_and_leaves_one_event() -> None:
    call = closed_call()
    decided(call, 40)
    publication = released(call)
    with pytest.raises(NotNow):
        actions.release(publication, by=administrator())
    assert Event.objects.filter(verb="publication.release").count() == 1
    assert Movement.objects.filter(reason="allocation").count() == 1


def test_release_waits_for_its_hold_time_and_is_then_done_by_the_clock() -> None:
    call = closed_call(hold_minutes=60)
    decided(call, 40)
    first, second = signers()
    publication = signed(call, by=(first, second))
    with pytest.raises(NotNow) as refusal:
        actions.release(publication, by=first)
    assert refusal.value.code == "on-hold"
    release_due()
    publication.refresh_from_db()
    assert publication.status == PublicationStatus.SCHEDULED
    with clock.set_to(publication.release_at + timedelta(seconds=1)):
        release_due()
        release_due()
    publication.refresh_from_db()
    assert publication.status == PublicationStatus.RELEASED_TO_PUBLIC
    assert Event.objects.get(verb="publication.release").actor == second


def test_clock_never_releases_a_stale_list() -> None:
    call = closed_call(hold_minutes=60)
    application = decided(call, 40)
    publication = signed(call)
    change_a_decision(application)
    with clock.set_to(publication.release_at + timedelta(hours=1)):
        release_due()
    publication.refresh_from_db()
    assert (publication.status, PublicEntry.objects.count()) == (PublicationStatus.DRAFT, 0)


def test_recall_before_the_release_keeps_the_decisions_and_allows_another() -> None:
    call = closed_call(hold_minutes=60)
    decided(call, 40)
    publication = signed(call)
    actions.recall(publication, by=administrator(), reason="A letter names the wrong piece.")
    publication.refresh_from_db()
    assert publication.status == PublicationStatus.RECALLED
    assert publication.signatures.filter(voided_at__isnull=True).count() == 0
    assert Application.objects.get(call=call).status == Status.DECIDED
    with pytest.raises(NotNow):
        actions.release(publication, by=administrator())
    assert actions.prepare(call, "results", by=administrator()).pk != publication.pk


def test_nothing_is_recalled_or_decided_anew_after_the_release() -> None:
    call = closed_call()
    application = decided(call, 40)
    publication = released(call)
    with pytest.raises(NotNow):
        actions.recall(publication, by=administrator(), reason="Too late.")
    with pytest.raises(NotNow):
        change_a_decision(application)
    with pytest.raises(NotNow):
        actions.prepare(call, "results", by=administrator())


def test_shortlist_tells_each_applicant_and_names_the_invited_only_where_the_call_says_so() -> None:
    for announces in (True, False):
        call = closed_call(announces_shortlist=announces)
        invited = application_of(call, status=Status.INTERVIEWING)
        passed_over = application_of(call, status=Status.INTERVIEWING)
        passed_over.shortlisting.invited = False
        passed_over.shortlisting.save()
        publication = released(call, "shortlist")
        told = {one.application_id: one.document for one in publication.documents.all()}
        assert (told[invited.pk]["invited"], told[passed_over.pk]["invited"]) == (True, False)
        listed = [entry.document["reference"] for entry in publication.entries.filter(kind="shortlisted")]
        assert listed == ([invited.reference] if announces else [])
        assert passed_over.reference not in json.dumps([e.document for e in publication.entries.all()])
        assert Notice.objects.filter(kind="shortlist-released", about_id__in=[invited.pk, passed_over.pk]).count() == 2
        invited.refresh_from_db()
        assert invited.status == Status.INTERVIEWING
    assert chain.faults() == []


def test_times_in_documents_are_utc_to_the_second() -> None:
    call = closed_call()
    decided(call, 40)
    publication = released(call)
    said = PublicEntry.objects.get(kind="selection").document["published_at"]
    assert datetime.fromisoformat(said) == publication.released_to_public_at.replace(microsecond=0)
    assert Publication.objects.count() == 1
