"""Asking for samples in a real browser: without a script from the list to a whole pair; every page accessible."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from applications.enums import GroupKind
from applications.models import Application, DraftGroup
from portal.accounts.models import User
from samples.enums import Hemisphere, Preparation
from tests.browsing import look, sign_in
from tests.factories.accounts import UserFactory
from tests.factories.applications import call_of, draft_of, stock

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = [
    {"technique": "NG-NS-MS", "mass_mg": "4.000", "runs": "8", "loss_percent": "10"},
    {"technique": "Our own picking", "mass_mg": "5.498", "runs": "1", "loss_percent": "0"},
]
DESCRIBED = {
    "description": "Soil powder, scooped, below 1 mm",
    "description_zh": "铲取月壤粉末，小于1毫米",
}


def world(user: User, *, complete: bool) -> Application:
    """Return a draft in a call that offers powders and clasts of both sides."""
    samples = [
        stock("40000", catalogue_number="TEST-CE5-FM-001", **DESCRIBED),
        stock("300", hemisphere=Hemisphere.FAR, catalogue_number="TEST-CE6-FM-001", **DESCRIBED),
        stock("36.2", Preparation.CLAST, catalogue_number="TEST-CE5-YX-003"),
        stock("42.6", Preparation.CLAST, Hemisphere.FAR, catalogue_number="TEST-CE6-YX-009"),
    ]
    note = "Whether far-side samples are open to international applicants is for the agency to say."
    return draft_of(call_of(samples=samples, title="Both sides of the Moon", note=note), user, complete=complete)


def grouped(draft: Application) -> DraftGroup:
    """Put the powders of a draft into a group and the pieces into another, with runs for the first."""
    texts = {"matching": "Grains of 45 to 75 µm.", "first": "The far side.", "least_set": "Both.", "position": 1}
    pair = DraftGroup.objects.create(application=draft, kind=GroupKind.NEEDS_ALL, name="Soils of both sides", **texts)
    either = DraftGroup.objects.create(application=draft, kind=GroupKind.EITHER_OR, name="One clast", position=2)
    for group, whole in ((pair, False), (either, True)):
        for rank, line in enumerate(draft.draft_requests.filter(whole=whole), start=1):
            line.group, line.rank, line.runs = group, rank, [] if whole else RUNS
            line.save()
    return pair


def test_applicant_asks_for_a_pair_without_a_script(live_server: LiveServer, browser: Browser) -> None:
    user = UserFactory()
    draft = world(user, complete=False)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server.url, user)
    page.goto(f"{live_server.url}/my/applications/{draft.reference}/samples/")

    page.get_by_label("Mass of TEST-CE5-FM-001 in mg").fill("1,250")
    page.get_by_label("whole: TEST-CE6-YX-009").check()
    page.get_by_role("button", name="Add to your request").click()
    expect(page.locator(".problem")).to_contain_text("Write 1.250 or 1250")
    expect(page.get_by_label("whole: TEST-CE6-YX-009")).to_be_checked()
    page.get_by_label("Mass of TEST-CE5-FM-001 in mg").fill("1,25")
    page.get_by_role("button", name="Add to your request").click()
    expect(page.get_by_role("region", name="Table of requested samples")).to_contain_text("1.25 mg")

    page.get_by_role("row", name="TEST-CE5-FM-001").get_by_role("link", name="Change").click()
    page.get_by_label("Mass you ask for").fill("50")
    page.get_by_label("Least mass").fill("41.053")
    page.get_by_label("Technique").first.fill("Scanning electron microscopy")
    run = page.get_by_role("group", name="Measurement 1")
    run.get_by_label("Mass of one run").fill("39")
    run.get_by_label("Number of runs").fill("1")
    run.get_by_label("Lost on the way").fill("5")
    page.get_by_label("Why this sample").fill("One run, and what it loses.")
    page.get_by_role("button", name="Calculate").click()
    expect(page.locator("#calculated")).to_contain_text(
        "Your runs need 41.053 mg; you ask for 50 mg; 8.947 mg are left: say why."
    )
    expect(page.get_by_label("Why this sample")).to_have_value("One run, and what it loses.")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.locator("main")).to_contain_text("Saved: TEST-CE5-FM-001, 50 mg, at least 41.053 mg.")

    page.get_by_role("link", name="Make a pair").click()
    page.get_by_label("From the near side").select_option("TEST-CE5-FM-001")
    page.get_by_label("From the far side").select_option("TEST-CE6-FM-001")
    page.get_by_label("Mass of each").fill("20")
    page.get_by_role("button", name="Make the pair").click()
    page.get_by_label("The least useful set, and why").fill("Both: either alone answers nothing.")
    page.get_by_label("What is measured first").fill("The far side.")
    page.get_by_role("button", name="Save and continue").click()
    groups = page.get_by_role("region", name="What belongs together")
    expect(groups).to_contain_text("Say what must match between the two sides")
    page.get_by_role("article", name="Near and far 1").get_by_role("link", name="Change").click()
    page.get_by_role("row", name="TEST-CE6-FM-001").get_by_role("button", name="Up").click()
    page.get_by_label("What must match").fill("Grains of 45 to 75 µm.")
    page.get_by_role("button", name="Save and continue").click()
    expect(groups).not_to_contain_text("Say what must match")
    page.get_by_role("row", name="TEST-CE6-FM-001").get_by_role("link", name="Change").click()
    page.get_by_label("Least mass").fill("20")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.locator(".wrong")).to_have_count(0)

    made = draft.draft_groups.get()
    assert [line.sample.catalogue_number for line in made.lines.order_by("rank")] == [
        "TEST-CE6-FM-001",
        "TEST-CE5-FM-001",
    ]
    assert draft.draft_requests.count() == 3
    context.close()


def test_calculator_keeps_step_with_what_is_typed(live_server: LiveServer, page: Page) -> None:
    user = UserFactory()
    draft = world(user, complete=True)
    sign_in(page, live_server.url, user)
    page.goto(f"{live_server.url}/my/applications/{draft.reference}/samples/TEST-CE5-FM-001/")
    page.get_by_label("Mass of one run").fill("4")
    page.get_by_label("Number of runs").fill("8")
    expect(page.locator("#calculated")).to_contain_text("Your runs need 32 mg; you ask for 50 mg; 18 mg are left")
    page.get_by_label("Lost on the way").fill("2,5")
    expect(page.locator("#calculated")).to_contain_text("Your runs need 32.821 mg")
    page.get_by_label("Mass you ask for").fill("32.821")
    expect(page.locator("#calculated")).to_contain_text("exactly what you ask for")
    page.get_by_label("Lost on the way").fill("100")
    expect(page.locator("#calculated")).to_contain_text("No runs yet")


def test_every_page_of_samples_is_accessible(live_server: LiveServer, page: Page) -> None:
    user = UserFactory()
    empty, full = world_and_empty(user)
    group = grouped(full)
    line = full.draft_requests.get(sample__catalogue_number="TEST-CE5-FM-001")
    mine = f"{live_server.url}/my/applications/"
    urls = {
        "samples-empty": f"{mine}{empty.reference}/samples/",
        "samples": f"{mine}{full.reference}/samples/",
        "samples-nothing": f"{mine}{full.reference}/samples/?q=nothing",
        "sample": f"{mine}{full.reference}/samples/TEST-CE5-FM-001/",
        "piece": f"{mine}{full.reference}/samples/TEST-CE6-YX-009/",
        "sample-drop": f"{mine}{full.reference}/requests/{line.uid}/remove/",
        "group": f"{mine}{full.reference}/groups/{group.uid}/",
        "group-new": f"{mine}{full.reference}/groups/new/",
        "group-drop": f"{mine}{full.reference}/groups/{group.uid}/remove/",
        "pair": f"{mine}{full.reference}/groups/pair/",
        "add": f"{live_server.url}/my/add/TEST-CE5-FM-001/",
        "add-nowhere": f"{live_server.url}/my/add/{stock().catalogue_number}/",
        "samples-zh": f"{live_server.url}/zh-hans/my/applications/{full.reference}/samples/",
        "sample-zh": f"{live_server.url}/zh-hans/my/applications/{full.reference}/samples/TEST-CE5-FM-001/",
        "group-zh": f"{live_server.url}/zh-hans/my/applications/{full.reference}/groups/{group.uid}/",
    }
    sign_in(page, live_server.url, user)
    wrong = []
    for name, url in urls.items():
        page.goto(url)
        expect(page.locator("h1")).to_have_count(1)
        wrong += look(page, name)
    page.goto(urls["sample"])
    page.get_by_label("Mass you ask for").fill("1,250")
    page.get_by_role("group", name="Measurement 1").get_by_label("Lost on the way").fill("100")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.locator(".problem")).to_be_focused()
    wrong += look(page, "sample-refused")
    page.goto(urls["samples-empty"])
    page.get_by_label("Mass of TEST-CE5-FM-001 in mg").fill("1,250")
    page.get_by_role("button", name="Add to your request").click()
    wrong += look(page, "samples-refused")
    page.goto(urls["group-new"])
    page.get_by_label("Name of the group").fill("")
    page.get_by_role("button", name="Save and continue").click()
    wrong += look(page, "group-refused")
    assert wrong == []


def world_and_empty(user: User) -> tuple[Application, Application]:
    """Return a draft that asks for nothing, and one in the same call that asks for everything, with gaps."""
    full = world(user, complete=True)
    full.draft_requests.filter(sample__catalogue_number="TEST-CE6-FM-001").update(least_mg=None)
    DraftGroup.objects.create(
        application=full, kind=GroupKind.IN_ORDER, name="A group of a rather long name", position=9
    )
    return draft_of(full.call, user, complete=False), full
