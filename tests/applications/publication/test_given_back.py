"""A selection given back after its publication: its mass is free again, and the record says so and loses no word."""

import pytest
from django.test import Client

from applications import chain
from applications.enums import Status
from applications.following.actions import withdraw
from applications.models import PublicEntry
from samples import ledger
from tests.scenarios import application_at

pytestmark = pytest.mark.django_db


def test_a_selection_given_back_is_followed_by_an_entry_that_says_so():
    application = application_at(Status.PUBLISHED)
    told = PublicEntry.objects.get(key=application.reference)

    withdraw(application, by=application.principal_investigator, reason="Our instrument is gone.")

    entry = PublicEntry.objects.get(key=f"{application.reference}/not-taken-up")
    assert entry.document["outcome"] == "not_taken_up"
    assert {**entry.document, **{name: told.document[name] for name in ("outcome", "published_at")}} == told.document
    listed = Client().get("/api/v1/decisions/").json()["results"]
    assert [one["outcome"] for one in listed if one["reference"] == application.reference] == ["not_taken_up"]
    page = Client().get(f"/decisions/{application.call.slug}/").content.decode()
    assert page.count(f">{application.reference}<") == 1
    assert "not taken up" in page
    assert all(one.sample.free_mg == one.sample.initial_mg for one in application.submission.requests.all())
    assert [*chain.faults(), *ledger.faults()] == []


@pytest.mark.parametrize("status", [Status.DECIDED, Status.UNDER_REVIEW])
def test_withdrawing_before_publication_leaves_no_word_in_the_record(status):
    application = application_at(status)
    before = list(PublicEntry.objects.values())

    withdraw(application, by=application.principal_investigator, reason="Our instrument is gone.")

    assert list(PublicEntry.objects.values()) == before
    assert application.reference not in Client().get("/api/v1/decisions/").content.decode()


def test_withdrawing_what_was_not_selected_shows_nothing():
    application = application_at(Status.PUBLISHED, verdict="decline")
    before = list(PublicEntry.objects.values())

    withdraw(application, by=application.principal_investigator, reason="")

    assert list(PublicEntry.objects.values()) == before
