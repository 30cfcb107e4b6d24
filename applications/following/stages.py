"""The stages of an application: Received, Checked, In review, Interview, Decision, Agreement; past ones in the past.

Read from the public status, the screening and the released document alone, as all of `status.py`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.enums import PUBLIC_OUTCOMES, PublicStatus, ScreeningOutcome
from applications.models import Application, Screening
from applications.rules.afterwards import Plan, today_of
from portal.audit.trail import trail
from portal.templatetags.instruments import day, when

DONE, NOW, AHEAD = "done", "now", ""
AGREEMENT = _("You and your institution sign it within ten working days of receiving the text.")


def stages(
    application: Application, planned: Mapping[str, Plan], document: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """Return the stages, each with its time and a sentence; `document` is the released decision."""
    submission, zone, status = application.submission, application.call.zone, application.public_status
    assert submission is not None
    screening: Screening | None = getattr(submission, "screening", None)
    received = _step(_("Received"), DONE, when(submission.received_at, zone), _("It is kept unchanged."))
    if status == PublicStatus.INELIGIBLE and screening:
        return [received, _step(_("Checked"), NOW, day(screening.at, zone), _("Not eligible."))]
    passed = screening if screening and screening.outcome == ScreeningOutcome.PASS else None
    check = _step(_("Checked"), DONE, day(passed.at, zone), _("Complete and eligible.")) if passed else None
    if status == PublicStatus.WITHDRAWN:
        withdrawn = _step(_("Withdrawn"), NOW, when(withdrawn_at(application), zone))
        return [received, *([check] if check else []), withdrawn]
    open_check = _step(_("Checked"), NOW, "", _("The programme office reads it, the curator advises on the samples."))
    rest = _after(document, zone) if document else _before(status, planned, today_of(application.call))
    return [received, check or open_check, *rest]


def _before(status: str, planned: Mapping[str, Plan], today: date) -> list[dict[str, Any]]:
    """What lies ahead, the same whatever is being decided."""
    panel = NOW if status == PublicStatus.IN_REVIEW else AHEAD
    return [
        _step(_("In review"), panel, "", _("Reviews stay closed until the decision is released.")),
        _step(_("Interview"), AHEAD, _planned(planned["interviews"], today), _("For those the panel invites.")),
        _step(
            _("Decision"),
            AHEAD,
            _planned(planned["results"], today),
            _("All applicants of the call are told at the same moment."),
        ),
        _step(_("Agreement"), AHEAD, "", AGREEMENT),
    ]


def after_release(application: Application, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the decision and what comes after it, for the page of the decision."""
    return _after(document, application.call.zone)[2:]


def _after(document: Mapping[str, Any], zone: str) -> list[dict[str, Any]]:
    """What has happened, in the past tense, and the agreement for those who are selected."""
    selected = document["outcome"] in PUBLIC_OUTCOMES
    steps = [
        _step(_("In review"), DONE, "", _("The panel has read it; what the reviewers wrote for you is open now.")),
        _step(_("Interview"), DONE, "", _("The panel spoke with those it had invited.")),
        _step(
            _("Decision"),
            DONE if selected else NOW,
            day(datetime.fromisoformat(document["published_at"]), zone),
            _("All applicants of the call were told at the same moment."),
        ),
    ]
    return [*steps, _step(_("Agreement"), NOW, "", AGREEMENT)] if selected else steps


def _step(title: Any, is_: str, moment: Any = "", text: Any = "") -> dict[str, Any]:
    return {"title": title, "is": is_, "when": moment, "text": text}


def _planned(plan: Plan, today: date) -> str:
    """Say what is planned; of a day that has passed only that it was, whether or not it was kept."""
    if not plan.now:
        return ""
    is_past = plan.now < today
    if plan.was_moved:
        now, past = (
            gettext("planned for {day}, originally for {first}"),
            gettext("was planned for {day}, originally for {first}"),
        )
        return format_html(past if is_past else now, day=day(plan.now), first=day(plan.first))
    return format_html(gettext("was planned for {day}") if is_past else gettext("planned for {day}"), day=day(plan.now))


def withdrawn_at(application: Application) -> datetime | None:
    """Return when the principal investigator withdrew an application."""
    event = trail(application).filter(verb="application.withdraw").first()
    return event.at if event else None
