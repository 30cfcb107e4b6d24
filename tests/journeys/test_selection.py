"""Calls, interviews, decisions, publications and accounts in a real browser: accessible, and within the window."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from applications.enums import PublicationKind, Status
from applications.interviews import actions as interviews
from applications.models import Application, Call
from applications.publication import actions as publication
from portal import clock
from tests.browsing import LOOKS, come_in, look_at
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, call_of, chair_of, draft_of
from tests.factories.decisions import DAY, closed_call, decided, released, review_of

pytestmark = pytest.mark.django_db(transaction=True)
RESULTS = PublicationKind.RESULTS


def to(name: str, *arguments: Any) -> str:
    return reverse(f"applications:{name}", args=arguments)


def look(page: Page, server: LiveServer, user: Any, paths: Sequence[str]) -> None:
    """Look at pages light, wide and in English, then dark, narrow and in Chinese; say everything that is wrong."""
    page.context.clear_cookies()
    if user:
        come_in(page.context, server.url, user)
    wide, narrow = LOOKS
    wrong = look_at(page, server.url, paths, [wide])
    wrong += look_at(page, server.url, [f"/zh-hans{path}" for path in paths], [narrow])
    assert wrong == []


def test_pages_of_calls_are_accessible(live_server: LiveServer, page: Page) -> None:
    call = call_of()
    application_of(call)
    draft = call_of(status="draft", announced_at=None, announced_by=None)
    look(page, live_server, None, ["/", to("calls-list"), to("calls-detail", call.slug)])
    parts = [to(f"calls-{part}", call.slug) for part in ("edit", "samples", "criteria", "panel", "extend", "cancel")]
    drafted = [to(f"calls-{part}", draft.slug) for part in ("edit", "samples", "declarations", "announce")]
    desk = [to("calls-desk"), to("calls-manage"), to("calls-create")]
    look(page, live_server, administrator(), [*desk, *parts, *drafted])


@pytest.fixture
def interviewing() -> Application:
    """An application with a slot that waits for its principal investigator."""
    application = application_of(closed_call(), status=Status.INTERVIEWING)
    review_of(application)
    by = chair_of(application.call)
    interviews.propose(application, by=by, begins_at=clock.now() + 2 * DAY, place="Room 2")
    return application


def test_pages_of_interviews_and_decisions_are_accessible(
    live_server: LiveServer, page: Page, interviewing: Application
) -> None:
    call = interviewing.call
    waiting = application_of(call, status=Status.INTERVIEWING)
    deliberated = application_of(call, status=Status.DELIBERATED)
    review_of(deliberated)
    decided(call, 20, reserve=None)
    slots = [to("interviews-list", call.slug), to("interviews-cancel", call.slug, interviewing.reference)]
    slots += [to("interviews-propose", call.slug, waiting.reference)]
    ranking = [to("decisions-list", call.slug), to("decisions-decide", call.slug, deliberated.reference)]
    look(page, live_server, chair_of(call), [*slots, *ranking])
    theirs = [to("interviews-mine", interviewing.reference), to("following-status", interviewing.reference)]
    look(page, live_server, interviewing.principal_investigator, theirs)


def selection() -> tuple[Call, Application]:
    """A call with an award, a place on the reserve list and a refusal."""
    call = closed_call()
    awarded = decided(call, 20)
    review_of(awarded)
    decided(call, reserve=1)
    decided(call)
    return call, awarded


def test_pages_of_a_prepared_publication_are_accessible(live_server: LiveServer, page: Page) -> None:
    first = administrator()
    call, awarded = selection()
    publication.prepare(call, RESULTS, by=first)
    ahead = closed_call()
    decided(ahead, 20)
    paths = [to("publication-list"), to("publication-detail", ahead.slug, RESULTS)]
    paths += [to("publication-detail", call.slug, RESULTS), to("publication-recall", call.slug, RESULTS)]
    paths += [to("publication-letter", call.slug, RESULTS, awarded.reference)]
    look(page, live_server, first, paths)


def test_pages_of_a_released_selection_are_accessible(live_server: LiveServer, page: Page) -> None:
    call, awarded = selection()
    released(call)
    look(page, live_server, None, [to("publication-decisions"), to("publication-call", call.slug)])
    theirs = [to("apply-my"), to("following-status", awarded.reference), to("following-decision", awarded.reference)]
    look(page, live_server, awarded.principal_investigator, theirs)


def test_pages_of_accounts_are_accessible(live_server: LiveServer, page: Page) -> None:
    doors = ("account_login", "account_signup", "account_reset_password")
    look(page, live_server, None, [reverse(name) for name in doors])
    person = draft_of().principal_investigator
    own = ("accounts:profile", "accounts:tokens", "account_email", "account_change_password")
    look(page, live_server, person, [reverse(name) for name in own])
    people = [reverse("accounts:people"), reverse("accounts:invite"), reverse("accounts:person", args=[person.uid])]
    UserFactory(roles=["curator"])
    look(page, live_server, administrator(), people)
