"""Where a submitted application stands, as its applicant reads it: from the public status and the submission alone.

Nothing here may differ by outcome before the release: no review, shortlisting or decision is read in this file.
Lateness is told of the call's announced days and today, never of what the panel does. The stages: `stages.py`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.access import released_documents
from applications.drafting import is_in_the_teams_hands
from applications.enums import ChangeKind, InterviewState, Outcome, PublicationKind, PublicStatus
from applications.following.queries import HEADLINES
from applications.following.stages import stages, withdrawn_at
from applications.models import Application, Call, ChangeReport, Clarification, Interview
from applications.pages import is_principal, is_writer
from applications.rules.afterwards import STANDING, Plan, check_can_report, is_to_be_declared_again, plans, today_of
from applications.waits import past_calls
from portal import clock
from portal.drawing import Mark
from portal.errors import refusal_of

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
NEVER_SENT = _("This draft was withdrawn before it was submitted. Nobody reads it any more.")
OVER = (P.INELIGIBLE, P.DECIDED, P.WITHDRAWN)
PLANNED = {"interviews": _("interviews, planned"), "results": _("results, planned")}
AT_FIRST = {"interviews": _("interviews, planned first"), "results": _("results, planned first")}


@dataclass(frozen=True)
class Late:
    """By how many days a planned day has passed, what it was for, and the day planned now if there is one."""

    step: str
    days: int
    now: date | None


@dataclass(frozen=True)
class Next:
    """Who acts next, what they do, and by when: a moment in the call's zone, or a planned day."""

    who: Any
    what: Any
    until: datetime | None = None
    on: date | None = None
    is_yours: bool = False


@dataclass(frozen=True)
class Exchanges:
    """What passes between team and office beside the submission."""

    questions: list[Clarification]
    changes: list[ChangeReport]
    asks_standing: bool
    stands_since: datetime | None

    @property
    def open_questions(self) -> list[Clarification]:
        """The questions that can still be answered and are not."""
        return [one for one in self.questions if one.answered_at is None and one.due_at > clock.now()]

    @property
    def to_declare_again(self) -> list[ChangeReport]:
        """The accepted changes after which the declarations were not made anew yet."""
        return [one for one in self.changes if is_to_be_declared_again(one)]


def _ended(application: Application, user: Any) -> dict[str, Any]:
    """Return when a draft was withdrawn, and whether this person may begin anew with its words."""
    return {"at": withdrawn_at(application), "may_copy": is_principal(user, application)}


def status_page(application: Application, user: Any) -> dict[str, Any]:
    """Return heading, plan, stages, days and exchanges of a submitted application."""
    submission, call, status = application.submission, application.call, application.public_status
    if submission is None:  # a draft that was withdrawn: nothing was ever sent
        word = WORDS[P.WITHDRAWN][0]
        return {"submission": None, "word": word, "sentence": NEVER_SENT, "ended": _ended(application, user)}
    notes = list(call.schedule_notes.all())
    planned, is_over = plans(call, notes), status in OVER
    told = released_documents(application)
    document = told.get(PublicationKind.RESULTS)
    exchanges = exchanges_of(application)
    interview = interview_of(application) if status == P.IN_REVIEW else None
    today = clock.days(call.closes_at, clock.now(), call.zone) if call.closes_at else 0
    word, sentence = WORDS[status]
    return {
        "submission": submission,
        "requests": list(submission.requests.select_related("sample__mission")),
        "screening": getattr(submission, "screening", None),
        "word": word,
        "sentence": sentence,
        "day": today if today > 0 and not is_over else None,
        "late": None if is_over else late_by(call, planned),
        "is_on_plan": any(plan.now for plan in planned.values()) and not any(p.was_moved for p in planned.values()),
        "next": None if is_over else next_act(application, exchanges, interview, planned),
        "note": notes[0] if notes and not is_over else None,
        "notes": notes[1:] if not is_over else [],
        "marks": [] if is_over else _marks(call, planned),
        "past": [] if is_over else past_calls(),
        "steps": stages(application, planned, document),
        "exchanges": exchanges,
        "headline": HEADLINES[Outcome(document["outcome"])] if document else None,
        "shortlist": told.get(PublicationKind.SHORTLIST),
        "interview": interview,
        "has_changed": application.version > submission.draft_version,
        "may_write": is_writer(user, application),
        "may_change": refusal_of(check_can_report, application, ChangeKind.FUNDING) is None,
    }


