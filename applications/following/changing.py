"""A team reports a change after submitting, and its principal investigator declares anew where one was accepted.

Neither edits the snapshot. What follows from a change is done where a person settles it: `applications/exchanges/`.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import notices
from applications.enums import ChangeKind, ChangeState
from applications.models import Application, ChangeReport, Redeclaration
from applications.rules.afterwards import (
    MOST_OPEN_CHANGES,
    check_can_report,
    checked_needs,
    is_to_be_declared_again,
)
from applications.since import locked
from applications.workflow import PRINCIPAL_INVESTIGATOR, WRITERS
from portal import clock
from portal.audit.trail import record
from portal.errors import Invalid, NotNow
from portal.units import api_mass


def report(
    application: Application, *, by: Any, kind: str, text: str, facts: Mapping[str, Any] | None = None
) -> ChangeReport:
    """Report a change to the programme office. `facts` say it in data, by kind, as `following/forms.py` writes them.

    Raises:
        Denied: `by` does not write this application.
        NotNow: the draft is in the team's hands, it has ended, or many reports are open.
        Invalid: no words; or, for a smaller need, a mass (mg) that does not fit the request.
    """
    with transaction.atomic():
        WRITERS.check_holds(locked(application), by)
        check_can_report(application, kind)
        if not text.strip():
            raise Invalid(_("Say what changes, and since when."), code="text-missing", field="text")
        if application.changes.filter(state=ChangeState.OPEN).count() >= MOST_OPEN_CHANGES:
            raise NotNow(_("Many changes wait for the office already. Wait for its answer."), code="too-many-changes")
        change = ChangeReport.objects.create(
            application=application,
            kind=kind,
            text=text.strip(),
            facts=_facts(application, kind, facts or {}),
            by=by,
            at=clock.now(),
        )
        event = record("changereport.report", change, by=by, facts={"kind": change.kind})
        notices.tell("change-reported", change, event)
        return change


def _facts(application: Application, kind: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a change as it is kept; masses only as the request allows."""
    if kind != ChangeKind.SMALLER_NEED:
        return dict(facts)
    assert application.submission is not None
    requests = list(application.submission.requests.select_related("sample"))
    needs = checked_needs(requests, facts.get("needs", {}))
    return {"needs": {uid: api_mass(mass) for uid, mass in needs.items()}}


def declare_again(change: ChangeReport, *, by: Any, answers: Mapping[str, str]) -> Redeclaration:
    """Make the call's declarations anew after an accepted change; `answers` maps their codes to the words asked for.

    Raises:
        Denied: `by` is not the principal investigator.
        NotNow: the change asks for none, it was done already, or the application has ended.
        Invalid: a declaration that must be made is missing, or its words are.
    """
    with transaction.atomic():
        application = locked(change.application)
        PRINCIPAL_INVESTIGATOR.check_holds(application, by)
        if Redeclaration.objects.filter(change=change).exists():
            raise NotNow(_("The declarations were made anew already."), code="declared")
        if not is_to_be_declared_again(change):
            raise NotNow(_("No declaration is asked for."), code="not-asked")
        wanted = list(application.call.declarations.all())
        if any(one.is_required and one.code not in answers for one in wanted):
            raise Invalid(_("Make every declaration of the call."), code="declarations-missing", field="codes")
        gaps: dict[str | None, list[Any]] = {
            f"details_{one.code}": [_("Fill in the words that this declaration asks for.")]
            for one in wanted
            if one.asks_details and one.code in answers and not answers[one.code].strip()
        }
        if gaps:
            raise Invalid(errors=gaps, code="details-missing")
        declared = {
            one.code: {"version": one.version, "details": answers[one.code].strip() if one.asks_details else ""}
            for one in wanted
            if one.code in answers
        }
        row = Redeclaration.objects.create(
            change=change, application=application, declared=declared, by=by, at=clock.now()
        )
        facts = {"change": str(change.uid), "codes": sorted(declared)}
        record("application.declare-again", application, by=by, facts=facts)
        return row
