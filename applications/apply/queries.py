"""What the task list, the answers and the preview show. Who reads what is decided in `applications/access.py`.

What waits for somebody on /my/ is in `waiting.py`; the pages after submission are those of `following/`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications import documents, pages
from applications.access import my_applications, visible_calls
from applications.differences import as_if_submitted, changed_parts, compared, sections_of
from applications.enums import AuthorisationState, Outcome, PublicStatus
from applications.models import Application, Call, DraftAuthorisation, DraftRequest, Place, TeamMember
from applications.reading import Draft
from applications.rules import eligibility
from applications.rules.authorisations import asked_in_draft
from applications.rules.lengths import label_of
from applications.sections import SECTIONS, Section
from portal import clock
from portal.countries import name_of
from portal.paging import Page, page
from portal.units import api_mass, format_mass
from portal.words import MARKS, listed
from samples.rules import techniques

PAGE = 30
TONES = {
    PublicStatus.RETURNED: "warn",
    PublicStatus.INELIGIBLE: "bad",
    PublicStatus.DECIDED: "ok",
    PublicStatus.WITHDRAWN: "plain",
}
ABOUT_SAMPLES = ("justification", "contaminants", "alternatives")
READ = {
    "samples": ("requests",),
    "science": ("what_changed", "question", "plan"),
    "methods": ("methods",),
    "laboratory": ("laboratory", "custody"),
    "places": ("places",),
    "team": ("team",),
    "file": ("file",),
    "summary": ("public_title", "public_summary"),
}


@dataclass(frozen=True)
class Task:
    """A line of the task list, as `{% tasks %}` shows it."""

    title: Any
    url: str | None
    word: Any
    tone: str = ""
    hint: Any = ""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do here, and the list says so."""
        return self.tone == "plain"


@dataclass(frozen=True)
class Answers:
    """One section on the page that shows every answer: `parts` as reviewers read them, `facts` beside them."""

    section: Section
    url: str
    parts: list[Any]
    facts: list[tuple[Any, Any]]
    has_changed: bool


@dataclass(frozen=True)
class Preview:
    """The line of the public page as it would be: what the template takes of a released entry."""

    document: dict[str, Any]
    place: str
    published_on: None = None


# --- One application ----------------------------------------------------------------------------------


def _fetch_draft(application: Application) -> None:
    """Fetch at once what a page of the draft shows more than once: requests, declarations and team."""
    lines = DraftRequest.objects.select_related("sample__mission")
    team = TeamMember.objects.select_related("institution")
    parts: list[Any] = [
        Prefetch("draft_requests", lines),
        Prefetch("team", team),
        Prefetch("places", Place.objects.select_related("institution")),
        Prefetch("draft_authorisations", DraftAuthorisation.objects.select_related("mission", "institution")),
        "draft_groups",
        "call__declarations",
    ]
    prefetch_related_objects([application], *parts)


def task_list(application: Application, *, user: Any) -> dict[str, Any]:
    """Return the tasks, what is left with the page that mends it, and the team."""
    _fetch_draft(application)
    complaints = eligibility.missing(application)
    team = list(application.team.all())
    stated = application.interests.filter(user=user.pk).exists()
    tasks = [_task(application, section, complaints, team, stated) for section in SECTIONS]
    left = pages.gaps(application, complaints)
    check = reverse("applications:apply-check", args=[application.reference])
    word = _("Cannot start yet") if left else _("Ready")
    last = Task(_("Check and submit"), check, word, "" if left else "ok")
    return changes(application) | {
        "tasks": [*tasks, last],
        "team": team,
        "left": left,
        "done": sum(task.is_done for task in tasks),
        "all_tasks": len(SECTIONS) + 1,
        "unconfirmed": sum(1 for member in team if member.confirmed_at is None),
        "next": next(
            ((task.url, task.title) for task, section in zip(tasks, SECTIONS, strict=True) if section.gaps(complaints)),
            (check, last.title),
        ),
    }


