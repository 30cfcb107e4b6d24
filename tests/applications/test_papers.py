"""Papers: what an application says on paper is what its page says, part by part; without names nothing tells whose."""

import hashlib
import io
import re
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pikepdf
import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from applications.documents import snapshot
from applications.enums import Anonymity, Feasibility, GroupKind, PlaceKind, Status, TeamRole
from applications.models import Advice, Application, Call, DraftGroup, Place, Submission
from applications.papers import application_pdf, blank_form_pdf, draft_pdf
from applications.reading import Draft, Reading
from portal import clock, typesetting
from portal.accounts.models import Institution, User
from portal.audit.models import Event
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import (
    application_of,
    assignment_of,
    call_of,
    chair_of,
    draft_of,
    member_of,
    submission_of,
)
from tests.papers import text_of

pytestmark = pytest.mark.django_db
PERSON, COLLEAGUE, PLACE, FACILITY, CARRIER = "Pqx Rst", "Vwy Zab", "Institute Klm Nop", "Beamline Cde", "Courier Fgh"
TEXTS = {
    "question": "Is µ = 0.3 ‰ of δ¹⁸O real?\n\nSecond paragraph\nwith a second line.",
    "plan": "First <b>this</b> & #that $x$ *now*.",
    "methods": "嫦娥五号：1.25 mg。",
    "laboratory": "Laboratory text",
    "custody": "Custody text",
    "what_changed": "Change text",
    "public_title": "Public title",
    "public_summary": "Public summary",
}


