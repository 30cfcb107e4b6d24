"""What may be a conflict and is none by itself: hints, on which a chair rules; the ruling stands whatever follows.

Three kinds: institutions of one parent organisation; a work published together (`applications/rules/coauthors.py`); a
minor interest that a member of the panel declared. What bars by itself: `applications/rules/conflicts.py`.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.enums import HintKind, InterestAnswer, PlaceKind
from applications.models import Application, PanelAnswer, Party, Place, Ruling, TeamMember
from applications.rules.coauthors import published_together
from applications.rules.conflicts import NOTHING, conflicts_among
from portal.accounts.models import Institution
from portal.errors import NotNow

Pair = tuple[int, int]  # application, person


@dataclass(frozen=True)
class Hint:
    """One hint about a pair; `about` is what it rests on: a title or DOI, the words of a minor interest, or nothing."""

    kind: HintKind
    about: str = ""


def hints_among(people: Sequence[Any], applications: Sequence[Application]) -> dict[Pair, list[Hint]]:
    """Return every hint of each pair (application id, person id), ruled on or not, in a fixed number of queries.

    A conflict that bars the pair is another matter: it is told by `conflicts_among`.

    Source: portal policy, after the charter of the expert committee.
    """
    found = computed_among(people, applications)
    minor = PanelAnswer.objects.filter(user__in=people, application__in=applications, answer=InterestAnswer.MINOR)
    for application, user, words in minor.values_list("application", "user", "words"):
        found.setdefault((application, user), []).append(Hint(HintKind.MINOR, words))
    return found


def computed_among(people: Sequence[Any], applications: Sequence[Application]) -> dict[Pair, list[Hint]]:
    """Return the hints that the portal computes by itself, in a fixed number of queries: all but minor interests."""
    found: dict[Pair, list[Hint]] = {}
    for pair in _of_one_parent(people, applications):
        found.setdefault(pair, []).append(Hint(HintKind.PARENT))
    for pair, about in published_together(people, applications).items():
        found.setdefault(pair, []).append(Hint(HintKind.COAUTHOR, about))
    return found


def open_hints_among(
    people: Sequence[Any], applications: Sequence[Application], barred: Container[Pair] | None = None
) -> dict[Pair, list[Hint]]:
    """Return the hints on which nobody has ruled, of the pairs that no conflict bars anyway.

    `barred` are these pairs, where whoever calls has asked for them already.
    """
    found = hints_among(people, applications)
    if not found:
        return {}
    # Conflicts are asked of those alone whom a hint is about: few, where a whole call is asked.
    people = [one for one in people if one.pk in {person for _application, person in found}]
    applications = [one for one in applications if one.pk in {application for application, _person in found}]
    ruled = set(
        Ruling.objects.filter(user__in=people, application__in=applications).values_list("application", "user", "kind")
    )
    return still_open(found, ruled, conflicts_among(people, applications) if barred is None else barred)


def still_open(
    found: Mapping[Pair, Sequence[Hint]], ruled: Container[Any], barred: Container[Pair]
) -> dict[Pair, list[Hint]]:
    """Return of these hints those that nobody has ruled on, (application, person, kind), and no conflict overtakes."""
    left = {
        pair: [hint for hint in hints if (*pair, hint.kind.value) not in ruled]
        for pair, hints in found.items()
        if pair not in barred
    }
    return {pair: hints for pair, hints in left.items() if hints}


def check_has_no_open_hint(user: Any, application: Application) -> None:
    """Refuse to assign somebody about whom a question is open.

    Raises:
        NotNow: a hint about this person and this application waits for a ruling.
    """
    if open_hints_among([user], [application]):
        raise NotNow(_("Rule on this hint first: there may be a conflict."), code="open-hint", field="reviewer")


# --- Institutions of one parent organisation -----------------------------------------------------------


def _of_one_parent(people: Sequence[Any], applications: Sequence[Application]) -> list[Pair]:
    """Return the pairs whose institutions are parts of one, or one part of the other; the same one bars by itself."""
    places, parents = _places(people, applications)
    pairs = []
    for application, there in places.items():
        own, above = set(there), {parent for parent in there.values() if parent is not None}
        for person in people:
            place, parent = person.institution_id, parents.get(person.institution_id)
            if place is None or place in own:
                continue
            if place in above or (parent is not None and parent in own | above):
                pairs.append((application, person.pk))
    return pairs


def _places(
    people: Sequence[Any], applications: Sequence[Application]
) -> tuple[dict[int, dict[int, int | None]], dict[int, int | None]]:
    """Return the places of each application with their parents, and the parents of where these people work.

    Of an application: where its people work, and where its material would be held.
    """
    rows = Application.objects.filter(pk__in=[one.pk for one in applications])
    team = TeamMember.objects.filter(application__in=applications, invited_at__isnull=False)
    holders = Place.objects.filter(application__in=applications, kind=PlaceKind.HOLDER)
    parties = Party.objects.filter(submission__in=[one.submission_id for one in applications])
    own = Institution.objects.filter(pk__in={one.institution_id for one in people if one.institution_id})
    every = own.values_list(NOTHING, "pk", "parent").union(
        *_pairs(rows, "pk", "institution", "principal_investigator__institution"),
        *_pairs(team, "application", "institution", "user__institution"),
        *_pairs(holders, "application", "institution"),
        *_pairs(parties, "submission__current_of", "institution"),
    )
    found: dict[int, dict[int, int | None]] = {}
    parents: dict[int, int | None] = {}
    for application, institution, parent in every:
        if application is None:
            parents[institution] = parent
        elif institution is not None:
            found.setdefault(application, {})[institution] = parent
    return found, parents


def _pairs(rows: QuerySet[Any], application: str, *paths: str) -> list[QuerySet[Any, Any]]:
    return [rows.values_list(application, path, f"{path}__parent") for path in paths]
