"""A file that comes in parts: it goes on where it stopped, is nobody else's, and leaves nothing behind."""

import hashlib
import json
import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client

from applications.attachments import actions
from applications.models import Application, PartialUpload
from applications.tasks import forget_uploads
from portal import clock, files, parts
from portal.errors import NotNow
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import UserFactory
from tests.factories.applications import call_of, draft_of, member_of
from tests.factories.files import pdf

pytestmark = pytest.mark.django_db(transaction=True)
PART = 64 * 1024


@pytest.fixture
def draft() -> Application:
    return draft_of(call_of(), UserFactory(), file_sha256="", file_bytes=0, file_pages=0)


@pytest.fixture
def visitor(draft: Application) -> Client:
    return signed_in(draft.principal_investigator)


@pytest.fixture(autouse=True)
def _empty() -> None:
    for path in lying():
        path.unlink()


def lying() -> list[Path]:
    return sorted((settings.DATA_DIR / "parts").glob("*"))


def large() -> bytes:
    """Return a PDF of three pages and 300 kB that no compression makes smaller."""
    noise = os.urandom(300_000)
    return pdf(pages=3, change=lambda document: document.pages[0].__setattr__("Contents", document.make_stream(noise)))


def begun(client: Client, draft: Application, size: int) -> dict[str, Any]:
    answer = client.post(page("attachments-begin", draft), {"bytes": size})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def put(client: Client, url: str, offset: Any, content: bytes, **headers: Any) -> Any:
    sent = {"HTTP_UPLOAD_OFFSET": str(offset), **headers}
    return client.post(url, content, content_type="application/octet-stream", **sent)


def sent_whole(client: Client, draft: Application, content: bytes) -> str:
    room = begun(client, draft, len(content))
    for offset in range(0, len(content), PART):
        assert put(client, room["url"], offset, content[offset : offset + PART]).status_code == 200
    upload: str = room["upload"]
    return upload


def finish(client: Client, draft: Application, upload: str) -> Any:
    return client.post(page("attachments-file", draft), {"_once": str(uuid4()), "upload": upload})


def test_file_that_is_cut_goes_on_where_it_stopped_and_is_the_same(visitor: Client, draft: Application) -> None:
    content = large()
    wanted = files.keep_pdf(ContentFile(content))
    room = begun(visitor, draft, len(content))
    assert put(visitor, room["url"], 0, content[:PART]).json() == {"offset": PART}
    assert visitor.get(room["url"]).json() == {"offset": PART}
    again = put(visitor, room["url"], 0, content[:PART])
    assert (again.status_code, again.json()["offset"], again.json()["code"]) == (409, PART, "wrong-offset")
    for offset in range(PART, len(content), PART):
        put(visitor, room["url"], offset, content[offset : offset + PART])
    assert [path.stat().st_mode & 0o777 for path in lying()] == [0o600]
    assert hashlib.sha256(lying()[0].read_bytes()).digest() == hashlib.sha256(content).digest()
    assert finish(visitor, draft, room["upload"]).status_code == 303
    draft.refresh_from_db()
    assert (draft.file_sha256, draft.file_pages) == (wanted.sha256, 3)
    assert (lying(), PartialUpload.objects.count()) == ([], 0)


def test_part_that_is_cut_off_on_the_way_is_not_kept(visitor: Client, draft: Application, live_server: Any) -> None:
    """The line is lost in the middle of a part: of that part nothing stays, of those before it everything."""
    room = begun(visitor, draft, 2 * PART)
    put(visitor, room["url"], 0, b"x" * PART)
    place = urlsplit(live_server.url)
    token = "a" * 32
    head = [
        f"POST {room['url']} HTTP/1.1",
        f"Host: {place.netloc}",
        f"Cookie: {settings.SESSION_COOKIE_NAME}={visitor.session.session_key}; {settings.CSRF_COOKIE_NAME}={token}",
        f"X-CSRFToken: {token}",
        f"Origin: {live_server.url}",
        "Content-Type: application/octet-stream",
        f"Content-Length: {PART}",
        f"Upload-Offset: {PART}",
    ]
    with socket.create_connection((place.hostname, place.port)) as line:
        line.sendall("\r\n".join([*head, "", ""]).encode() + b"y" * 900)
        line.shutdown(socket.SHUT_WR)
        answer = line.recv(65536)
    assert answer.startswith(b"HTTP/1.1 400 "), answer[:300]
    assert visitor.get(room["url"]).json() == {"offset": PART}
    assert lying()[0].read_bytes() == b"x" * PART


