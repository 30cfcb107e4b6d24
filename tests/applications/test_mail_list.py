"""What the list of mails names of an application: never who reviews it, nothing to whom a conflict bars."""

import pytest
from django.test import Client

from applications import notices
from applications.panel import actions as panel
from applications.publication import actions as publications
from portal.notifications import inbox, kinds
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, call_of, chair_of, member_of, seat
from tests.factories.decisions import closed_call, decided

pytestmark = pytest.mark.django_db


def test_administrators_do_not_read_in_the_list_of_mails_who_reviews_an_application() -> None:
    call = call_of()
    application, reviewer = application_of(call, status="under-review"), seat(call, UserFactory())
    panel.assign(application, by=chair_of(call), reviewer=reviewer)
    client = Client()
    client.force_login(administrator())

    page = client.get("/manage/mail/").content.decode()

    assert "review-assigned" in page
    assert (reviewer.email in page, application.reference in page) == (False, False)


def test_the_reviewer_and_the_chair_still_read_it() -> None:
    call = call_of()
    application, reviewer = application_of(call, status="under-review"), seat(call, UserFactory())
    assignment = panel.assign(application, by=chair_of(call), reviewer=reviewer)

    assert set(notices.assignments_open_to(reviewer, [assignment.pk])) == {assignment.pk}
    assert set(notices.assignments_open_to(chair_of(call), [assignment.pk])) == {assignment.pk}
    assert inbox.notices_of(reviewer).get().kind == "review-assigned"


def test_a_signature_is_told_to_nobody_whom_a_conflict_has_barred_since() -> None:
    call = closed_call()
    application = decided(call)
    first, second = administrator(), administrator()
    publication = publications.prepare(call, "results", by=first)
    publications.sign(publication, by=first, manifest_sha256=publication.manifest_sha256)
    fetch = kinds.kind("publication-signed").fetch
    assert set(fetch(second, [publication.pk])) == {publication.pk}

    member_of(application, second)

    assert set(fetch(second, [publication.pk])) == set()
