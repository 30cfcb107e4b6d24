"""A submission as people read it: screening, curator, panel and reviewers see the same, and never the draft.

The document is written by `applications/apply/documents.py`; the markup is `templates/applications/_submission.html`.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications.enums import ConflictKind, TeamRole
from applications.models import Application, SampleRequest, Submission
from samples.enums import Hemisphere

TEXTS = (
    ("question", _("Scientific question")),
    ("plan", _("Research plan")),
    ("methods", _("Methods and least mass")),
    ("public_summary", _("Public summary")),
)


@dataclass(frozen=True)
class Text:
    """One section of an application."""

    key: str
    heading: Any
    words: str


@dataclass(frozen=True)
class Person:
    """Somebody on the team as the submission names them."""

    name: str
    part: Any
    institution: str


@dataclass(frozen=True)
class Declarable:
    """What a panel may know of an application before it declares conflicts: reference, people, institutions."""

    reference: str
    people: list[str]
    institutions: list[str]
    kinds: list[ConflictKind]


class Reading:
    """What one submission says; rows of requests are fetched once."""

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.document: dict[str, Any] = submission.document

    @property
    def texts(self) -> list[Text]:
        """The sections that have words."""
        return [Text(key, heading, self.document[key]) for key, heading in TEXTS if self.document.get(key)]

    @property
    def people(self) -> list[Person]:
        """The principal investigator first, then the team."""
        head = self.document.get("principal_investigator") or {}
        people = [Person(head.get("name", ""), TeamRole.PRINCIPAL.label, _institution(self.document))]
        for member in self.document.get("team") or []:
            role = member.get("role", "")
            part = TeamRole(role).label if role in TeamRole.values else role
            people.append(Person(member.get("name", ""), part, _institution(member)))
        return people

    @property
    def file(self) -> dict[str, Any] | None:
        """Pages and bytes of the attached PDF, or None."""
        return self.document.get("file") or None

    @cached_property
    def requests(self) -> list[SampleRequest]:
        """The sample requests with sample, mission and the curator's advice."""
        rows = SampleRequest.objects.filter(submission=self.submission)
        return list(rows.select_related("sample__mission", "advice").order_by("sample__catalogue_number"))

    @property
    def asked_mg(self) -> Decimal:
        """Everything asked by mass, in mg."""
        return sum((row.asked_mg or Decimal(0) for row in self.requests), Decimal(0))

    @property
    def least_mg(self) -> Decimal:
        """The least useful mass of everything asked by mass, in mg."""
        return sum((row.least_mg or Decimal(0) for row in self.requests), Decimal(0))

    @property
    def pieces(self) -> int:
        """How many whole pieces are asked for."""
        return sum(1 for row in self.requests if row.whole)

    @property
    def sides(self) -> list[tuple[str, str]]:
        """Each hemisphere asked for, with the name of its mission."""
        found = {row.sample.mission.hemisphere: row.sample.mission.local_name for row in self.requests}
        return [(side, found[side]) for side in Hemisphere.values if side in found]


def declarable(application: Application, kinds: list[ConflictKind]) -> Declarable:
    """Return what may be shown of an application to whoever declares, or has, a conflict of these kinds with it."""
    head, team = application.principal_investigator, list(application.team.all())
    places = [application.institution, head.institution, *(member.institution for member in team)]
    names = list(dict.fromkeys(place.label for place in places if place))
    return Declarable(application.reference, [head.name, *(member.name for member in team)], names, kinds)


def _institution(part: dict[str, Any]) -> str:
    place = part.get("institution") or {}
    chinese = place.get("name_zh", "") if get_language() == "zh-hans" else ""
    return chinese or place.get("name", "")
