"""What the office's and the chair's pages of questions, changes, standing and schedule show. No conflicted row."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.access import judged_by, submitted_for
from applications.enums import AuthorisationState, ChangeKind, ChangeState, TeamRole
from applications.exchanges.reminding import open_steps
from applications.models import Application, Call, ChangeReport, PanelMember, TeamMember
from applications.rules.afterwards import STANDING, plans
from applications.rules.conflicts import conflicts_among
from applications.since import needs_said
from applications.succession import place_for
from portal import paging
from portal.accounts.models import Institution
from portal.roles import Permission

ORDER = ("at", "uid")
NEWEST = ("-at", "-uid")
STANDING_ORDER = ("reference",)
SIZE = 30
PLANNED = {"interviews": gettext_lazy("Interviews"), "results": gettext_lazy("Results")}


def to_ask(user: Any) -> QuerySet[Application]:
    """Return the applications an administrator may ask about."""
    return submitted_for(user, Permission.SCREEN).select_related("call", "submission")


def to_ask_for_panel(user: Any, call: str) -> QuerySet[Application]:
    """Return the applications of a call that its chair may ask about."""
    return judged_by(user).filter(call__slug=call).select_related("call", "submission")


# --- Changes ------------------------------------------------------------------------------------------


def changes(user: Any) -> QuerySet[ChangeReport]:
    """Return every reported change that an administrator may read."""
    rows = ChangeReport.objects.filter(application__in=submitted_for(user, Permission.SCREEN))
    return rows.select_related("application__call", "application__submission", "by", "answered_by")


def changes_page(user: Any, filters: Mapping[str, Any], cursor: str | None) -> paging.Page:
    """Return a page of changes: those that wait, the longest waiting first; or all, the newest first."""
    rows = changes(user).defer("application__submission__document")
    if filters.get("kind"):
        rows = rows.filter(kind=filters["kind"])
    if filters.get("call"):
        rows = rows.filter(application__call__slug=filters["call"])
    if filters.get("state") == "all":
        return paging.page(rows, NEWEST, cursor, SIZE)
    return paging.page(rows.filter(state=ChangeState.OPEN), ORDER, cursor, SIZE)


def facts_of(change: ChangeReport) -> list[tuple[str, str]]:
    """Return what a change says in data, as names and words."""
    said = change.facts
    if change.kind == ChangeKind.INSTITUTION:
        return [(_("Submitted"), _submitted_institution(change)), (_("Now"), said["institution"]["name"])]
    if change.kind == ChangeKind.INVESTIGATOR:
        return [(_("Takes over"), _member(change, said["member"]))]
    if change.kind == ChangeKind.TEAM:
        if "remove" in said:
            return [(_("Leaves"), _member(change, said["remove"]))]
        joins = said["add"]
        return [(_("Joins"), f"{joins['name']} <{joins['email']}>"), (_("Part"), str(TeamRole(joins["role"]).label))]
    if change.kind == ChangeKind.AUTHORISATION:
        return _authorisation(said)
    return needs_said([change]).get(change.pk, [])


def would_bar(change: ChangeReport) -> list[str]:
    """Return who of the panel has no conflict yet and would have one if the change is accepted."""
    now, then = (Application.objects.get(pk=change.application_id) for _time in ("now", "then"))
    joining: list[TeamMember] = []
    if change.kind == ChangeKind.INSTITUTION:
        then.institution = Institution.objects.filter(key=change.facts["institution"]["key"]).first()
    elif change.kind == ChangeKind.TEAM and "add" in change.facts:
        joining = [place_for(then, **change.facts["add"])]
    else:
        return []
    seats = PanelMember.objects.filter(call=then.call_id, until__isnull=True).select_related("user")
    people = [seat.user for seat in seats.order_by("user__name", "pk")]
    added = conflicts_among(people, [then], joining).keys() - conflicts_among(people, [now]).keys()
    return [person.name for person in people if (then.pk, person.pk) in added]


def _submitted_institution(change: ChangeReport) -> str:
    submission = change.application.submission
    return str(((submission.document if submission else {}).get("institution") or {}).get("name", ""))


def _member(change: ChangeReport, uid: str) -> str:
    found = change.application.team.filter(uid=uid).first()
    return found.name if found else _("no longer on the team")


def _authorisation(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("Mission"), said["mission"]),
        (_("Institution"), said["institution"]["name"]),
        (_("Authorisation"), str(AuthorisationState(said["state"]).label)),
        *((name, value) for name, value in ((_("Reference"), said["reference"]),) if value),
        *(
            (name, said[key])
            for name, key in ((_("Expires"), "expires_on"), (_("Expected"), "expected_on"))
            if said[key]
        ),
    ]


def under_review(user: Any, call: Call, *, as_chair: bool) -> QuerySet[Application]:
    """Return the applications of a call that are asked whether they stand, as far as this person may know of them."""
    seen = judged_by(user) if as_chair else submitted_for(user, Permission.SCREEN)
    rows = seen.filter(call=call, status__in=STANDING).select_related("submission__standing", "principal_investigator")
    return rows.defer("submission__document")


def standing_page(user: Any, call: Call, cursor: str | None, *, as_chair: bool) -> dict[str, Any]:
    """Return who has said that the request stands and who has not, with the sums."""
    rows = under_review(user, call, as_chair=as_chair)
    return {
        "page": paging.page(rows, STANDING_ORDER, cursor, SIZE),
        "all": rows.count(),
        "said": rows.filter(submission__standing__isnull=False).count(),
    }


def schedule_page(call: Call) -> dict[str, Any]:
    """Return the plan of a call, what was written to its applicants, and which planned steps are not done."""
    notes = list(call.schedule_notes.select_related("by"))
    open_now = dict(open_steps(call))
    return {
        "notes": notes,
        "planned": [(PLANNED[code], plan, code in open_now) for code, plan in plans(call, notes).items()],
    }
