"""The pages of auditors in a real browser: accessible at both widths, and read without any script."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from applications.models import Application
from tests.browsing import LOOKS, come_in, look_at, page_of
from tests.factories.accounts import UserFactory
from tests.factories.applications import assignment_of
from tests.factories.decisions import closed_call, decided, released
from tests.factories.review import opinion_of, review_of

pytestmark = pytest.mark.django_db(transaction=True)


def to(name: str, *arguments: Any) -> str:
    return reverse(f"applications:auditing-{name}", args=arguments)


@pytest.fixture
def application() -> Application:
    call = closed_call()
    application = decided(call, "30", whole=True)
    review = review_of(assignment_of(application), for_panel="Sound as written.", for_applicant="Clear.")
    opinion_of(review, "20", "Twenty runs suffice.")
    released(call)
    return application


def test_pages_of_auditors_are_accessible(live_server: LiveServer, page: Page, application: Application) -> None:
    come_in(page.context, live_server.url, UserFactory(roles=["auditor"]))
    parts = [to(name, application.reference) for name in ("detail", "reviews", "outcome", "trail")]
    drafts = f"{to('list')}?status=draft"  # which no auditor reads
    assert look_at(page, live_server.url, [to("list"), drafts, *parts], LOOKS, refused=[drafts]) == []


def test_an_auditor_reads_an_application_from_the_desk_to_its_trail_without_a_script(
    live_server: LiveServer, browser: Browser, application: Application
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = page_of(context, live_server.url, UserFactory(roles=["auditor"]))
    page.goto(live_server.url + reverse("applications:calls-desk"))
    page.get_by_role("link", name="Applications", exact=True).click()
    page.get_by_role("link", name=application.reference).click()
    expect(page.get_by_text(application.submission.sha256)).to_have_count(1)
    parts = page.get_by_role("list", name="Parts of the application")
    parts.get_by_role("link", name="Reviews").click()
    expect(page.get_by_text("Sound as written.")).to_have_count(1)
    parts.get_by_role("link", name="Interview and decision").click()
    expect(page.get_by_role("heading", name="Results: Selected")).to_have_count(1)
    parts.get_by_role("link", name="Trail").click()
    expect(page.get_by_role("cell", name="application.read")).to_have_count(3)
    context.close()
