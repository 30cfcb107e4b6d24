"""The discussion of one application as those who may speak in it read it: by label, unless names are theirs to read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Case, Count, F, Q, QuerySet, TextField, Value, When
from django.utils.translation import gettext_lazy as _

from applications.access import CHAIR, SENT, SPEAKER, relations, visible_to
from applications.enums import Anonymity, PanelRole, ReviewState, Status
from applications.models import Application, Assignment, PanelMember, Review, Waiver
from applications.suspending import is_suspended
from portal import paging

ORDER = ("at", "uid")
SIZE = 50
SPEAKING = frozenset({SENT, SPEAKER, CHAIR})
OPEN = frozenset({Status.UNDER_REVIEW, Status.INTERVIEWING, Status.DELIBERATED})


@dataclass(frozen=True)
class Post:
    """One post: who wrote it, as this reader may know them, and what; of a suspended one neither."""

    uid: Any
    author: Any
    name: str
    is_mine: bool
    text: str
    at: datetime
    is_suspended: bool


@dataclass(frozen=True)
class Discussed:
    """An application whose discussion somebody reads, and in which ways they stand to it."""

    application: Application
    ways: frozenset[str]


def discussed_by(user: Any, slug: str, reference: str) -> Discussed | None:
    """Return an application in whose discussion this person takes part; None for everybody else."""
    rows = visible_to(user).filter(call__slug=slug, reference=reference).select_related("call", "submission")
    found = rows.defer("submission__document").first()
    ways = relations(user, found) if found else frozenset()
    return Discussed(found, ways) if found and ways & SPEAKING else None


def thread(user: Any, discussed: Discussed, cursor: str | None) -> paging.Page:
    """Return a page of the thread, the earliest first; the words of a suspended post are not even fetched."""
    application = discussed.application
    named = application.call.anonymity == Anonymity.OPEN or CHAIR in discussed.ways
    rows = application.discussion.select_related("author") if named else application.discussion.all()
    rows = rows.annotate(suspended=is_suspended()).defer("text")
    rows = rows.annotate(words=Case(When(suspended=True, then=Value("")), default=F("text"), output_field=TextField()))
    found, labels = paging.page(rows, ORDER, cursor, SIZE), _labels(application)
    posts = [_post(one, user, labels, named) for one in found.rows]
    return paging.Page(posts, found.next, found.previous)


def reviews_in(application: Application) -> tuple[int, int]:
    """Return how many reviews of an application are in, and of how many."""
    live = Assignment.objects.filter(application=application, ended_at__isnull=True)
    found = live.aggregate(all=Count("pk"), sent=Count("pk", filter=Q(review__state=ReviewState.SUBMITTED)))
    return found["sent"], found["all"]


def is_open(application: Application) -> bool:
    """Tell whether something may be said still: until the decision is recorded."""
    return application.status in OPEN


def speakers(application: Application) -> Any:
    """Return everybody who may be told that the discussion went on, each asked again when the mail is sent."""
    sent = Assignment.objects.filter(application=application, ended_at__isnull=True)
    sent = sent.filter(review__state=ReviewState.SUBMITTED)
    return get_user_model().objects.filter(
        Q(pk__in=sent.values("reviewer"))
        | Q(pk__in=Waiver.objects.filter(application=application).values("user"))
        | Q(pk__in=_chairs(application).filter(until__isnull=True).values("user")),
        is_active=True,
    )


def _chairs(application: Application) -> QuerySet[PanelMember]:
    return PanelMember.objects.filter(call=application.call_id, role=PanelRole.CHAIR)


def _labels(application: Application) -> dict[int, Any]:
    """Return what each author is called: a chair and a speaker by their part, everybody else by their review."""
    reviews = Review.objects.filter(assignment__application=application).order_by("submitted_at")
    found: dict[int, Any] = dict(reviews.values_list("assignment__reviewer", "label"))
    found |= dict.fromkeys(
        Waiver.objects.filter(application=application).values_list("user", flat=True), _("Speaker (does not vote)")
    )
    return found | dict.fromkeys(_chairs(application).values_list("user", flat=True), _("Chair"))


def _post(one: Any, user: Any, labels: dict[int, Any], named: bool) -> Post:
    if one.suspended:
        return Post(one.uid, _("Member of the panel"), "", False, "", one.at, True)
    author = labels.get(one.author_id, _("Member of the panel"))
    return Post(one.uid, author, one.author.name if named else "", one.author_id == user.pk, one.words, one.at, False)
