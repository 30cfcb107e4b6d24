"""Team, places, declarations and authorisations in a real browser, without a script; every page accessible."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from applications.declarations import actions as declarations
from applications.declarations import statements
from applications.models import Application, InterestStatement, Place
from applications.team import actions, handover
from portal import clock
from tests.browsing import look, page_of
from tests.factories.accounts import InstitutionFactory, UserFactory, administrator
from tests.factories.applications import application_of, call_of, chair_of, draft_of, member_of
from tests.factories.decisions import closed_call, decided, released
from tests.factories.files import pdf

pytestmark = pytest.mark.django_db(transaction=True)
ORCID = "0000-0002-1825-0097"
DAY = timedelta(days=1)


def test_two_people_make_a_team_and_one_hands_over_to_the_other_without_a_script(
    live_server: LiveServer, browser: Browser, tmp_path: Path
) -> None:
    head, colleague = UserFactory(), UserFactory(orcid=ORCID)
    draft = draft_of(by=head)
    home = f"{live_server.url}/my/applications/{draft.reference}/"
    contexts = [browser.new_context(java_script_enabled=False) for _each in range(2)]
    page, other = (
        page_of(context, live_server.url, user) for context, user in zip(contexts, (head, colleague), strict=True)
    )

    page.goto(f"{home}team/")
    page.get_by_label("Name").fill("A colleague")
    page.get_by_label("E-mail or ORCID iD").fill(ORCID[:-1] + "8")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.locator(".problem")).to_contain_text("no ORCID iD")
    page.get_by_label("E-mail or ORCID iD").fill(f"https://orcid.org/{ORCID}")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("To confirm")).to_be_visible()
    page.get_by_text("Link to forward").click()
    link = page.locator("details .hash").inner_text()

    other.goto(live_server.url + link[link.index("/join/") :])
    other.get_by_role("button", name="Join the team").click()
    expect(other.locator("h1")).to_have_text("Your conflicts")
    other.get_by_label("I know of none").check()
    other.get_by_role("button", name="State it").click()
    expect(other.get_by_text("you know of none.")).to_be_visible()
    other.get_by_role("link", name="Go on to the application").click()
    expect(other.get_by_role("heading", name="Tasks")).to_be_visible()

    page.goto(f"{home}interests/")
    page.get_by_label("These people or institutions should not judge it").check()
    page.get_by_label("Names, with the reason").fill("Somebody I wrote with last year")
    page.get_by_role("button", name="State it").click()

    page.goto(f"{home}places/")
    page.get_by_label("Institution", exact=True).fill("A shared beamline")
    page.get_by_label("Country or region").select_option("NO")
    page.get_by_label("Is visited for measurements").check()
    page.get_by_label("Mass there at most").fill("1,25")
    page.get_by_label("Who carries it there").fill("The principal investigator")
    page.get_by_role("button", name="Save this place").click()
    expect(page.get_by_role("row", name="A shared beamline")).to_contain_text("1.25 mg")
    page.get_by_role("row", name="A shared beamline").get_by_role("link", name="Change").click()
    page.get_by_label("Mass there at most").fill("2.5")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("row", name="A shared beamline")).to_contain_text("2.5 mg")

    page.goto(f"{home}authorisations/")
    first = page.locator("section.part").first
    first.get_by_label("Obtained").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".problem")).to_contain_text("Give the reference")
    page.locator("section.part").first.get_by_label("Reference").fill("A-17")
    page.get_by_role("button", name="Save", exact=True).click()
    evidence = tmp_path / "licence.pdf"
    evidence.write_bytes(pdf(1))
    page.get_by_role("link", name="Add a PDF").first.click()
    page.get_by_label("PDF").set_input_files(evidence)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("link", name="Evidence")).to_be_visible()

    page.goto(f"{home}team/")
    page.get_by_role("link", name="Hand over").click()
    page.get_by_role("button", name="Offer the application").click()
    other.goto(f"{home}team/handover/")
    other.get_by_label("I take part as the principal investigator").check()
    other.get_by_role("button", name="Become the principal investigator").click()
    expect(other.locator("h1")).to_have_text("Declarations")
    for declaration in draft.call.declarations.all():
        other.get_by_label(declaration.text).check()
    other.get_by_role("button", name="Save and continue").click()
    draft.refresh_from_db()
    assert draft.principal_investigator == colleague
    assert set(draft.declared) == {"true", "return"}
    for context in contexts:
        context.close()


def rich() -> Application:
    """A draft in which every part of these pages has something to show."""
    call = call_of(title="Near side and far side, one open call")
    call.declarations.create(
        code="funding",
        kind="funding",
        text="These are all sources of money for this work, each with what it forbids or asks for.",
        text_zh="这些是本工作的全部经费来源，以及各来源的限制或要求。",
        asks_details=True,
        position=7,
    )
    call.declarations.create(
        code="publicity", kind="publicity", text="The summary may be quoted.", is_required=False, position=8
    )
    draft = draft_of(call)
    head = draft.principal_investigator
    answers = {"true": "", "return": "", "funding": "Fund A, Norway, none"}
    declarations.declare(draft, by=head, answers=answers)
    call.declarations.filter(code="return").update(text="I return what is left, and say how it was used.", version=2)
    after = (call.closes_at + 60 * DAY).date()
    Place.objects.create(
        application=draft,
        institution=InstitutionFactory(name="A shared facility with a rather long name for a telephone"),
        kind="visited",
        facility="Beamline 3",
        mass_mg="75",
        pieces=1,
        from_on=after,
        until_on=after + 20 * DAY,
        carrier="The principal investigator",
    )
    Place.objects.create(application=draft, institution=InstitutionFactory(), mass_mg="80")
    member = member_of(draft, receives_decisions=True)
    actions.invite(draft, by=head, name="Somebody by their iD", orcid=ORCID)
    member_of(draft, confirmed=False, role="reader")
    handover.offer(member, by=head)
    InterestStatement.objects.create(application=draft, user=head, text="A former student", at=clock.now())
    row = draft.draft_authorisations.select_related("mission", "institution").first()
    statements.state_authorisation(
        draft,
        by=head,
        mission=row.mission,
        institution=row.institution,
        state="obtained",
        reference="A-17",
        expires_on=after,
        note="For two years.",
    )
    draft.draft_authorisations.filter(pk=row.pk).update(evidence_sha256="d" * 64, evidence_bytes=12345)
    draft.draft_requests.filter(sample__mission__code="CE6").delete()
    return Application.objects.get(pk=draft.pk)


@pytest.mark.parametrize("language", ["", "/zh-hans"])
def test_every_page_is_accessible(live_server: LiveServer, browser: Browser, language: str) -> None:
    draft = rich()
    head, member = draft.principal_investigator, draft.handover_to
    row = draft.draft_authorisations.select_related("mission", "institution").get(evidence_sha256="d" * 64)
    pair = f"{row.mission.code}/{row.institution.key}/"
    waiting = draft.team.get(orcid=ORCID)
    place = draft.places.get(kind="visited")
    urls = {
        "team": "team/",
        "change": f"team/{member.uid}/",
        "resend": f"team/{waiting.uid}/resend/",
        "remove": f"team/{waiting.uid}/remove/",
        "offer": f"team/{member.uid}/handover/",
        "handover": "team/handover/",
        "interests": "interests/",
        "places": "places/",
        "place": f"places/{place.uid}/",
        "place-remove": f"places/{place.uid}/remove/",
        "declare": "declarations/",
        "authorisations": "authorisations/",
        "evidence": f"authorisations/{pair}evidence/",
        "evidence-remove": f"authorisations/{pair}evidence/remove/",
    }
    context = browser.new_context()
    page, wrong = page_of(context, live_server.url, head), []
    base = f"{live_server.url}{language}"
    for name, rest in urls.items():
        answer = page.goto(f"{base}/my/applications/{draft.reference}/{rest}")
        assert answer is not None and answer.status == 200, name
        wrong += look(page, f"team{language.strip('/')}-{name}")
    context.close()
    assert wrong == []


def test_pages_of_the_others_are_accessible_too(live_server: LiveServer, browser: Browser) -> None:
    draft = rich()
    member, invited = draft.handover_to, UserFactory(orcid=ORCID)
    join = f"/join/{draft.team.get(orcid=ORCID).uid}/"
    mine = f"/my/applications/{draft.reference}/"
    given = decided(closed_call(), 40)
    released(given.call)
    application, office = application_of(status="under-review"), administrator()
    head = application.principal_investigator
    InterestStatement.objects.create(application=application, user=head, text="A rival\nAnother", at=clock.now())
    stand = application.authorisations.select_related("mission", "institution").first()
    statements.state_for_agency(
        application,
        by=office,
        statement=statements.Statement(stand.mission, stand.institution, "pending", note="Asked in spring."),
    )
    here = [application.call.slug, application.reference]
    sides = f"/manage/applications/{application.reference}/authorisations/"
    pair = f"{stand.mission.code}/{stand.institution.key}/"
    visits = [
        (member.user, {"reads": f"{mine}declarations/", "takes": f"{mine}team/handover/"}),
        (invited, {"join": join}),
        (UserFactory(), {"join-other": join}),
        (
            given.principal_investigator,
            {
                "again": f"/my/applications/{given.reference}/authorisations/again/",
                "status": f"/my/applications/{given.reference}/",
            },
        ),
        (
            office,
            {
                "screening": f"/manage/applications/{application.reference}/",
                "sides": sides,
                "state": sides + pair,
                "agency-evidence": f"{sides}{pair}evidence/",
            },
        ),
        (chair_of(application.call), {"chair": reverse("applications:panel-read", args=here)}),
    ]
    wrong = []
    for user, urls in visits:
        context = browser.new_context()
        page = page_of(context, live_server.url, user)
        for name, url in urls.items():
            answer = page.goto(live_server.url + url)
            assert answer is not None and answer.status == 200, name
            wrong += look(page, f"team-other-{name}")
        context.close()
    assert wrong == []
