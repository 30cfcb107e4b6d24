"""What the pages of the applicant's way show. What is read and what not is decided in `applications/access.py`.

After submission every page reads the submission and the released documents, and knows of the process only
`application.public_status`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications.access import EDITOR, PRINCIPAL, my_applications, relations, visible_calls
from applications.apply.drafting import IN_THE_TEAMS_HANDS
from applications.apply.sections import BY_CODE, SECTIONS, Section
from applications.enums import InterviewState, Outcome, PublicStatus, Status, Verdict
from applications.models import Application, Call, CallSample, DraftRequest, Interview, SampleRequest, TeamMember
from applications.reading import Reading
from applications.rules import eligibility
from portal import clock, countries
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
    (BY_CODE["summary"], ("public_summary",)),
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


def mine(user: Any) -> QuerySet[Application]:
    """Return a person's applications with everything their pages show."""
    return my_applications(user).select_related(
        "call", "principal_investigator", "institution", "submission__screening", "saved_by"
    )


def _fetch_draft(application: Application) -> None:
    """Fetch at once what a page of the draft shows more than once: requests, declarations and team."""
    lines = DraftRequest.objects.select_related("sample__mission")
    team = TeamMember.objects.select_related("institution")
    parts: list[Any] = [Prefetch("draft_requests", lines), Prefetch("team", team), "call__declarations"]
    prefetch_related_objects([application], *parts)


def is_in_the_teams_hands(application: Application) -> bool:
    """Whether the team may still write: the public status says the same, so nothing can be read from it."""
    return application.status in IN_THE_TEAMS_HANDS


def may_write(user: Any, application: Application) -> bool:
    """Whether this person writes the draft."""
    return bool(relations(user, application) & {PRINCIPAL, EDITOR})


def is_principal(user: Any, application: Application) -> bool:
    """Whether this person is the principal investigator: submits, declares, withdraws."""
    return application.principal_investigator_id == user.pk


def is_late(application: Application) -> bool:
    """Whether a submission that arrived now would be too late; the UPDATE that submits decides."""
    if application.status == Status.RETURNED:
        return application.resubmit_until is not None and application.resubmit_until <= clock.now()
    return not application.call.is_open(clock.now())


def section_url(application: Application, section: Section) -> str:
    """Return the address of a section's page."""
    if section.is_text:
        return reverse("applications:apply-section", args=[application.reference, section.code])
    return reverse(f"applications:{section.url_name}", args=[application.reference])


def task_list(application: Application, *, user: Any) -> dict[str, Any]:
    """Return the tasks, what is left with the page that mends it, and the team."""
    _fetch_draft(application)
    complaints = eligibility.missing(application)
    team = list(application.team.all())
    tasks = [_task(application, section, complaints, team) for section in SECTIONS]
    left = gaps(application, complaints)
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
        "is_principal": is_principal(user, application),
        "is_late": is_late(application),
    }


def gaps(application: Application, complaints: Mapping[str | None, Sequence[Any]]) -> list[tuple[str, Any]]:
    """Return everything that is missing, each with the page on which it is mended."""
    return [(section_url(application, section), words) for section in SECTIONS for words in section.gaps(complaints)]


def _task(application: Application, section: Section, complaints: Any, team: list[TeamMember]) -> Task:
    url, found = section_url(application, section), section.gaps(complaints)
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


def offers(application: Application) -> list[CallSample]:
    """Return what the call offers, each with the draft's request for it as `line` (or None)."""
    lines = {line.sample_id: line for line in application.draft_requests.all()}
    found = list(application.call.offers.select_related("sample__mission"))
    for offer in found:
        offer.line = lines.get(offer.sample_id)  # type: ignore[attr-defined]
    return found


def lines_not_offered(application: Application, offered: Sequence[CallSample]) -> list[DraftRequest]:
    """Return requests of the draft that the call does not offer any more."""
    known = {offer.sample_id for offer in offered}
    lines = application.draft_requests.select_related("sample")
    return list(lines.exclude(sample__in=known))


def members(application: Application) -> QuerySet[TeamMember]:
    """Return the team beside the principal investigator."""
    return application.team.select_related("institution", "application__principal_investigator")


