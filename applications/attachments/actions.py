"""The one PDF of a draft. What a PDF must be is `portal/files.py`."""

from typing import Any

from django.core.files import File
from django.db import transaction

from applications.drafting import open_draft, saved
from applications.models import Application
from portal import files


def attach(application: Application, *, by: Any, upload: File | files.Kept) -> files.Kept:
    """Put the one PDF into the draft, instead of an earlier one. What is no `Kept` file yet is checked first.

    Raises:
        Denied, NotNow: as `save`.
        Invalid: beside the field `file`: no PDF that is taken.
    """
    kept = upload if isinstance(upload, files.Kept) else files.keep_pdf(upload)
    with transaction.atomic():
        open_draft(application, by=by)
        application.file_sha256, application.file_bytes, application.file_pages = kept.sha256, kept.size, kept.pages
        saved(application, by=by, names=["file"], columns=["file_sha256", "file_bytes", "file_pages"])
    return kept


def detach(application: Application, *, by: Any) -> None:
    """Take the PDF out of the draft.

    Raises:
        Denied, NotNow: as `save`.
    """
    with transaction.atomic():
        open_draft(application, by=by)
        application.file_sha256, application.file_bytes, application.file_pages = "", 0, 0
        saved(application, by=by, names=["file"], columns=["file_sha256", "file_bytes", "file_pages"])
