"""Which files somebody may have, and which are on their way."""

from typing import Any
from uuid import UUID

from applications.authorisations import evidence_for
from applications.models import Application, PartialUpload


def files_for(parts: frozenset[str], application: Application) -> set[str]:
    """Return the hashes of the files that somebody who reads these parts of an application may have."""
    found: set[str | None] = set(evidence_for(parts, application))
    if "draft" in parts and application.file_sha256:
        found.add(application.file_sha256)
    if "submission" in parts and application.submission:
        found.add((application.submission.document.get("file") or {}).get("sha256"))
    if "receipt" in parts:  # earlier submissions, too
        found.update(application.submissions.values_list("document__file__sha256", flat=True))
    if "clarifications" in parts:
        found.update(application.clarifications.values_list("file_sha256", flat=True))
    elif "panel-clarifications" in parts:
        found.update(application.clarifications.filter(for_panel=True).values_list("file_sha256", flat=True))
    return {one for one in found if one}


def on_its_way(application: Application, user: Any, name: UUID | str) -> PartialUpload | None:
    """Return a file that this person is sending to this application in parts; anybody else's is absent."""
    try:
        uid = name if isinstance(name, UUID) else UUID(name)
    except ValueError:
        return None
    found = PartialUpload.objects.filter(application=application, by=user, uid=uid).first()
    if found is not None:
        found.application = application
    return found
