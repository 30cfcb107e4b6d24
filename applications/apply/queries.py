"""What the pages of the applicant's way show. What is read and what not is decided in `applications/access.py`.

After submission every page reads the submission and the released documents, and knows of the process only
`application.public_status`.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications import pages
from applications.access import my_applications, visible_calls
from applications.enums import InterviewState, PublicStatus, Status
from applications.models import Application, Call, DraftRequest, Interview, Place, TeamMember
from applications.rules import eligibility
from applications.sections import BY_CODE, SECTIONS, Section
from portal import clock
from portal.paging import Page, page

PAGE = 30
TONES = {
    PublicStatus.RETURNED: "warn",
    PublicStatus.INELIGIBLE: "bad",
    PublicStatus.DECIDED: "ok",
    PublicStatus.WITHDRAWN: "plain",
}
MOST_TASKS = 20
TEXTS = (
    (BY_CODE["science"], ("title", "question", "plan")),
    (BY_CODE["methods"], ("methods",)),
    (BY_CODE["laboratory"], ("laboratory", "custody")),
    (BY_CODE["summary"], ("public_title", "public_summary")),
)


@dataclass(frozen=True)
class Task:
    """A line of the task list, as `{% tasks %}` shows it."""

    title: Any
    url: str | None
    word: Any
    tone: str = ""
    hint: Any = ""


@dataclass(frozen=True)
class Todo:
    """Something waiting for the person on /my/."""

    words: Any
    url: str
    until: Any = None
    zone: str = "UTC"


# --- One application ----------------------------------------------------------------------------------


def _fetch_draft(application: Application) -> None:
    """Fetch at once what a page of the draft shows more than once: requests, declarations and team."""
    lines = DraftRequest.objects.select_related("sample__mission")
    team = TeamMember.objects.select_related("institution")
    parts: list[Any] = [
        Prefetch("draft_requests", lines),
        Prefetch("team", team),
        Prefetch("places", Place.objects.select_related("institution")),
        "draft_authorisations",
        "draft_groups",
        "call__declarations",
    ]
    prefetch_related_objects([application], *parts)


def task_list(application: Application, *, user: Any) -> dict[str, Any]:
    """Return the tasks, what is left with the page that mends it, and the team."""
    _fetch_draft(application)
    complaints = eligibility.missing(application)
    team = list(application.team.all())
    tasks = [_task(application, section, complaints, team) for section in SECTIONS]
    left = pages.gaps(application, complaints)
    done = sum(1 for section in SECTIONS if not section.gaps(complaints))
    check = reverse("applications:apply-check", args=[application.reference])
    word = _("Cannot start yet") if left else _("Ready")
    last = Task(_("Check and submit"), check, word, "" if left else "ok")
    return {
        "tasks": [*tasks, last],
        "left": left,
        "done": done,
        "all_tasks": len(SECTIONS) + 1,
        "unconfirmed": sum(1 for member in team if member.confirmed_at is None),
        "next": next(
            ((task.url, task.title) for task, section in zip(tasks, SECTIONS, strict=True) if section.gaps(complaints)),
            (check, last.title),
        ),
    }


def _task(application: Application, section: Section, complaints: Any, team: list[TeamMember]) -> Task:
    url, found = pages.section_url(application, section), section.gaps(complaints)
    if section.code == "team":
        return Task(section.task, url, *_team_word(team))
    if not found:
        return Task(section.task, url, _("Completed"), "plain")
    if section.code == "samples" and application.draft_requests.all():
        return Task(section.task, url, _("There is a problem"), "bad", found[0])
    if any(getattr(application, key, None) for key in section.keys):
        return Task(section.task, url, _("In progress"), "warn", found[0])
    return Task(section.task, url, _("Not started yet"))


def _team_word(team: list[TeamMember]) -> tuple[Any, str, Any]:
    waiting = [member for member in team if member.confirmed_at is None]
    if not team:
        return _("Nobody else"), "plain", ""
    if not waiting:
        return _("Completed"), "plain", ""
    word = _("%(waiting)s of %(all)s to confirm") % {"waiting": len(waiting), "all": len(team)}
    return word, "warn", _("Before the agreement; it does not hold up the submission.")


# --- Samples and team ---------------------------------------------------------------------------------


# --- /my/ and the start -------------------------------------------------------------------------------


def my_page(user: Any, cursor: str | None) -> Page:
    """Return a page of a person's applications, newest first."""
    rows = my_applications(user).select_related("call", "submission")
    return page(rows, ("-created_at", "reference"), cursor, PAGE)


def tone(application: Application) -> str:
    """Return the tone in which an application's public status is shown."""
    return TONES.get(application.public_status, "")


def todos(user: Any) -> list[Todo]:
    """Return what waits for a person: invitations, what was returned, interviews to confirm."""
    invited = TeamMember.objects.filter(email__iexact=user.email, confirmed_at__isnull=True)
    invited = invited.exclude(application__status__in=[Status.WITHDRAWN, Status.INELIGIBLE])
    found = [
        Todo(
            _("You are invited to the team of application %(reference)s.")
            % {"reference": member.application.reference},
            reverse("applications:team-join", args=[member.uid]),
        )
        for member in invited.select_related("application")[:MOST_TASKS]
    ]
    own = my_applications(user).filter(principal_investigator=user.pk)
    returned = own.filter(status=Status.RETURNED, resubmit_until__gt=clock.now()).select_related("call")
    found += [
        Todo(
            _("Complete application %(reference)s and submit it again.") % {"reference": application.reference},
            reverse("applications:following-status", args=[application.reference]),
            application.resubmit_until,
            application.call.zone,
        )
        for application in returned[:MOST_TASKS]
    ]
    proposed = Interview.objects.filter(application__in=own, status=InterviewState.PROPOSED)
    return found + [
        Todo(
            _("Confirm the interview of application %(reference)s.") % {"reference": interview.application.reference},
            reverse("applications:interviews-mine", args=[interview.application.reference]),
            interview.slot.lower,
            interview.call.zone,
        )
        for interview in proposed.select_related("application", "call")[:MOST_TASKS]
    ]


def open_call(user: Any) -> QuerySet[Call]:
    """Return the calls that a person may read, with the declarations they would make."""
    return visible_calls(user).prefetch_related(Prefetch("declarations"))


def of_call(user: Any, call: Call) -> list[Application]:
    """Return a person's applications in one call, newest first."""
    return list(my_applications(user).filter(call=call).select_related("submission").order_by("-created_at")[:PAGE])


def start_page(user: Any, call: Call) -> dict[str, Any]:
    """Return whether the call takes applications now, and a person's own in it."""
    return {"is_open": call.is_open(clock.now()), "own": of_call(user, call)}


# --- Samples, check, and after submission ---------------------------------------------------------------


def _label(name: str) -> Any:
    return Application._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # a column


def check_page(application: Application) -> dict[str, Any]:
    """Return every answer of the draft with the page on which it is changed, and what is missing."""
    _fetch_draft(application)
    urls = {section.code: pages.section_url(application, section) for section in SECTIONS}
    declarations = list(application.call.declarations.all())
    return {
        "urls": urls,
        "gaps": pages.gaps(application, eligibility.missing(application)),
        "texts": [(section, [(_label(key), getattr(application, key)) for key in keys]) for section, keys in TEXTS],
        "lines": list(application.draft_requests.all()),
        "team": list(application.team.all()),
        "declarations": [(one, one.code in application.declared) for one in declarations],
    }
