"""What the pages of sample requests show. Masses in mg."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from applications.access import my_applications, visible_calls
from applications.drafting import SAVED
from applications.enums import GroupKind
from applications.models import Application, Call, CallSample, DraftGroup, DraftRequest
from applications.rules import eligibility, masses, requests
from portal import clock
from portal.audit.trail import trail
from portal.paging import page
from portal.units import format_mass

OFFERS = 40
MOST_DRAFTS = 20


@dataclass(frozen=True)
class Row:
    """A request of the draft as the tray shows it: what its runs need, and what keeps it from being submitted."""

    line: DraftRequest
    balance: masses.Balance
    complaints: list[Any]


@dataclass(frozen=True)
class Gathered:
    """A group of the draft with its requests in their order, and what keeps it from being submitted."""

    group: DraftGroup
    lines: list[DraftRequest]
    complaints: list[Any]

    @property
    def is_choice(self) -> bool:
        """Whether one of them is enough, so that only the largest counts."""
        return self.group.kind == GroupKind.EITHER_OR

    @property
    def is_ranked(self) -> bool:
        """Whether the order of its requests says something."""
        return self.group.kind == GroupKind.IN_ORDER


def field_of(number: str) -> str:
    """Return the name of the field by which an offer is picked from the list: numbers may hold any sign."""
    return f"pick-{hashlib.sha256(number.encode()).hexdigest()[:12]}"


# --- One of each ------------------------------------------------------------------------------------------


def line_of(application: Application, offer: CallSample) -> DraftRequest | None:
    """Return the draft's request for an offered sample."""
    return application.draft_requests.filter(sample=offer.sample_id).select_related("group").first()


def removed_group(application: Application, uid: UUID) -> DraftGroup | None:
    """Return an unsaved group in place of one that the draft once had: words typed into it are not lost."""
    group = DraftGroup(application=application, uid=uid)
    had = trail(application).filter(verb=SAVED, facts__fields__contains=[group.part]).exists()
    return group if had else None


# --- Lists ------------------------------------------------------------------------------------------------


def offers(application: Application, filters: Mapping[str, str] | None = None) -> QuerySet[CallSample]:
    """Return what the call offers, narrowed by side, kind and words in number or description."""
    rows = CallSample.objects.filter(call=application.call_id).select_related("sample__mission")
    chosen = filters or {}
    if chosen.get("side"):
        rows = rows.filter(sample__mission__hemisphere=chosen["side"])
    if chosen.get("kind"):
        rows = rows.filter(sample__preparation=chosen["kind"])
    for word in chosen.get("q", "").split():
        holds = Q(sample__catalogue_number__icontains=word) | Q(sample__description__icontains=word)
        rows = rows.filter(holds | Q(sample__description_zh__icontains=word))
    return rows.order_by("sample__catalogue_number")


def lines(application: Application) -> list[DraftRequest]:
    """Return the requests of the draft with sample, mission and group, by catalogue number."""
    return list(application.draft_requests.select_related("sample__mission", "group"))


def gathered(application: Application, among: Iterable[DraftRequest]) -> list[Gathered]:
    """Return the groups of the draft in their order, each with its requests `among` those given."""
    found = []
    asked = list(among)
    for one in application.draft_groups.all():
        own = sorted((line for line in asked if line.group_id == one.pk), key=lambda line: line.rank)
        found.append(Gathered(one, own, requests.complaints_about_group(one, own)))
    return found


def list_page(application: Application, filters: Mapping[str, str], cursor: str | None) -> dict[str, Any]:
    """Return what is asked, in groups and by side, above a page of what is offered."""
    asked = lines(application)
    offered = {
        one.sample_id: one for one in application.call.offers.filter(sample__in=[line.sample_id for line in asked])
    }
    return {
        "rows": [
            Row(
                line,
                masses.balance(line),
                requests.complaints_about_request(line, offered.get(line.sample_id)),
            )
            for line in asked
        ],
        "groups": gathered(application, asked),
        "sums": requests.sums(asked),
        "page": page(offers(application, filters), ("sample__catalogue_number",), cursor, OFFERS),
        "asked": {line.sample_id for line in asked},
    }


def reckoning(balance: masses.Balance) -> dict[str, Any]:
    """Return what the calculator shows, in words for `static/portal/js/calculator.js`."""
    return {
        "rows": [(run.label or "–", str(run.said), format_mass(run.need_mg)) for run in balance.runs],
        "sum": format_mass(balance.need_mg),
        "words": [str(words) for words in balance.to_applicant()],
        "even": balance.is_even,
    }


# --- From the catalogue -----------------------------------------------------------------------------------


def drafts_for(user: Any, number: str) -> list[Application]:
    """Return a person's own applications that may still ask for this sample."""
    open_drafts = my_applications(user).filter(eligibility.in_time(clock.now()))
    rows = open_drafts.filter(call__offers__sample__catalogue_number=number)
    return list(rows.select_related("call").order_by("-created_at", "reference")[:MOST_DRAFTS])


def calls_for(user: Any, number: str) -> list[Call]:
    """Return the calls open now that offer this sample."""
    rows = visible_calls(user).filter(Call.open_at(clock.now()))
    return list(rows.filter(offers__sample__catalogue_number=number).order_by("closes_at", "slug")[:MOST_DRAFTS])
