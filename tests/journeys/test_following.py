"""Between submission and agreement in a real browser, without a script: asked, answered, changed, confirmed."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from applications import record
from applications.enums import ChangeState, Status
from applications.models import Application, ChangeReport, Clarification, Redeclaration, Standing
from portal.accounts.models import User
from tests.browsing import look, page_of
from tests.factories.accounts import administrator
from tests.factories.applications import application_of, assignment_of, chair_of, member_of
from tests.factories.decisions import closed_call
from tests.factories.exchanges import DAY, today

pytestmark = pytest.mark.django_db(transaction=True)


class Desk:
    """Windows of several people, none with a script, and what was wrong on the pages they saw.

    Beside each window stands one with scripts, since the rules of axe are run by one.
    """

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.wrong: list[str] = []
        self.lenses: dict[Page, Page] = {}

    def window(self, user: User) -> Page:
        plain, scripted = (self.browser.new_context(java_script_enabled=on) for on in (False, True))
        page = page_of(plain, self.url, user)
        self.lenses[page] = page_of(scripted, self.url, user)
        return page

    def open(self, page: Page, path: str, name: str) -> None:
        answer = page.goto(self.url + path)
        assert answer is not None and answer.status == 200, (path, answer and answer.status)
        self.look(page, name)

    def look(self, page: Page, name: str) -> None:
        """Look at the page that a window shows."""
        lens = self.lenses[page]
        lens.goto(page.url)
        self.wrong += look(lens, name)


@pytest.fixture
def application(db: None) -> Application:
    record.load()
    call = closed_call(interviews_on=today() + 20 * DAY, results_on=today() - 3 * DAY)
    made = application_of(call, status=Status.UNDER_REVIEW, names_principal_investigator=True)
    member_of(made)
    assignment_of(made)
    return made


def test_office_asks_team_answers_and_panel_reads(
    live_server: LiveServer, browser: Browser, application: Application
) -> None:
    desk, call = Desk(browser, live_server.url), application.call
    mine, reference = f"/my/applications/{application.reference}/", application.reference
    chair = desk.window(chair_of(call))
    desk.open(chair, f"/panel/{call.slug}/ask/{reference}/", "ask-panel")
    chair.get_by_label("Question").fill("Which blank does the line have?")
    chair.get_by_label("Answer until").fill("2099-01-01T12:00")
    chair.get_by_role("button", name="Send the question").click()
    team = desk.window(application.principal_investigator)
    desk.open(team, mine, "status-asked")
    expect(team.locator("h1")).to_contain_text("3 days past plan")
    team.get_by_role("link", name="Answer", exact=True).click()
    desk.look(team, "clarification")
    team.get_by_role("button", name="Send the answer").click()
    expect(team.locator(".problem")).to_contain_text("Write the answer.")
    team.get_by_label("Your answer").fill("Below one per cent.")
    team.get_by_role("button", name="Send the answer").click()
    expect(team.get_by_role("heading", name="Correct the answer")).to_be_visible()
    assert Clarification.objects.get().answer == "Below one per cent."
    desk.open(chair, f"/panel/{call.slug}/applications/{reference}/", "panel-read")
    expect(chair.locator("main")).to_contain_text("Below one per cent.")
    reviewer = desk.window(application.assignments.get().reviewer)
    desk.open(reviewer, f"/review/{call.slug}/{reference}/", "review-beside")
    expect(reviewer.locator("main")).to_contain_text("Below one per cent.")
    assert desk.wrong == []


def test_a_change_is_reported_accepted_and_declared_anew(
    live_server: LiveServer, browser: Browser, application: Application
) -> None:
    desk, office = Desk(browser, live_server.url), administrator()
    mine = f"/my/applications/{application.reference}/"
    team = desk.window(application.principal_investigator)
    for kind in ("institution", "investigator", "team", "authorisation", "smaller-need"):
        desk.open(team, f"{mine}changes/report/{kind}/", f"report-{kind}")
    desk.open(team, f"{mine}changes/", "changes")
    team.get_by_role("link", name="The funding").click()
    team.get_by_label("What changes, and since when").fill("The grant ended in May.")
    team.get_by_role("button", name="Report this change").click()
    expect(team.locator("main")).to_contain_text("Waits for the office")
    admin = desk.window(office)
    desk.open(admin, "/manage/changes/", "queue")
    admin.get_by_role("link", name="The funding").click()
    desk.look(admin, "change")
    admin.get_by_label("Answer to the team").fill("Thank you for telling us.")
    admin.get_by_role("button", name="Accept", exact=True).click()
    assert ChangeReport.objects.get().state == ChangeState.ACCEPTED
    desk.open(admin, f"/manage/applications/{application.reference}/", "screening")
    desk.open(team, mine, "status-redeclare")
    team.get_by_role("link", name="Make the declarations", exact=True).click()
    desk.look(team, "redeclare")
    for box in team.get_by_role("checkbox").all():
        box.check()
    team.get_by_role("button", name="Declare").click()
    expect(team.locator("main")).to_contain_text("Declared anew")
    assert Redeclaration.objects.count() == 1
    desk.open(team, f"{mine}public/", "public")
    team.get_by_role("button", name="Leave my name out").click()
    expect(team.get_by_role("button", name="Name me as principal investigator")).to_be_visible()
    assert desk.wrong == []


@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
def test_news_reaches_the_team_and_one_click_says_that_it_stands(
    live_server: LiveServer, browser: Browser, application: Application, prefix: str
) -> None:
    desk, slug = Desk(browser, live_server.url), application.call.slug
    admin = desk.window(administrator())
    desk.open(admin, f"{prefix}/manage/calls/{slug}/schedule/", f"schedule{prefix[1:]}")
    admin.locator("[name=text]").fill("The reviews take longer.")
    admin.locator("[name=text_zh]").fill("评审需要更长时间。")
    admin.locator("[name=results_on]").fill((today() + 30 * DAY).isoformat())
    admin.locator("main form button.btn").click()
    desk.open(admin, f"{prefix}/manage/calls/{slug}/standing/", f"standing{prefix[1:]}")
    admin.locator("[name=due_at]").fill("2099-01-01T12:00")
    admin.locator("main form button.btn").click()
    desk.look(admin, f"standing-asked{prefix[1:]}")
    team = desk.window(application.principal_investigator)
    desk.open(team, f"{prefix}/my/applications/{application.reference}/", f"status-late{prefix[1:]}")
    said = "评审需要更长时间。" if prefix else "The reviews take longer."
    expect(team.locator("main")).to_contain_text(said)
    expect(team.locator("main")).to_contain_text((today() + 30 * DAY).strftime("%Y"))
    team.locator("form[action$='/standing/'] button").click()
    expect(team.locator(".saved").first).to_be_visible()
    assert Standing.objects.count() == 1
    assert desk.wrong == []
