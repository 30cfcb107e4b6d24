"""The one PDF of a draft, and files on their way to it in parts.

What a PDF must be is `portal/files.py`; the bytes of parts are kept by `portal/parts.py`.
"""

from datetime import timedelta
from typing import Any

from django.core.files import File
from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from applications.drafting import LOCKED, is_in_the_teams_hands, open_draft, saved
from applications.models import Application, PartialUpload
from applications.rules import eligibility
from applications.rules.attachments import check_page_limit
from applications.workflow import WRITERS
from portal import clock, files, parts
from portal.errors import Invalid, NotNow

FORGOTTEN_AFTER = timedelta(seconds=parts.FORGOTTEN_AFTER)
MOST_OF_ONE_PERSON = 3
MOST_BYTES_OF_ALL = 2 * 1024**3
COLUMNS = ("file_sha256", "file_bytes", "file_pages")


def attach(
    application: Application, *, by: Any, upload: File | files.Kept, came_as: PartialUpload | None = None
) -> files.Kept:
    """Put the one PDF into the draft, instead of an earlier one. What is no `Kept` file yet is checked first.

    Where it came in parts, these are forgotten. Call it outside a transaction with what is not checked yet.

    Raises:
        Denied, NotNow: as `save`.
        Invalid: beside the field `file`: no PDF that is taken, or more pages than the call takes.
    """
    kept = upload if isinstance(upload, files.Kept) else files.keep_pdf(upload)
    with transaction.atomic():
        open_draft(application, by=by)
        check_page_limit(application.call, kept.pages)
        application.file_sha256, application.file_bytes, application.file_pages = kept.sha256, kept.size, kept.pages
        saved(application, by=by, names=["file"], columns=COLUMNS)
        if came_as:
            forget(came_as)
    return kept


def detach(application: Application, *, by: Any) -> None:
    """Take the PDF out of the draft.

    Raises:
        Denied, NotNow: as `save`.
    """
    with transaction.atomic():
        open_draft(application, by=by)
        application.file_sha256, application.file_bytes, application.file_pages = "", 0, 0
        saved(application, by=by, names=["file"], columns=COLUMNS)


# --- Files that come in parts: nothing of the application changes until one is whole, checked and attached ------


def begin(application: Application, *, by: Any, expected_bytes: int) -> PartialUpload:
    """Make room for a file that will come in parts; of one person's, the oldest give way.

    Raises:
        Denied: `by` does not write this application.
        NotNow: the draft is not in the team's hands, or too many files are on their way (code `uploads-full`).
        Invalid: beside the field `file`: empty or too large.
    """
    _check_may_write(application, by)
    files.check_size(expected_bytes)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('partial-uploads'))")
        own = PartialUpload.objects.filter(by=by).order_by("-begun_at", "-pk")
        for old in own[MOST_OF_ONE_PERSON - 1 :]:
            forget(old)
        on_their_way = PartialUpload.objects.aggregate(bytes=Sum("expected_bytes"))["bytes"] or 0
        if on_their_way + expected_bytes > MOST_BYTES_OF_ALL:
            raise NotNow(_("Too many files are on their way just now. Try again in some minutes."), code="uploads-full")
        return PartialUpload.objects.create(
            application=application, by=by, expected_bytes=expected_bytes, begun_at=clock.now()
        )


def receive(upload: PartialUpload, *, by: Any, offset: int, content: bytes) -> int:
    """Keep the next part of a file; return how many bytes of it are there now.

    A part that was kept already, because its answer was lost on the way, is told by its offset.

    Raises:
        Denied, NotNow: as `begin`; or the part does not begin where the file ends (code `wrong-offset`), or the file
            was taken, refused or given up meanwhile (code `gone`).
        Invalid: beside the field `file`: an empty or too large part, or more than was announced.
    """
    _check_may_write(upload.application, by)
    if not 0 < len(content) <= parts.LARGEST_PART:
        raise Invalid(_("A part has between 1 byte and 1 MB."), code="part-size", field="file")
    with transaction.atomic():
        present = PartialUpload.objects.select_for_update().filter(pk=upload.pk).first()
        if present is None:
            raise NotNow(_("The file did not arrive whole. Choose it again."), code="gone")
        upload.received_bytes = present.received_bytes  # what the answer to a refusal says, too
        if offset != upload.received_bytes:
            raise NotNow(_("This part does not begin where the file ends."), code="wrong-offset")
        if offset + len(content) > upload.expected_bytes:
            raise Invalid(_("More arrived than was announced."), code="too-much", field="file")
        parts.write(upload.uid, offset, content)
        PartialUpload.objects.filter(pk=upload.pk).update(received_bytes=F("received_bytes") + len(content))
    return offset + len(content)


def forget(upload: PartialUpload) -> None:
    """Delete what has arrived of a file: it was taken, refused or given up."""
    PartialUpload.objects.filter(pk=upload.pk).delete()
    transaction.on_commit(lambda: parts.drop(upload.uid))


def forget_old() -> int:
    """Delete what began to arrive a day ago and was never taken, and bytes that no row speaks of; return how many."""
    old = PartialUpload.objects.filter(begun_at__lte=clock.now() - FORGOTTEN_AFTER)
    for upload in old:
        forget(upload)
    return len(old) + parts.sweep(keep=PartialUpload.objects.values_list("uid", flat=True))


def _check_may_write(application: Application, by: Any) -> None:
    """Ask what `open_draft` asks, without locking the draft: a part changes nothing of it."""
    WRITERS.check_holds(application, by)
    if not is_in_the_teams_hands(application):
        raise NotNow(_("What was submitted cannot be changed any more."), code="wrong-status")
    if eligibility.is_late(application, clock.now()):
        raise NotNow(LOCKED, code="closed")
