"""The applicant's whole way in a real browser, with a script and without: from home to the receipt.

And every page of the draft: accessible, and light enough for a slow line.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from applications.apply import actions as apply
from applications.apply import copying
from applications.apply.forms import SECTION_FORMS
from applications.enums import Anonymity, Status
from applications.models import Application, Call, TeamMember
from portal.accounts.models import User
from samples.enums import Hemisphere
from tests.accessibility import assert_accessible
from tests.browsing import look, sign_in, weigh
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.applications import application_of, call_of, draft_of, member_of, stock
from tests.factories.files import pdf
from tests.portal.accounts.reading import code_of, last_mail

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_somebody_new_goes_from_home_to_the_receipt_of_a_pair_with_two_colleagues(
    live_server: LiveServer, browser: Browser, tmp_path: Path, script: bool
) -> None:
    near, far = (
        stock(catalogue_number="TEST-CE5-FM-001"),
        stock("900", hemisphere=Hemisphere.FAR, catalogue_number="TEST-CE6-FM-001"),
    )
    call = call_of(samples=[near, far], title="Both sides of the Moon, one open call")
    colleagues = [UserFactory(), UserFactory()]
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()

    page.goto(live_server.url)
    page.get_by_role("link", name="Start an application").click()
    sign_up(page, "newcomer@example.org")
    page.get_by_role("button", name="Start application").click()
    expect(page.get_by_role("heading", name="Tasks")).to_be_visible()
    home = page.url
    application = Application.objects.get(call=call)

    task(page, home, "Confirm eligibility")
    page.get_by_label("We meet the conditions of the call").check()
    save(page, home)
    ask_for_a_pair(page, home, near.catalogue_number, far.catalogue_number)
    write_texts(page, home, script)
    name_places_and_team(page, home, colleagues)
    add_the_file(page, home, tmp_path)
    declare(page, home, call)
    for colleague in colleagues:
        join(browser, live_server.url, application, colleague)

    page.goto(home)
    expect(page.get_by_role("heading", name="Nothing left to fill in")).to_be_visible()
    page.get_by_role("link", name="Check your answers and submit").click()
    page.get_by_role("link", name=re.compile("Change.*The science")).click()
    page.get_by_label("Research plan").fill("We measure both, the far side first.")
    page.get_by_role("button", name="Save and continue").click()
    expect(page).to_have_url(re.compile("/check/$"))
    expect(page.locator("main")).to_contain_text("We measure both, the far side first.")
    page.get_by_role("button", name="Submit application").click()
    expect(page.locator("h1")).to_have_text("Your application was received")
    application.refresh_from_db()
    assert application.submission is not None
    expect(page.locator("main")).to_contain_text(application.submission.sha256)
    expect(page.locator("main")).to_contain_text("You can change everything and submit again until the deadline.")
    if script:  # axe is one
        assert_accessible(page)
    check_what_was_sent(application, colleagues)
    page.get_by_role("link", name="Change something").click()
    expect(page.get_by_role("heading", name="Submitted. It may be replaced.")).to_be_visible()
    context.close()


def sign_up(page: Page, email: str) -> None:
    page.get_by_role("link", name="Create an account").first.click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Name", exact=True).fill("A newcomer")
    page.get_by_label("Institution").fill("Institute of New Things")
    page.get_by_label("Country or region").select_option("NO")
    page.get_by_role("button", name="Create the account").click()
    page.get_by_label("Code").fill(code_of(last_mail()))
    page.get_by_role("button", name="Confirm").click()


def task(page: Page, home: str, name: str) -> None:
    page.goto(home)
    page.get_by_role("link", name=name, exact=True).click()


def save(page: Page, home: str, button: str = "Save and continue") -> None:
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".problem")).to_have_count(0)


def ask_for_a_pair(page: Page, home: str, near: str, far: str) -> None:
    task(page, home, "Choose samples and the least mass")
    page.get_by_label(f"Mass of {near} in mg").fill("1.25")
    page.get_by_role("button", name="Add to your request").click()
    page.get_by_role("link", name="Make a pair").click()
    page.get_by_label("From the near side").select_option(near)
    page.get_by_label("From the far side").select_option(far)
    page.get_by_label("Mass of each").fill("1,250")
    page.get_by_role("button", name="Make the pair").click()
    expect(page.locator(".problem")).to_contain_text("1,250")
    page.get_by_label("Mass of each").fill("1,25")
    page.get_by_role("button", name="Make the pair").click()
    page.get_by_label("The least useful set, and why").fill("Both: either alone answers nothing.")
    page.get_by_label("What is measured first").fill("The far side.")
    page.get_by_label("What must match").fill("Grains of 45 to 75 µm, one method.")
    page.get_by_role("button", name="Save and continue").click()
    for number in (near, far):
        page.get_by_role("row", name=number).get_by_role("link", name="Change").first.click()
        page.get_by_label("Least mass").fill("0.5")
        page.get_by_label("Technique").first.fill("Noble-gas mass spectrometry")
        page.get_by_label("Why this sample").fill("Fewer grains would hide the difference.")
        page.get_by_role("button", name="Save and continue").click()
        expect(page.locator("main")).to_contain_text(f"Saved: {number}, 1.25 mg, at least 0.5 mg.")


def write_texts(page: Page, home: str, script: bool) -> None:
    task(page, home, "Explain the science")
    page.get_by_label("Title").fill("Did both hemispheres trap the same solar wind?")
    page.get_by_label("Scientific question").fill("Did they?")
    page.get_by_label("Research plan").fill("We measure both.")
    if script:
        expect(page.locator("[data-state]")).to_contain_text("by you")
        page.goto(page.url)  # nobody pressed a button
        expect(page.get_by_label("Research plan")).to_have_value("We measure both.")
    save(page, home)
    task(page, home, "Describe methods and least mass")
    page.get_by_label("Methods and least mass").fill("Eight runs.")
    save(page, home)
    task(page, home, "Show laboratory and custody")
    page.get_by_label("Laboratory").fill("A line with a known blank.")
    page.get_by_label("Custody").fill("A locked box of dry nitrogen.")
    save(page, home)
    task(page, home, "Say what may be public")
    page.get_by_label("Public title").fill("One wind, two sides")
    page.get_by_label("Public summary").fill("We compare both sides.")
    save(page, home)


def name_places_and_team(page: Page, home: str, colleagues: list[User]) -> None:
    task(page, home, "Name every place of the material")
    page.get_by_label("Institution", exact=True).fill("Institute of New Things")
    page.get_by_label("Country or region").select_option("NO")
    page.get_by_label("Mass there at most").fill("2.5")
    save(page, home, "Save this place")
    for colleague in colleagues:
        task(page, home, "Name team and conflicts")
        page.get_by_label("Name", exact=True).fill(colleague.name)
        page.get_by_label("E-mail or ORCID iD").fill(colleague.email)
        page.get_by_role("button", name="Send the invitation").click()
        expect(page.get_by_role("row", name=colleague.name)).to_contain_text("To confirm")


def add_the_file(page: Page, home: str, directory: Path) -> None:
    figures = directory / "figures.pdf"
    figures.write_bytes(pdf(pages=2))
    task(page, home, "Add one PDF")
    page.locator("[name=file]").set_input_files(figures)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="The file that is kept")).to_be_visible()


def declare(page: Page, home: str, call: Call) -> None:
    task(page, home, "Make the declarations")
    for declaration in call.declarations.all():
        page.get_by_label(declaration.text).check()
    save(page, home)
    task(page, home, "State the authorisations")
    for part in page.locator("main form section.part").all():
        part.get_by_label("None is needed").check()
    save(page, home, "Save")


def join(browser: Browser, url: str, application: Application, colleague: User) -> None:
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, url, colleague)
    page.goto(f"{url}/my/")
    page.get_by_role("link", name=f"You are invited to the team of application {application.reference}.").click()
    page.get_by_role("button", name="Join the team").click()
    expect(page.locator("h1")).to_have_text("Your conflicts")
    context.close()


def check_what_was_sent(application: Application, colleagues: list[User]) -> None:
    assert application.submission is not None
    said = application.submission.document
    assert application.status == Status.SUBMITTED
    assert [one["mission"] for one in said["requests"]] == ["CE5", "CE6"]
    assert len(said["groups"]) == 1 and {one["group"] for one in said["requests"]} == {said["groups"][0]["uid"]}
    assert all(one["confirmed_at"] for one in said["team"])
    assert {one["name"] for one in said["team"]} == {colleague.name for colleague in colleagues}
    assert said["plan"] == "We measure both, the far side first."


def test_every_page_of_the_applicant_is_accessible_and_light(live_server: LiveServer, page: Page) -> None:
    user = UserFactory()
    call = call_of(title="Near side and far side, one open call")
    dual = call_of(anonymity=Anonymity.DUAL, text_limits={"plan": {"words": 5, "characters": 9}})
    half, whole = draft_of(call, user, complete=False), draft_of(dual, user, plan="One two three four five six.")
    member_of(whole, confirmed=False)
    TeamMember.objects.filter(pk=member_of(whole, confirmed=False).pk).update(invited_at=None)
    copied = copying.clone(whole, by=user, call=call, what_changed="A new blank.")
    sent = draft_of(call, user)
    apply.submit(sent, by=user)
    apply.save(sent, by=user, version=99, methods="Nine runs of 4 mg, not eight.")
    practice = draft_of(call_of(is_practice=True), user)
    apply.submit(practice, by=user)
    returned = application_of(call, user, Status.RETURNED)
    urls = {
        "my": "/my/",
        "start": f"/calls/{call.slug}/apply/",
        "tasks-half": _mine(half, "tasks/"),
        "tasks-whole": _mine(whole, "tasks/"),
        "tasks-copied": _mine(copied, "tasks/"),
        "tasks-returned": _mine(returned, "tasks/"),
        "tasks-sent": _mine(sent, "tasks/"),
        **{f"section-{code}": _mine(copied, f"{code}/") for code in SECTION_FORMS},
        "section-sent": _mine(sent, "methods/"),
        "check-whole": _mine(whole, "check/"),
        "check-half": _mine(half, "check/"),
        "check-sent": _mine(sent, "check/"),
        "anonymous": _mine(whole, "anonymous/"),
        "preview": _mine(whole, "preview/"),
        "restore": _mine(sent, "restore/"),
        "clone": _mine(whole, "clone/"),
        "receipt": _mine(sent, "receipt/"),
        "receipt-practice": _mine(practice, "receipt/"),
    }
    sign_in(page, live_server.url, user)
    wrong: list[str] = []
    for name, url in urls.items():
        wrong += weigh(page, live_server.url, url)
        expect(page.locator("h1")).to_have_count(1)
        wrong += look(page, name)
    for name in ("tasks-whole", "check-sent", "section-science"):
        page.goto(f"{live_server.url}/zh-hans{urls[name]}")
        wrong += look(page, f"{name}-zh")
    page.goto(live_server.url + urls["check-half"])
    page.get_by_role("button", name="Submit application").click()
    expect(page.locator(".problem")).to_be_focused()
    wrong += look(page, "check-refused")
    page.goto(live_server.url + urls["section-methods"])
    apply.save(copied, by=user, version=99, methods="Ten runs of 5 mg.")
    page.get_by_label("Methods and least mass").fill("Nine runs of 4 mg.")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.locator("#meanwhile")).to_be_visible()
    wrong += look(page, "conflict")
    assert wrong == []


def _mine(application: Application, rest: str = "") -> str:
    return f"/my/applications/{application.reference}/{rest}"
