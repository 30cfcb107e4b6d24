"""Which columns of this domain refer to kept PDFs, and which hold no file although they could: `portal/orphans.py`."""

from portal import orphans

REFERS = (
    "applications.Application.file_sha256",
    "applications.AuthorisationRecord.evidence_sha256",
    "applications.ChangeReport.facts",
    "applications.Clarification.file_sha256",
    "applications.DraftAuthorisation.evidence_sha256",
    "applications.OfflinePack.file_sha256",
    "applications.Submission.document",
)
# Words, numbers, ids, and hashes of documents.
NO_FILE = (
    "applications.ApplicantDocument.document",
    "applications.Application.declared",
    "applications.AssignmentRound.found",
    "applications.Call.text_limits",
    "applications.Criterion.words",
    "applications.Criterion.words_zh",
    "applications.DraftRequest.runs",
    "applications.NameScan.found",
    "applications.OfflineUpload.faults",
    "applications.OfflineUpload.rows",
    "applications.Proposal.because",
    "applications.PublicEntry.document",
    "applications.PublicEntry.entry_hash",
    "applications.PublicEntry.previous_hash",
    "applications.Publication.manifest",
    "applications.Publication.manifest_sha256",
    "applications.Publication.seed",
    "applications.Publication.unselected_root",
    "applications.Redeclaration.declared",
    "applications.ReviewVersion.document",
    "applications.SampleRequest.runs",
    "applications.Signature.manifest_sha256",
    "applications.Submission.sha256",
    "applications.Work.authors",
)


def register_files() -> None:
    """Tell the sweep."""
    orphans.refers(*REFERS)
    orphans.holds_no_file(*NO_FILE)
