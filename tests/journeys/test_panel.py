"""A panel in a real browser, from conflicts to complete reviews: a chair, eight reviewers and six applications.

One reviewer has a conflict, one finds one and says so, one answers by the link in the mail, one declines and names
somebody else, one writes offline, one recuses after having sent a review. Everybody clicks only what is on the pages.
"""

import re
import zipfile
from collections import Counter
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from applications.enums import PanelRole, Status
from applications.models import Application, Assignment, Call, Proposal, Review
from portal import clock
from portal.accounts.models import User
from tests.applications.offline.desks import filled
from tests.browsing import come_in, look
from tests.factories.accounts import UserFactory
from tests.factories.applications import DAY, application_of, call_of

pytestmark = pytest.mark.django_db(transaction=True)
SCORES = {"score significance": "4", "score feasibility": "3", "text for_panel": "Written in the train."}
ABSENT = "LSA-2026-00000"


class Panel:
    """A call with a panel that has neither pledged nor answered, and everybody's own browser."""

    def __init__(self, url: str, browser: Browser) -> None:
        self.url, self.browser = url, browser
        self.pages: dict[str, Page] = {}
        self.complaints: list[str] = []
        self.call: Call = call_of(closes_at=clock.now() - DAY, title="Samples of two sides", slug="two-sides")
        self.call.panel.all().delete()  # what factories have answered; everybody takes their seat below
        self.applications = [application_of(self.call, status=Status.UNDER_REVIEW) for _ in range(6)]
        self.closed, self.named = self.applications[:2]
        self.chair = self._seated("Panel chair", PanelRole.CHAIR)
        colleague = {"institution": self.closed.principal_investigator.institution}
        self.reviewers = [self._seated("Reader A", PanelRole.REVIEWER, **colleague)]
        self.reviewers += [self._seated(f"Reader {letter}", PanelRole.REVIEWER) for letter in "BCDEFGH"]

    def _seated(self, name: str, role: str, **facts: Any) -> User:
        user = UserFactory(name=name, **facts)
        self.call.panel.create(user=user, role=role, since=clock.now() - DAY)
        return user

    def page(self, user: User | None) -> Page:
        """Return the browser of one of them, or of somebody who is not signed in."""
        key = user.email if user else ""
        if key not in self.pages:
            context = self.browser.new_context(locale="en-GB", accept_downloads=True)
            if user:
                come_in(context, self.url, user)
            self.pages[key] = context.new_page()
            self.pages[key].goto(self.url)
        return self.pages[key]

    def reviews(self, user: User) -> Page:
        """Come to the own reviews of the call, from wherever one is."""
        page = self.page(user)
        follow(page.get_by_role("banner"), "Reviews")
        follow(page, re.compile("Open my reviews"))
        return page

    def overview(self) -> Page:
        """Come to the overview of the panel as its chair."""
        page = self.page(self.chair)
        follow(page.get_by_role("banner"), "Reviews")
        follow(page, re.compile("Panel overview"))
        return page

    def look(self, page: Page, name: str) -> None:
        """Note what is wrong with a page that no other journey looks at."""
        self.complaints += look(page, name)

    def mine(self, user: User) -> list[str]:
        """Return the references of what somebody has to review, in the order of the page."""
        rows = Assignment.objects.filter(reviewer=user, ended_at=None).order_by("at", "application__reference")
        return list(rows.values_list("application__reference", flat=True))

    def free_for(self, reference: str) -> User:
        """Return a reviewer without a conflict who has nothing to do with an application yet."""
        busy = set(Assignment.objects.filter(application__reference=reference).values_list("reviewer", flat=True))
        barred = {self.closed.reference: self.reviewers[0], self.named.reference: self.reviewers[1]}
        return next(one for one in self.reviewers if one.pk not in busy and barred.get(reference) != one)

    def absent(self, user: User, name: str, reference: str) -> bool:
        """Whether an address of an application answers somebody as that of one which does not exist."""
        page, said = self.page(user), []
        for one in (reference, ABSENT):
            answer = page.goto(self.url + reverse(f"applications:{name}", args=[self.call.slug, one]))
            assert answer is not None
            said.append((answer.status, page.locator("body").inner_text().replace(one, "")))
        return said[0] == said[1] and said[0][0] == 404


def follow(place: Page | Locator, name: Any) -> None:
    place.get_by_role("link", name=name, exact=isinstance(name, str)).first.click()


def press(place: Page | Locator, name: Any) -> None:
    place.get_by_role("button", name=name, exact=isinstance(name, str)).first.click()


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))