class Text(HTMLParser):
    """The words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def squeezed(words: str) -> str:
    return re.sub(r"[\s\u200b]", "", words)


def text_of_page(html: str) -> str:
    parser = Text()
    parser.feed(html)
    return squeezed("".join(parser.words))


def rich_draft(**fields: Any) -> Application:
    """Make a draft that uses everything a submission can say."""
    place = {"name": PLACE, "name_zh": "某某研究所", "country_or_region": "XA"}
    institution = Institution.objects.get_or_create(name=PLACE, defaults=place)[0]
    person = UserFactory(name=PERSON, institution=institution)
    call = fields.pop("call", None) or call_of(anonymity=fields.pop("anonymity", Anonymity.REVIEWERS_HIDDEN))
    application = draft_of(call, person, **(TEXTS | fields))
    orcid = f"0000-0002-1825-{application.pk:04d}"
    member_of(application, UserFactory(name=COLLEAGUE, institution=institution, orcid=orcid))
    group = DraftGroup.objects.create(
        application=application, kind=GroupKind.IN_ORDER, name="Pair", matching="Grain size", least_set="Both"
    )
    for rank, line in enumerate(application.draft_requests.all(), start=1):
        line.group, line.rank, line.in_least_set = group, rank, rank == 1
        line.justification, line.contaminants, line.alternatives = "Because", "No zinc", "None exists"
        line.runs = [{"technique": "free technique", "mass_mg": "1.25", "runs": "3", "loss_percent": "10"}]
        line.save()
    Place.objects.create(
        application=application,
        institution=institution,
        kind=PlaceKind.VISITED,
        facility=FACILITY,
        mass_mg=Decimal("12.5"),
        pieces=1,
        from_on="2027-01-02",
        until_on="2027-02-03",
        carrier=CARRIER,
    )
    return application


def rich(**fields: Any) -> Submission:
    application = rich_draft(**fields)
    submission: Submission = submission_of(application)
    return submission


def parts_of(pdf: bytes, headings: list[str]) -> dict[str, str]:
    """Cut what a paper says at the headings of its parts."""
    text, cut = text_of(pdf, around=False).replace("•", ""), {}
    begins = [text.index(squeezed(headings[0]))]
    for heading in headings[1:]:
        begins.append(text.index(squeezed(heading), begins[-1] + 1))
    for heading, start, end in zip(headings, begins, [*begins[1:], len(text)], strict=True):
        cut[heading] = text[start:end]
    return cut


def shown(reading: Reading) -> dict[str, str]:
    """Return what the page says, by the heading of its parts."""
    found = {}
    for part in reading.parts:
        one = Reading.__new__(Reading)
        one.__dict__.update(reading.__dict__ | {"parts": [part]})
        html = render_to_string("applications/_parts.html", {"reading": one, "reference": "LSA-2026-12345"})
        found[str(part.heading)] = text_of_page(html).removeprefix(squeezed(str(part.heading)))
    return found


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("anonymous", [False, True])
def test_paper_says_what_the_page_says_part_by_part(language: str, anonymous: bool) -> None:
    submission = rich()
    pdf = application_pdf(submission, language=language, anonymous=anonymous)
    with translation.override(language):
        page_says = shown(Reading(submission, anonymous=anonymous, advice=False))
    paper_says = parts_of(pdf, list(page_says))
    assert paper_says == {heading: squeezed(heading) + words for heading, words in page_says.items()}
    assert len(page_says) == (5 if anonymous else 12)


def test_page_and_paper_list_everything_in_one_order() -> None:
    headings = [str(part.heading) for part in Reading(rich()).parts]
    assert headings == [
        "What changed since the earlier application",
        "Scientific question",
        "Research plan",
        "Methods and least mass",
        "Laboratory",
        "Custody",
        "Requested samples",
        "Places of the material",
        "Team",
        "Public title",
        "Public summary",
        "PDF",
    ]
    assert [str(part.key) for part in Reading(rich(), anonymous=True).parts] == [
        "question",
        "plan",
        "methods",
        "requests",
        "file",
    ]


def test_without_names_nothing_tells_whose_it_is() -> None:
    submission = rich()
    named = application_pdf(submission, language="en")
    bare = application_pdf(submission, language="en", anonymous=True)
    telling = [
        PERSON,
        COLLEAGUE,
        PLACE,
        "某某研究所",
        FACILITY,
        CARRIER,
        "Laboratory text",
        "Custody text",
        "0000-0002",
    ]
    assert {squeezed(words) in text_of(named) for words in telling[:3]} == {True}
    assert [words for words in telling if squeezed(words) in text_of(bare)] == []
    with pikepdf.open(io.BytesIO(bare)) as opened:
        unpacked = b"".join(one.read_bytes() for one in opened.objects if isinstance(one, pikepdf.Stream))
        metadata = str(dict(opened.docinfo)) + str(opened.open_metadata())
    for words in telling:
        assert words not in metadata and words.encode() not in unpacked and words.encode("utf-16-be") not in unpacked


def test_same_submission_is_the_same_bytes_and_another_is_not() -> None:
    submission = rich()
    first = hashlib.sha256(application_pdf(submission, language="en")).digest()
    typesetting._pressed.cache_clear()
    assert hashlib.sha256(application_pdf(submission, language="en")).digest() == first
    assert hashlib.sha256(application_pdf(rich(), language="en")).digest() != first


def test_what_the_curator_advised_is_on_the_page_of_reviewers_and_on_no_paper() -> None:
    submission = rich()
    before = application_pdf(submission, language="en")
    for request in submission.requests.all():
        facts = {"feasibility": Feasibility.FEASIBLE, "by": UserFactory(roles=["curator"]), "at": clock.now()}
        Advice.objects.create(request=request, note="Canary advice", **facts)
    fresh = Submission.objects.get(pk=submission.pk)
    assert "Canaryadvice" in "".join(shown(Reading(fresh)).values())
    assert "Canaryadvice" not in "".join(shown(Reading(fresh, advice=False)).values())
    assert application_pdf(fresh, language="en") == before


def test_document_of_the_first_format_is_read() -> None:
    submission = rich()
    new = ("laboratory", "custody", "public_title", "what_changed", "language", "places", "groups", "authorisations")
    old = {key: value for key, value in submission.document.items() if key not in new}
    old["format"] = 1
    for member in old["team"]:
        del member["orcid"]
    submission.document = old
    assert [part.key for part in Reading(submission).parts] == [
        "question",
        "plan",
        "methods",
        "requests",
        "team",
        "public_summary",
        "file",
    ]
    assert PERSON.replace(" ", "") in text_of(application_pdf(submission, language="en"))


def test_draft_reads_as_it_would_be_submitted() -> None:
    application = rich_draft()
    drafted = shown(Draft(application))
    assert "Notsubmitted." in text_of(draft_pdf(application, language="en"))
    assert shown(Reading(submission_of(application), advice=False)) == drafted


# --- Who may have which ------------------------------------------------------------------------------------


def pdf_at(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    assert answer["Content-Type"] == "application/pdf" and answer["Content-Disposition"].startswith("attachment;")
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    return text_of(answer.content)


def read_by(application: Application, user: User) -> int:
    return signed_in(user).get(f"/files/{application.reference}/application.pdf").status_code


def test_paper_is_for_whoever_reads_the_submission() -> None:
    call = call_of()
    application = application_of(call, status=Status.UNDER_REVIEW)
    reviewer, team = assignment_of(application).reviewer, application.principal_investigator
    readers = [team, reviewer, chair_of(call), administrator(), UserFactory(roles=["auditor"])]
    assert [read_by(application, user) for user in readers] == [200] * 5
    idle = assignment_of(application_of(call, status=Status.UNDER_REVIEW)).reviewer
    conflicted = UserFactory(roles=["administrator"], institution=team.institution)
    assert [read_by(application, user) for user in (UserFactory(), idle, conflicted)] == [404] * 3
    assert Client().get(page("attachments-paper", application)).status_code == 302
    assert read_by(draft_of(call), administrator()) == 404
    assert Event.objects.filter(verb="application.read", facts__part="paper").count() == 1


def test_team_has_its_submission_and_its_draft_with_and_without_names() -> None:
    application = rich_draft()
    mine = signed_in(application.principal_investigator)
    squeezed_name = squeezed(PERSON)
    assert squeezed_name in pdf_at(mine, page("attachments-draft", application))
    assert squeezed_name not in pdf_at(mine, page("attachments-draft-anonymous", application))
    assert mine.get(page("attachments-paper", application)).status_code == 404
    application.submission = submission_of(application)
    application.status = Status.SUBMITTED
    application.save()
    assert squeezed_name in pdf_at(mine, page("attachments-paper", application))
    assert squeezed_name not in pdf_at(mine, page("attachments-paper-anonymous", application))
    assert "申请" in pdf_at(mine, f"/zh-hans{page('attachments-paper', application)}")
    assert signed_in(UserFactory()).get(page("attachments-draft", application)).status_code == 404


def test_reviewer_of_a_call_without_names_has_the_paper_without_names() -> None:
    submission = rich(anonymity=Anonymity.DUAL)
    application = submission.application
    application.submission, application.status = submission, Status.UNDER_REVIEW
    application.save()
    reviewer = assignment_of(application).reviewer
    assert squeezed(PERSON) not in pdf_at(signed_in(reviewer), f"/files/{application.reference}/application.pdf")
    pages = [f"/review/{application.call.slug}/", f"/review/{application.call.slug}/{application.reference}/"]
    for url in pages:
        answer = signed_in(reviewer).get(url)
        assert answer.status_code == 200
        assert [words for words in (PERSON, COLLEAGUE, PLACE, FACILITY) if words in answer.content.decode()] == []
    assert squeezed(PERSON) in pdf_at(signed_in(administrator()), f"/files/{application.reference}/application.pdf")


# --- The blank form ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_blank_form_asks_everything_with_its_limits(language: str) -> None:
    call = call_of(agreement="The agreement", agreement_zh="协议全文", terms="The terms", terms_zh="条款全文")
    pdf = blank_form_pdf(call, language)
    text = text_of(pdf)
    english = language == "en"
    for criterion in call.criteria.all():
        assert squeezed(criterion.name if english else criterion.name_zh) in text
        assert all(squeezed(words) in text for words in (criterion.words if english else criterion.words_zh))
    for one in call.declarations.all():
        assert squeezed(one.text if english else one.text_zh) in text
    for offer in call.offers.all():
        assert squeezed(offer.sample.catalogue_number) in text
    for limit in call.text_limits.values():
        assert str(limit["words"]) in text and str(limit["characters"]) in text
    assert ("Theagreement" if english else "协议全文") in text
    assert ("Theterms" if english else "条款全文") in text
    assert blank_form_pdf(Call.objects.get(pk=call.pk), language) == pdf


def test_member_roles_and_unconfirmed_members_are_told() -> None:
    application = draft_of()
    member_of(application, UserFactory(name="Somebody Invited"), confirmed=False)
    document = snapshot(application, [], number=1, received_at=clock.now())
    reading = Reading(Submission(document=document, application=application))
    assert str(reading.people[1].part) == f"{TeamRole.CO_INVESTIGATOR.label}, had not confirmed"