def _task(application: Application, section: Section, complaints: Any, team: list[TeamMember], stated: bool) -> Task:
    url, found = pages.section_url(application, section), section.gaps(complaints)
    if section.code == "team":
        return Task(section.task, url, *_team_word(team, stated))
    if _has_to_wait(application, section):
        return Task(section.task, url, _("Cannot start yet"))
    if not found:
        return Task(section.task, url, _("Completed"), "plain")
    if section.code == "samples" and application.draft_requests.all():
        return Task(section.task, url, _("There is a problem"), "bad", found[0])
    if any(getattr(application, key, None) for key in section.keys):
        return Task(section.task, url, _("In progress"), "warn", found[0])
    return Task(section.task, url, _("Not started yet"))


def _has_to_wait(application: Application, section: Section) -> bool:
    """Whether there is nothing to say here before samples are asked for and a place is named that would hold them."""
    return section.code == "authorisations" and not asked_in_draft(application)


def _team_word(team: list[TeamMember], stated: bool) -> tuple[Any, str, Any]:
    waiting = [member for member in team if member.confirmed_at is None]
    if not waiting and not stated:
        return _("State your conflicts"), "warn", _("It does not hold up the submission.")
    if not team:
        return _("Nobody else"), "plain", ""
    if not waiting:
        return _("Completed"), "plain", ""
    word = _("%(waiting)s of %(all)s to confirm") % {"waiting": len(waiting), "all": len(team)}
    return word, "warn", _("Before the agreement; it does not hold up the submission.")


# --- /my/ and the start -------------------------------------------------------------------------------


def my_page(user: Any, cursor: str | None) -> Page:
    """Return a page of a person's applications, newest first."""
    rows = my_applications(user).select_related("call", "submission")
    return page(rows, ("-created_at", "reference"), cursor, PAGE)


def tone(application: Application) -> str:
    """Return the tone in which an application's public status is shown."""
    return TONES.get(application.public_status, "")


def open_call(user: Any) -> QuerySet[Call]:
    """Return the calls that a person may read, with the declarations they would make."""
    return visible_calls(user).prefetch_related(Prefetch("declarations"))


def of_call(user: Any, call: Call) -> list[Application]:
    """Return a person's applications in one call, newest first."""
    return list(my_applications(user).filter(call=call).select_related("submission").order_by("-created_at")[:PAGE])


def start_page(user: Any, call: Call) -> dict[str, Any]:
    """Return whether the call takes applications now, a person's own in it, and earlier ones to copy."""
    earlier = my_applications(user).filter(principal_investigator=user.pk).exclude(call=call)
    return {
        "is_open": call.is_open(clock.now()),
        "own": of_call(user, call),
        "earlier": list(earlier.select_related("submission", "call").order_by("-created_at")[:PAGE]),
    }


def open_calls(user: Any) -> list[Call]:
    """Return the calls that take applications now, the one that closes first before the others."""
    rows = visible_calls(user).filter(Call.open_at(clock.now()))
    return list(rows.order_by("closes_at", "slug")[:PAGE])


# --- Every answer, what differs, what would be public ------------------------------------------------------


def check_page(application: Application) -> dict[str, Any]:
    """Return every answer of the draft as reviewers read it, where it is changed, what is missing and what differs."""
    _fetch_draft(application)
    stated = documents.authorisations(application)
    reading = Draft(application, stated=stated)
    parts = {part.key: part for part in reading.parts}
    differing = changes(application, reading.document)
    facts = {
        "eligibility": _eligibility(application),
        "science": [(label_of("title"), application.title)],
        "laboratory": [(label_of("institution"), application.institution)],
        "declarations": [*_declared(application), _named(application)],
        "authorisations": _authorisations(stated),
    }
    answers = [
        Answers(
            section,
            f"{pages.section_url(application, section)}{pages.RETURNING}",
            [parts[key] for key in READ.get(section.code, ()) if key in parts],
            facts.get(section.code, []),
            section in differing["changes"],
        )
        for section in SECTIONS
    ]
    return differing | {
        "answers": answers,
        "gaps": pages.gaps(application, eligibility.missing(application), returning=True),
        "is_approved": eligibility.is_approved(application),
    }


