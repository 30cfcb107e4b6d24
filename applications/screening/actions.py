"""Screening acts of administrators, and the curator's advice. What their pages show is in `queries.py`."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.access import ADMINISTRATOR, CURATOR, relations
from applications.enums import Feasibility, ScreeningOutcome, ScreeningReason, Status
from applications.models import Advice, Application, NameScan, ReviewTally, SampleRequest, Screening
from applications.workflow import APPLICATION
from portal import clock
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow
from portal.units import format_mass


def pass_on(application: Application, *, by: Any, seen: int | None = None) -> Screening:
    """Let an application go to the panel. `seen` is the number of the submission that was read.

    Raises:
        Denied: `by` is no administrator, or has a conflict.
        NotNow: not submitted, replaced by a newer submission, or advice is missing.
    """
    with transaction.atomic():
        _check_is_what_was_seen(application, seen)
        APPLICATION.advance(application, "pass", by=by, facts={"submission": _number(application)})
        ReviewTally.objects.get_or_create(application=application, defaults={"call_id": application.call_id})
        return _screened(application, ScreeningOutcome.PASS, by=by)


def return_(
    application: Application, *, by: Any, reason_code: str, reason: str, due_at: datetime, seen: int | None = None
) -> Screening:
    """Give an application back for completion until `due_at`, which may lie after the deadline of the call.

    Raises:
        Denied: `by` is no administrator, or has a conflict.
        NotNow: not submitted, or replaced by a newer submission.
        Invalid: no reason, or a due time that has passed.
    """
    with transaction.atomic():
        _check_is_what_was_seen(application, seen)
        _check_has_reason(reason_code, reason)
        if due_at <= clock.now():
            raise Invalid(_("Choose a time that lies ahead."), code="due-in-the-past", field="due_at")
        facts = {"submission": _number(application), "reason_code": reason_code}
        APPLICATION.advance(
            application, "return", by=by, reason=reason, facts=facts, changes={"resubmit_until": due_at}
        )
        return _screened(application, ScreeningOutcome.RETURN, by=by, code=reason_code, reason=reason, due_at=due_at)


def reject(application: Application, *, by: Any, reason_code: str, reason: str, seen: int | None = None) -> Screening:
    """Close an application as not eligible; the applicant is told the reason.

    Raises:
        Denied: `by` is no administrator, or has a conflict.
        NotNow: not submitted, or replaced by a newer submission.
        Invalid: no reason.
    """
    with transaction.atomic():
        _check_is_what_was_seen(application, seen)
        _check_has_reason(reason_code, reason)
        facts = {"submission": _number(application), "reason_code": reason_code}
        APPLICATION.advance(application, "reject", by=by, reason=reason, facts=facts)
        return _screened(application, ScreeningOutcome.REJECT, by=by, code=reason_code, reason=reason)


def advise(
    request: SampleRequest, *, by: Any, feasibility: str, feasible_mg: Decimal | None = None, note: str = ""
) -> Advice:
    """Say whether a sample request can be met; until the application has passed, advice can be given anew.

    `feasible_mg` is the mass in mg that could be given of a powder asked for, where that is less than asked.

    Raises:
        Denied: `by` is no curator, or has a conflict.
        NotNow: the application is not being screened, or a newer submission has replaced the request.
        Invalid: the mass does not fit the request, or a note is missing.
    """
    with transaction.atomic():
        application = _locked_for_advice(request, CURATOR, by)
        _check_fits_request(request, feasibility, feasible_mg, note)
        kept, old = _former(request)
        advice, _made = Advice.objects.update_or_create(
            request=request,
            defaults={
                "feasibility": feasibility,
                "feasible_mg": feasible_mg,
                "note": note.strip(),
                "waived": False,
                "by": by,
                "at": clock.now(),
            },
        )
        facts = {"request": str(request.uid), "feasibility": feasibility, "again": kept}
        record("application.advise", application, by=by, old=old, facts=facts)
        return advice


def waive(request: SampleRequest, *, by: Any, note: str) -> Advice:
    """Record that a request goes to the panel without the curator's advice, and why.

    Raises:
        Denied: `by` is no administrator, or has a conflict.
        NotNow: the application is not being screened, or the request has advice already.
        Invalid: no reason.
    """
    with transaction.atomic():
        application = _locked_for_advice(request, ADMINISTRATOR, by)
        if not note.strip():
            raise Invalid(_("Say why no advice is needed."), code="reason-missing", field="note")
        if Advice.objects.filter(request=request).exists():
            raise NotNow(_("This request has its advice or its waiver already."), code="advised")
        advice = Advice.objects.create(request=request, waived=True, note=note.strip(), by=by, at=clock.now())
        facts = {"request": str(request.uid)}
        record("application.waive_advice", application, by=by, reason=note.strip(), facts=facts)
        return advice


def clear_names(application: Application, *, by: Any, reason: str, seen: int | None = None) -> NameScan:
    """Say that the possible names found in a submission name nobody, so that it can be passed on without names.

    Raises:
        Denied: `by` is no administrator, or has a conflict.
        NotNow: not being screened, replaced by a newer submission, or nothing to clear.
        Invalid: no reason.
    """
    with transaction.atomic():
        _check_is_what_was_seen(application, seen)
        if ADMINISTRATOR not in relations(by, application):
            raise Denied(_("Only administrators screen, and never with a conflict."))
        if application.status != Status.SUBMITTED:
            raise NotNow(_("This application is not being screened now."), code="wrong-status")
        if not reason.strip():
            raise Invalid(_("Say why nobody is named."), code="reason-missing", field="reason")
        scan = NameScan.objects.select_for_update().filter(submission=application.submission_id).first()
        if scan is None or not scan.found or scan.cleared_at is not None:
            raise NotNow(_("Nothing waits to be released."), code="nothing-to-clear")
        scan.cleared_by, scan.cleared_at, scan.cleared_because = by, clock.now(), reason.strip()
        scan.save(update_fields=["cleared_by", "cleared_at", "cleared_because"])
        facts = {"submission": _number(application), "found": len(scan.found)}
        record("application.clear_names", application, by=by, reason=reason.strip(), facts=facts)
        return scan


# --- What they share ----------------------------------------------------------------------------------


def _number(application: Application) -> int:
    return application.submission.number if application.submission else 0


def _check_is_what_was_seen(application: Application, seen: int | None) -> None:
    """Lock the application; refuse to judge a submission that was replaced since it was read."""
    application.refresh_from_db(from_queryset=Application.objects.select_for_update(of=("self",)))
    if seen is not None and _number(application) != seen:
        raise NotNow(_("A newer submission has replaced the one you read."), code="stale")


def _check_has_reason(reason_code: str, reason: str) -> None:
    if reason_code not in ScreeningReason.values:
        raise Invalid(_("Choose a reason."), code="reason-missing", field="reason_code")
    if not reason.strip():
        raise Invalid(_("Write the reason for the applicant."), code="reason-missing", field="reason")


def _screened(
    application: Application,
    outcome: ScreeningOutcome,
    *,
    by: Any,
    code: str = "",
    reason: str = "",
    due_at: datetime | None = None,
) -> Screening:
    return Screening.objects.create(  # type: ignore[misc]  # what is screened was submitted
        submission=application.submission,
        outcome=outcome,
        reason_code=code,
        reason=reason.strip(),
        due_at=due_at,
        by=by,
        at=clock.now(),
    )


def _locked_for_advice(request: SampleRequest, way: str, by: Any) -> Application:
    """Lock the application of a request and return it, if this person may speak about it now."""
    application = Application.objects.select_for_update(of=("self",)).get(pk=request.submission.application_id)
    if way not in relations(by, application):
        raise Denied(_("Only curators advise, and only administrators waive; never with a conflict."))
    if application.status != Status.SUBMITTED:
        raise NotNow(_("Advice is given while the application is being screened."), code="wrong-status")
    if application.submission_id != request.submission_id:
        raise NotNow(_("A newer submission has replaced this request."), code="replaced")
    return application


def _check_fits_request(request: SampleRequest, feasibility: str, feasible_mg: Decimal | None, note: str) -> None:
    if feasibility not in Feasibility.values:
        raise Invalid(_("Choose an advice."), code="advice-missing", field="feasibility")
    if feasibility != Feasibility.FEASIBLE and not note.strip():
        raise Invalid(_("Say why it is not, or only partly, feasible."), code="note-missing", field="note")
    if feasibility != Feasibility.PARTLY:
        if feasible_mg is not None:
            raise Invalid(_("Only a partly feasible request has a mass."), code="needless-mass", field="feasible_mg")
        return
    if request.asked_mg is None:
        raise Invalid(_("A whole piece is feasible or not, never in part."), code="piece", field="feasibility")
    if feasible_mg is None or not 0 < feasible_mg < request.asked_mg:
        raise Invalid(
            _("Give the mass that could be given: more than nothing, less than the %(asked)s asked.")
            % {"asked": format_mass(request.asked_mg)},
            code="mass-out-of-range",
            field="feasible_mg",
        )


def _former(request: SampleRequest) -> tuple[bool, dict[str, Any]]:
    """Whether there was advice before, and its words, for the trail."""
    former = Advice.objects.filter(request=request).first()
    if former is None:
        return False, {}
    mass = None if former.feasible_mg is None else str(former.feasible_mg)
    return True, {"feasibility": former.feasibility, "feasible_mg": mass, "note": former.note}
