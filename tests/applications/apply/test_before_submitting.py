"""The last steps before a submission: what is missing and where, the copy without names, the preview, practice."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications import pages
from applications.apply import actions
from applications.enums import Anonymity, CareerStage, Status
from applications.models import Application, Call, Submission
from applications.rules import eligibility
from applications.sections import BY_CODE, SECTIONS, Section
from portal.accounts.models import User
from portal.audit.models import Event
from portal.errors import Denied, Invalid, NotNow
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import (
    application_of,
    assignment_of,
    call_of,
    chair_of,
    draft_of,
    member_of,
    request_of,
    stock,
)
from tests.factories.files import pdf
from tests.programs import API, program

Send = Callable[..., Any]


class Ids(HTMLParser):
    """Collects ids, and the links inside the box of what is left."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self._inside = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.add(str(given["id"]))
        if tag == "section":
            self._inside = 1 if "readiness" in str(given.get("class")) or self._inside else 0
        if tag == "a" and self._inside:
            self.links.append(str(given["href"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "section":
            self._inside = 0


def follow(visitor: Client, draft: Application) -> dict[str, bool]:
    """Return for each line of what is left whether the page it leads to has the very field."""
    found = Ids(visitor.get(page("apply-tasks", draft)).content.decode())
    reached = {}
    for link in found.links:
        address, _, anchor = link.partition("#")
        answer = visitor.get(address)
        reached[link] = answer.status_code == 200 and bool(anchor) and anchor in Ids(answer.content.decode()).ids
    return reached


def test_every_line_of_what_is_left_leads_to_the_very_field(visitor: Client, call: Call, applicant: User) -> None:
    empty = draft_of(call, applicant, complete=False)
    reached = follow(visitor, empty)
    assert len(reached) >= 12 and set(reached.values()) == {True}, reached
    half = draft_of(call, applicant, plan="word " * 2000)
    half.draft_requests.filter(whole=False).update(asked_mg=None)
    half.places.all().delete()
    reached = follow(visitor, half)
    assert len(reached) >= 3 and set(reached.values()) == {True}, reached


def test_a_text_that_is_too_long_is_kept_whole_and_said_at_its_field(
    visitor: Client, draft: Application, send: Send
) -> None:
    url, text = page("apply-section", draft, "methods"), "word " * 1200
    assert send(visitor, url, version=1, methods=text).status_code == 303
    draft.refresh_from_db()
    assert draft.methods == text.strip()
    assert "1200 of 1000 words: 200 too many" in visitor.get(url).content.decode()
    answer = send(visitor, page("apply-check", draft), version=draft.version)
    assert answer.status_code == 422
    assert f'href="{url}?return=check#id_methods">Shorten: methods and least mass' in answer.content.decode()


def test_the_count_follows_the_language_of_the_application(visitor: Client, draft: Application) -> None:
    Application.objects.filter(pk=draft.pk).update(language="zh-hans", methods="八次测量")
    assert "4 of 1800 characters" in visitor.get(page("apply-section", draft, "methods")).content.decode()


def test_a_change_from_the_answers_leads_back_to_them(visitor: Client, draft: Application, send: Send) -> None:
    url = f"{page('apply-section', draft, 'methods')}?return=check"
    assert url in visitor.get(page("apply-check", draft)).content.decode()
    answer = send(visitor, url, version=draft.version, methods="Nine runs.")
    assert (answer.status_code, answer["Location"]) == (303, page("apply-check", draft))


@pytest.mark.parametrize("section", SECTIONS, ids=[one.code for one in SECTIONS])
def test_every_section_offers_the_way_back_to_the_answers(
    visitor: Client, draft: Application, section: Section
) -> None:
    back, plain = page("apply-check", draft), pages.section_url(draft, section)
    member_of(draft)
    assert f'href="{plain}?return=check"' in visitor.get(back).content.decode()
    shown = visitor.get(f"{plain}?return=check").content.decode()
    assert f'href="{back}">Check your answers' in shown
    inner = [link for link in re.findall(r'(?:href|action)="([^"]*)"', shown) if f"/{draft.reference}/" in link]
    rooms = ("/samples/", "/requests/", "/groups/", "/places/", "/team/", "/interests/", "/remove/", "/evidence/")
    kept = [link for link in inner if any(room in link for room in rooms)]
    assert [link for link in kept if "?return=check" not in link] == []
    assert bool(kept) == (section.code in ("samples", "places", "team", "file", "authorisations"))
    assert f'href="{back}">Check your answers' not in visitor.get(plain).content.decode()


SAVED: dict[str, dict[str, Any]] = {
    "eligibility": {"confirms_eligibility": "on", "language": "en"},
    "science": {"title": "Title", "question": "Question?", "plan": "Plan."},
    "methods": {"methods": "Nine runs."},
    "laboratory": {"institution_name": "New Institute", "country_or_region": "NO", "laboratory": "Clean."},
    "places": {"institution_name": "New Institute", "country_or_region": "NO", "kind": "visited"},
    "team": {"name": "A Colleague", "whom": "colleague@example.org", "role": "reader"},
    "summary": {"public_title": "Title", "public_summary": "Summary."},
    "declarations": {},
    "authorisations": {},
}


@pytest.mark.parametrize("code", [*SAVED, "file"])
def test_every_section_leads_back_to_the_answers_once_it_is_saved(
    visitor: Client, draft: Application, send: Send, code: str
) -> None:
    url = pages.section_url(draft, BY_CODE[code])
    typed = SAVED.get(code) or {}
    if code == "file":
        typed = {"file": SimpleUploadedFile("figures.pdf", pdf(1), "application/pdf")}
    if code == "authorisations":
        pairs = [(one.mission.code, one.institution.key) for one in draft.draft_authorisations.all()]
        typed = {f"state-{mission}-{key}": "none" for mission, key in pairs}
    if code == "declarations":
        typed = {f"seen-{one.code}": one.version for one in draft.call.declarations.all()}
    answer = send(visitor, f"{url}?return=check", version=draft.version, **typed)
    assert (answer.status_code, answer.get("Location")) == (303, page("apply-check", draft)), answer.content[-2000:]


def test_rooms_of_a_section_keep_the_way_back(visitor: Client, draft: Application, send: Send) -> None:
    member, place, line = member_of(draft), draft.places.get(), draft.draft_requests.first()
    assert line is not None
    for room, name, row in (
        ("team-list", "team-remove", member),
        ("team-places", "team-place-remove", place),
        ("requests-list", "requests-drop", line),
    ):
        draft.refresh_from_db()
        answer = send(visitor, f"{page(name, draft, row.uid)}?return=check", version=draft.version)
        assert answer["Location"] == f"{page(room, draft)}?return=check"


def test_the_preview_is_the_line_of_the_public_page(visitor: Client, draft: Application) -> None:
    url = page("apply-preview", draft)
    shown = visitor.get(url).content.decode()
    assert draft.public_title in shown and draft.public_summary in shown
    assert draft.principal_investigator.name not in shown.partition("<table")[2].partition("</table>")[0]
    assert draft.question not in shown and draft.title not in shown.partition("<table")[2]
    Application.objects.filter(pk=draft.pk).update(names_principal_investigator=True)
    table = visitor.get(url).content.decode().partition("<table")[2].partition("</table>")[0]
    assert draft.principal_investigator.name in table


# --- The copy without names ----------------------------------------------------------------------------------


@pytest.fixture
def dual(applicant: User) -> Application:
    return draft_of(call_of(anonymity=Anonymity.DUAL), applicant)


def test_a_copy_without_names_is_approved_before_submitting_and_again_after_each_change(
    visitor: Client, dual: Application, send: Send
) -> None:
    person = dual.principal_investigator
    with pytest.raises(Invalid) as refused:
        actions.submit(dual, by=person)
    assert (refused.value.code, refused.value.field) == ("not-approved", "approved")
    shown = visitor.get(page("apply-anonymous", dual)).content.decode()
    main = shown.partition("<article")[2].partition("</article>")[0]
    assert dual.question in main and person.name not in main and str(dual.institution) not in main
    assert send(visitor, page("apply-anonymous", dual), version=dual.version).status_code == 303
    dual.refresh_from_db()
    assert eligibility.is_approved(dual)
    actions.save(dual, by=person, version=dual.version, methods="Our own group’s nine runs.")
    assert not eligibility.is_approved(dual)
    assert send(visitor, page("apply-anonymous", dual), version=1).status_code == 409
    actions.approve(dual, by=person, version=dual.version)
    assert actions.submit(dual, by=person) is not None


def test_only_the_principal_investigator_approves_and_only_where_there_is_such_a_copy(
    visitor: Client, dual: Application, draft: Application, send: Send
) -> None:
    colleague = member_of(dual).user
    with pytest.raises(Denied):
        actions.approve(dual, by=colleague, version=dual.version)
    assert send(signed_in(colleague), page("apply-anonymous", dual), version=dual.version).status_code == 403
    assert visitor.get(page("apply-anonymous", draft)).status_code == 404


# --- Practice -----------------------------------------------------------------------------------------------------


def test_a_practice_submission_is_checked_and_answered_and_writes_no_submission(
    visitor: Client, applicant: User, send: Send
) -> None:
    draft = draft_of(call_of(is_practice=True), applicant)
    empty = draft_of(draft.call, applicant, complete=False)
    assert send(visitor, page("apply-check", empty), version=empty.version).status_code == 422
    assert visitor.get(page("following-receipt", draft)).status_code == 404
    answer = send(visitor, page("apply-check", draft), version=draft.version)
    assert (answer.status_code, answer["Location"]) == (303, page("following-receipt", draft))
    draft.refresh_from_db()
    assert (draft.status, draft.submission, Submission.objects.exists()) == (Status.DRAFT, None, False)
    assert Event.objects.filter(verb="application.practise").count() == 1
    receipt = visitor.get(page("following-receipt", draft)).content.decode()
    assert "Practice: your application would have been received" in receipt and "SHA-256" not in receipt
    answered = program(applicant, "read", "apply").post(
        f"{API}applications/{draft.reference}/submit/", content_type="application/json"
    )
    said = answered.json()
    assert (answered.status_code, said.get("status"), said.get("submission")) == (200, "draft", None), said


# --- What is told freely ----------------------------------------------------------------------------------------------


def test_career_stage_and_first_time_are_read_by_the_team_alone(db: None) -> None:
    call = call_of(samples=[stock()])
    application = application_of(
        call, status=Status.UNDER_REVIEW, career_stage=CareerStage.DOCTORAL, is_first_time=True
    )
    reviewer = assignment_of(application).reviewer
    people = [reviewer, chair_of(call), administrator(), UserFactory(roles=["curator"]), UserFactory(roles=["auditor"])]
    reference, slug = application.reference, call.slug
    addresses = [
        f"/review/{slug}/{reference}/", f"/review/{slug}/", f"/panel/{slug}/", f"/panel/{slug}/{reference}/",
        f"/manage/applications/{reference}/", "/manage/applications/", f"/manage/advice/{reference}/",
        f"/manage/audit/applications/{reference}/", f"/files/{reference}/application.pdf",
        "/admin/applications/application/", f"/admin/applications/application/{application.pk}/change/",
    ]  # fmt: skip
    opened = 0
    for person in people:
        client = signed_in(person)
        for address in addresses:
            answer = client.get(address)
            opened += answer.status_code == 200
            content = b"".join(answer) if answer.streaming else answer.content
            for word in (b"octoral", b"areer stage", b"irst application for", b"first_time", b"career_stage"):
                assert word not in content, (person, address, word)
    assert opened >= 10
    assert not {"career_stage", "is_first_time"} & set(application.submission.document)
    own = draft_of(call, application.principal_investigator, career_stage=CareerStage.DOCTORAL)
    control = signed_in(own.principal_investigator).get(page("apply-check", own)).content.decode()
    assert "Doctoral candidate" in control


# --- What others do meanwhile ----------------------------------------------------------------------------------


def test_a_request_for_what_is_not_offered_any_more_leads_to_it(visitor: Client, draft: Application) -> None:
    request_of(draft, stock(catalogue_number="GONE-1"))
    assert "GONE-1 is not offered in this call." in visitor.get(page("apply-tasks", draft)).content.decode()


def test_submitting_what_somebody_changed_meanwhile_is_refused(draft: Application) -> None:
    person, read = draft.principal_investigator, draft.version
    actions.save(draft, by=member_of(draft).user, version=read, methods="Other")
    with pytest.raises(NotNow) as refused:
        actions.submit(draft, by=person, version=read)
    assert refused.value.code == "stale"
