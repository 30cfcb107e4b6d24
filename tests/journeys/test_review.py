"""Screening, advice, review and panel in a real browser: accessible at both widths, and without any script."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from applications.discussion import actions as discussion
from applications.enums import Status
from applications.models import Application, Call, Review
from tests.browsing import LOOKS, come_in, look_at
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import (
    answered,
    application_of,
    assignment_of,
    call_of,
    chair_of,
    seat,
    shortlisting_of,
)
from tests.factories.review import opinion_of, review_of

pytestmark = pytest.mark.django_db(transaction=True)


def to(name: str, *arguments: Any) -> str:
    return reverse(f"applications:{name}", args=arguments)


@pytest.fixture
def application() -> Application:
    call = call_of(reviewers=[UserFactory(name="Reviewer one"), UserFactory(name="Reviewer two")])
    return application_of(call, status=Status.UNDER_REVIEW)


def pages_of(application: Application) -> list[tuple[Any, list[str]]]:
    """Who opens which pages, with something on each."""
    call, reference = application.call, application.reference
    sent = review_of(assignment_of(application, call.panel.filter(role="reviewer").first().user), for_panel="Sound.")
    opinion_of(sent, "20", "Twenty runs suffice.")
    writing = assignment_of(application, call.panel.filter(role="reviewer").last().user)
    application_of(call, status=Status.UNDER_REVIEW, by=UserFactory(institution=chair_of(call).institution))
    shortlisting_of(application)
    waiting = application_of(call)
    request = waiting.submission.requests.first()
    chair = [to("panel-overview", call.slug), to("panel-conclude-ready", call.slug)]
    chair += [to(f"panel-{name}", call.slug, reference) for name in ("read", "assign", "shortlist")]
    chair += [to("panel-unassign", call.slug, reference, writing.reviewer.uid)]
    chair += [to("panel-reopen", call.slug, reference, sent.uid), to("discussion-read", call.slug, reference)]
    discussion.post(application, by=sent.assignment.reviewer, text="Would twenty milligrams do?")
    reviewer = [to("review-list"), to("review-queue", call.slug), to("conflicts-list", call.slug)]
    reviewer += [to(name, call.slug, reference) for name in ("review-write", "conflicts-declare")]
    screener = [to("screening-list"), to("screening-waive", waiting.reference, request.uid)]
    screener += [to(f"screening-{name}", waiting.reference) for name in ("detail", "return", "reject")]
    return [
        (chair_of(call), chair),
        (writing.reviewer, reviewer),
        (sent.assignment.reviewer, [to(name, call.slug, reference) for name in ("review-write", "discussion-read")]),
        (administrator(), screener),
        (UserFactory(roles=["curator"]), [to("screening-advice-list"), to("screening-advise", waiting.reference)]),
    ]


def test_pages_of_screening_review_and_panel_are_accessible(
    live_server: LiveServer, page: Page, application: Application
) -> None:
    found = []
    for user, paths in pages_of(application):
        page.context.clear_cookies()
        come_in(page.context, live_server.url, user)
        found += look_at(page, live_server.url, paths, LOOKS)
    assert found == []


def test_a_review_is_written_and_sent_without_a_script(
    live_server: LiveServer, browser: Browser, application: Application
) -> None:
    call = application.call
    reviewer = call.panel.filter(role="reviewer").first().user
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    come_in(context, live_server.url, chair_of(call))
    page.goto(live_server.url + to("panel-assign", call.slug, application.reference))
    page.get_by_role("row", name="Reviewer one").get_by_role("button").click()
    expect(page.get_by_text("assigned", exact=True)).to_have_count(1)

    context.clear_cookies()
    come_in(context, live_server.url, reviewer)
    page.goto(live_server.url + to("review-queue", call.slug))
    page.get_by_role("link", name="Continue with the next one").click()
    page.get_by_role("group", name="Significance").get_by_role("radio").nth(3).check()
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("button", name="Send review").click()
    expect(page.locator(".problem")).to_contain_text("Score “Feasibility”, or say that it does not apply.")
    page.get_by_role("group", name="Feasibility").get_by_label("Does not apply").check()
    page.get_by_label("To the panel").fill("Sound as written.")
    page.get_by_role("button", name="Send review").click()
    expect(page.get_by_text("You sent this review; it can be read, not changed.")).to_have_count(1)
    assert Review.objects.values_list("state", "for_panel").get() == ("submitted", "Sound as written.")

    context.clear_cookies()
    come_in(context, live_server.url, chair_of(call))
    page.goto(live_server.url + to("panel-read", call.slug, application.reference))
    expect(page.get_by_text("Sound as written.")).to_have_count(1)
    context.close()


def test_a_review_saves_itself_shows_its_mean_and_moves_on_by_keys(
    live_server: LiveServer, page: Page, application: Application
) -> None:
    call = application.call
    reviewer = call.panel.filter(role="reviewer").first().user
    assignment_of(application, reviewer)
    after = application_of(call, status=Status.UNDER_REVIEW)
    assignment_of(after, reviewer)
    answered(call)
    come_in(page.context, live_server.url, reviewer)
    here, there = (to("review-write", call.slug, one.reference) for one in (application, after))
    page.goto(live_server.url + here)
    expect(page.get_by_role("heading", name="In brief")).to_be_visible()
    page.get_by_role("group", name="Significance").get_by_role("radio").nth(4).check()
    page.get_by_role("group", name="Feasibility").get_by_role("radio").nth(1).check()
    expect(page.locator("output")).to_contain_text("Mean 3.80, 2 of 2 criteria")
    page.get_by_label("To the panel").fill("Typed in the train; j k ?")
    expect(page.locator("[data-state]")).to_contain_text("Draft saved", timeout=10_000)
    page.context.set_offline(True)
    page.get_by_label("To the panel").fill("Typed in the tunnel.")
    expect(page.locator("[data-state]")).to_contain_text("cannot be reached", timeout=10_000)
    page.context.set_offline(False)
    expect(page.locator("[data-state]")).to_contain_text("Draft saved", timeout=10_000)
    assert Review.objects.values_list("state", "for_panel").get() == ("draft", "Typed in the tunnel.")

    page.locator("h1").click()
    page.keyboard.press("j")
    page.wait_for_url(live_server.url + there)
    page.keyboard.press("k")
    page.wait_for_url(live_server.url + here)
    page.keyboard.press("?")
    page.get_by_label("Keys are on.").uncheck()
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_timeout(300)
    assert page.url == live_server.url + here


def test_science_first_opens_the_team_and_the_others_open_after_sending_without_a_script(
    live_server: LiveServer, browser: Browser, application: Application
) -> None:
    call = application.call
    Call.objects.filter(pk=call.pk).update(science_first=True)
    call.criteria.filter(code="feasibility").update(about_team=True)
    mine, other = (seat.user for seat in call.panel.filter(role="reviewer").order_by("pk"))
    assignment_of(application, mine)
    review_of(assignment_of(application, other), for_panel="What another thinks.")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    come_in(context, live_server.url, mine)
    page.goto(live_server.url + to("review-write", call.slug, application.reference))
    assert page.get_by_role("group", name="Feasibility").count() == 0
    assert application.principal_investigator.name not in page.content()
    page.get_by_role("button", name="Save and open the part about the team").click()
    expect(page.locator(".problem")).to_contain_text("Score “Significance”")
    page.get_by_role("group", name="Significance").get_by_role("radio").nth(3).check()
    page.get_by_role("button", name="Save and open the part about the team").click()
    page.get_by_role("group", name="Feasibility").get_by_role("radio").nth(2).check()
    assert application.principal_investigator.name in page.content()
    assert "What another thinks." not in page.content()
    page.get_by_role("button", name="Send review").click()
    expect(page.get_by_text("What another thinks.")).to_have_count(1)
    page.get_by_role("link", name="Discussion").click()
    page.get_by_label("Your words").fill("I would give less.")
    page.get_by_role("button", name="Say it").click()
    expect(page.get_by_text("2 of 2 reviews are in.")).to_have_count(1)
    expect(page.get_by_text("I would give less.")).to_have_count(1)

    context.clear_cookies()
    come_in(context, live_server.url, chair_of(call))
    page.goto(live_server.url + to("panel-read", call.slug, application.reference))
    page.get_by_role("link", name="Reopen").first.click()
    page.get_by_label("Reason").fill("Please say more.")
    page.get_by_role("button", name="Reopen the review").click()
    expect(page.get_by_text("Please say more.")).to_have_count(1)
    context.close()


def test_an_application_is_advised_on_and_passed_without_a_script(live_server: LiveServer, browser: Browser) -> None:
    application = application_of()
    seat(application.call, UserFactory())
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    come_in(context, live_server.url, UserFactory(roles=["curator"]))
    page.goto(live_server.url + to("screening-advice-list"))
    page.get_by_role("link", name=application.reference).click()
    for _ in range(2):
        form = page.locator("form").filter(has=page.get_by_role("button", name="Give this advice")).first
        form.get_by_label("Feasible", exact=True).check()
        form.get_by_role("button", name="Give this advice").click()
    expect(page.get_by_role("button", name="Change the advice")).to_have_count(2)

    context.clear_cookies()
    come_in(context, live_server.url, administrator())
    page.goto(live_server.url + to("screening-list"))
    page.get_by_role("link", name=application.reference).click()
    page.get_by_role("button", name="Pass on to the panel").click()
    expect(page.get_by_text("This application is not being screened now.")).to_have_count(1)
    application.refresh_from_db()
    assert application.status == Status.UNDER_REVIEW
    context.close()
