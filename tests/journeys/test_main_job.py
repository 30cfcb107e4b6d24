"""The main job in a real browser: from an open call to a published selection that everybody reads.

Each person works in a browser of their own; Celery delivers; what nobody may know yet is looked for everywhere.
"""

import re
from datetime import timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from applications.models import Application, Call, Interview
from portal.notifications.models import Notice, State
from samples.models import Sample
from tests.factories import applications as rows
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.files import pdf

ASKED, AWARDED = "50", "37.5"
REASON = "Half of the mass answers the question."
PANEL_TEXT = "A sound plan; the mass can be smaller."
SECTIONS = {
    "science": {
        "Title": "Water in young glass",
        "Scientific question": "How much water does young glass hold?",
        "Research plan": "Measure it.",
    },
    "methods": {"Methods and least mass": "Ion imaging of twelve grains."},
    "laboratory": {"Laboratory": "An ion probe with a known blank.", "Custody": "A locked box of dry nitrogen."},
    "summary": {"Public title": "Water in young glass", "Public summary": "We measure water in young glass."},
}
EMBARGOED = (AWARDED, REASON, PANEL_TEXT, "Selected")


@pytest.fixture
def people(transactional_db):
    """Everybody who takes part; each belongs to another institution."""
    return {
        "applicant": UserFactory(name="Demonstration applicant"),
        "curator": UserFactory(roles=["curator"]),
        "admin": UserFactory(roles=["administrator"]),
        "director": UserFactory(roles=["administrator"]),
        "chair": UserFactory(),
        "reviewer": UserFactory(name="Demonstration reviewer"),
    }


@pytest.fixture
def call(people):
    """An open call that offers a powder."""
    sample = rows.stock("500", catalogue_number="TEST-FM-001")
    made = rows.call_of(samples=[sample], chair=people["chair"], reviewers=[people["reviewer"]], slug="main-job")
    made.panel.update(pledged_at=None, pledged_version=0)
    return made


@pytest.fixture
def visit(browser: Browser, live_server, people):
    """Return a function that opens a page as one of the people, each in a browser of their own."""
    pages: dict[str, Page] = {}

    def open_as(name: str, path: str) -> Page:
        if name not in pages:
            page = pages[name] = browser.new_context(locale="en-GB").new_page()
            page.set_default_timeout(15_000)
            if name in people:
                page.goto(f"{live_server.url}/accounts/login/")
                page.locator("[name=login]").fill(people[name].email)
                page.locator("[name=password]").fill(PASSWORD)
                page.get_by_role("button", name="Sign in").click()
                expect(page).to_have_url(f"{live_server.url}/my/")
        page = pages[name]
        answer = page.goto(live_server.url + path)
        assert answer is not None
        assert answer.ok, (name, path, answer.status)
        return page

    yield open_as
    for page in pages.values():
        page.context.close()


def press(page: Page, name: str | re.Pattern[str]) -> None:
    """Press a button and see that the page went on."""
    with page.expect_navigation() as gone:
        page.get_by_role("button", name=name).first.click()
    assert gone.value.ok, (name, gone.value.status, page.locator(".problem").all_inner_texts())


