"""The exact list of what a release will write and send, computed from what is decided now. Pure reads.

Signatures are on its hash, so nothing may be in it that changes by itself: no times of reading, no order by chance.
What the release fills in (when, and the hash of the chain) is not in it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import translation

from applications import chain
from applications.enums import PUBLIC_OUTCOMES, Anonymity, CallOrigin, PublicationKind, ReviewState, Status, Verdict
from applications.models import Application, Call, Decision, Publication, Review
from applications.rules.granting import outcome_of
from applications.since import SAID_SINCE, public_words
from portal import clock
from portal.canonical import sha256_of
from portal.units import api_mass
from samples.models import Hold

SHORTLISTED_STAGES = (Status.INTERVIEWING, Status.DELIBERATED, Status.DECIDED)
# What neither is listed nor stands in the way.
OUT = (Status.DRAFT, Status.WITHDRAWN, Status.INELIGIBLE)
NOTICES = {PublicationKind.RESULTS: "decision-released", PublicationKind.SHORTLIST: "shortlist-released"}


@dataclass
class Manifest:
    """The list and its hash, with the rows it was computed from and what keeps it from being signed."""

    document: dict[str, Any]
    applications: list[Application]
    holds: list[Hold]
    blockers: list[Application]
    call_is_open: bool
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        self.sha256 = sha256_of(self.document)

    @property
    def is_blocked(self) -> bool:
        """Whether something must happen before it can be signed."""
        return bool(self.blockers) or self.call_is_open or not self.applications


def build(publication: Publication) -> Manifest:
    """Return the list of a publication as it is now, in a fixed number of queries."""
    call = publication.call
    listed, blockers = _sorted_out(call, publication.kind)
    if publication.kind == PublicationKind.RESULTS:
        documents, holds = _results(publication, listed)
    else:
        documents, holds = [_shortlist_document(publication, each) for each in listed], []
    selected = [one for one in documents if _is_public(publication, one)]
    rest = [one for one in documents if not _is_public(publication, one)]
    commitment = chain.commit([_statement(publication, one) for one in rest], publication.seed)
    for one, proof in zip(rest, commitment.proofs, strict=True):
        one["record"] = proof
    document = {
        "publication": str(publication.uid),
        "call": call.slug,
        "kind": str(publication.kind),
        "documents": documents,
        "public": [_public_entry(publication, one) for one in selected],
        "remainder": {"root": commitment.root},
        "movements": _movements(holds),
        "notices": [{"kind": NOTICES[PublicationKind(publication.kind)], "recipients": sum(map(_recipients, listed))}],
        "pages": _pages(call),
    }
    return Manifest(document, listed, holds, blockers, call.closes_at is None or call.closes_at > clock.now())


# --- Who is listed -------------------------------------------------------------------------------------------


def _sorted_out(call: Call, kind: str) -> tuple[list[Application], list[Application]]:
    told = Q(team__confirmed_at__isnull=False)
    if kind == PublicationKind.RESULTS:  # the rest of the team reads it in the portal
        told &= Q(team__receives_decisions=True)
    everybody = (
        Application.objects.filter(call=call)
        .exclude(status__in=OUT)
        .select_related("submission", "principal_investigator", "shortlisting")
        .annotate(told=Count("team", filter=told, distinct=True))
        .prefetch_related(*SAID_SINCE)
        .order_by("reference")
    )
    moment = clock.now()
    listed: list[Application] = []
    blockers: list[Application] = []
    for application in everybody:
        application.call = call
        if _is_listed(application, kind):
            listed.append(application)
        elif not _has_run_out(application, moment):
            blockers.append(application)
    return listed, blockers


def _is_listed(application: Application, kind: str) -> bool:
    if kind == PublicationKind.RESULTS:
        return application.status == Status.DECIDED
    return application.status in SHORTLISTED_STAGES and hasattr(application, "shortlisting")


def _has_run_out(application: Application, moment: datetime) -> bool:
    """Whether it was returned and its time has passed: it will never be decided."""
    due = application.resubmit_until
    return application.status == Status.RETURNED and due is not None and due <= moment


def _recipients(application: Application) -> int:
    """The number is counted where the rows are fetched; an annotation has no type of its own."""
    return 1 + application.told  # type: ignore[attr-defined]  # as it says


# --- What each applicant is told --------------------------------------------------------------------------------


def _results(publication: Publication, listed: list[Application]) -> tuple[list[dict[str, Any]], list[Hold]]:
    decisions, texts = _decisions(listed), _texts(listed)
    holds = [
        decision.award.hold
        for application in listed
        for decision in decisions[application.submission_id]
        if decision.verdict == Verdict.AWARD
    ]
    documents = [
        _result_document(publication, each, decisions[each.submission_id], texts[each.submission_id]) for each in listed
    ]
    return documents, holds


def _decisions(listed: Iterable[Application]) -> dict[int | None, list[Decision]]:
    rows = (
        Decision.objects.filter(is_effective=True, request__submission__in=[each.submission_id for each in listed])
        .select_related("request__sample__mission", "award__hold__sample")
        .order_by("request__sample__catalogue_number")
    )
    found: dict[int | None, list[Decision]] = defaultdict(list)
    for decision in rows:
        found[decision.request.submission_id].append(decision)
    return found


def _texts(listed: Sequence[Application]) -> dict[int | None, list[dict[str, str]]]:
    """What the reviewers wrote for the applicant, in an order and under labels that say nothing of them.

    Each is signed with its reviewer's name in a call that names reviewers, and in no other.
    """
    rows = Review.objects.filter(
        submission__in=[each.submission_id for each in listed],
        state=ReviewState.SUBMITTED,
        assignment__ended_at__isnull=True,
    ).exclude(for_applicant="")
    found: dict[int | None, list[dict[str, str]]] = defaultdict(list)
    signed = bool(listed) and listed[0].call.anonymity == Anonymity.OPEN
    for review in rows.select_related("assignment__reviewer").order_by("sort_key"):
        name = {"name": review.assignment.reviewer.name} if signed else {}
        found[review.submission_id].append({"label": review.label, "text": review.for_applicant, **name})
    return found


def _result_document(
    publication: Publication, application: Application, decisions: list[Decision], texts: list[dict[str, str]]
) -> dict[str, Any]:
    return {
        **_named(publication, application),
        "outcome": str(outcome_of(decisions)),
        "awards": [_award(decision) for decision in decisions if decision.verdict == Verdict.AWARD],
        "decided_at": chain.time_text(max(decision.at for decision in decisions)),
        "requests": [_request(decision) for decision in decisions],
        "panel": texts,
        "record": None,
    }


def _shortlist_document(publication: Publication, application: Application) -> dict[str, Any]:
    return {**_named(publication, application), "invited": application.shortlisting.invited, "record": None}


def _named(publication: Publication, application: Application) -> dict[str, Any]:
    """What a document and its public entry have in common: the words of the submission, and what was accepted since."""
    return {
        "reference": application.reference,
        "call": publication.call.slug,
        "publication": str(publication.uid),
        "kind": str(publication.kind),
        **public_words(application),
        "origin": str(CallOrigin.PORTAL.value),
    }


def _award(decision: Decision) -> dict[str, Any]:
    mission = decision.request.sample.mission
    return {
        "sample": decision.request.sample.catalogue_number,
        "mission": mission.code,
        "hemisphere": mission.hemisphere,
        "whole": decision.award.whole,
        "mass_mg": api_mass(decision.award.mass_mg),
    }


def _request(decision: Decision) -> dict[str, Any]:
    asked, mission = decision.request, decision.request.sample.mission
    awarded = decision.award.mass_mg if decision.verdict == Verdict.AWARD else Decimal(0)
    return {
        "sample": asked.sample.catalogue_number,
        "mission": mission.code,
        "hemisphere": mission.hemisphere,
        "whole": asked.whole,
        "asked_mg": api_mass(asked.sample.initial_mg if asked.whole else asked.asked_mg),
        "least_mg": api_mass(asked.least_mg),
        "verdict": decision.verdict,
        "awarded_mg": api_mass(awarded),
        "reserve_rank": decision.reserve_rank,
        "waits_for": decision.award.waits_for if decision.verdict == Verdict.AWARD else "",
        "reason": decision.reason,
    }


# --- What becomes public ---------------------------------------------------------------------------------------------


def _is_public(publication: Publication, document: dict[str, Any]) -> bool:
    if publication.kind == PublicationKind.RESULTS:
        return document["outcome"] in PUBLIC_OUTCOMES
    return publication.call.announces_shortlist and document["invited"]


def _statement(publication: Publication, document: dict[str, Any]) -> dict[str, Any]:
    """What a proof states of an application that is not in the public record."""
    said = "outcome" if publication.kind == PublicationKind.RESULTS else "invited"
    return {"publication": str(publication.uid), "reference": document["reference"], said: document[said]}


SELECTION_FIELDS = (
    "reference",
    "call",
    "outcome",
    "title",
    "summary",
    "principal_investigator",
    "institution",
    "awards",
    "decided_at",
    "publication",
    "origin",
)
SHORTLISTED_FIELDS = ("reference", "call", "title", "institution", "publication", "origin")


def _public_entry(publication: Publication, document: dict[str, Any]) -> dict[str, Any]:
    names = SELECTION_FIELDS if publication.kind == PublicationKind.RESULTS else SHORTLISTED_FIELDS
    return {name: document[name] for name in names}


def _movements(holds: Iterable[Hold]) -> list[dict[str, Any]]:
    """Per sample, which holds become allocations and how much they are together."""
    by_sample: dict[str, list[Hold]] = defaultdict(list)
    for hold in holds:
        by_sample[hold.sample.catalogue_number].append(hold)
    return [
        {
            "sample": number,
            "mass_mg": api_mass(sum((hold.mass_mg for hold in of_it), Decimal(0))),
            "holds": sorted(str(hold.key) for hold in of_it),
        }
        for number, of_it in sorted(by_sample.items())
    ]


def _pages(call: Call) -> list[str]:
    with translation.override(settings.LANGUAGE_CODE):  # signers may read in different languages: one list, one hash
        return [
            reverse("applications:publication-decisions"),
            reverse("applications:publication-call", args=[call.slug]),
            reverse("applications:calls-detail", args=[call.slug]),
        ]
