"""What a team does with its application as a whole: start, write its texts, approve, submit.

Copies of earlier applications, and the way back to what was submitted: `copying.py`. The other rooms of the draft:
`requests`, `team`, `attachments`, `declarations`; after submission: `following`.
"""

import secrets
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from applications import documents, notices
from applications.differences import changed_parts
from applications.drafting import open_draft, saved
from applications.enums import Occasion, Side, Status
from applications.models import (
    Application,
    AuthorisationRecord,
    Call,
    Party,
    SampleRequest,
    SampleRequestGroup,
    Submission,
)
from applications.rules import eligibility
from applications.rules.practice import is_practice
from applications.since import locked
from applications.suspending import recheck_for_team
from applications.workflow import APPLICATION
from portal import clock
from portal.audit.trail import record
from portal.canonical import sha256_of
from portal.errors import NotNow

SAVEABLE = frozenset(
    {
        "career_stage",
        "confirms_eligibility",
        "custody",
        "institution",
        "is_first_time",
        "laboratory",
        "language",
        "methods",
        "plan",
        "public_summary",
        "public_title",
        "question",
        "title",
        "what_changed",
    }
)
LONGEST_NUMBER = 9

CLOSED = _("The call is closed. What arrived after the deadline is not taken; your draft stays as it is.")
CHANGED = _("The application was changed since you read it. Please read it again.")
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
        application = with_new_reference(
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


def approve(application: Application, *, by: Any, version: int) -> None:
    """Approve the copy without names that reviewers would read, as it stands in `version` of the draft.

    Raises:
        Denied: `by` is not the principal investigator.
        NotNow: as `open_draft`; or the draft was changed since it was read (code `stale`).
    """
    with transaction.atomic():
        open_draft(application, by=by, principal=True)
        if version != application.version:
            raise NotNow(CHANGED, code="stale")
        application.approved_version = version
        application.save(update_fields=["approved_version"])
        record("application.approve", application, by=by, facts={"version": version})


def submit(application: Application, *, by: Any, version: int | None = None) -> Submission | None:
    """Submit what the draft says now as one immutable document; `version` is the draft that was read before.

    Until the deadline a submission may be replaced; the last one is valid. Whether it is in time is decided by the
    database, inside the UPDATE, on the arrival of the request. In a practice call everything is checked the same,
    and nothing is submitted: the draft stays one, and None is returned.

    Raises:
        Denied: `by` is not the principal investigator.
        NotNow: changed since it was read (code `stale`), not changed since it was submitted (code `unchanged`), too
            late (code `closed`), or in nobody's hands any more.
        Invalid: incomplete, with every gap by field; or the copy without names is not approved.
    """
    with transaction.atomic():
        moment = clock.now()
        locked(application)
        APPLICATION.check_can_advance(application, "submit", by)
        in_time = Application.objects.filter(eligibility.in_time(moment), pk=application.pk)
        if not in_time.update(version=F("version") + 1):
            raise NotNow(RETURN_CLOSED if application.resubmit_until else CLOSED, code="closed")
        replaced = application.submission if application.status == Status.SUBMITTED else None
        if replaced and not changed_parts(application):  # before the version: a second tab may have submitted the same
            raise NotNow(_("Nothing was changed since you submitted. What you submitted stands."), code="unchanged")
        if version is not None and version != application.version:
            raise NotNow(CHANGED, code="stale")
        eligibility.check_is_complete(application)
        eligibility.check_is_approved(application)
        if is_practice(application):
            record("application.practise", application, by=by, facts={"version": application.version})
            return None
        return _submitted(application, by=by, moment=moment, is_replacement=replaced is not None)


def _submitted(application: Application, *, by: Any, moment: Any, is_replacement: bool) -> Submission:
    """Seal what is said, let the application advance, and tell everybody."""
    submission = _sealed(application, by=by, moment=moment)
    facts = {"submission": submission.number, "sha256": submission.sha256}
    changes = {"submission": submission, "resubmit_until": None}
    event = APPLICATION.advance(application, "submit", by=by, changes=changes, facts=facts)
    recheck_for_team(application)  # from now on it competes for what it asks for
    if not is_replacement:  # who screens and advises was told already, and always reads the latest
        for kind in ("application-to-screen", "advice-wanted"):
            notices.tell(kind, application, event)
    return submission


def with_new_reference(year: int, **fields: Any) -> Application:
    """Make an application under random digits that nobody has; more digits where the short ones are taken.

    Raises:
        NotNow: no number could be found.
    """
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


def _sealed(application: Application, *, by: Any, moment: Any) -> Submission:
    """Write the submission and its sample requests; nobody changes them any more."""
    number = (application.submissions.aggregate(last=Max("number"))["last"] or 0) + 1
    requests, stated = documents.lines(application), documents.authorisations(application)
    document = documents.snapshot(application, requests, number=number, received_at=moment, stated=stated)
    submission = Submission.objects.create(
        application=application,
        number=number,
        document=document,
        sha256=sha256_of(document),
        title=application.title,
        draft_version=application.version + 1,  # the UPDATE above has counted
        by=by,
        received_at=moment,
    )
    parties = documents.parties(application)
    for party in parties:
        party.submission = submission
    Party.objects.bulk_create(parties)
    groups = {request.group.uid: request.group for request in requests if request.group}
    for group in groups.values():
        group.submission = submission
    SampleRequestGroup.objects.bulk_create(groups.values())
    for request in requests:
        request.submission, request.group = submission, request.group
    SampleRequest.objects.bulk_create(requests)
    AuthorisationRecord.objects.bulk_create(
        AuthorisationRecord(
            application=application, side=Side.APPLICANT, occasion=Occasion.SUBMISSION, by=by, at=moment, **one
        )
        for one in stated
    )
    return submission
