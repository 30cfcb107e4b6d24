"""Who is told of assigning: each member once of all they are asked; chairs or office of what is declined, or recused.

Whoever recuses loses sight of an application at once; somebody has to find a replacement, and is told once of an act.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.urls import reverse

from applications import notices
from applications.access import is_chair, judged_by
from applications.assigned import Asking
from applications.enums import AssignmentAnswer, Status
from applications.models import Application, Assignment, Call
from applications.notice_pages import to
from applications.notices import Telling, about_assignment, chairs, holders
from applications.rules.conflicts import conflicted_for
from portal.notifications.outbox import notify
from portal.roles import Permission

ASKED, DECLINED, DECLINED_TO_OFFICE = "reviews-asked", "reviews-declined", "reviews-declined-to-office"
RECUSED, SEVERAL_RECUSED, RECUSED_TO_OFFICE = "review-recused", "reviews-recused", "reviews-recused-to-office"


def add_kinds() -> None:
    """Put these kinds beside the others; called before they are made known to the outbox."""
    notices.KINDS.update(KINDS)


def tell_of_release(call: Call, asked: Mapping[Any, int], *, released_at: datetime, event: Any) -> None:
    """Write one notice to each member asked, whatever the number of applications."""
    for person, number in asked.items():
        context = {"released": released_at.isoformat(), "number": number}
        notify(ASKED, [person], about=call, event=event, context=context)


def tell_of_declining(call: Call, declined: Sequence[Assignment], event: Any) -> None:
    """Tell the chairs who may judge what was declined; of what no chair may judge, the administrators who assign it.

    These are whoever had assigned it, where they still may, else every administrator without a conflict.
    """
    told, left = _by_chair(call, declined)
    context = {"assignments": [one.pk for one in declined]}
    notify(DECLINED, [chair for chair, _own in told], about=call, event=event, context=context)
    context = {"assignments": [one.pk for one in left.values()]}
    notify(DECLINED_TO_OFFICE, _office(call, left), about=call, event=event, context=context)


def tell_of_recusing(call: Call, ended: Sequence[Assignment], event: Any) -> None:
    """Tell whoever assigns reviewers that somebody declared conflicts with what they were to review, or had reviewed.

    Each is told once, of what they may judge: of one application where it is replaced, of several by the overview.
    """
    if not ended:
        return
    told, left = _by_chair(call, ended)
    for chair, own in told:
        context = {"assignments": [one.pk for one in own]}
        kind, about = (RECUSED, own[0]) if len(own) == 1 else (SEVERAL_RECUSED, call)
        notify(kind, [chair], about=about, event=event, context=context)
    context = {"assignments": [one.pk for one in left.values()]}
    notify(RECUSED_TO_OFFICE, _office(call, left), about=call, event=event, context=context)


def _by_chair(
    call: Call, assignments: Sequence[Assignment]
) -> tuple[list[tuple[Any, list[Assignment]]], dict[int, Assignment]]:
    """Return each chair with those of the assignments that they may judge, and the rest by application."""
    left = {one.application_id: one for one in assignments}
    told = []
    for chair in chairs(call):
        ids = [one.application_id for one in assignments]
        own = set(judged_by(chair).filter(pk__in=ids).values_list("pk", flat=True))
        if own:
            told.append((chair, [one for one in assignments if one.application_id in own]))
        left = {pk: one for pk, one in left.items() if pk not in own}
    return told, left


def _office(call: Call, left: Mapping[int, Assignment]) -> list[Any]:
    """Return who assigns in place of the chairs what none of them may judge, those first who did."""
    if not left:
        return []
    able = [one for one in holders(Permission.MANAGE_CALLS) if not is_chair(one, call)]
    able = [one for one in able if Application.objects.filter(pk__in=left).exclude(conflicted_for(one)).exists()]
    assigned = {one.by_id for one in left.values()}
    return [one for one in able if one.pk in assigned] or able


# --- The right at the time of sending, and the words ------------------------------------------------------


def _is_still_asked(person: Any, call: Call, notice: Any) -> bool:
    rows = Assignment.objects.filter(reviewer=person, application__call=call, at=notice.context.get("released"))
    return rows.filter(ended_at__isnull=True, answer=AssignmentAnswer.WAITING).exists()


def _about_asking(call: Call, notice: Any) -> dict[str, Any]:
    # The link is asked by the mail alone: a line of a list must not cost a query each.
    link = partial(_link, call, notice)
    return {"call": call, "number": notice.context["number"], "due": call.reviews_due_at, "url": link}


def _link(call: Call, notice: Any) -> str:
    """Return the page that needs no sign-in, signed for who receives the mail."""
    released_at = datetime.fromisoformat(notice.context["released"])
    token = Asking(call.pk, str(notice.recipient.uid), released_at).token
    return f"{settings.SITE_URL}{reverse('applications:assigning-invitation', args=[token])}"


def _ended(person: Any, notice: Any) -> list[Assignment]:
    """Return what was declined or recused, as far as this person may know of it now."""
    rows = Assignment.objects.filter(pk__in=notice.context.get("assignments", [])).select_related(
        "application__call", "reviewer"
    )
    free = Application.objects.exclude(conflicted_for(person))
    return list(rows.filter(application__in=free).order_by("application__reference"))


def _learns_as_chair(person: Any, call: Call, notice: Any) -> bool:
    return is_chair(person, call) and bool(_ended(person, notice))


def _learns_as_office(person: Any, call: Call, notice: Any) -> bool:
    return person.may(Permission.MANAGE_CALLS) and not is_chair(person, call) and bool(_ended(person, notice))


def _about_declining(call: Call, notice: Any) -> dict[str, Any]:
    return {"call": call, "declined": partial(_ended, notice.recipient, notice)}


def _judges(person: Any, assignment: Assignment, notice: Any) -> bool:
    return judged_by(person).filter(pk=assignment.application_id).exists()


def _about_recusing_one(assignment: Assignment, notice: Any) -> dict[str, Any]:
    open_ = assignment.application.status == Status.UNDER_REVIEW
    return about_assignment(assignment, notice) | {"name": assignment.reviewer.name, "is_open": open_}


def _about_recusing(call: Call, notice: Any) -> dict[str, Any]:
    """What the words name; the list of applications is asked by the mail alone, as above."""
    return {"call": call, "recused": partial(_recused, notice.recipient, notice)}


def _recused(person: Any, notice: Any) -> list[tuple[Assignment, str]]:
    """Return each assignment with the page where a replacement is assigned."""
    page = REPLACED_BY_OFFICE if notice.kind == RECUSED_TO_OFFICE else REPLACED
    return [(one, f"{settings.SITE_URL}{page(one)}") for one in _ended(person, notice)]


def _nobody(thing: Any) -> Iterable[Any]:
    """Who is told is said where it is written."""
    return ()


REPLACED = to("panel-assign", "application.call.slug", "application.reference")
REPLACED_BY_OFFICE = to("assigning-office-round", "application.call.slug")

KINDS: dict[str, Telling] = {
    ASKED: Telling(Call, _nobody, _is_still_asked, _about_asking, to("review-queue", "slug")),
    DECLINED: Telling(Call, _nobody, _learns_as_chair, _about_declining, to("panel-overview", "slug")),
    DECLINED_TO_OFFICE: Telling(
        Call, _nobody, _learns_as_office, _about_declining, to("assigning-office-round", "slug")
    ),
    RECUSED: Telling(Assignment, _nobody, _judges, _about_recusing_one, REPLACED),
    SEVERAL_RECUSED: Telling(Call, _nobody, _learns_as_chair, _about_recusing, to("panel-overview", "slug")),
    RECUSED_TO_OFFICE: Telling(Call, _nobody, _learns_as_office, _about_recusing, to("assigning-office-round", "slug")),
}
