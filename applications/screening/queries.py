"""What the pages of screening and advice show: submissions, never drafts; no conflicted application."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from applications.access import submitted_for
from applications.authorisations import flags
from applications.enums import Anonymity, Status
from applications.models import Application, CallSample, NameScan, SampleRequest, Screening
from applications.reading import Reading
from applications.screening.names import words_of
from portal import paging
from portal.roles import Permission
from portal.words import listed
from samples.models import Sample
from samples.rules.availability import why_not_requestable

ORDER = ("-submission__received_at", "reference")
ADVICE_ORDER = ("submission__received_at", "reference")
SIZE = 30


@dataclass(frozen=True)
class Finding:
    """One thing the portal checked of a submission; `holds` is None where a person has to judge."""

    what: Any
    holds: bool | None
    words: Any


def to_screen(user: Any) -> QuerySet[Application]:
    """Return every submitted application an administrator may read, with what a row or page names."""
    rows = submitted_for(user, Permission.SCREEN)
    return rows.select_related("call", "submission", "principal_investigator", "institution")


def screening_page(user: Any, filters: Mapping[str, Any], cursor: str | None) -> paging.Page:
    """Return a page of submissions, the newest first, narrowed by call, status or reference."""
    rows = to_screen(user).annotate(requests=Count("submission__requests"), advised=_advised())
    if filters.get("call"):
        rows = rows.filter(call__slug=filters["call"])
    if filters.get("status"):
        rows = rows.filter(status=filters["status"])
    if filters.get("reference"):
        rows = rows.filter(reference=filters["reference"].strip().upper())
    return paging.page(rows.defer("submission__document"), order=ORDER, cursor=cursor, size=SIZE)


def to_advise(user: Any) -> QuerySet[Application]:
    """Return every submitted application a curator may read; advice is given while it is being screened."""
    return submitted_for(user, Permission.ADVISE).select_related("call", "submission")


def advice_page(user: Any, only_open: bool, cursor: str | None) -> paging.Page:
    """Return a page of applications in screening, the longest waiting first; `only_open` hides what is advised."""
    rows = (
        to_advise(user)
        .filter(status=Status.SUBMITTED)
        .annotate(requests=Count("submission__requests"), advised=_advised())
    )
    if only_open:
        rows = rows.filter(advised__lt=F("requests"))
    return paging.page(rows.defer("submission__document"), order=ADVICE_ORDER, cursor=cursor, size=SIZE)


def request_of(application: Application, uid: Any) -> QuerySet[SampleRequest]:
    """Return the request of the present submission with this public id, as a set of one or none."""
    rows = SampleRequest.objects.filter(submission=application.submission_id, uid=uid)
    return rows.select_related("submission__application", "sample__mission", "advice")


def stock_of(sample: Sample) -> dict[str, Decimal]:
    """Return the public figures of a sample in mg: initial, allocated, and free above its reserve floor.

    A hold of an unpublished decision moves none of them: curators are not among those who decide.
    """
    free = max(sample.public_free_mg - sample.reserve_floor_mg, Decimal(0))
    return {"initial_mg": sample.initial_mg, "allocated_mg": sample.public_allocated_mg, "free_mg": free}


def earlier_screenings(application: Application) -> QuerySet[Screening]:
    """Return what was found of this application's submissions, oldest first."""
    rows = Screening.objects.filter(submission__application=application)
    return rows.select_related("submission", "by").order_by("submission__number")


def findings(user: Any, application: Application, reading: Reading) -> list[Finding]:
    """Return what the portal checked of a submission by itself."""
    return [
        _advice(reading.requests),
        _offers(application, reading.requests),
        _declarations(application, reading.document),
        _team(application),
        _authorisations(application),
        _twins(user, application),
    ]


@dataclass(frozen=True)
class Names:
    """What a search for names found, None while it has not run; each line is place, name and the words around it."""

    scan: NameScan | None
    lines: list[tuple[Any, str, str]]


def possible_names(application: Application) -> Names | None:
    """Return what a search of the present submission found; None where the call hides no names."""
    if application.call.anonymity != Anonymity.DUAL:
        return None
    scan = NameScan.objects.filter(submission=application.submission_id).select_related("cleared_by").first()
    found = scan.found if scan else []
    return Names(scan, [(words_of(one["where"]), one["name"], one["excerpt"]) for one in found])


def _advised() -> Count:
    return Count("submission__requests", filter=Q(submission__requests__advice__isnull=False))


def _advice(requests: list[SampleRequest]) -> Finding:
    open_requests = sum(1 for request in requests if not hasattr(request, "advice"))
    words = ngettext("%(n)s request has none", "%(n)s requests have none", open_requests) % {"n": open_requests}
    return Finding(
        _("The curator has advised on every request"), not open_requests, words if open_requests else _("yes")
    )


def _offers(application: Application, requests: list[SampleRequest]) -> Finding:
    """Whether everything asked for is still offered and requestable: a call may have changed hands since."""
    offers = {offer.sample_id: offer for offer in CallSample.objects.filter(call=application.call_id)}
    wrong = [
        request.sample.catalogue_number
        for request in requests
        if why_not_requestable(request.sample) or not _is_offered(request, offers.get(request.sample_id))
    ]
    return Finding(_("What is asked for is offered"), not wrong, listed(wrong) or _("yes"))


def _is_offered(request: SampleRequest, offer: CallSample | None) -> bool:
    if offer is None:
        return False
    return request.whole or offer.offered_mg is None or (request.asked_mg or Decimal(0)) <= offer.offered_mg


def _declarations(application: Application, document: Mapping[str, Any]) -> Finding:
    made = {one["code"] for one in document.get("declarations") or []}
    wanted = application.call.declarations.filter(is_required=True)
    missing = sorted(set(wanted.values_list("code", flat=True)) - made)
    return Finding(_("Every declaration that must be made was made"), not missing, listed(missing) or _("yes"))


def _team(application: Application) -> Finding:
    """Unconfirmed members warn; they block nothing."""
    waiting = application.team.filter(confirmed_at__isnull=True).count()
    words = ngettext("%(n)s has not confirmed", "%(n)s have not confirmed", waiting) % {"n": waiting}
    return Finding(_("Everybody on the team has confirmed"), None if waiting else True, words if waiting else _("yes"))


def _authorisations(application: Application) -> Finding:
    """What somebody should look at, of either side; it stops nothing."""
    found = flags(application)
    return Finding(_("Authorisations are settled"), None if found else True, listed(found) or _("yes"))


def _twins(user: Any, application: Application) -> Finding:
    """Other applications of the same person or with the same title in this call, as far as this reader sees them."""
    others = submitted_for(user, Permission.SCREEN).filter(call=application.call_id).exclude(pk=application.pk)
    others = others.exclude(status__in=[Status.WITHDRAWN, Status.INELIGIBLE])
    same = others.filter(
        Q(principal_investigator=application.principal_investigator_id)
        | Q(submission__title__iexact=application.submission.title if application.submission else "")
    )
    found = list(same.order_by("reference").values_list("reference", flat=True)[:5])
    return Finding(_("No other application looks like it"), None if found else True, listed(found) or _("none"))