def exchanges_of(application: Application) -> Exchanges:
    """Return the questions, changes and the standing of an application; its team reads them all."""
    standing = getattr(application.submission, "standing", None)
    is_asked = application.status in STANDING and application.call.standing_asked_at is not None
    return Exchanges(
        list(application.clarifications.all()),
        list(application.changes.select_related("redeclaration").order_by("-at", "-pk")),
        is_asked and standing is None,
        standing.at if standing and is_asked else None,
    )


def interview_of(application: Application) -> Interview | None:
    """Return the interview its team was told of."""
    return application.interviews.exclude(status=InterviewState.CANCELLED).first()


def late_by(call: Call, planned: dict[str, Plan]) -> Late | None:
    """Return by how much the call is past what was announced: its results; before them its interviews, if moved.

    Whether interviews were held is nothing an applicant may conclude, so only a day that was moved makes them late.
    """
    today, results, interviews = today_of(call), planned["results"], planned["interviews"]
    if days := results.days_past(today):
        return Late("results", days, results.now if results.now and results.now >= today else None)
    if interviews.was_moved and interviews.now and interviews.now >= today and (days := interviews.days_past(today)):
        return Late("interviews", days, interviews.now)
    return None


def next_act(
    application: Application, exchanges: Exchanges, interview: Interview | None, planned: dict[str, Plan]
) -> Next:
    """Return who acts next: the team where anything is asked of it, else the office or the panel."""
    call = application.call
    if exchanges.open_questions:
        until = min(one.due_at for one in exchanges.open_questions)
        return Next(_("You"), _("answer the question below"), until, is_yours=True)
    if exchanges.to_declare_again:
        return Next(_("You"), _("make the declarations anew"), is_yours=True)
    if exchanges.asks_standing and call.standing_due_at and call.standing_due_at > clock.now():
        return Next(_("You"), _("say whether the request still stands"), call.standing_due_at, is_yours=True)
    if interview and interview.status == InterviewState.PROPOSED:
        return Next(_("You"), _("confirm the interview"), interview.slot.lower, is_yours=True)
    if application.public_status == P.RECEIVED:
        if is_in_the_teams_hands(application):
            return Next(_("You, if you like"), _("replace what you sent"), call.closes_at)
        return Next(_("The programme office"), _("checks the application, with the curator"))
    today = today_of(call)
    ahead = next((plan for plan in planned.values() if plan.now and plan.now >= today), None)
    if ahead and ahead.code == "interviews":
        return Next(_("The panel"), _("reads, and invites to interviews"), on=ahead.now)
    return Next(
        _("The panel"), _("decides; the programme office releases the results"), on=ahead.now if ahead else None
    )


def _marks(call: Call, planned: dict[str, Plan]) -> list[Mark]:
    """The planned days of the call, counted from its deadline; those announced first, too, where they were moved."""
    if call.closes_at is None:
        return []
    deadline = call.closes_at.astimezone(call.timezone).date()
    days = [(plan.now, PLANNED[code]) for code, plan in planned.items()]
    days += [(plan.first, AT_FIRST[code]) for code, plan in planned.items() if plan.was_moved]
    marks = [Mark((on - deadline).days, on, str(words)) for on, words in days if on and on > deadline]
    return [Mark(0, deadline, str(_("deadline"))), *marks] if marks else []