def apply(visit, call: Call, tmp_path: Path) -> str:
    """Write and submit an application; return its reference."""
    page = visit("applicant", f"/calls/{call.slug}/")
    page.get_by_role("link", name="Start an application").click()
    press(page, "Start application")
    reference = re.search(r"LSA-\d{4}-\d{5,}", page.url)[0]
    home = f"/my/applications/{reference}/"
    page = visit("applicant", f"{home}samples/TEST-FM-001/")
    page.get_by_label("Mass you ask for").fill(ASKED)
    page.get_by_label("Least mass that still answers the question").fill("30,5")
    page.get_by_label("Technique").first.fill("NanoSIMS")
    page.get_by_label("Consuming").check()
    press(page, "Save and continue")
    for section, fields in SECTIONS.items():
        page = visit("applicant", f"{home}{section}/")
        for label, words in fields.items():
            page.get_by_label(label).fill(words)
        press(page, "Save and continue")
    page = visit("applicant", f"{home}eligibility/")
    page.get_by_label("We meet the conditions of the call").check()
    press(page, "Save and continue")
    page = visit("applicant", f"{home}places/")
    page.get_by_label("Institution", exact=True).fill("Institute of New Things")
    page.get_by_label("Country or region").select_option("NO")
    press(page, "Save this place")
    page = visit("applicant", f"{home}authorisations/")
    page.get_by_label("None is needed").check()
    press(page, "Save")
    document = tmp_path / "figures.pdf"
    document.write_bytes(pdf(2))
    page = visit("applicant", f"{home}file/")
    page.locator("input[type=file]").set_input_files(document)
    press(page, "Upload")
    page = visit("applicant", f"{home}declarations/")
    for box in page.get_by_role("checkbox").all():
        box.check()
    press(page, "Save and continue")
    page = visit("applicant", f"{home}check/")
    press(page, "Submit application")
    expect(page.get_by_text(reference).first).to_be_visible()
    return reference


def screen(visit, reference: str) -> None:
    """Advise on the request; once the call has closed, pass the application on to the panel."""
    page = visit("curator", f"/manage/advice/{reference}/")
    page.get_by_label("Feasible", exact=True).check()
    press(page, "Give this advice")
    Call.objects.update(closes_at=timezone.now())  # until the deadline it might be replaced
    page = visit("admin", f"/manage/applications/{reference}/")
    press(page, "Pass on to the panel")


def review(visit, call: Call, reference: str) -> None:
    """Accept the terms, say that there is no conflict, assign the reviewer, and score every criterion."""
    for member in ("chair", "reviewer"):
        page = visit(member, f"/review/{call.slug}/conflicts/")
        page.get_by_label("I accept these terms").check()
        page.get_by_label("I have no conflict with the rest").check()
        press(page, "Declare conflicts")
    page = visit("chair", f"/panel/{call.slug}/assign/{reference}/")
    press(page, re.compile("Assign.*Demonstration reviewer"))
    page = visit("reviewer", f"/review/{call.slug}/{reference}/")
    for criterion in call.criteria.all():
        page.locator(f"input[name=score_{criterion.code}][value='4']").check()
    page.get_by_label("To the applicant").fill(PANEL_TEXT)
    press(page, "Send review")


def interview(visit, call: Call, reference: str) -> None:
    """Invite, propose a slot, confirm it as the applicant, hold it, go on to deliberation."""
    page = visit("chair", f"/panel/{call.slug}/shortlist/{reference}/")
    page.get_by_label("Invited", exact=True).check()
    page.locator("[name=reason]").fill("High scores.")
    press(page, "Save")
    page = visit("chair", f"/panel/{call.slug}/conclude/")
    press(page, "Conclude the review of those ticked")
    page = visit("chair", f"/panel/{call.slug}/interviews/{reference}/propose/")
    tomorrow = timezone.now() + timedelta(days=1)
    page.locator("[name=begins_at]").fill(f"{tomorrow:%Y-%m-%dT10:00}")
    page.locator("[name=place]").fill("Room 1")
    press(page, "Propose this slot")
    page = visit("applicant", f"/my/applications/{reference}/interview/")
    press(page, "Confirm this time")
    begun = timezone.now() - timedelta(minutes=20)  # the day of the interview has come
    Interview.objects.update(slot=DateTimeTZRange(begun, begun + timedelta(minutes=15)))
    page = visit("chair", f"/panel/{call.slug}/interviews/{reference}/hold/")
    page.get_by_label("Minutes").fill("Convincing.")
    press(page, "Record that it was held")
    page = visit("chair", f"/panel/{call.slug}/interviews/")
    press(page, re.compile("Go on to deliberation"))


