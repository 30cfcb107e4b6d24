"""What the PDF of an application may be, beyond what every PDF must be (`portal/files.py`)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.models import Call
from portal.errors import Invalid


def complaint_about_pages(call: Call, pages: int) -> Any:
    """Return why a PDF of so many pages cannot be submitted to a call; None where it can. Source: portal policy."""
    if pages <= call.file_page_limit:
        return None
    words = _("The PDF has %(pages)s pages; this call takes at most %(limit)s for figures and references.")
    return words % {"pages": pages, "limit": call.file_page_limit}


def check_page_limit(call: Call, pages: int) -> None:
    """Refuse a PDF that is longer than the call takes.

    Raises:
        Invalid: beside the field `file` (code `too-many-pages`).
    """
    if complaint := complaint_about_pages(call, pages):
        raise Invalid(complaint, code="too-many-pages", field="file")