def _named(application: Application) -> tuple[Any, Any]:
    return label_of("names_principal_investigator"), _yes_or_no(application.names_principal_investigator)


def changes(application: Application, now: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the sections in which the draft differs from the submission that stands, and its texts word by word.

    `now` is the document of the draft, where whoever calls has written it already.
    """
    submission = application.submission
    if submission is None:
        return {"changes": [], "changed_texts": []}
    if now is None:
        now = as_if_submitted(application, submission)
    document, parts = submission.document, changed_parts(application, now)
    texts = [(label_of(name), document[name], now[name]) for name in documents.TEXTS if name in parts]
    if "requests" in parts:
        texts.append((_("Samples"), _asked_in(document), _asked_in(now)))
    return {
        "changes": sections_of(parts),
        "changed_texts": [(label, *compared(theirs, mine)) for label, theirs, mine in texts],
    }


def _asked_in(document: Mapping[str, Any]) -> str:
    """Write what a document asks for: each sample with its masses, and below it the words about it."""
    rows = sorted(document["requests"], key=lambda row: row["sample"])
    return "\n\n".join(
        "\n".join([_asked(row), *filter(None, (row.get(name) for name in ABOUT_SAMPLES))]) for row in rows
    )


def _asked(row: Mapping[str, Any]) -> str:
    asked, least = row["asked_mg"], row.get("least_mg")
    facts = [format_mass(Decimal(asked)) if asked and not row["whole"] else gettext("the whole piece")]
    if least:
        facts.append(gettext("least useful %(mass)s") % {"mass": format_mass(Decimal(least))})
    if row.get("technique"):
        facts.append(str(techniques.label_of(row["technique"])))
    return f"{row['sample']}{MARKS['colon']}{listed(facts)}"


def preview(application: Application) -> Preview:
    """Return the line of the public page if everything asked for were given."""
    lines = application.draft_requests.select_related("sample__mission")
    place = application.institution
    awards = [
        {
            "sample": line.sample.catalogue_number,
            "hemisphere": line.sample.mission.hemisphere,
            "mass_mg": api_mass(line.sample.initial_mg if line.whole else line.asked_mg),
        }
        for line in lines
    ]
    named = application.names_principal_investigator
    document = {
        "reference": application.reference,
        "title": application.public_title or application.title,
        "summary": application.public_summary,
        "principal_investigator": application.principal_investigator.name if named else None,
        "institution": {"name": place.name if place else ""},
        "awards": awards,
        "outcome": str(Outcome.SELECTED),
    }
    return Preview(document, name_of(place.country_or_region) if place else "")


def _yes_or_no(said: bool | None) -> Any:
    return _("not stated") if said is None else _("yes") if said else _("no")


def _eligibility(application: Application) -> list[tuple[Any, Any]]:
    stage = application.get_career_stage_display() if application.career_stage else _("not stated")
    return [
        (label_of("confirms_eligibility"), _yes_or_no(application.confirms_eligibility)),
        (label_of("language"), application.get_language_display()),
        (label_of("career_stage"), stage),
        (label_of("is_first_time"), _yes_or_no(application.is_first_time)),
    ]


def _declared(application: Application) -> list[tuple[Any, Any]]:
    """Each declaration of the call, whether it is made in the wording that stands now, and its words."""
    found = []
    for one in application.call.declarations.all():
        made = application.declared.get(one.code)
        is_made = made is not None and made.get("version") == one.version
        word = _("Declared") if is_made else _("Not yet")
        found.append((one.local_text, f"{word}. {made['details']}" if made and made.get("details") else word))
    return found


def _authorisations(stated: Iterable[Mapping[str, Any]]) -> list[tuple[Any, Any]]:
    """What would be submitted: not what was stated for a sample or a place that is no longer asked for."""
    return [
        (
            f"{one['mission'].local_name}, {one['institution']}",
            listed(filter(None, [AuthorisationState(one["state"]).label, one["reference"]])),
        )
        for one in stated
    ]
