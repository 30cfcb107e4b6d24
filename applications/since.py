"""What was said since the submission and stands beside it: answers, accepted changes, who may be named in public.

The snapshot itself never changes: `applications/reading.py`. The acts: `applications/following/` and `exchanges/`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.access import my_applications
from applications.enums import ChangeKind, ChangeState, TeamRole
from applications.models import Application, ChangeReport, Clarification, Redeclaration, SampleRequest, Standing
from applications.rules.afterwards import DECLARED_AGAIN, DECLARING, LIVE, STANDING
from portal import clock
from portal.units import format_mass

MOST_WAITING = 20
# What `public_words` reads, for lists: fetched once for many applications.
SAID_SINCE = (
    Prefetch("changes", ChangeReport.objects.filter(state=ChangeState.ACCEPTED)),
    "submission__naming_choices",
)


@dataclass(frozen=True)
class Waiting:
    """Something that waits for a person of a team: words, page, until when and in which zone."""

    words: Any
    url: str
    until: datetime | None = None
    zone: str = "UTC"


@dataclass(frozen=True)
class Need:
    """What is needed now of one sample request, in mg; 0 where it is not needed any more."""

    request: SampleRequest
    mass_mg: Decimal


def locked(application: Application) -> Application:
    """Lock an application and bring it up to date in place; call it inside a transaction."""
    application.refresh_from_db(from_queryset=Application.objects.select_for_update(of=("self",)))
    return application


# --- Beside the submission ------------------------------------------------------------------------------


def answers_for_panel(application: Application) -> list[Clarification]:
    """Return the questions of the panel that were answered, with their answers: what chair and reviewers read."""
    return list(application.clarifications.filter(for_panel=True, answered_at__isnull=False))


def needs_of(application: Application) -> list[Need]:
    """Return what is needed now, where the office accepted that it is less than was asked; by sample."""
    said: dict[str, str] = {}
    accepted = application.changes.filter(kind=ChangeKind.SMALLER_NEED, state=ChangeState.ACCEPTED)
    for change in accepted.order_by("answered_at", "pk"):
        said |= change.facts.get("needs", {})
    if not said:
        return []
    rows = SampleRequest.objects.filter(submission=application.submission_id, uid__in=list(said))
    return [Need(row, Decimal(said[str(row.uid)])) for row in rows.select_related("sample__mission")]


def needs_said(changes: Iterable[ChangeReport]) -> dict[int, list[tuple[str, Any]]]:
    """Return what reports of a smaller need say, in one query: by change, each sample with what is needed of it."""
    said = {change.pk: change.facts["needs"] for change in changes if change.kind == ChangeKind.SMALLER_NEED}
    wanted = {uid for needs in said.values() for uid in needs}
    rows = SampleRequest.objects.filter(uid__in=wanted).select_related("sample") if wanted else []
    asked = {str(row.uid): row for row in rows}
    return {
        change: [_need_said(asked[uid], Decimal(mass_mg)) for uid, mass_mg in needs.items() if uid in asked]
        for change, needs in said.items()
    }


def _need_said(asked: SampleRequest, need_mg: Decimal) -> tuple[str, Any]:
    before = _("whole piece") if asked.whole or asked.asked_mg is None else format_mass(asked.asked_mg)
    now = format_mass(need_mg) if need_mg else _("not needed any more")
    return asked.sample.catalogue_number, _("%(before)s asked, now %(now)s") % {"before": before, "now": now}


def beside(application: Application) -> dict[str, Any]:
    """Return what panel and reviewers read beside a submission, as `_since.html` shows it."""
    return {"answers": answers_for_panel(application), "needs": needs_of(application)}


# --- What becomes public --------------------------------------------------------------------------------------


def institution_of(application: Application) -> Mapping[str, Any]:
    """Return the institution: the submission’s, or the one that the change accepted last since put in its place."""
    submission = application.submission
    assert submission is not None
    accepted = [
        (change.answered_at, change.pk, change.facts["institution"])
        for change in application.changes.all()
        if change.state == ChangeState.ACCEPTED and change.kind == ChangeKind.INSTITUTION
        if change.answered_at and change.answered_at >= submission.received_at
    ]
    return max(accepted)[-1] if accepted else submission.document.get("institution") or {}


def may_be_named(application: Application) -> bool:
    """Whether the principal investigator agreed to be named: their last word since, else the submission’s.

    Whoever took the application over since has agreed to nothing before saying so.
    """
    assert application.submission is not None
    head = application.principal_investigator_id
    for choice in application.submission.naming_choices.all():
        if choice.by_id == head:
            return choice.names
    said = application.submission.document
    is_the_same = (said.get("principal_investigator") or {}).get("uid") == str(application.principal_investigator.uid)
    return bool(said.get("names_principal_investigator")) and is_the_same


def public_words(application: Application) -> dict[str, Any]:
    """Return the words of an application that its public entry would have; nothing else of it is ever public."""
    assert application.submission is not None
    said, place = application.submission.document, institution_of(application)
    return {
        "title": said.get("public_title") or application.submission.title,
        "summary": said.get("public_summary", ""),
        "principal_investigator": application.principal_investigator.name if may_be_named(application) else None,
        "institution": {
            "name": place.get("name"),
            "ror": place.get("ror"),
            "country": place.get("country_or_region"),
        },
    }


# --- What waits for a person ---------------------------------------------------------------------------------------


def waiting_for(user: Any) -> list[Waiting]:
    """Return what the office, the panel or a change asks of this person, in a fixed number of queries."""
    moment = clock.now()
    head = Q(principal_investigator=user.pk)
    member = Q(team__user=user.pk, team__confirmed_at__isnull=False, team__role=TeamRole.CO_INVESTIGATOR)
    writes = my_applications(user).filter(head | member).distinct()
    questions = Clarification.objects.filter(
        application__in=writes.filter(status__in=LIVE).values("pk"), answered_at__isnull=True, due_at__gt=moment
    )
    found = [
        Waiting(
            _("Answer a question on application %(reference)s.") % {"reference": one.application.reference},
            reverse("applications:following-clarification", args=[one.application.reference, one.uid]),
            one.due_at,
            one.application.call.zone,
        )
        for one in questions.select_related("application__call").order_by("due_at", "pk")[:MOST_WAITING]
    ]
    stands = Standing.objects.filter(submission=OuterRef("submission"))
    asked = writes.filter(~Exists(stands), status__in=STANDING, call__standing_due_at__gt=moment)
    found += [
        Waiting(
            _("Say whether application %(reference)s still stands.") % {"reference": one.reference},
            reverse("applications:following-status", args=[one.reference]),
            one.call.standing_due_at,
            one.call.zone,
        )
        for one in asked.select_related("call").order_by("reference")[:MOST_WAITING]
    ]
    return found + [
        Waiting(
            _("Make the declarations of application %(reference)s anew.") % {"reference": change.application.reference},
            reverse("applications:following-redeclare", args=[change.application.reference, change.uid]),
        )
        for change in to_declare_again(user)[:MOST_WAITING]
    ]


def to_declare_again(user: Any) -> Any:
    """Return the accepted changes after which this principal investigator has not declared anew yet."""
    declared = Redeclaration.objects.filter(change=OuterRef("pk"))
    own = Application.objects.filter(principal_investigator=user.pk, status__in=DECLARING)
    rows = ChangeReport.objects.filter(~Exists(declared), application__in=own, state=ChangeState.ACCEPTED)
    return rows.filter(kind__in=DECLARED_AGAIN).select_related("application__call").order_by("at", "pk")
