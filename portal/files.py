"""Uploaded files: taken with a hard cap, checked, kept under their own hash, served as nothing but a download.

Only PDF is taken. The check itself runs in `portal/pdf_check.py`; a file on its way in parts is in `portal/parts.py`,
and where files lie is `portal/shelf.py`. Who may have a file is decided by the view.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.files import File
from django.core.files.uploadhandler import FileUploadHandler
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from portal import shelf
from portal.errors import Invalid

Response = TypeVar("Response", bound=HttpResponseBase)
ZIP_TYPE = "application/zip"
CHECK = Path(__file__).with_name("pdf_check.py")
READ = Path(__file__).with_name("pdf_text.py")
SECONDS = 15  # below the time after which the database ends an idle transaction
SECONDS_TO_READ = 40  # in the worker, outside every transaction
MEGABYTES = settings.UPLOAD_MAX_BYTES // (1024 * 1024)

TOO_LARGE = format_lazy(_("The file is larger than {megabytes} MB."), megabytes=MEGABYTES)
NOT_A_PDF = _("This is not a PDF that can be opened. Export it again as PDF.")
REMOVED: Mapping[str, Any] = {
    "metadata": _("metadata"),
    "script": _("scripts"),
    "action": _("actions"),
    "attachment": _("attached files"),
    "form": _("form fields"),
    "media": _("film and sound"),
}
WORDS: Mapping[str, Any] = {
    "encrypted": _("The PDF is encrypted or protected. Save it without a password and without restrictions."),
    "script": _("The PDF contains a script that cannot be taken out. Print it to a new PDF first."),
    "action": _("The PDF contains an action that reaches outside the file. Print it to a new PDF first."),
    "attachment": _("The PDF contains other files. Save it without attachments."),
    "bomb": _("The PDF unpacks to far more than its pages can show. Print it to a new PDF first."),
    "empty": _("The PDF has no pages."),
    "unreadable": NOT_A_PDF,
    "too-long": _("The PDF could not be checked in time. Make it simpler, or print it to a new PDF."),
}


@dataclass(frozen=True)
class Kept:
    """A file that was checked and is kept: its hash, size in bytes, number of pages, and codes of what was removed."""

    sha256: str
    size: int
    pages: int
    removed: tuple[str, ...] = ()

    @property
    def removed_words(self) -> list[Any]:
        """What was taken out, in the language of the page."""
        return [REMOVED[code] for code in self.removed]


@dataclass(frozen=True)
class Text:
    """The words of a PDF, page by page, and what stands beside them: titles of bookmarks, addresses of links.

    Where some of these could not be read, `unread` names which: `bookmarks`, `links`.
    """

    pages: tuple[str, ...]
    beside: tuple[str, ...]
    unread: tuple[str, ...] = ()


SEVERAL = "files"  # what a field is called that takes several files


class CappedUploadHandler(FileUploadHandler):
    """Stops writing an upload to disk just above the largest size, and takes one file from a request.

    Of a field `SEVERAL` it takes more, which together are no larger than one may be. The rest is read and dropped; what
    was taken is too large for the form, which says so beside the field.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.files = self.taken = 0

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        if field_name != SEVERAL or not self.files:
            self.files += 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self.files > 1 or self.taken > settings.UPLOAD_MAX_BYTES:
            return None
        self.taken += len(raw_data)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def keep_pdf(upload: File) -> Kept:
    """Check a PDF, write it anew without metadata, and keep it under the SHA-256 of what was written.

    Runs up to 15 seconds: call it outside a transaction and before any lock is taken.

    Raises:
        Invalid: beside the field `file`: empty, too large, no PDF, or a PDF that could do something.
    """
    check_size(upload.size or 0)
    with tempfile.TemporaryDirectory(prefix="portal-file-") as place:
        source, target = Path(place) / "source.pdf", Path(place) / "target.pdf"
        _write(upload, source)
        pages, removed = _checked(source, target)
        if target.stat().st_size > settings.UPLOAD_MAX_BYTES:
            raise Invalid(TOO_LARGE, code="file-too-large", field="file")
        with target.open("rb") as written:
            sha256 = hashlib.file_digest(written, "sha256").hexdigest()
        shelf.keep(sha256, target)
        return Kept(sha256, target.stat().st_size, pages, removed)


