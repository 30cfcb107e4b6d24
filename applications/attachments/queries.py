"""Which files somebody may have."""

from applications.models import Application


def files_for(parts: frozenset[str], application: Application) -> set[str]:
    """Return the hashes of the files that somebody who reads these parts of an application may have."""
    found: set[str | None] = set()
    if "draft" in parts and application.file_sha256:
        found.add(application.file_sha256)
    if "submission" in parts and application.submission:
        found.add((application.submission.document.get("file") or {}).get("sha256"))
    if "receipt" in parts:  # earlier submissions, too
        found.update(application.submissions.values_list("document__file__sha256", flat=True))
    return {one for one in found if one}
