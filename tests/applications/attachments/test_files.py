"""The one PDF: uploaded on its own step, served as a download to the team and to whoever reads submissions."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.template.defaultfilters import filesizeformat
from django.test import Client

from applications.attachments import actions as attachments
from applications.enums import Status
from applications.models import Application, Call
from applications.team import actions as team
from portal import files
from portal.accounts.models import User
from portal.errors import Invalid
from portal.files import Kept
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, assignment_of, call_of, chair_of, draft_of, member_of
from tests.factories.files import pdf

Send = Callable[..., Any]


def workbook() -> bytes:
    target = io.BytesIO()
    openpyxl.Workbook().save(target)
    return target.getvalue()


def test_upload_keeps_a_checked_copy(visitor: Client, call: Call, applicant: User, send: Send) -> None:
    draft = draft_of(call, applicant, complete=False)
    upload = SimpleUploadedFile("Name of a person.pdf", pdf(pages=3), content_type="text/html")
    assert send(visitor, page("attachments-file", draft), file=upload).status_code == 303
    draft.refresh_from_db()
    assert (draft.file_pages, len(draft.file_sha256)) == (3, 64)
    answer = visitor.get(f"/files/{draft.reference}/{draft.file_sha256}/")
    content = b"".join(answer.streaming_content)
    assert len(content) == draft.file_bytes and content.startswith(b"%PDF-")
    assert answer["Content-Disposition"] == f'attachment; filename="{draft.reference}.pdf"'
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert send(visitor, page("attachments-remove", draft)).status_code == 303
    draft.refresh_from_db()
    assert (draft.file_sha256, draft.file_bytes, draft.file_pages) == ("", 0, 0)


def test_upload_says_what_became_of_the_file(visitor: Client, call: Call, applicant: User, send: Send) -> None:
    draft = draft_of(call, applicant, complete=False)
    document = pdf(pages=3, change=with_author_and_script)
    answer = send(visitor, page("attachments-file", draft), file=SimpleUploadedFile("a.pdf", document))
    told = visitor.get(answer["Location"]).content.decode()
    draft.refresh_from_db()
    assert f"The file is kept: 3 pages, {filesizeformat(draft.file_bytes)}. Taken out: metadata, scripts." in told
    assert "3 of at most 10" in told
    assert "Taken out" not in visitor.get(answer["Location"]).content.decode()


def with_author_and_script(document: pikepdf.Pdf) -> None:
    document.docinfo["/Author"] = "Somebody with a name"
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def test_file_with_more_pages_than_the_call_takes_is_refused(applicant: User, send: Send) -> None:
    draft = draft_of(call_of(file_page_limit=4), applicant, complete=False)
    upload = SimpleUploadedFile("a.pdf", pdf(pages=5))
    answer = send(signed_in(applicant), page("attachments-file", draft), file=upload)
    assert answer.status_code == 422
    words = "The PDF has 5 pages; this call takes at most 4 for figures and references."
    assert words in answer.content.decode() and 'href="#id_file"' in answer.content.decode()
    with pytest.raises(Invalid) as caught:
        attachments.attach(draft, by=applicant, upload=Kept("0" * 64, 1000, 5))
    assert (caught.value.code, caught.value.field) == ("too-many-pages", "file")
    draft.refresh_from_db()
    assert draft.file_sha256 == ""


@pytest.mark.django_db(transaction=True)
def test_check_runs_in_no_transaction_and_holds_no_lock(monkeypatch: pytest.MonkeyPatch, send: Send) -> None:
    """While the file is checked, a colleague saves another part of the same draft."""
    applicant = UserFactory()
    draft = draft_of(call_of(), applicant)
    usual, seen = files.keep_pdf, []

    def watched(upload: Any) -> Kept:
        seen.append(connection.in_atomic_block)
        with transaction.atomic():
            Application.objects.select_for_update(nowait=True).get(pk=draft.pk)
        return usual(upload)

    monkeypatch.setattr(files, "keep_pdf", watched)
    answer = send(signed_in(applicant), page("attachments-file", draft), file=SimpleUploadedFile("a.pdf", pdf()))
    assert (answer.status_code, seen) == (303, [False])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The submitted file is empty."),
        (b"<html><script>alert(1)</script>", "This is not a PDF that can be opened."),
        (workbook(), "This is not a PDF that can be opened."),
        (b"%PDF-1.7\n" + b"\x00" * 500, "This is not a PDF that can be opened."),
        (pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "The PDF is encrypted or protected."),
        (b"%PDF-" + b"0" * 21 * 1024 * 1024, "The file is larger than 20 MB."),
    ],
)
def test_upload_of_anything_else_is_refused_at_the_field(
    visitor: Client, call: Call, applicant: User, content: bytes, words: str, send: Send
) -> None:
    draft = draft_of(call, applicant, complete=False)
    answer = send(visitor, page("attachments-file", draft), file=SimpleUploadedFile("figures.pdf", content))
    assert answer.status_code == 422
    assert words in answer.content.decode() and 'href="#id_file"' in answer.content.decode()
    draft.refresh_from_db()
    assert draft.file_sha256 == ""


def test_upload_without_a_file_is_refused(visitor: Client, draft: Application, send: Send) -> None:
    answer = send(visitor, page("attachments-file", draft), file="just text")
    assert answer.status_code == 422
    assert "“PDF” is missing." in answer.content.decode()


def test_file_is_served_to_whoever_reads_the_submission_and_nobody_else(
    call: Call, applicant: User, send: Send
) -> None:
    draft = draft_of(call, applicant)
    kept = attachments.attach(draft, by=applicant, upload=SimpleUploadedFile("a.pdf", pdf()))
    url = f"/files/{draft.reference}/{kept.sha256}/"
    staff = [administrator(), UserFactory(roles=["curator"]), UserFactory(roles=["auditor"])]
    assert [signed_in(user).get(url).status_code for user in staff] == [404, 404, 404]
    application = application_of(
        call, applicant, Status.UNDER_REVIEW, file_sha256=kept.sha256, file_bytes=kept.size, file_pages=1
    )
    url = f"/files/{application.reference}/{kept.sha256}/"
    reviewer = assignment_of(application).reviewer
    readers = [applicant, member_of(application, role="reader").user, *staff, reviewer, chair_of(call)]
    assert [signed_in(user).get(url).status_code for user in readers] == [200] * 7
    idle = assignment_of(application_of(call, status=Status.UNDER_REVIEW)).reviewer
    same_place = UserFactory(roles=["administrator"], institution=applicant.institution)
    others = [UserFactory(), idle, same_place, member_of(application, UserFactory(), confirmed=False).user]
    assert [signed_in(user).get(url).status_code for user in others] == [404] * 4
    assert Client().get(url).status_code == 302
    assert signed_in(applicant).get(f"/files/{application.reference}/{'0' * 64}/").status_code == 404


def test_file_of_a_draft_replaced_after_a_return_stays_with_the_team(call: Call, applicant: User) -> None:
    first = attachments.attach(draft_of(call, applicant), by=applicant, upload=SimpleUploadedFile("a.pdf", pdf()))
    application = application_of(
        call, applicant, Status.RETURNED, file_sha256=first.sha256, file_bytes=first.size, file_pages=1
    )
    second = attachments.attach(application, by=applicant, upload=SimpleUploadedFile("b.pdf", pdf(pages=2)))
    office, team = signed_in(administrator()), signed_in(applicant)
    old, new = (f"/files/{application.reference}/{kept.sha256}/" for kept in (first, second))
    assert [office.get(old).status_code, office.get(new).status_code] == [200, 404]
    assert [team.get(old).status_code, team.get(new).status_code] == [200, 200]


def test_right_to_a_file_ends_with_the_place_on_the_team(call: Call, applicant: User) -> None:
    draft = draft_of(call, applicant)
    kept = attachments.attach(draft, by=applicant, upload=SimpleUploadedFile("a.pdf", pdf()))
    member = member_of(draft)
    client, url = signed_in(member.user), f"/files/{draft.reference}/{kept.sha256}/"
    assert client.get(url).status_code == 200
    team.remove(member, by=applicant)
    assert client.get(url).status_code == 404
