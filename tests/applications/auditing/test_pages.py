"""The pages of auditors: what was submitted and decided, never drafts or private notes, and each reading recorded."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from applications.access import fields
from applications.enums import Status, Verdict
from applications.models import Application, Conflict, Interview
from portal import clock, files
from portal.audit.models import Event
from portal.audit.trail import record
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import (
    DAY,
    application_of,
    assignment_of,
    award_of,
    call_of,
    chair_of,
    decision_of,
    draft_of,
    submission_of,
)
from tests.factories.decisions import closed_call, decided, released
from tests.factories.files import pdf
from tests.factories.review import opinion_of, review_of

pytestmark = pytest.mark.django_db
PAGES = ("detail", "reviews", "outcome", "trail")


def to(name: str, *arguments: Any) -> str:
    return reverse(f"applications:auditing-{name}", args=arguments)


def shown(client: Client, path: str, **fields: Any) -> str:
    answer = client.get(path, fields)
    assert answer.status_code == 200, path
    return answer.content.decode()


def every_page(client: Client, application: Application) -> str:
    return "".join(shown(client, to(name, application.reference)) for name in PAGES)


@pytest.fixture
def auditor(client: Client) -> Any:
    user = UserFactory(roles=["auditor"], zone="UTC")
    client.force_login(user)
    return user


def interview_of(application: Application, **fields: Any) -> Interview:
    begins = clock.now() - DAY
    values = {"status": "held", "slot": (begins, begins + DAY / 96), "place": "Room 7", **fields}
    return Interview.objects.create(
        application=application, call=application.call, by=chair_of(application.call), at=begins - DAY, **values
    )


def judged() -> Application:
    """Make a decided application with something in each of its parts."""
    application = application_of(status=Status.DECIDED, question="What was submitted.")
    review = review_of(
        assignment_of(application), 5, 3, for_panel="Words for the panel.", for_applicant="Words for the applicant."
    )
    opinion_of(review, "20", "Twenty runs suffice.")
    interview_of(application, minutes="The minutes of the interview.")
    Conflict.objects.create(
        application=application, user=UserFactory(name="Barred member"), by=administrator(), at=clock.now()
    )
    award_of(application.submission.requests.get(whole=False), "12.5")
    record("application.shortlist", application, by=chair_of(application.call), reason="The reason of the shortlist.")
    return application


# --- What they read -----------------------------------------------------------------------------------------


def test_pages_show_what_was_submitted_judged_and_decided(client: Client, auditor: Any) -> None:
    application = judged()
    reference, submission = application.reference, application.submission
    detail = shown(client, to("detail", reference))
    for words in ("What was submitted.", submission.sha256, "Passed", "Feasible", "Barred member", "/files/"):
        assert words in detail, words
    reviews = shown(client, to("reviews", reference))
    for words in ("Words for the panel.", "Words for the applicant.", "Twenty runs suffice.", "4.20"):
        assert words in reviews, words
    outcome = shown(client, to("outcome", reference))
    for words in ("The minutes of the interview.", "Invited to an interview", "12.5 mg", "superseded", "Award"):
        assert words in outcome, words
    assert "The reason of the shortlist." in shown(client, to("trail", reference))


def test_an_auditor_reads_the_parts_that_these_pages_show(auditor: Any) -> None:
    parts = {"submission", "receipt", "screening", "advice", "assignments", "reviews", "shortlisting", "interview"}
    parts |= {
        "authorisations",
        "agency-authorisations",
        "clarifications",
        "panel-clarifications",
        "changes",
        "standing",
        "discussion",
    }
    assert fields(auditor, judged()) == parts | {"minutes", "decision", "document", "trail"}


def test_every_decision_stays_readable_when_another_takes_its_place(client: Client, auditor: Any) -> None:
    application = application_of(status=Status.DECIDED)
    request = application.submission.requests.get(whole=False)
    decision_of(request, Verdict.RESERVE, reserve_rank=2, reason="Second in line.")
    decision_of(request, reason="Out after all.")
    page = shown(client, to("outcome", application.reference))
    assert ("Second in line." in page, "Out after all." in page, page.count("superseded")) == (True, True, 2)


def test_what_the_applicant_was_told_appears_with_its_release(client: Client, auditor: Any) -> None:
    call = closed_call()
    application = decided(call, "30")
    assert "Released to applicants" not in shown(client, to("outcome", application.reference))
    publication = released(call)
    page = shown(client, to("outcome", application.reference))
    assert ("Released to applicants" in page, publication.manifest_sha256 in page) == (True, True)
    assert "Selected in part" in page


def test_an_earlier_submission_is_read_with_its_screening_and_file(client: Client, auditor: Any) -> None:
    first, second = (files.keep_pdf(_upload(pages)) for pages in (1, 2))
    application = application_of(
        status=Status.RETURNED, question="The first question.", file_sha256=first.sha256, file_pages=1
    )
    Application.objects.filter(pk=application.pk).update(question="The second question.", file_sha256=second.sha256)
    application.refresh_from_db()
    application.submission = submission_of(application)
    application.status = Status.SUBMITTED
    application.save()
    detail = shown(client, to("detail", application.reference))
    earlier = shown(client, to("submission", application.reference, 1))
    assert ("The second question." in detail, "The first question." in detail) == (True, False)
    assert ("The second question." in earlier, "The first question." in earlier) == (False, True)
    assert "Page two is missing." in detail
    for kept in (first, second):
        answer = client.get(reverse("applications:attachments-download", args=[application.reference, kept.sha256]))
        assert (answer.status_code, b"".join(answer).startswith(b"%PDF")) == (200, True)  # type: ignore[arg-type]
    assert client.get(to("submission", application.reference, 3)).status_code == 404


def _upload(pages: int) -> ContentFile:
    return ContentFile(pdf(pages), "plan.pdf")


# --- What they never read -------------------------------------------------------------------------------------


def test_no_page_shows_the_draft_beside_the_submission(client: Client, auditor: Any) -> None:
    application = application_of(status=Status.RETURNED, question="What was submitted.")
    drafted = {"title": "Draft title", "question": "What is only drafted.", "file_sha256": "d" * 64}
    Application.objects.filter(pk=application.pk).update(**drafted)
    page = every_page(client, application) + shown(client, to("list"))
    assert [words for words in drafted.values() if words in page] == []
    assert "What was submitted." in page
    assert (
        client.get(reverse("applications:attachments-download", args=[application.reference, "d" * 64])).status_code
        == 404
    )


def test_no_page_shows_a_private_note_or_a_review_that_was_not_sent(client: Client, auditor: Any) -> None:
    application = application_of(status=Status.UNDER_REVIEW)
    review_of(assignment_of(application), for_panel="Sent.", private_note="Only mine.")
    review_of(assignment_of(application), 1, 1, sent=False, for_panel="Half a thought.", private_note="Mine, too.")
    page = every_page(client, application)
    hidden = [words for words in ("Only mine.", "Half a thought.", "Mine, too.") if words in page]
    assert (hidden, "Sent." in page, page.count('<article class="stack')) == ([], True, 1)


def test_drafts_are_absent(client: Client, auditor: Any) -> None:
    submitted = application_of()
    draft = draft_of(submitted.call)
    withdrawn = draft_of(submitted.call, status=Status.WITHDRAWN)
    page = shown(client, to("list"))
    assert [one.reference for one in (submitted, draft, withdrawn) if one.reference in page] == [submitted.reference]
    for hidden in (draft, withdrawn):
        assert [client.get(to(name, hidden.reference)).status_code for name in PAGES] == [404] * 4


def test_a_conflict_makes_an_application_absent(client: Client, auditor: Any) -> None:
    same_place = application_of(by=UserFactory(institution=auditor.institution))
    declared = application_of()
    Conflict.objects.create(application=declared, user=auditor, by=auditor, at=clock.now())
    page = shown(client, to("list"))
    for hidden in (same_place, declared):
        assert hidden.reference not in page
        assert [client.get(to(name, hidden.reference)).status_code for name in PAGES] == [404] * 4
        assert client.get(to("submission", hidden.reference, 1)).status_code == 404
        file = hidden.submission.document["file"]["sha256"]
        assert (
            client.get(reverse("applications:attachments-download", args=[hidden.reference, file])).status_code == 404
        )
    assert Event.objects.filter(verb="application.read").count() == 0


@pytest.mark.parametrize("who", ["applicant", "curator", "administrator", "chair"])
def test_auditing_is_hidden_from_everybody_else(client: Client, who: str) -> None:
    application = application_of(status=Status.UNDER_REVIEW)
    people = {"applicant": application.principal_investigator, "chair": chair_of(application.call)}
    client.force_login(people.get(who) or UserFactory(roles=[who]))
    paths = [to("list"), *(to(name, application.reference) for name in PAGES)]
    assert [client.get(path).status_code for path in paths] == [404] * 5


# --- The list, the log and the SQL -------------------------------------------------------------------------------


def test_list_narrows_by_call_and_status(client: Client, auditor: Any) -> None:
    first, second = application_of(), application_of(status=Status.RETURNED)
    assert [one.reference in shown(client, to("list")) for one in (first, second)] == [True, True]
    for narrowed in ({"call": second.call.slug}, {"status": "returned"}):
        page = shown(client, to("list"), **narrowed)
        assert (second.reference in page, first.reference in page) == (True, False)


@pytest.mark.parametrize(
    "query", ["?status=draft", "?call=no-such-call", "?title=x", "?submission__title__contains=x", "?cursor=forged"]
)
def test_list_refuses_what_is_not_offered_as_a_filter(client: Client, auditor: Any, query: str) -> None:
    application_of()
    assert client.get(to("list") + query).status_code == 400


def test_list_goes_on_beyond_thirty(client: Client, auditor: Any) -> None:
    call = call_of()
    for _ in range(31):
        application_of(call)
    first = client.get(to("list")).context["page"]
    second = client.get(to("list"), {"cursor": first.next}).context["page"]
    assert (len(first.rows), len(second.rows), second.next) == (30, 1, None)
    assert {row.reference for row in first.rows}.isdisjoint(row.reference for row in second.rows)


def test_each_reading_is_recorded(client: Client, auditor: Any) -> None:
    kept = files.keep_pdf(_upload(1))
    application = application_of(file_sha256=kept.sha256)
    shown(client, to("list"), status="submitted")
    every_page(client, application)
    b"".join(client.get(reverse("applications:attachments-download", args=[application.reference, kept.sha256])))  # type: ignore[arg-type]
    logged = Event.objects.filter(actor=auditor).order_by("at", "pk").values_list("verb", "about_reference", "facts")
    facts = [{"part": "submission", "number": 1}, {"part": "reviews"}, {"part": "outcome"}, {"part": "trail"}]
    facts.append({"part": "file", "sha256": kept.sha256})
    assert list(logged) == [
        ("applications.read", str(auditor.uid), {"filters": ["status"]}),
        *(("application.read", application.reference, one) for one in facts),
    ]


def test_list_needs_the_same_sql_for_one_row_and_for_thirty(client: Client, auditor: Any) -> None:
    call = call_of()
    application_of(call)
    one = queries_of(client, to("list"))
    for _ in range(29):
        application_of(call)
    assert len(one) == len(queries_of(client, to("list"))) <= MOST_QUERIES


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_one_application_need_the_same_sql_however_much_there_is(
    client: Client, auditor: Any, name: str
) -> None:
    application = judged()
    path = to(name, application.reference)
    one = queries_of(client, path)
    for number in range(4):
        review = review_of(assignment_of(application))
        opinion_of(review, "10")
        interview_of(application, status="cancelled", place=f"Room {number}")
        record("application.touch", application, by=None)
        decision_of(application.submission.requests.first())
        Conflict.objects.create(application=application, user=UserFactory(), by=administrator(), at=clock.now())
    many = queries_of(client, path)
    beside = {"detail": 2, "reviews": 5}.get(name, 0)  # what was said since; versions, discussion, rulings, waivers
    assert len(one) == len(many) <= MOST_QUERIES + beside, "\n".join(many)


def test_desk_leads_an_auditor_here(client: Client, auditor: Any) -> None:
    page = shown(client, reverse("applications:calls-desk"))
    assert (to("list") in page, reverse("applications:screening-list") in page) == (True, False)
