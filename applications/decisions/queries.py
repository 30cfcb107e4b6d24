"""What the chair sees while deciding: the ranking, each request with its advice, and what can still be given.

Present holds count here and nowhere else: these pages are the deciding staff's.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from applications.access import judged_by
from applications.enums import Status
from applications.models import Application, Call, CallSample, Decision, SampleRequest
from applications.rules.scoring import RANKING, ranked
from portal.paging import Page, page
from samples.rules.availability import awardable_mg

LISTED = (Status.DELIBERATED, Status.DECIDED, Status.PUBLISHED)


@dataclass(frozen=True)
class Stock:
    """One offered sample with what decisions may still give of it, in mg."""

    offer: CallSample

    @property
    def left_mg(self) -> Decimal:
        """What could still be held, above the reserve floor."""
        return awardable_mg(self.offer.sample)

    @property
    def is_gone(self) -> bool:
        """Whether nothing more can be given; a piece is given whole or not at all."""
        sample = self.offer.sample
        return self.left_mg < (Decimal("0.001") if sample.is_divisible else sample.initial_mg)


def deliberated(user: Any, call: Call) -> QuerySet[Application]:
    """Return the applications of a call that are open to decisions or decided, as far as this chair may judge them."""
    return ranked(judged_by(user), call).filter(status__in=LISTED)


def ranking(user: Any, call: Call, cursor: str | None = None) -> Page:
    """Return one page of the ranking: each application with its rank among those listed, requests and verdicts."""
    listed = deliberated(user, call)
    better = listed.filter(tally__mean__gt=OuterRef("tally__mean")).order_by().values("call")
    rows = listed.annotate(
        rank=Coalesce(Subquery(better.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0) + 1
    ).select_related("tally", "submission")
    return page(rows.prefetch_related(requests_of("submission__requests")), RANKING, cursor)


def requests_of(path: str) -> Prefetch:
    """Return the prefetch of sample requests with advice, sample and the effective decision (`request.effective`)."""
    effective = Decision.objects.filter(is_effective=True).select_related("award")
    rows = SampleRequest.objects.select_related("sample__mission", "advice").order_by("sample__catalogue_number")
    return Prefetch(path, rows.prefetch_related(Prefetch("decisions", effective, to_attr="effective")))


def requests(application: Application) -> list[SampleRequest]:
    """Return the requests of the present submission, as `requests_of` does."""
    rows = SampleRequest.objects.filter(submission=application.submission_id)
    effective = Decision.objects.filter(is_effective=True).select_related("award", "by")
    return list(
        rows.select_related("sample__mission", "advice")
        .order_by("sample__catalogue_number")
        .prefetch_related(Prefetch("decisions", effective, to_attr="effective"))
    )


def stock(call: Call) -> list[Stock]:
    """Return what a call offers with what can still be given of each sample."""
    offers = call.offers.select_related("sample__mission").order_by(
        F("sample__mission__landed_on"), "sample__catalogue_number"
    )
    return [Stock(offer) for offer in offers]


def waiting(user: Any, call: Call) -> int:
    """Return how many applications are still before deliberation, as far as this chair may judge them."""
    return judged_by(user).filter(call=call).exclude(status__in=LISTED).count()
