"""The applicant's way in a real browser, without a script: from an open call to the receipt; every page accessible."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from applications.enums import Effect, PublicationKind, PublicationStatus, Status
from applications.models import Application, Publication
from portal import clock
from portal.accounts.models import User
from samples.enums import Hemisphere, Preparation
from tests.accessibility import assert_accessible, assert_no_overflow
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.applications import DAY, application_of, call_of, draft_of, member_of, stock
from tests.factories.files import pdf

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS = (("light", 1280), ("dark", 320))
SHOTS = os.environ.get("SHOTS", "")  # a directory: keep a picture of every page


def sign_in(page: Page, url: str, user: User) -> None:
    page.goto(f"{url}/accounts/login/")
    page.locator("[name=login]").fill(user.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(lambda address: "/login/" not in address)


def look(page: Page, name: str) -> list[str]:
    """Return what is wrong with a page as it stands now: light on a desk, dark on a telephone."""
    found = []
    for theme, width in LOOKS:
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        page.set_viewport_size({"width": width, "height": 900})
        if SHOTS:
            page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}-{theme}.png"), full_page=True)
        for check in (assert_accessible, assert_no_overflow):
            try:
                check(page)
            except AssertionError as failure:
                found.append(f"{name} {width} {theme}: {str(failure)[:600]}")
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


def test_applicant_goes_from_an_open_call_to_the_receipt_without_a_script(
    live_server: LiveServer, browser: Browser, tmp_path: Path
) -> None:
    user = UserFactory()
    powder, piece = stock("1000"), stock("36.2", Preparation.CLAST, Hemisphere.FAR)
    call = call_of(samples=[powder, piece])
    figures = tmp_path / "figures.pdf"
    figures.write_bytes(pdf(pages=2))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server.url, user)
    page.goto(f"{live_server.url}/calls/{call.slug}/apply/")
    page.get_by_role("button", name="Start application").click()
    expect(page.get_by_role("heading", name="8 things left")).to_be_visible()

    page.get_by_role("link", name="Choose samples and the least mass", exact=True).click()
    page.locator(f"a[href$='/samples/{powder.catalogue_number}/']").click()
    page.get_by_label("Mass you ask for").fill("1,250")
    page.get_by_label("Technique").first.fill("Mass spectrometry")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.locator(".problem")).to_contain_text("can be read in two ways")
    expect(page.get_by_label("Technique").first).to_have_value("Mass spectrometry")
    page.get_by_label("Mass you ask for").fill("1,25")
    page.get_by_label("Least mass").fill("0.5")
    page.get_by_label(str(Effect.CONSUMING.label)).check()
    page.get_by_role("button", name="Save and continue").click()
    page.locator(f"a[href$='/samples/{piece.catalogue_number}/']").click()
    page.get_by_label("The whole piece").check()
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_role("link", name="Continue", exact=True).click()

    page.get_by_role("link", name="Explain the science", exact=True).click()
    page.get_by_label("Title").fill("Did both hemispheres trap the same solar wind?")
    page.get_by_label("Scientific question").fill("Did they?")
    page.get_by_label("Research plan").fill("We measure both.")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_role("link", name="Describe methods and least mass", exact=True).click()
    page.get_by_label("Methods and least mass").fill("Eight runs.")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_role("link", name="Say what may be public", exact=True).click()
    page.get_by_label("Public summary").fill("We compare both sides.")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_role("link", name="Invite the team", exact=True).click()
    page.get_by_label("Name").fill("A colleague")
    page.get_by_label("E-mail").fill("colleague@example.org")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("To confirm")).to_be_visible()
    page.get_by_role("link", name="Back to the tasks").click()
    page.get_by_role("link", name="Add one PDF", exact=True).click()
    page.get_by_label("PDF").set_input_files(figures)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="The file that is kept")).to_be_visible()
    page.get_by_role("link", name="Back to the tasks").click()
    page.get_by_role("link", name="Make the declarations", exact=True).click()
    for declaration in call.declarations.all():
        page.get_by_label(declaration.text).check()
    page.get_by_role("button", name="Save and continue").click()

    expect(page.get_by_role("heading", name="Nothing left to fill in")).to_be_visible()
    page.get_by_role("link", name="Check your answers and submit").click()
    page.get_by_role("button", name="Submit application").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your application was received")
    application = Application.objects.get(call=call)
    expect(page.locator("main")).to_contain_text(application.submission.sha256)
    assert application.status == Status.SUBMITTED
    context.close()


def test_every_page_of_the_applicant_is_accessible(live_server: LiveServer, page: Page) -> None:
    user = UserFactory()
    today = clock.now().date()
    closed = call_of(
        title="Both sides of the Moon, 2026",
        opens_at=clock.now() - 80 * DAY,
        closes_at=clock.now() - 41 * DAY,
        interviews_on=today + 20 * DAY,
        results_on=today + 60 * DAY,
    )
    call = call_of(title="Near side and far side, one open call")
    half, whole = draft_of(call, user, complete=False), draft_of(call, user)
    member = member_of(whole, confirmed=False)
    invited = member_of(draft_of(call), confirmed=False, email=user.email)
    other = member_of(draft_of(call), confirmed=False)
    base = {"half": half, "check": whole, "returned": application_of(call, user, Status.RETURNED)}
    ended = {
        status: application_of(closed, user, status)
        for status in (Status.SUBMITTED, Status.UNDER_REVIEW, Status.INELIGIBLE, Status.WITHDRAWN)
    }
    decided = released(application_of(closed, user, Status.PUBLISHED))
    line = whole.draft_requests.get(whole=False)
    urls = {
        "my": "/my/",
        "start": f"/calls/{call.slug}/apply/",
        "tasks-half": _mine(base["half"]),
        "tasks-whole": _mine(whole),
        "tasks-returned": _mine(base["returned"]),
        "samples": _mine(whole, "samples/"),
        "sample": _mine(whole, f"samples/{line.sample.catalogue_number}/"),
        "piece": _mine(whole, f"samples/{whole.draft_requests.get(whole=True).sample.catalogue_number}/"),
        "sample-drop": _mine(whole, f"requests/{line.uid}/remove/"),
        **{f"section-{code}": _mine(whole, f"{code}/") for code in ("science", "methods", "summary", "institution")},
        "team": _mine(whole, "team/"),
        "team-resend": _mine(whole, f"team/{member.uid}/resend/"),
        "team-remove": _mine(whole, f"team/{member.uid}/remove/"),
        "file": _mine(whole, "file/"),
        "file-remove": _mine(whole, "file/remove/"),
        "declarations": _mine(whole, "declarations/"),
        "check-whole": _mine(whole, "check/"),
        "check-half": _mine(half, "check/"),
        "withdraw": _mine(whole, "withdraw/"),
        **{f"status-{status}": _mine(one) for status, one in ended.items()},
        "receipt": _mine(ended[Status.SUBMITTED], "receipt/"),
        "sent": _mine(ended[Status.SUBMITTED], "sent/"),
        "status-decided": _mine(decided),
        "decision": _mine(decided, "decision/"),
        "join": f"/join/{invited.uid}/",
        "join-other": f"/join/{other.uid}/",
    }
    page.goto(f"{live_server.url}/join/{invited.uid}/")
    wrong = look(page, "join-visitor")
    sign_in(page, live_server.url, user)
    for name, url in urls.items():
        page.goto(live_server.url + url)
        expect(page.locator("h1")).to_have_count(1)
        wrong += look(page, name)
    page.goto(live_server.url + urls["check-half"])
    page.get_by_role("button", name="Submit application").click()
    expect(page.locator(".problem")).to_be_focused()
    wrong += look(page, "check-refused")
    page.goto(live_server.url + urls["sample"])
    page.get_by_label("Mass you ask for").fill("1,250")
    page.get_by_role("button", name="Save and continue").click()
    wrong += look(page, "sample-refused")
    assert wrong == []


def released(application: Application) -> Application:
    """Give an application the document of a release, as a publication writes it."""
    publication = Publication.objects.create(
        call=application.call,
        kind=PublicationKind.RESULTS,
        status=PublicationStatus.RELEASED_TO_PUBLIC,
        prepared_by=application.principal_investigator,
        prepared_at=clock.now(),
        released_to_applicants_at=clock.now(),
        released_to_public_at=clock.now(),
    )
    requests = [
        {
            "sample": one.sample.catalogue_number,
            "mission": one.sample.mission.code,
            "hemisphere": one.sample.mission.hemisphere,
            "whole": one.whole,
            "asked_mg": str(one.asked_mg or one.sample.initial_mg),
            "least_mg": None if one.whole else str(one.least_mg),
            "verdict": "decline" if one.whole else "award",
            "awarded_mg": "0.000" if one.whole else "40.000",
            "reserve_rank": None,
            "reason": "Six runs reach the stated error.",
        }
        for one in application.submission.requests.select_related("sample__mission")
    ]
    application.documents.create(
        publication=publication,
        at=clock.now(),
        document={
            "reference": application.reference,
            "outcome": "selected_in_part",
            "title": application.submission.title,
            "principal_investigator": None,
            "institution": {"name": "Demonstration Institute A", "ror": None, "country": "XA"},
            "requests": requests,
            "panel": [{"label": "K7", "text": "The comparison is the strength of the proposal."}],
            "published_at": clock.now().isoformat(),
            "entry_hash": "c91e07ab" * 8,
        },
    )
    return application


def _mine(application: Application, rest: str = "") -> str:
    return f"/my/applications/{application.reference}/{rest}"
