"""What a team does with its application: start, write, ask for samples, attach, declare, submit, withdraw.

The team itself is in `team.py` (its acts are offered here too); what is submitted is written by `documents.py`.
"""

import secrets
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from applications import chain, notices
from applications.apply import documents
from applications.apply.drafting import open_draft, saved
from applications.apply.team import decline, invite, join, remove, resend
from applications.enums import InterviewState, Status
from applications.holdings import release_awards
from applications.models import Application, Call, DraftRequest, SampleRequest, Submission
from applications.rules import eligibility
from applications.rules.requests import complaints_about_request
from applications.workflow import APPLICATION, INTERVIEW
from portal import clock, files
from portal.audit.trail import record
from portal.canonical import sha256_of
from portal.errors import Invalid, NotNow
from samples.models import Sample
from samples.rules.availability import why_not_requestable

__all__ = [
    "attach",
    "declare",
    "decline",
    "detach",
    "drop_request",
    "invite",
    "join",
    "put_request",
    "remove",
    "resend",
    "save",
    "start",
    "submit",
    "withdraw",
]

SAVEABLE = frozenset(
    {"title", "question", "plan", "methods", "public_summary", "names_principal_investigator", "institution"}
)
LONGEST_NUMBER = 9

CLOSED = _("The call is closed. What arrived after the deadline is not taken; your draft stays as it is.")
RETURN_CLOSED = _("The time set for completing this application is over. Nothing was changed.")


def start(call: Call, *, by: Any) -> Application:
    """Begin a draft in an open call; it starts with the institution of the profile.

    Raises:
        NotNow: the call is not open (code `closed`).
    """
    moment = clock.now()
    if not call.is_open(moment):
        raise NotNow(_("This call is not open."), code="closed")
    with transaction.atomic():
        application = _with_new_reference(
            moment.astimezone(call.timezone).year,
            call=call,
            principal_investigator=by,
            institution=by.institution,
            created_at=moment,
        )
        record("application.start", application, by=by)
        return application


def save(application: Application, *, by: Any, version: int, **fields: Any) -> Application:
    """Write some of the draft's texts, whatever is still empty.

    Raises:
        Denied: `by` is not writing this application.
        NotNow: it is not in the team's hands, or somebody saved the same fields since `version` (code `stale`).
        TypeError: one of the fields is not a text of the draft.
    """
    if unknown := set(fields) - SAVEABLE:
        raise TypeError(f"These are no texts of a draft: {sorted(unknown)}")
    with transaction.atomic():
        open_draft(application, by=by, version=version, names=fields, typed=fields)
        changed = [name for name, value in fields.items() if getattr(application, name) != value]
        for name in changed:
            setattr(application, name, fields[name])
        saved(application, by=by, names=changed, columns=changed)
    return application


def put_request(
    application: Application,
    *,
    by: Any,
    sample: Sample,
    whole: bool,
    asked_mg: Decimal | None = None,
    least_mg: Decimal | None = None,
    technique: str = "",
    effect: str = "",
    justification: str = "",
    version: int | None = None,
) -> DraftRequest:
    """Ask for an offered sample, or change what is asked of it. Masses in mg may still be missing, never too much.

    Raises:
        Denied, NotNow: as `save`.
        Invalid: the call does not offer the sample, or not as much.
    """
    line = {"whole": whole, "asked_mg": asked_mg, "least_mg": least_mg, "technique": technique}
    line |= {"effect": effect, "justification": justification} if effect else {"justification": justification}
    name = f"request:{sample.catalogue_number}"
    with transaction.atomic():
        open_draft(application, by=by, version=version, names=[name])
        _check_can_ask(application, DraftRequest(application=application, sample=sample, **line))
        request, made = DraftRequest.objects.get_or_create(application=application, sample=sample, defaults=line)
        changed = made or any(getattr(request, key) != value for key, value in line.items())
        for key, value in line.items():
            setattr(request, key, value)
        request.save()
        saved(application, by=by, names=[name] if changed else [])
        return request


def drop_request(application: Application, *, by: Any, sample: Sample) -> None:
    """Ask no longer for a sample; without a request for it nothing happens.

    Raises:
        Denied, NotNow: as `save`.
    """
    with transaction.atomic():
        open_draft(application, by=by)
        deleted, _rows = DraftRequest.objects.filter(application=application, sample=sample).delete()
        if deleted:
            saved(application, by=by, names=[f"request:{sample.catalogue_number}"])


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