@pytest.mark.parametrize("offset", ["", "-1", "x", "1e3", "９", "0" * 13, "1", "65537", "99999999999"])
def test_part_at_a_wrong_place_changes_nothing(visitor: Client, draft: Application, offset: str) -> None:
    room = begun(visitor, draft, 1000)
    answer = put(visitor, room["url"], offset, b"x" * 10)
    assert answer.status_code in (400, 409) and answer.json()["offset"] == 0
    assert visitor.get(room["url"]).json() == {"offset": 0}
    assert lying() == []


def test_part_of_a_file_that_was_given_up_meanwhile_is_refused_and_leaves_nothing(draft: Application) -> None:
    person = draft.principal_investigator
    room = actions.begin(draft, by=person, expected_bytes=10)
    actions.forget(PartialUpload.objects.get(pk=room.pk))
    with pytest.raises(NotNow) as refused:
        actions.receive(room, by=person, offset=0, content=b"%PDF-")
    assert (refused.value.code, lying()) == ("gone", [])


def test_part_that_is_too_large_or_goes_beyond_the_end_is_refused(visitor: Client, draft: Application) -> None:
    room = begun(visitor, draft, 1000)
    assert put(visitor, room["url"], 0, b"").status_code == 400
    for content in (b"x" * 1001, b"x" * (parts.LARGEST_PART + 1)):
        assert put(visitor, room["url"], 0, content).status_code == 422
    assert put(visitor, room["url"], 0, b"x" * 3_000_000).status_code == 400
    assert visitor.get(room["url"]).json() == {"offset": 0}


@pytest.mark.parametrize(
    ("size", "words"),
    [("0", "The file is empty."), ("20971521", "The file is larger than 20 MB."), ("x", "empty"), ("-5", "empty")],
)
def test_file_of_a_size_that_is_not_taken_is_refused_before_it_is_sent(
    visitor: Client, draft: Application, size: str, words: str
) -> None:
    answer = visitor.post(page("attachments-begin", draft), {"bytes": size})
    assert answer.status_code == 422 and words in answer.json()["detail"]
    assert PartialUpload.objects.count() == 0


def test_file_on_its_way_is_nobody_elses(visitor: Client, draft: Application) -> None:
    content = pdf()
    room = begun(visitor, draft, len(content))
    colleague, reader = member_of(draft).user, member_of(draft, role="reader").user
    other = draft_of(draft.call, colleague)
    foreign = page("attachments-part", other, room["upload"])
    for client, url in ((signed_in(colleague), room["url"]), (signed_in(UserFactory()), room["url"])):
        assert [client.get(url).status_code, put(client, url, 0, content).status_code] == [404, 404]
    assert put(signed_in(colleague), foreign, 0, content).status_code == 404
    assert signed_in(reader).post(page("attachments-begin", draft), {"bytes": 10}).status_code == 403
    assert put(visitor, room["url"], 0, content).status_code == 200
    assert finish(signed_in(colleague), draft, room["upload"]).status_code == 422
    assert finish(signed_in(colleague), other, room["upload"]).status_code == 422
    assert Client().post(room["url"], b"x", content_type="application/octet-stream").status_code == 403
    assert finish(visitor, draft, room["upload"]).status_code == 303


