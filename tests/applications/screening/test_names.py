"""In a call without names a submission is searched, and nothing found passes before somebody has looked at it."""

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from applications.enums import Anonymity, Status
from applications.models import Application, NameScan
from applications.rules.progress import check_can_pass
from applications.screening import actions, names
from applications.tasks import scan_names
from portal import files, shelf
from portal.accounts.models import Institution, InstitutionName, User
from portal.audit.models import Event
from portal.errors import Denied, Invalid, NotNow, refusal_of
from tests.factories.accounts import InstitutionFactory, UserFactory, administrator
from tests.factories.applications import application_of, draft_of, member_of, submission_of
from tests.factories.decisions import closed_call
from tests.factories.files import pdf

pytestmark = pytest.mark.django_db
URL = "https://dust.example/people"


def paper(words: str = "Grains are heated in steps.", link: str = "", bookmark: str = "") -> str:
    """Keep a PDF of one page that says these words, with a link or a bookmark, and return its hash."""
    document = pikepdf.new()
    page = document.add_blank_page()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.obj.Contents = document.make_stream(f"BT /F1 12 Tf 72 700 Td ({words}) Tj ET".encode() if words else b"")
    if link:
        action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=link)
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
        page.obj.Annots = pikepdf.Array([document.make_indirect(note)])
    if bookmark:
        with document.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem(bookmark, 0))
    target = io.BytesIO()
    document.save(target)
    return files.keep_pdf(ContentFile(target.getvalue(), "plan.pdf")).sha256


def dual(sha256: str | None = None, **texts: Any) -> Application:
    """Make an application to a call without names: the team is Ánna Stone of the Institute of Grain and Dust."""
    home = Institution.objects.filter(name_zh="尘埃研究所").first()
    if home is None:
        home = InstitutionFactory(name="Institute of Grain and Dust", name_zh="尘埃研究所")
        InstitutionName.objects.create(institution=home, name="IGD", key="igd", kind="acronym")
        InstitutionName.objects.create(institution=home, name="Staubinstitut", key="staubinstitut", kind="alias")
    orcid = "" if User.objects.exclude(orcid="").exists() else "0000-0002-1825-0097"
    head = UserFactory(name="Ánna Stone", native_name="石安娜", institution=home, orcid=orcid)
    call = closed_call(anonymity=Anonymity.DUAL)
    application = application_of(call, head, file_sha256=sha256 or paper(), **texts)
    for request in application.submission.requests.all():
        actions.advise(request, by=UserFactory(roles=["curator"]), feasibility="feasible")
    return application


def to(name: str, application: Application) -> str:
    return reverse(f"applications:screening-{name}", args=[application.reference])


def found(application: Application) -> list[tuple[str, str]]:
    assert application.submission is not None
    return [(one["where"], one["name"]) for one in names.scan(application.submission).found]


def code_of(application: Application) -> str:
    refusal = refusal_of(check_can_pass, application)
    return refusal.code if refusal else ""


@pytest.mark.parametrize(
    "texts, where, name",
    [
        ({"title": "The method of Stone"}, "title", "Ánna Stone"),
        ({"question": "Ask 石安娜."}, "question", "石安娜"),
        ({"plan": "At the IGD we heat."}, "plan", "IGD"),
        ({"methods": "As at Staubinstitut."}, "methods", "Staubinstitut"),
        ({"methods": "Write to 0000-0002-1825-0097."}, "methods", "0000-0002-1825-0097"),
        ({"plan": "在尘埃研究所测量"}, "plan", "尘埃研究所"),
    ],
)
def test_a_name_planted_in_a_text_is_found(texts: dict[str, str], where: str, name: str) -> None:
    assert found(dual(**texts)) == [(where, name)]


def test_a_name_planted_in_a_sample_request_is_found() -> None:
    draft = draft_of(closed_call(anonymity=Anonymity.DUAL), file_sha256=paper())
    draft.draft_requests.update(justification="Our previous work [3] needs it.")
    planted = names.search(submission_of(draft))
    assert {(one.where, one.name) for one in planted} == {("requests", "Our previous work [3]")}


@pytest.mark.parametrize(
    "planted, expected",
    [
        ({"words": "Heated by Stone et al."}, ("file 1", "Ánna Stone")),
        ({"link": URL}, ("file-beside", URL)),
        ({"bookmark": "stone_plan.docx"}, ("file-beside", "Ánna Stone")),
        ({"words": ""}, ("file-empty 1", "")),
    ],
)
def test_a_name_planted_in_the_pdf_is_found(planted: dict[str, str], expected: tuple[str, str]) -> None:
    assert found(dual(paper(**planted))) == [expected]


