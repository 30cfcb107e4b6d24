"""Questions to an applicant: who asks, who answers until when, who reads, and who never does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from applications.enums import Status, TeamRole
from applications.exchanges import asking, reminding
from applications.following import actions as following
from applications.models import Application, Clarification
from portal import clock
from portal.audit.models import EventText
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, assignment_of, call_of, chair_of, member_of
from tests.factories.decisions import closed_call
from tests.factories.exchanges import DAY, question_of
from tests.factories.files import pdf

pytestmark = pytest.mark.django_db
Send = Callable[..., Any]
SOON = timedelta(hours=1)


def in_review() -> Application:
    return application_of(closed_call(), status=Status.UNDER_REVIEW)


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return " ".join(answer.content.decode().split())


def recipients(kind: str) -> set[Any]:
    return {notice.recipient for notice in Notice.objects.filter(kind=kind)}


# --- Asking ---------------------------------------------------------------------------------------------


def test_an_administrator_asks_and_the_whole_team_is_told(send: Send) -> None:
    application = in_review()
    member, office = member_of(application).user, administrator(zone="UTC")
    url = reverse("applications:exchanges-ask", args=[application.reference])
    due = (clock.now() + 5 * DAY).strftime("%Y-%m-%dT12:00")
    sent = {"question": "Which blank?", "due_at": due, "status": "withdrawn", "asked_by": "1", "answer": "mine"}
    visitor = signed_in(office)
    assert send(visitor, url, **sent).status_code == 303
    row = Clarification.objects.get()
    assert (row.question, row.for_panel, row.asked_by, row.answer) == ("Which blank?", False, office, "")
    assert row.due_at.isoformat() == due.replace("T12", "T04") + ":00+00:00"  # typed in the time of the call
    assert recipients("clarification-asked") == {application.principal_investigator, member}
    assert "Which blank?" in text_of(visitor, reverse("applications:screening-detail", args=[application.reference]))


def test_a_question_sent_twice_is_asked_once() -> None:
    application, visitor = in_review(), signed_in(administrator())
    url = reverse("applications:exchanges-ask", args=[application.reference])
    form = {"_once": "5b1e", "question": "Which blank?", "due_at": "2099-01-01T12:00"}
    assert [visitor.post(url, form).status_code for _ in range(2)] == [303, 303]
    assert Clarification.objects.count() == 1


def test_what_the_chair_asks_is_always_the_panels(send: Send) -> None:
    application = in_review()
    chair = signed_in(chair_of(application.call))
    url = reverse("applications:exchanges-ask-panel", args=[application.call.slug, application.reference])
    assert url in text_of(
        chair, reverse("applications:panel-read", args=[application.call.slug, application.reference])
    )
    assert send(chair, url, question="Which blank?", due_at="2099-01-01T12:00", for_panel="").status_code == 303
    assert Clarification.objects.get().for_panel is True


def test_asking_is_refused_with_words_and_keeps_what_was_typed(send: Send) -> None:
    application, visitor = in_review(), signed_in(administrator())
    url = reverse("applications:exchanges-ask", args=[application.reference])
    answer = send(visitor, url, question="Typed with care.", due_at="2020-01-01T12:00")
    assert (answer.status_code, "Typed with care." in answer.content.decode()) == (422, True)
    assert send(visitor, url, question=" ", due_at="2099-01-01T12:00").status_code == 422
    assert Clarification.objects.count() == 0


@pytest.mark.parametrize("status", [Status.DECIDED, Status.PUBLISHED, Status.WITHDRAWN, Status.INELIGIBLE])
def test_nothing_is_asked_after_the_end(status: str) -> None:
    application = application_of(closed_call(), status=status)
    with pytest.raises(NotNow):
        asking.ask(application, by=administrator(), question="Which?", due_at=clock.now() + DAY)


def test_nothing_is_asked_while_the_submission_may_be_replaced() -> None:
    with pytest.raises(NotNow):
        asking.ask(application_of(call_of()), by=administrator(), question="Which?", due_at=clock.now() + DAY)


def test_nobody_else_and_nobody_with_a_conflict_asks() -> None:
    application = in_review()
    reviewer, call = assignment_of(application).reviewer, application.call
    barred = administrator(institution=application.institution)
    for who in (application.principal_investigator, reviewer, UserFactory(roles=["curator"]), barred):
        with pytest.raises(Denied):
            asking.ask(application, by=who, question="Which?", due_at=clock.now() + DAY)
        for url in (
            reverse("applications:exchanges-ask", args=[application.reference]),
            reverse("applications:exchanges-ask-panel", args=[call.slug, application.reference]),
        ):
            assert signed_in(who).get(url).status_code == 404
            assert signed_in(who).post(url, {"question": "Which?"}).status_code == 404


# --- Answering ----------------------------------------------------------------------------------------------


def test_an_answer_with_a_file_reaches_who_asked(send: Send) -> None:
    application = in_review()
    office, row = administrator(), question_of(in_review())
    row = question_of(application, office)
    visitor, url = signed_in(application.principal_investigator), page("following-clarification", application, row.uid)
    file = SimpleUploadedFile("blank.pdf", pdf(2), content_type="application/pdf")
    assert send(visitor, url, answer="Below 1 %.", file=file, for_panel="on", seen="").status_code == 303
    row.refresh_from_db()
    assert (row.answer, row.answered_by, row.for_panel) == ("Below 1 %.", application.principal_investigator, False)
    assert len(row.file_sha256) == 64 and row.file_bytes > 0
    assert office in recipients("clarification-answered")
    assert recipients("clarification-answered-to-panel") == set()
    text = text_of(signed_in(office), reverse("applications:screening-detail", args=[application.reference]))
    assert "Below 1 %." in text and row.file_sha256 in text
    download = reverse("applications:attachments-download", args=[application.reference, row.file_sha256])
    got = signed_in(office).get(download)
    assert (got.status_code, got["Content-Disposition"].startswith("attachment")) == (200, True)


def test_an_answer_is_corrected_until_it_is_due_and_the_trail_keeps_the_first(send: Send) -> None:
    application = in_review()
    row = question_of(application, answer="First words.", file_sha256="a" * 64, file_bytes=9)
    visitor, url = signed_in(application.principal_investigator), page("following-clarification", application, row.uid)
    form = {"answer": "Second words.", "seen": following.mark_of(row), "drop_file": "on"}
    assert send(visitor, url, **form).status_code == 303
    row.refresh_from_db()
    assert (row.answer, row.file_sha256) == ("Second words.", "")
    assert EventText.objects.get(event__verb="clarification.answer").old == {"answer": "First words."}


def test_two_of_a_team_do_not_write_over_each_other(send: Send) -> None:
    application = in_review()
    row, colleague = question_of(application), member_of(application).user
    url = page("following-clarification", application, row.uid)
    assert send(signed_in(colleague), url, answer="The colleague’s.", seen="").status_code == 303
    answer = send(signed_in(application.principal_investigator), url, answer="The head’s.", seen="")
    text = answer.content.decode()
    assert (answer.status_code, "The colleague’s." in text, "The head’s." in text) == (409, True, True)
    row.refresh_from_db()
    assert row.answer == "The colleague’s."


def test_a_late_answer_is_refused_with_words_and_kept_on_the_page(send: Send, settings: Any) -> None:
    application = in_review()
    row = question_of(application, due_at=clock.now() - SOON)
    visitor, url = signed_in(application.principal_investigator), page("following-clarification", application, row.uid)
    assert settings.OFFICE_EMAIL in text_of(visitor, url)
    answer = send(visitor, url, answer="Too late, alas.", seen="")
    text = answer.content.decode()
    assert (answer.status_code, "Too late, alas." in text) == (409, True)
    assert settings.OFFICE_EMAIL in text and application.reference in text
    row.refresh_from_db()
    assert row.answer == ""


def test_a_file_that_is_no_pdf_is_refused_at_the_field(send: Send) -> None:
    application = in_review()
    row = question_of(application)
    visitor, url = signed_in(application.principal_investigator), page("following-clarification", application, row.uid)
    file = SimpleUploadedFile("x.pdf", b"MZ no PDF", content_type="application/pdf")
    answer = send(visitor, url, answer="Kept words.", seen="", file=file)
    assert (answer.status_code, "Kept words." in answer.content.decode()) == (422, True)


def test_an_empty_answer_is_none() -> None:
    row = question_of(in_review())
    with pytest.raises(Invalid):
        following.answer(row, by=row.application.principal_investigator, text="  ")


def test_readers_read_and_do_not_answer(send: Send) -> None:
    application = in_review()
    row = question_of(application)
    reader = signed_in(member_of(application, role=TeamRole.READER).user)
    url = page("following-clarification", application, row.uid)
    assert "You take part as a reader." in text_of(reader, url)
    assert send(reader, url, answer="Mine.", seen="").status_code == 403


def test_a_question_of_one_application_is_absent_under_another() -> None:
    one, other = in_review(), in_review()
    row = question_of(one)
    visitor = signed_in(other.principal_investigator)
    assert visitor.get(page("following-clarification", other, row.uid)).status_code == 404
    assert visitor.get(page("following-clarification", one, row.uid)).status_code == 404


# --- Who reads ---------------------------------------------------------------------------------------------------


def test_the_panel_reads_what_was_asked_for_it_and_nothing_else() -> None:
    application = in_review()
    call, assignment = application.call, assignment_of(application)
    question_of(application, answer="For the panel to read.", for_panel=True, file_sha256="b" * 64)
    question_of(application, answer="For the office alone.", file_sha256="c" * 64)
    question_of(application, question="Still open, nobody reads it beside.", for_panel=True)
    pages = {
        chair_of(call): reverse("applications:panel-read", args=[call.slug, application.reference]),
        assignment.reviewer: reverse("applications:review-write", args=[call.slug, application.reference]),
    }
    for person, url in pages.items():
        text = text_of(signed_in(person), url)
        assert "For the panel to read." in text
        assert "For the office alone." not in text and "Still open, nobody" not in text
        for letter, status in (("b", 404), ("c", 404)):  # neither is kept here; the right is asked first
            download = reverse("applications:attachments-download", args=[application.reference, letter * 64])
            assert signed_in(person).get(download).status_code == status


def test_files_of_answers_are_open_to_who_reads_the_answer(send: Send) -> None:
    application = in_review()
    call, reviewer = application.call, assignment_of(application).reviewer
    other = assignment_of(application_of(call, status=Status.UNDER_REVIEW)).reviewer
    rows = {for_panel: question_of(application, for_panel=for_panel) for for_panel in (True, False)}
    for number, row in enumerate(rows.values(), start=1):
        file = SimpleUploadedFile("x.pdf", pdf(number), content_type="application/pdf")
        url = page("following-clarification", application, row.uid)
        send(signed_in(application.principal_investigator), url, answer="See the file.", seen="", file=file)
        row.refresh_from_db()
    auditor, barred = UserFactory(roles=["auditor"]), administrator(institution=application.institution)
    allowed = {administrator(): (200, 200), auditor: (200, 200), chair_of(call): (200, 404), reviewer: (200, 404)}
    allowed |= {other: (404, 404), barred: (404, 404), UserFactory(): (404, 404)}
    for person, statuses in allowed.items():
        visitor = signed_in(person)
        for row, status in zip(rows.values(), statuses, strict=True):
            url = reverse("applications:attachments-download", args=[application.reference, row.file_sha256])
            assert visitor.get(url).status_code == status, (person, row.for_panel)


def test_the_applicant_never_learns_who_asked() -> None:
    application = in_review()
    chair, office = chair_of(application.call), administrator()
    rows = [question_of(application, chair, for_panel=True, answer="Low."), question_of(application, office)]
    visitor = signed_in(application.principal_investigator)
    urls = [
        page("following-status", application),
        *(page("following-clarification", application, row.uid) for row in rows),
    ]
    for url in urls:
        text = text_of(visitor, url)
        assert chair.name not in text and office.name not in text


# --- By the clock ----------------------------------------------------------------------------------------------------


def test_the_team_is_reminded_once_two_days_before() -> None:
    application = in_review()
    soon, _late = question_of(application, due_at=clock.now() + DAY), question_of(application)
    question_of(application, due_at=clock.now() + DAY, answer="Done.")
    ended = question_of(application_of(closed_call(), status=Status.WITHDRAWN), due_at=clock.now() + DAY)
    assert (reminding.remind_of_questions(), reminding.remind_of_questions()) == (1, 0)
    notice = Notice.objects.get(kind="clarification-due")
    assert (notice.about_id, notice.recipient) == (soon.pk, application.principal_investigator)
    ended.refresh_from_db()
    assert ended.reminded_at is None


def test_open_questions_stand_among_the_tasks() -> None:
    application = in_review()
    row = question_of(application)
    visitor = signed_in(application.principal_investigator)
    assert page("following-clarification", application, row.uid) in text_of(visitor, "/my/")
    assert f"Answer a question on application {application.reference}." in text_of(visitor, "/my/")
    following.answer(row, by=application.principal_investigator, text="Low.")
    assert "Answer a question" not in text_of(visitor, "/my/")