@pytest.fixture
def panel(live_server: LiveServer, browser: Browser) -> Any:
    made = Panel(live_server.url, browser)
    yield made
    for page in made.pages.values():
        page.context.close()


def test_a_panel_goes_from_conflicts_to_complete_reviews(
    panel: Panel, worker: Any, mail_dir: Path, tmp_path: Path
) -> None:
    everybody_declares(panel)
    the_chair_proposes_and_releases(panel, worker)
    left = everybody_answers(panel, worker, mail_dir)
    the_chair_asks_somebody_else(panel, left)
    everybody_writes(panel, worker, tmp_path)
    gone = one_recuses_late(panel)
    somebody_takes_their_place(panel, *gone)
    the_chair_sees_it_complete(panel)
    assert panel.complaints == []


# --- Before content opens ---------------------------------------------------------------------------------------


def everybody_declares(panel: Panel) -> None:
    """Pledge and answer: A has a conflict by their institution, B says so of another, nobody else has any."""
    for user in (panel.chair, *panel.reviewers):
        page = panel.page(user)
        follow(page.get_by_role("banner"), "Reviews")
        expect(page.get_by_text("Nothing opens before you have accepted the terms of this call.")).to_be_visible()
        follow(page, re.compile("Accept and declare conflicts"))
        if user == panel.reviewers[0]:
            line = row(page, panel.closed.reference)
            expect(line).to_contain_text("Same institution")
            expect(line.get_by_role("combobox")).to_have_count(0)
        if user == panel.reviewers[1]:
            field = page.get_by_label(f"Conflict with {panel.named.reference}")
            field.select_option(label="I cannot judge it")
        page.get_by_label("I accept these terms for this call").check()
        page.get_by_label("I have no conflict with the rest").check()
        press(page, "Declare conflicts")
        expect(page.get_by_text("Nothing waits for your answer.")).to_be_visible()
        follow(page, "Open my reviews")
        expect(page.get_by_text("Nothing is assigned to you in this call.")).to_be_visible()
    for user, application in zip(panel.reviewers, (panel.closed, panel.named), strict=False):
        assert panel.absent(user, "review-write", application.reference)


# --- Assigning --------------------------------------------------------------------------------------------------


def the_chair_proposes_and_releases(panel: Panel, worker: Any) -> None:
    """Work a small round out, change one proposal, release: before that nobody sees any of it."""
    page = panel.overview()
    follow(page, "Assignment")
    page.get_by_label("Number of the draw").fill("7")
    press(page, "Work out proposals")
    worker.wait_until_idle(60)
    page.reload()
    expect(page.get_by_text("covered", exact=True)).to_have_count(6)
    panel.look(page, "proposals")
    proposed = Proposal.objects.filter(application=panel.closed)
    before = {one.reviewer for one in proposed.select_related("reviewer")}
    assert len(before) == 2 and panel.reviewers[0] not in before

    follow(page, re.compile(f"Change.*{panel.closed.reference}"))
    expect(row(page, "Reader A")).to_contain_text("has a conflict")
    expect(row(page, "Reader A").get_by_role("combobox")).to_have_count(0)
    panel.look(page, "edit")
    leaves = min(before, key=lambda one: one.name)
    comes = next(one for one in panel.reviewers[1:] if one not in before)
    row(page, leaves.name).get_by_role("combobox").select_option(label="not proposed")
    row(page, comes.name).get_by_role("combobox").select_option(label="lead reader")
    press(page, "Save")
    expect(row(page, panel.closed.reference)).to_contain_text(comes.name)
    expect(row(page, panel.closed.reference)).not_to_contain_text(leaves.name)
    expect(panel.reviews(comes).get_by_text("Nothing is assigned to you in this call.")).to_be_visible()

    follow(page, "Release")
    expect(page.get_by_text(re.compile("12 reviews are asked of"))).to_be_visible()
    panel.look(page, "release")
    press(page, "Release and tell them")
    expect(page.get_by_text("Released.")).to_be_visible()
    assert Assignment.objects.filter(ended_at=None).count() == 12
    assert Counter(Assignment.objects.values_list("application", flat=True)) == {
        one.pk: 2 for one in panel.applications
    }


