"""Where a submitted application stands, as its applicant reads it: from the public status and the submission alone.

Nothing here may differ by outcome before the release: no review, shortlisting or decision is read in this file.
"""

from datetime import date
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.access import released_document
from applications.enums import InterviewState, PublicationKind, PublicStatus, ScreeningOutcome
from applications.models import Application, Call, Interview, Screening, Submission
from portal import clock
from portal.audit.trail import trail
from portal.drawing import Mark
from portal.templatetags.instruments import day, when

P = PublicStatus
WORDS: dict[str, tuple[Any, Any]] = {
    P.RECEIVED: (
        _("received"),
        _("Nothing for you to do. The programme office checks whether the application is complete and eligible."),
    ),
    P.IN_REVIEW: (
        _("in review"),
        _("Nothing for you to do. The panel reads, interviews and decides; all applicants hear at the same moment."),
    ),
    P.INELIGIBLE: (_("not eligible"), _("The programme office has closed this application. The reason is below.")),
    P.DECIDED: (_("decided"), _("The decision has been released to you.")),
    P.WITHDRAWN: (_("withdrawn"), _("This application was withdrawn. The record stays.")),
}
OVER = (P.INELIGIBLE, P.DECIDED, P.WITHDRAWN)
DONE, NOW, AHEAD = "done", "now", ""


def status_page(application: Application) -> dict[str, Any]:
    """Return heading, stages and days of a submitted application."""
    submission, call = application.submission, application.call
    if submission is None:  # a draft that was withdrawn: nothing was ever sent
        return {"submission": None, "word": WORDS[P.WITHDRAWN][0], "sentence": WORDS[P.WITHDRAWN][1]}
    status = application.public_status
    document = released_document(application, PublicationKind.RESULTS)
    shortlist = released_document(application, PublicationKind.SHORTLIST)
    word, sentence = WORDS[status]
    today = clock.days(call.closes_at, clock.now(), call.zone) if call.closes_at else 0
    return {
        "submission": submission,
        "document": submission.document,
        "requests": list(submission.requests.select_related("sample__mission")),
        "screening": screening_of(submission),
        "word": word,
        "sentence": sentence,
        "day": today if today > 0 and status not in OVER else None,
        "marks": _marks(call) if status not in OVER else [],
        "steps": _steps(application, submission, screening_of(submission)),
        "is_decided": document is not None,
        "shortlist": shortlist,
        "interview": interview_of(application) if status == P.IN_REVIEW else None,
    }


def screening_of(submission: Submission) -> Screening | None:
    """Return what screening found of a submission; its applicant reads it."""
    return getattr(submission, "screening", None)


def interview_of(application: Application) -> Interview | None:
    """Return the interview its team was told of."""
    return application.interviews.exclude(status=InterviewState.CANCELLED).first()


def _marks(call: Call) -> list[Mark]:
    """The planned days of the call, counted from its deadline."""
    if call.closes_at is None:
        return []
    deadline = call.closes_at.astimezone(call.timezone).date()
    planned = [(call.interviews_on, _("interviews, planned")), (call.results_on, _("results, planned"))]
    marks = [Mark((on - deadline).days, on, str(words)) for on, words in planned if on and on > deadline]
    return [Mark(0, deadline, str(_("deadline"))), *marks] if marks else []


def _steps(application: Application, submission: Submission, screening: Screening | None) -> list[dict[str, Any]]:
    call, status = application.call, application.public_status
    passed = screening if screening and screening.outcome == ScreeningOutcome.PASS else None
    received = _step(_("Received"), DONE, when(submission.received_at, call.zone), _("It is kept unchanged."))
    if status == P.INELIGIBLE and screening:
        return [received, _step(_("Checked"), NOW, day(screening.at, call.zone), _("Not eligible."))]
    check = _step(_("Checked"), DONE, day(passed.at, call.zone), _("Complete and eligible.")) if passed else None
    if status == P.WITHDRAWN:
        return [received, *([check] if check else []), _step(_("Withdrawn"), NOW, _withdrawn_on(application))]
    open_check = _step(_("Checked"), NOW, "", _("The programme office reads it, the curator advises on the samples."))
    over = status == P.DECIDED
    panel = DONE if over else NOW if status == P.IN_REVIEW else AHEAD
    return [
        received,
        check or open_check,
        _step(_("In review"), panel, "", _("Reviews stay closed until the decision is released.")),
        _step(_("Interview"), DONE if over else AHEAD, _planned(call.interviews_on), _("For those the panel invites.")),
        _step(
            _("Decision"),
            NOW if over else AHEAD,
            "" if over else _planned(call.results_on),
            _("All applicants of the call are told at the same moment."),
        ),
    ]


def _step(title: Any, is_: str, moment: Any = "", text: Any = "") -> dict[str, Any]:
    return {"title": title, "is": is_, "when": moment, "text": text}


def _planned(on: date | None) -> str:
    return format_html(gettext("planned for {day}"), day=day(on)) if on else ""


def _withdrawn_on(application: Application) -> Any:
    event = trail(application).filter(verb="application.withdraw").first()
    return when(event.at if event else None, application.call.zone)