def decide(visit, call: Call, reference: str) -> None:
    """Award a part of what was asked, and close the decision."""
    page = visit("chair", f"/panel/{call.slug}/decisions/{reference}/")
    page.get_by_label("Award", exact=True).first.check()
    page.locator("[name$=mass_mg]").fill(AWARDED)
    page.locator("[name$=reason]").fill(REASON)
    press(page, "Decide")
    page = visit("chair", f"/panel/{call.slug}/decisions/{reference}/")
    press(page, "All requests are decided")


def surfaces(visit, call: Call, reference: str) -> dict[str, str]:
    """Return what applicant and public read, without what changes by itself."""
    read = {}
    for name, paths in {
        "applicant": [
            "/my/",
            f"/my/applications/{reference}/",
            "/my/notifications/",
            "/api/v1/applications/",
            f"/api/v1/applications/{reference}/",
            "/samples/TEST-FM-001/",
        ],
        "public": [
            "/",
            f"/calls/{call.slug}/",
            "/decisions/",
            f"/decisions/{call.slug}/",
            "/samples/",
            "/samples/TEST-FM-001/",
            "/api/v1/decisions/",
            "/api/v1/samples/TEST-FM-001/",
            f"/api/v1/calls/{call.slug}/",
        ],
    }.items():
        for path in paths:
            text = visit(name, path).content()
            text = re.sub(r'value="[\w-]{36,}"', "", text)  # tokens of forms
            read[f"{name} {path}"] = re.sub(r"\d+ d \d+ h \d+ min|\d+ h \d+ min|\d+ min", "", text)
    return read


def publish(visit, call: Call) -> None:
    """Prepare, sign as two, release."""
    page = visit("admin", f"/manage/publications/{call.slug}/results/")
    press(page, "Prepare the list")
    expect(page.get_by_text(REASON).or_(page.get_by_text("37.5")).first).to_be_visible()
    press(page, "Sign this list")
    page = visit("director", f"/manage/publications/{call.slug}/results/")
    press(page, "Sign this list")
    press(page, "Release now")


def mails(folder: Path) -> list:
    """Return every mail on disk."""
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]


@pytest.mark.slow
def test_a_call_goes_all_the_way_and_nothing_shows_before_its_release(visit, call, people, worker, mail_dir, tmp_path):
    reference = apply(visit, call, tmp_path)
    screen(visit, reference)
    Call.objects.update(closes_at=timezone.now() - timedelta(minutes=1))  # the deadline has passed
    review(visit, call, reference)
    interview(visit, call, reference)
    before = surfaces(visit, call, reference)

    decide(visit, call, reference)

    assert Application.objects.get().status == "decided"
    assert Sample.objects.get(catalogue_number="TEST-FM-001").held_mg == Decimal(AWARDED)
    assert surfaces(visit, call, reference) == before
    worker.wait_until_idle()
    told = [str(mail) for mail in mails(mail_dir)]
    assert not [word for word in EMBARGOED for text in [*before.values(), *told] if word in text]

    publish(visit, call)

    page = visit("public", f"/decisions/{call.slug}/")
    expect(page.get_by_text(reference)).to_be_visible()
    expect(page.get_by_text("37.5").first).to_be_visible()
    listed = visit("public", "/api/v1/decisions/").content()
    assert reference in listed
    assert '"mass_mg":"37.500"' in listed
    page = visit("applicant", f"/my/applications/{reference}/decision/")
    expect(page.get_by_text(REASON)).to_be_visible()
    expect(page.get_by_text(PANEL_TEXT)).to_be_visible()
    page = visit("applicant", "/my/notifications/")
    expect(page.get_by_text(reference).first).to_be_visible()
    worker.wait_until_idle()
    assert set(Notice.objects.values_list("state", flat=True)) <= {State.SENT, State.CANCELLED}
    letters = [mail for mail in mails(mail_dir) if "decision" in str(mail).lower() and reference in mail["Subject"]]
    assert [mail["To"] for mail in letters if people["applicant"].email in mail["To"]]
    sample = Sample.objects.get(catalogue_number="TEST-FM-001")
    assert (sample.held_mg, sample.allocated_mg) == (0, Decimal(AWARDED))
