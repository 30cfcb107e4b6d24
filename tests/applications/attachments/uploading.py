"""Sends malformed uploads as a whole and in parts, and says after each what must not be: shared by suite and trial."""

import hashlib
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core import serializers
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications.models import Application, DraftRequest, PartialUpload, Submission
from portal.audit.models import Event
from portal.notifications.models import Notice
from tests.applications.apply.conftest import page, signed_in
from tests.uploads import Sent, malformed

REFUSED = frozenset({400, 403, 404, 409, 413, 422})
PART = 48 * 1024
ACTIVE = (b"/JavaScript", b"app.alert", b"/Launch", b"/SubmitForm", b"/EmbeddedFile", b"<script", b"PK\x03\x04", b"MZ")


class Desk:
    """One draft, its page, and a list of what went wrong."""

    def __init__(self, draft: Application, foreign: Application) -> None:
        self.draft, self.foreign = draft, foreign
        self.client = signed_in(draft.principal_investigator)
        self.client.raise_request_exception = False
        self.tries: Counter[str] = Counter()
        self.kept: Counter[str] = Counter()
        self.wrong: list[str] = []

    def send(self, many: int, *, bombs: int = 3) -> None:
        """Send `many` files, in turn as a whole and in parts, each of these with a fault of its own."""
        before = temporary()
        ways = (self.whole, self.in_parts, self.with_faults)
        for number, sent in enumerate(malformed(many, bombs=bombs)):
            self.tries[sent.kind] += 1
            state = digest()
            status = ways[number % len(ways)](sent, number)
            self.judge(sent, status, state)
        self.wrong += [f"temporary file left: {name}" for name in sorted(temporary() - before)]

    def judge(self, sent: Sent, status: int, state: str) -> None:
        """Write down what must not be after one upload."""
        if status == 303:
            self.kept[sent.kind] += 1
            if not sent.may_be_kept:
                self.wrong.append(f"{sent.kind}: kept")
            self.wrong += [f"{sent.kind}: {fault}" for fault in self.faults_of_download(sent)]
            return
        if status not in REFUSED:
            self.wrong.append(f"{sent.kind}: answered {status}")
        if digest() != state:
            self.wrong.append(f"{sent.kind}: refused, and rows changed")

    def whole(self, sent: Sent, number: int) -> int:
        """Send a file with the form, as a browser without a script does."""
        upload = SimpleUploadedFile("x", sent.content, content_type=sent.type)
        upload._name = sent.name  # past Django's own cleaning, as a program would send it
        answer = self.client.post(page("attachments-file", self.draft), {"_once": str(uuid4()), "file": upload})
        return int(answer.status_code)

    def in_parts(self, sent: Sent, number: int) -> int:
        """Send a file in parts, as the script does."""
        room = self.begin(len(sent.content))
        if "url" not in room:
            return 422
        for offset in range(0, len(sent.content), PART):
            self.put(self.client, room["url"], offset, sent.content[offset : offset + PART])
        return self.finish(room["upload"])

    def with_faults(self, sent: Sent, number: int) -> int:
        """Send a file in parts at wrong places, twice, too many, to others' rooms, and finish too early."""
        room = self.begin(len(sent.content))
        if "url" not in room:
            return 422
        content, url = sent.content, room["url"]
        strange = [(len(content), b"x"), (1, content[:9]), (0, content + b"x"), ("-1", b"x"), ("", b"x"), (2**40, b"x")]
        for offset, part in strange:
            self.expect_refusal(self.put(self.client, url, offset, part))
        theirs = page("attachments-part", self.foreign, room["upload"])
        for there in (theirs, page("attachments-part", self.draft, uuid4())):
            self.expect_refusal(self.put(self.client, there, 0, content[:9] or b"x"))
        self.expect_refusal(self.finish(room["upload"]))  # not whole yet
        for offset in range(0, len(content), PART):
            self.put(self.client, url, offset, content[offset : offset + PART])
            self.expect_refusal(self.put(self.client, url, offset, content[offset : offset + PART]))  # once more
        return self.finish(room["upload"])

    def begin(self, size: int) -> dict[str, Any]:
        answer = self.client.post(page("attachments-begin", self.draft), {"bytes": size})
        if answer.status_code not in {200, 422}:
            self.wrong.append(f"beginning answered {answer.status_code}")
        return dict(answer.json()) if answer.status_code == 200 else {}

    def put(self, client: Client, url: str, offset: Any, part: bytes) -> int:
        headers = {"HTTP_UPLOAD_OFFSET": str(offset)}
        return int(client.post(url, part, content_type="application/octet-stream", **headers).status_code)  # type: ignore[arg-type]

    def finish(self, upload: str) -> int:
        data = {"_once": str(uuid4()), "upload": upload}
        return int(self.client.post(page("attachments-file", self.draft), data).status_code)

    def expect_refusal(self, status: int) -> None:
        if status not in REFUSED:
            self.wrong.append(f"a part that fits nowhere: answered {status}")

    def faults_of_download(self, sent: Sent) -> list[str]:
        """Return what is wrong with the way a kept file is served, and with what it holds."""
        self.draft.refresh_from_db()
        answer = self.client.get(f"/files/{self.draft.reference}/{self.draft.file_sha256}/")
        content = b"".join(answer.streaming_content) if answer.status_code == 200 else b""
        wanted = {
            "Content-Type": "application/pdf",
            "Content-Disposition": f'attachment; filename="{self.draft.reference}.pdf"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        }
        found = [
            f"served with {name}: {answer.get(name)}" for name, value in wanted.items() if answer.get(name) != value
        ]
        if hashlib.sha256(content).hexdigest() != self.draft.file_sha256 or not content.startswith(b"%PDF-"):
            found.append("served other bytes")
        return found + [f"still holds {trace!r}" for trace in ACTIVE if trace in content and sent.kind != "flipped"]


def digest() -> str:
    """Return a hash over every row that an upload could change."""
    rows = hashlib.sha256()
    for model in (Application, DraftRequest, Submission, Event, Notice, PartialUpload):
        rows.update(serializers.serialize("json", model._default_manager.order_by("pk")).encode())
    return rows.hexdigest()


def temporary() -> set[str]:
    """Return the names of everything that an upload may leave behind while it is on its way."""
    places = [Path(tempfile.gettempdir()), settings.DATA_DIR / "parts"]
    patterns = ("portal-file-*", "*.upload*", "*.part")
    return {str(path) for place in places for pattern in patterns for path in place.glob(pattern)}