def everybody_answers(panel: Panel, worker: Any, mail_dir: Path) -> tuple[str, User]:
    """Accept by the link in the mail or on the page; one declines and names somebody. Return what was declined."""
    asked = [one for one in panel.reviewers if panel.mine(one)]
    declines = max(asked, key=lambda one: len(panel.mine(one)))
    by_mail = next(one for one in asked if one != declines)
    worker.wait_until_idle(60)
    page = panel.page(None)
    page.goto(panel.url + link_for(by_mail, mail_dir))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{by_mail.name}, you are asked to review")
    assert "Question" not in page.locator("main").inner_text()  # of an application its reference alone
    panel.look(page, "asked by mail")
    page.get_by_label(re.compile(r"I accept (it|all of them)")).check()
    press(page, "Send my answer")
    expect(page.get_by_text(f"Accepted: {panel.mine(by_mail)[0]}")).to_be_visible()
    panel.look(page, "answered by mail")

    declined = panel.mine(declines)[0]
    page = panel.reviews(declines)
    follow(page, re.compile("Decline, or suggest somebody"))
    page.get_by_label("I accept all but those ticked below").check()
    page.get_by_role("group", name="What I decline").get_by_label(declined).check()
    page.get_by_label("Whom to ask instead").fill("Somebody with such a line.")
    panel.look(page, "asked")
    press(page, "Send my answer")
    expect(page.get_by_role("heading", level=1)).to_have_text("My reviews")
    expect(page.get_by_role("link", name=declined)).to_have_count(0)
    assert panel.absent(declines, "review-write", declined)

    for user in asked:
        if user not in (declines, by_mail):
            page = panel.reviews(user)
            press(page, "Accept all")
            expect(page.get_by_role("button", name="Accept all")).to_have_count(0)
    return declined, declines


def link_for(user: User, mail_dir: Path) -> str:
    """Return the path of the signed link in the one mail that asks somebody."""
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(mail_dir.glob("*.eml"))]
    texts = [one.get_body(("plain",)).get_content() for one in mails if user.email in one["To"]]
    (found,) = [one for text in texts for one in re.findall(r"/review/invitation/\S+", text)]
    return str(found)


def the_chair_asks_somebody_else(panel: Panel, left: tuple[str, User]) -> None:
    """See who declined and whom they would ask, and assign another one."""
    reference, declined = left
    page = panel.overview()
    expect(row(page, declined.name).last.get_by_role("cell").nth(4)).to_have_text("1")
    page.get_by_label("Show").select_option(label="fewer reviewers than the call asks for")
    press(page, "Show")
    expect(page.get_by_role("link", name=re.compile("^LSA-.*")).first).to_have_text(reference)
    assign(panel, page, reference, panel.free_for(reference), "Somebody with such a line.")


def assign(panel: Panel, page: Page, reference: str, user: User, said: str = "") -> None:
    follow(page, re.compile(f"Assign.*{reference}"))
    expect(page.locator("main")).to_contain_text(said)
    press(row(page, user.name), re.compile("Assign"))
    expect(row(page, user.name)).to_contain_text("assigned")
    page = panel.reviews(user)
    press(page, "Accept all")
    expect(page.get_by_role("link", name=reference, exact=True)).to_be_visible()


# --- Reviewing --------------------------------------------------------------------------------------------------


def everybody_writes(panel: Panel, worker: Any, place: Path) -> None:
    """Write what is asked of oneself: one offline, the others on the page."""
    busy = [one for one in panel.reviewers if panel.mine(one)]
    offline = max(busy, key=lambda one: len(panel.mine(one)))
    for number, user in enumerate(one for one in busy if one != offline):
        write_all(panel, user, len(panel.mine(user)), watched=number == 0)
    write_offline(panel, offline, worker, place)
    assert Review.objects.filter(state="submitted").count() == 12


def write_all(panel: Panel, user: User, number: int, *, watched: bool = False) -> None:
    """Go from one to the next until none of so many is left; `watched` waits for what saves itself."""
    page = panel.reviews(user)
    for _one in range(number):
        follow(page, "Continue with the next one")  # on the list, then where the last one was sent
        page.get_by_role("group", name="Significance").get_by_role("radio").nth(3).check()
        page.get_by_role("group", name="Feasibility").get_by_role("radio").nth(2).check()
        page.get_by_label("To the panel").fill(f"As {user.name} reads it.")
        if watched:
            expect(page.locator("[data-state]")).to_contain_text("Draft saved")
            page.reload()
            expect(page.get_by_label("To the panel")).to_have_value(f"As {user.name} reads it.")
        press(page, "Send review")
        expect(page.get_by_text("You sent this review; it can be read, not changed.")).to_be_visible()
    page = panel.reviews(user)
    expect(page.get_by_role("link", name="Continue with the next one")).to_have_count(0)