def test_members_of_the_team_are_looked_for_by_name_and_address() -> None:
    application = dual(plan="With Colleague Weathervane; ask mate@dust.example.")
    member_of(application, confirmed=False, name="Colleague Weathervane", email="mate@dust.example")
    assert {name for _where, name in found(application)} == {"Colleague Weathervane", "mate@dust.example"}


def test_a_file_that_cannot_be_read_is_for_a_person_to_look_at() -> None:
    assert found(dual("0" * 64)) == [("file-unread", "")]


def test_links_that_cannot_be_read_are_for_a_person_to_look_at(tmp_path: Path) -> None:
    def broken(document: pikepdf.Pdf) -> None:
        document.pages[0].obj.Annots = pikepdf.Array([7])

    source = tmp_path / "broken.pdf"
    source.write_bytes(pdf(1, broken))
    shelf.keep("b" * 64, source)
    assert ("file-beside-unread", "") in found(dual("b" * 64))


def test_a_clean_submission_passes_and_one_that_names_somebody_does_not() -> None:
    clean, naming = dual(), dual(plan="As Stone has shown.")
    assert [code_of(clean), code_of(naming)] == ["names-not-searched"] * 2
    scan_names()
    assert [code_of(clean), code_of(naming)] == ["", "names-found"]
    with pytest.raises(NotNow):
        actions.pass_on(naming, by=administrator())
    actions.pass_on(clean, by=administrator())
    clean.refresh_from_db()
    assert clean.status == Status.UNDER_REVIEW


def test_a_call_that_names_applicants_is_neither_searched_nor_kept_waiting() -> None:
    application = application_of(closed_call(), plan="As Stone has shown.")
    scan_names()
    assert not NameScan.objects.exists()
    for request in application.submission.requests.all():
        actions.advise(request, by=UserFactory(roles=["curator"]), feasibility="feasible")
    assert code_of(application) == ""


def test_searching_twice_writes_once() -> None:
    dual(plan="As Stone has shown.")
    scan_names()
    scan_names()
    assert (NameScan.objects.count(), Event.objects.filter(verb="application.scan_names").count()) == (1, 1)


def test_what_was_found_is_released_once_with_a_reason_by_who_may_screen() -> None:
    application = dual(plan="As Stone has shown.")
    scan_names()
    barred = administrator(institution=application.institution)
    refused = (
        (administrator(), " ", Invalid),
        (barred, "No.", Denied),
        (UserFactory(), "No.", Denied),
    )
    for by, reason, refusal in refused:
        with pytest.raises(refusal):
            actions.clear_names(application, by=by, reason=reason)
    with pytest.raises(NotNow):
        actions.clear_names(application, by=administrator(), reason="It is a rock.", seen=7)
    by = administrator()
    actions.clear_names(application, by=by, reason="It is a rock.", seen=1)
    assert code_of(application) == ""
    kept = NameScan.objects.get()
    assert (kept.cleared_by, kept.cleared_because) == (by, "It is a rock.")
    assert Event.objects.get(verb="application.clear_names").facts == {"submission": 1, "found": 1}
    with pytest.raises(NotNow):
        actions.clear_names(application, by=by, reason="Again.")


def test_the_page_shows_what_was_found_and_lets_it_go(client: Client) -> None:
    application, clean = dual(plan="As Stone has shown <b>it</b>."), dual()
    scan_names()
    client.force_login(administrator())
    detail, page = to("detail", application), to("names", application)
    shown = client.get(detail).content.decode()
    assert "Possible names were found in it" in shown
    assert f'action="{to("pass", application)}"' not in shown
    for words in ("Research plan", "Ánna Stone", "As Stone has shown &lt;b&gt;it&lt;/b&gt;."):
        assert words in client.get(page).content.decode()
    assert client.post(page, {"seen": 1, "reason": ""}).status_code == 422
    assert client.post(page, {"seen": 2, "reason": "A rock."}).status_code == 409
    assert client.post(page, {"seen": 1, "reason": "A rock."}).status_code == 303
    shown = client.get(detail).content.decode()
    assert "A rock." in shown
    assert to("pass", application) in shown
    assert "nothing found" in client.get(to("detail", clean)).content.decode()


@pytest.mark.parametrize("roles", [[], ["curator"], ["auditor"]])
def test_the_page_is_there_for_administrators_alone(client: Client, roles: list[str]) -> None:
    application = dual(plan="As Stone has shown.")
    scan_names()
    client.force_login(UserFactory(roles=roles))
    page = to("names", application)
    assert client.get(page).status_code == client.post(page, {"reason": "x", "seen": 1}).status_code == 404
    client.force_login(administrator(institution=application.institution))
    assert client.get(page).status_code == 404