def test_file_that_is_refused_leaves_nothing_and_changes_nothing(visitor: Client, draft: Application) -> None:
    version = draft.version
    answer = finish(visitor, draft, sent_whole(visitor, draft, b"%PDF-1.7\n<html><script>alert(1)</script>"))
    assert answer.status_code == 422 and "This is not a PDF that can be opened." in answer.content.decode()
    answer = finish(visitor, draft, sent_whole(visitor, draft, pdf(pages=11)))
    assert answer.status_code == 422 and "this call takes at most 10" in answer.content.decode()
    draft.refresh_from_db()
    assert (draft.version, draft.file_sha256, lying(), PartialUpload.objects.count()) == (version, "", [], 0)


def test_file_that_is_not_whole_or_not_known_is_refused(visitor: Client, draft: Application) -> None:
    room = begun(visitor, draft, 1000)
    put(visitor, room["url"], 0, b"%PDF-")
    for upload in (room["upload"], str(uuid4()), "no-uuid", ""):
        answer = finish(visitor, draft, upload)
        assert answer.status_code == 422 and 'href="#id_' in answer.content.decode()
    assert visitor.get(room["url"]).json() == {"offset": 5}


def test_file_whose_bytes_were_lost_is_refused(visitor: Client, draft: Application) -> None:
    upload = sent_whole(visitor, draft, pdf())
    lying()[0].unlink()
    assert finish(visitor, draft, upload).status_code == 422
    assert PartialUpload.objects.count() == 0


def test_after_the_deadline_no_part_is_taken(visitor: Client, draft: Application) -> None:
    room = begun(visitor, draft, 1000)
    type(draft.call).objects.filter(pk=draft.call_id).update(closes_at=clock.now() - timedelta(seconds=1))
    answer = put(visitor, room["url"], 0, b"x" * 10)
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong-status" if draft.submission_id else "closed")
    assert visitor.post(page("attachments-begin", draft), {"bytes": 10}).status_code == 409


def test_oldest_of_one_person_give_way(visitor: Client, draft: Application) -> None:
    rooms = [begun(visitor, draft, 1000) for _count in range(5)]
    for room in rooms[2:]:
        put(visitor, room["url"], 0, b"x")
    assert [visitor.get(room["url"]).status_code for room in rooms] == [404, 404, 200, 200, 200]
    assert len(lying()) == 3


def test_too_many_files_of_all_are_not_taken(
    visitor: Client, draft: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_BYTES_OF_ALL", 1500)
    begun(visitor, draft, 1000)
    with pytest.raises(NotNow) as caught:
        actions.begin(draft, by=draft.principal_investigator, expected_bytes=501)
    assert caught.value.code == "uploads-full"
    answer = visitor.post(page("attachments-begin", draft), {"bytes": 501})
    assert (answer.status_code, json.loads(answer.content)["code"]) == (409, "uploads-full")


def test_what_was_never_taken_is_swept_after_a_day(visitor: Client, draft: Application) -> None:
    old, young = begun(visitor, draft, 1000), begun(visitor, draft, 1000)
    for room in (old, young):
        put(visitor, room["url"], 0, b"x")
    PartialUpload.objects.filter(uid=old["upload"]).update(begun_at=clock.now() - timedelta(hours=25))
    forget_uploads()
    assert [visitor.get(room["url"]).status_code for room in (old, young)] == [404, 200]
    assert [path.stem for path in lying()] == [young["upload"].replace("-", "")]


def test_parts_are_never_served_and_lie_outside_what_is(visitor: Client, draft: Application) -> None:
    room = begun(visitor, draft, 1000)
    put(visitor, room["url"], 0, b"secret")
    place = lying()[0]
    assert place.parent != settings.FILES_DIR and place.parent.stat().st_mode & 0o777 == 0o700
    assert settings.STATIC_ROOT not in place.parents and settings.BASE_DIR / "static" not in place.parents
    assert b"secret" not in visitor.get(room["url"]).content
    assert visitor.get(f"/files/{draft.reference}/{hashlib.sha256(b'secret').hexdigest()}/").status_code == 404