def write_offline(panel: Panel, user: User, worker: Any, place: Path) -> None:
    """Take the pack along, fill the forms in, bring them back and send them."""
    references = panel.mine(user)
    page = panel.reviews(user)
    follow(page, "Work offline")
    press(page, "Make my pack")
    worker.wait_until_idle(60)
    page.reload()
    with page.expect_download() as download:
        follow(page, "Download")
    download.value.save_as(place / "pack.zip")
    with zipfile.ZipFile(place / "pack.zip") as archive:
        forms = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith("-review.txt")}
    assert sorted(forms) == [f"{one}-review.txt" for one in sorted(references)]
    for name, form in forms.items():
        (place / name).write_text(filled(form.replace("\r\n", "\n"), SCORES))
    page.get_by_label("Files").set_input_files([place / name for name in forms])
    press(page, "Upload and look")
    expect(page.get_by_role("heading", level=1)).to_have_text("What you uploaded")
    page.get_by_label("Send those that are complete").check()
    press(page, re.compile("^Save th"))
    page = panel.reviews(user)
    expect(page.get_by_text("sent", exact=True)).to_have_count(len(references))


# --- Recusing late ----------------------------------------------------------------------------------------------


def one_recuses_late(panel: Panel) -> tuple[str, User]:
    """Say after having sent a review that one has a conflict: it counts no more, and all of it is absent."""
    user = next(one for one in panel.reviewers[2:] if panel.mine(one))
    reference = panel.mine(user)[0]
    page = panel.reviews(user)
    follow(page, re.compile(f"I have a conflict.*{reference}"))
    press(page, "I have a conflict")
    expect(row(page, reference)).to_contain_text("Declared interest")
    expect(panel.reviews(user).get_by_role("link", name=reference, exact=True)).to_have_count(0)
    for name in ("review-write", "discussion-read"):
        assert panel.absent(user, name, reference)

    page = panel.overview()
    expect(row(page, reference).first).to_contain_text("1/1")
    expect(page.get_by_role("term").filter(has_text="reviews in").locator("..")).to_contain_text("11 of 11")
    page.get_by_label("Show").select_option(label="fewer reviewers than the call asks for")
    press(page, "Show")
    expect(page.get_by_role("link", name=re.compile("^LSA-.*")).first).to_have_text(reference)
    return reference, user


def somebody_takes_their_place(panel: Panel, reference: str, gone: User) -> None:
    """Assign another one, who reads nothing of the others before having sent a review of their own."""
    user, other = panel.free_for(reference), Assignment.objects.get(application__reference=reference, ended_at=None)
    page = panel.page(panel.chair)
    follow(page, re.compile(f"Assign.*{reference}"))
    expect(row(page, gone.name)).to_contain_text("Declared interest")
    follow(page.get_by_role("navigation"), "Panel overview")
    assign(panel, page, reference, user)
    words = Review.objects.get(assignment=other).for_panel
    assert panel.absent(user, "discussion-read", reference)
    page = panel.reviews(user)
    follow(page, reference)
    expect(page.get_by_text(words)).to_have_count(0)
    write_all(panel, user, 1)
    follow(page, reference)
    expect(page.get_by_text(words)).to_be_visible()
    expect(page.get_by_text(f"As {gone.name} reads it.")).to_have_count(0)
    follow(page, "Discussion")
    page.get_by_label("Your words").fill("I would give less.")
    press(page, "Say it")
    expect(page.get_by_text("2 of 2 reviews are in.")).to_be_visible()
    follow(panel.reviews(other.reviewer), reference)
    follow(panel.page(other.reviewer), "Discussion")
    expect(panel.page(other.reviewer).get_by_text("I would give less.")).to_be_visible()
    assert panel.absent(gone, "discussion-read", reference)


def the_chair_sees_it_complete(panel: Panel) -> None:
    """Twelve of twelve are in, nobody owes anything, and the whole thread of each application is open."""
    page = panel.overview()
    expect(page.get_by_role("term").filter(has_text="reviews in").locator("..")).to_contain_text("12 of 12")
    expect(page.get_by_text("2/2", exact=True)).to_have_count(6)
    expect(page.get_by_text("late", exact=True)).to_have_count(0)
    follow(page, "Remind")
    expect(page.get_by_text("Every review that was asked for has been sent.")).to_be_visible()
    panel.look(page, "nobody to remind")
    follow(panel.overview(), "Conflicts")
    panel.look(page, "conflicts after a recusal")
    found = Assignment.objects.filter(ended_at=None).select_related("review")
    assert {one.review.state for one in found} == {"submitted"}
    assert Counter(found.values_list("application", flat=True)) == {one.pk: 2 for one in panel.applications}
    assert Application.objects.filter(call=panel.call, tally__number=2).count() == 6