def invitation(uid: Any) -> QuerySet[TeamMember]:
    """Return the place on a team that an invitation's address names."""
    rows = TeamMember.objects.select_related("application__call", "application__principal_investigator")
    return rows.filter(uid=uid).exclude(application__status__in=[Status.WITHDRAWN, Status.INELIGIBLE])


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
            reverse("applications:apply-join", args=[member.uid]),
        )
        for member in invited.select_related("application")[:MOST_TASKS]
    ]
    own = my_applications(user).filter(principal_investigator=user.pk)
    returned = own.filter(status=Status.RETURNED, resubmit_until__gt=clock.now()).select_related("call")
    found += [
        Todo(
            _("Complete application %(reference)s and submit it again.") % {"reference": application.reference},
            reverse("applications:apply-status", args=[application.reference]),
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


def samples_page(application: Application) -> dict[str, Any]:
    """Return what is offered with what is asked, and the sums of it in mg."""
    offered = offers(application)
    asked = [offer.line for offer in offered if offer.line]  # type: ignore[attr-defined]
    return {
        "offers": offered,
        "not_offered": lines_not_offered(application, offered),
        "asked_mg": sum((line.asked_mg for line in asked if line.asked_mg), Decimal(0)),
        "pieces": sum(1 for line in asked if line.whole),
    }


def _label(name: str) -> Any:
    return Application._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # a column


def check_page(application: Application) -> dict[str, Any]:
    """Return every answer of the draft with the page on which it is changed, and what is missing."""
    _fetch_draft(application)
    urls = {section.code: section_url(application, section) for section in SECTIONS}
    declarations = list(application.call.declarations.all())
    return {
        "urls": urls,
        "is_late": is_late(application),
        "gaps": gaps(application, eligibility.missing(application)),
        "texts": [(section, [(_label(key), getattr(application, key)) for key in keys]) for section, keys in TEXTS],
        "lines": list(application.draft_requests.all()),
        "team": list(application.team.all()),
        "declarations": [(one, one.code in application.declared) for one in declarations],
    }


class Sent(Reading):
    """A submission as its own team reads it: without the curator's advice on its requests."""

    @cached_property
    def requests(self) -> list[SampleRequest]:
        """The sample requests with sample and mission."""
        rows = list(self.submission.requests.select_related("sample__mission"))
        for row in rows:
            row._state.fields_cache["advice"] = None  # what lies between submission and document is not the team's
        return rows


def sent_page(application: Application) -> dict[str, Any]:
    """Return the submission as the panel reads it, without the curator's advice on it."""
    assert application.submission is not None
    document = application.submission.document
    place = document.get("institution") or {}
    return {
        "application": application,
        "call": application.call,
        "submission": application.submission,
        "reading": Sent(application.submission),
        "institution": place.get("name", ""),
        "country": countries.name_of(place["country_or_region"]) if place else "",
        "declarations": [localised_text(one) for one in document.get("declarations", [])],
        "named": document.get("names_principal_investigator"),
        "file_url": file_url(application, document.get("file")),
    }


def file_url(application: Application, file: Mapping[str, Any] | None) -> str:
    """Return the address of a submission's PDF."""
    return reverse("applications:apply-file", args=[application.reference, file["sha256"]]) if file else ""


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


def localised_text(declaration: Mapping[str, Any]) -> str:
    """Return a declaration of a submission in the language of the page."""
    return (declaration["text_zh"] if get_language() == "zh-hans" else "") or declaration["text"]


HEADLINES = {
    Outcome.SELECTED: _("Your application is selected"),
    Outcome.SELECTED_IN_PART: _("Your application is selected in part"),
    Outcome.RESERVE: _("Your application is on the reserve list"),
    Outcome.NOT_SELECTED: _("Your application is not selected"),
}


def decision_page(application: Application, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a released document says, its masses as numbers in mg."""
    requests = [_masses(one) | {"word": Verdict(one["verdict"]).label} for one in document["requests"]]
    return {
        "application": application,
        "call": application.call,
        "document": document,
        "headline": HEADLINES[Outcome(document["outcome"])],
        "published_at": datetime.fromisoformat(document["published_at"]),
        "requests": requests,
        "asked_mg": sum((one["asked_mg"] for one in requests if one["asked_mg"]), Decimal(0)),
        "awarded_mg": sum((one["awarded_mg"] for one in requests if one["awarded_mg"]), Decimal(0)),
        "is_public": document["outcome"] in (Outcome.SELECTED, Outcome.SELECTED_IN_PART),
    }


def _masses(request: Mapping[str, Any]) -> dict[str, Any]:
    names = ("asked_mg", "least_mg", "awarded_mg")
    return {**request, **{name: Decimal(request[name]) if request[name] is not None else None for name in names}}