def text_of(sha256: str) -> Text | None:
    """Return the words of a kept PDF, or None where they cannot be read.

    Runs up to 40 seconds in a process of its own: call it in a worker, outside a transaction.
    """
    with tempfile.TemporaryDirectory(prefix="portal-file-") as place:
        source = Path(place) / "source.pdf"
        try:
            with shelf.opened(sha256) as kept, source.open("wb") as target:
                shutil.copyfileobj(kept, target)
            done = _run(READ, source, seconds=SECONDS_TO_READ)
            found = json.loads(done)
            return Text(tuple(found["pages"]), tuple(found["beside"]), tuple(found["unread"]))
        except (FileNotFoundError, subprocess.TimeoutExpired, ValueError):
            return None  # it ran into a limit, or the reader died of the file


def check_size(size: int) -> None:
    """Refuse a file of so many bytes before it is read.

    Raises:
        Invalid: beside the field `file`: empty or too large.
    """
    if size <= 0:
        raise Invalid(_("The file is empty."), code="file-empty", field="file")
    if size > settings.UPLOAD_MAX_BYTES:
        raise Invalid(TOO_LARGE, code="file-too-large", field="file")


def download(sha256: str, filename: str) -> FileResponse:
    """Return a kept file as a download that no browser opens as anything else.

    Raises:
        Http404: it is not kept here.
    """
    try:
        content = shelf.opened(sha256)
    except FileNotFoundError:
        raise Http404 from None
    kind = ZIP_TYPE if filename.endswith(".zip") else "application/pdf"
    return _guarded(FileResponse(content, as_attachment=True, filename=filename, content_type=kind))


def as_download(content: bytes, filename: str) -> HttpResponse:
    """Return a PDF that was just made as a download with the same fences; `filename` is plain ASCII."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return _guarded(response)


def _guarded(response: Response) -> Response:
    """Let no browser open it as anything else, and no cache keep it."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


def _write(upload: File, source: Path) -> None:
    """Copy an upload, and never more of it than may be kept."""
    written = 0
    with source.open("wb") as target:
        for chunk in upload.chunks():
            if not written and not chunk.startswith(b"%PDF-"):
                raise Invalid(NOT_A_PDF, code="file-no-pdf", field="file")
            written += len(chunk)
            if written > settings.UPLOAD_MAX_BYTES:
                raise Invalid(TOO_LARGE, code="file-too-large", field="file")
            target.write(chunk)


def _checked(source: Path, target: Path) -> tuple[int, tuple[str, ...]]:
    """Return number of pages, and codes of what was taken out, of the file that the check has written to `target`."""
    try:
        said = _run(CHECK, source, target, seconds=SECONDS)
    except subprocess.TimeoutExpired:
        raise _refused("too-long") from None
    try:
        found = json.loads(said)
    except ValueError:
        found = {"refused": "unreadable"}  # it ran into a limit, or the parser died of the file
    if "refused" in found:
        raise _refused(found["refused"])
    return int(found["pages"]), tuple(found["removed"])


def _run(script: Path, *paths: Path, seconds: int) -> bytes:
    """Return what a script says of files, in a bare process beside them.

    Raises:
        TimeoutExpired: it took longer.
    """
    done = subprocess.run(
        [sys.executable, "-I", str(script), *map(str, paths)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=seconds,
        env={"PATH": os.defpath},
        cwd=paths[-1].parent,
        check=False,
    )
    return done.stdout


def _refused(code: str) -> Invalid:
    return Invalid(WORDS[code], code=f"file-{code}", field="file")
