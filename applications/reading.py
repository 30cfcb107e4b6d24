"""A submission as people read it: screening, curator, panel and reviewers see the same, and never the draft.

The document is written by `applications/documents.py`; its parts are listed by `applications/chapters.py` for the page
(`templates/applications/_submission.html`) and for paper (`applications/papers.py`) alike.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from applications import documents
from applications.access import REVIEWER, SENT, SPEAKER, is_chair, relations
from applications.blocks import Part
from applications.chapters import chapters, name_of
from applications.enums import Anonymity, ConflictKind, PlaceKind, TeamRole
from applications.models import Application, Call, Review, SampleRequest, Submission
from applications.rules.requests import counted_mg, counted_pieces
from applications.rules.scoring import team_is_open
from portal import clock
from samples.enums import Hemisphere

UNTOLD = frozenset({ConflictKind.COMPETING, ConflictKind.RULED})  # to the person whom they bar


@dataclass(frozen=True)
class Person:
    """Somebody on the team as the submission names them."""

    name: str
    part: Any
    institution: str


@dataclass(frozen=True)
class Declarable:
    """What a panel may know of an application before it declares conflicts: reference, people, institutions.

    Where reviewers read without names, they have the reference alone; the portal itself compares people and places.
    """

    reference: str
    people: list[str]
    institutions: list[str]
    kinds: list[ConflictKind]
    is_named: bool = True

    @property
    def told(self) -> list[Any]:
        """Why it is closed to this person, as far as that says nothing of what it asks for or what was ruled."""
        said = [kind.label for kind in self.kinds if kind not in UNTOLD]
        return said or ([_("Closed to you by the portal")] if self.kinds else [])


class Reading:
    """What one submission says; rows of requests are fetched once.

    An `anonymous` reading names no person, institution or place. Without `advice` it is what the team itself wrote.
    While the `science_alone` is read, the attached file is left out as well: its pages may speak of the team.
    """

    science_alone = False

    def __init__(
        self, submission: Submission, *, anonymous: bool = False, advice: bool = True, science_alone: bool = False
    ) -> None:
        self.submission = submission
        self.document: dict[str, Any] = submission.document
        self.anonymous, self.advice = anonymous or science_alone, advice
        self.science_alone = science_alone

    @cached_property
    def parts(self) -> list[Part]:
        """Everything it says, in the order of page and paper."""
        return chapters(self)

    @property
    def people(self) -> list[Person]:
        """The principal investigator first, then the team."""
        head = self.document.get("principal_investigator") or {}
        people = [Person(head.get("name", ""), TeamRole.PRINCIPAL.label, name_of(self.document))]
        for member in self.document.get("team") or []:
            role = member.get("role", "")
            part = TeamRole(role).label if role in TeamRole.values else role
            if not member.get("confirmed_at"):
                part = _("%(part)s, had not confirmed") % {"part": part}
            people.append(Person(member.get("name", ""), part, name_of(member)))
        return people

    @property
    def file(self) -> dict[str, Any] | None:
        """Pages and bytes of the attached PDF, or None."""
        return None if self.science_alone else self.document.get("file") or None

    @cached_property
    def requests(self) -> list[SampleRequest]:
        """The sample requests with sample, mission and group, and the curator's advice where it is read."""
        rows = SampleRequest.objects.filter(submission=self.submission).order_by("sample__catalogue_number")
        if self.advice:
            return list(rows.select_related("sample__mission", "group", "advice"))
        return _without_advice(rows.select_related("sample__mission", "group"))

    @property
    def asked_mg(self) -> Decimal:
        """Everything asked by mass, in mg; of alternatives the largest."""
        return counted_mg(self.requests)

    @property
    def least_mg(self) -> Decimal:
        """The least useful mass of everything asked by mass, in mg; of alternatives the largest."""
        return counted_mg(self.requests, "least_mg")

    @property
    def pieces(self) -> int:
        """How many whole pieces are asked for; of alternatives at most one."""
        return counted_pieces(self.requests)

    @property
    def sides(self) -> list[tuple[str, str]]:
        """Each hemisphere asked for, with the name of its mission."""
        found = {row.sample.mission.hemisphere: row.sample.mission.local_name for row in self.requests}
        return [(side, found[side]) for side in Hemisphere.values if side in found]


class Draft(Reading):
    """What a draft would say if it were submitted now: for the team alone, before it submits.

    `stated` are its authorisations, where whoever calls has them already.
    """

    def __init__(self, application: Application, *, anonymous: bool = False, stated: Any = None) -> None:
        self.anonymous, self.advice = anonymous, False
        self.requests = _without_advice(documents.lines(application))
        self.document = documents.snapshot(application, self.requests, number=0, received_at=clock.now(), stated=stated)


def manner_of(user: Any, application: Application) -> dict[str, bool]:
    """Return how this person reads an application, as `Reading` and paper take it: with names, or without; in part.

    Its reviewers read it without names where the call says so. Where the science is scored first, they read that alone,
    neither names nor the attached file, until they open the part about the team, whatever else the call says.

    Source: the call's own policy (dual-anonymous review; science before people).
    """
    call = application.call
    if call.anonymity != Anonymity.DUAL and not call.science_first:
        return {"anonymous": False, "science_alone": False}
    ways = relations(user, application)
    reviews_it = bool(ways) and ways <= {REVIEWER, SENT, SPEAKER}
    alone = call.science_first and _science_alone(user, application, ways)
    return {"anonymous": alone or (reviews_it and call.anonymity == Anonymity.DUAL), "science_alone": alone}


def reads_without_names(user: Any, application: Application) -> bool:
    """Tell whether this person reads an application without names."""
    return manner_of(user, application)["anonymous"]


def reads_science_alone(user: Any, application: Application) -> bool:
    """Tell whether this person reads nothing about the team yet, neither names nor files: it is not open to them."""
    return manner_of(user, application)["science_alone"]


def _science_alone(user: Any, application: Application, ways: frozenset[str]) -> bool:
    if REVIEWER not in ways or not ways <= {REVIEWER, SENT}:
        return False
    own = Review.objects.filter(
        assignment__application=application, assignment__reviewer=user.pk, assignment__ended_at__isnull=True
    )
    return not team_is_open(application.call, own.first())


def declares_without_names(user: Any, call: Call) -> bool:
    """Tell whether this person declares conflicts in a call without names: else its list would say whose each is.

    Source: as `reads_without_names`.
    """
    return call.anonymity == Anonymity.DUAL and not is_chair(user, call)


def _without_advice(rows: Any) -> list[SampleRequest]:
    """What lies between submission and released document is not the team's."""
    found = list(rows)
    for row in found:
        row._state.fields_cache["advice"] = None
    return found


def declarable(application: Application, kinds: list[ConflictKind], *, anonymous: bool = False) -> Declarable:
    """Return what may be shown of an application to whoever declares, or has, a conflict of these kinds with it."""
    if anonymous:
        return Declarable(application.reference, [], [], kinds, is_named=False)
    head, team = application.principal_investigator, [one for one in application.team.all() if one.invited_at]
    holders = [place.institution for place in application.places.all() if place.kind == PlaceKind.HOLDER]
    places = [application.institution, head.institution, *(member.institution for member in team), *holders]
    names = list(dict.fromkeys(place.label for place in places if place))
    return Declarable(application.reference, [head.name, *(member.name for member in team)], names, kinds)