def declare(application: Application, *, by: Any, codes: Iterable[str]) -> None:
    """Say which declarations of the call are made; only the principal investigator makes them.

    Raises:
        Denied: `by` is not the principal investigator.
        NotNow: as `save`.
    """
    with transaction.atomic():
        open_draft(application, by=by, principal=True)
        made = set(codes)
        application.declared = [one.code for one in application.call.declarations.all() if one.code in made]
        saved(application, by=by, names=["declared"], columns=["declared"])


def submit(application: Application, *, by: Any, version: int | None = None) -> Submission:
    """Submit what the draft says now as one immutable document; `version` is the draft that was read before.

    Whether it is in time is decided by the database, inside the UPDATE, on the arrival of the request.

    Raises:
        Denied: `by` is not the principal investigator.
        NotNow: submitted already, changed since it was read (code `stale`), or too late (code `closed`).
        Invalid: incomplete, with every gap by field.
    """
    with transaction.atomic():
        moment = clock.now()
        application.refresh_from_db(from_queryset=Application.objects.select_for_update(of=("self",)))
        APPLICATION.check_can_advance(application, "submit", by)
        in_time = Application.objects.filter(eligibility.in_time(moment), pk=application.pk)
        if not in_time.update(version=F("version") + 1):
            raise NotNow(RETURN_CLOSED if application.resubmit_until else CLOSED, code="closed")
        if version is not None and version != application.version:
            raise NotNow(_("The application was changed since you read it. Please read it again."), code="stale")
        eligibility.check_is_complete(application)
        submission = _sealed(application, by=by, moment=moment)
        facts = {"submission": submission.number, "sha256": submission.sha256}
        changes = {"submission": submission, "resubmit_until": None}
        event = APPLICATION.advance(application, "submit", by=by, changes=changes, facts=facts)
        for kind in ("application-to-screen", "advice-wanted"):
            notices.tell(kind, application, event)
        return submission


def withdraw(application: Application, *, by: Any, reason: str = "") -> None:
    """End an application for good: what its awards keep is given back, its interview is cancelled.

    Raises:
        Denied: `by` is not the principal investigator.
        NotNow: it has ended already.
    """
    with transaction.atomic():
        if application.status == Status.PUBLISHED:
            chain.lock()  # before the application, as a release does
        event = APPLICATION.advance(application, "withdraw", by=by, reason=reason)
        if event.facts["from"] == Status.PUBLISHED:
            chain.give_back(application)
        coming = application.interviews.filter(status__in=[InterviewState.PROPOSED, InterviewState.CONFIRMED])
        for interview in coming:
            INTERVIEW.advance(interview, "withdraw", by=by)
        release_awards(application, by=by)


def _with_new_reference(year: int, **fields: Any) -> Application:
    """Make an application under random digits that nobody has; more digits where the short ones are taken."""
    for attempt in range(20):
        digits = min(5 + attempt // 4, LONGEST_NUMBER)
        reference = f"LSA-{year}-{secrets.randbelow(10**digits):0{digits}d}"
        try:
            with transaction.atomic():
                return Application.objects.create(reference=reference, **fields)
        except IntegrityError:
            if not Application.objects.filter(reference=reference).exists():
                raise
    raise NotNow(_("No number could be given. Please try again."), code="no-reference")


def _check_can_ask(application: Application, line: DraftRequest) -> None:
    """Refuse what could never be submitted; a mass not typed yet is refused only then.

    Raises:
        Invalid: beside `asked_mg`, `least_mg` or `whole`.
    """
    offer = application.call.offers.filter(sample=line.sample).select_related("sample").first()
    if offer and line.sample.is_divisible and not line.whole:
        typed = [mass for mass in (line.asked_mg, line.least_mg) if mass is not None]
        if not typed and why_not_requestable(line.sample) is None:
            return
        line.asked_mg = typed[0] if typed else None
        line.least_mg = typed[-1] if typed else None
    for complaint in complaints_about_request(line, offer):
        least_is_more = line.asked_mg is not None and line.least_mg is not None and line.least_mg > line.asked_mg
        field = "least_mg" if least_is_more else "asked_mg" if line.sample.is_divisible else "whole"
        raise Invalid(complaint, code="request-refused", field=field)


def _sealed(application: Application, *, by: Any, moment: Any) -> Submission:
    """Write the submission and its sample requests; nobody changes them any more."""
    number = (application.submissions.aggregate(last=Max("number"))["last"] or 0) + 1
    requests = documents.lines(application)
    document = documents.snapshot(application, requests, number=number, received_at=moment)
    submission = Submission.objects.create(
        application=application,
        number=number,
        document=document,
        sha256=sha256_of(document),
        title=application.title,
        by=by,
        received_at=moment,
    )
    for request in requests:
        request.submission = submission
    SampleRequest.objects.bulk_create(requests)
    return submission
