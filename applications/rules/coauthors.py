"""Who has published together of late, as the lists say that people gave: the portal asks no outside service.

A work counts within three years before the call's deadline (a list knows years alone) if it has at most fifteen
authors. It is common to two people where it stands in the lists of both, or where one's list names the other among its
authors: by ORCID iD, else by family name and first initial. Where a list knows no year, another list of the same work
may; where none does, the work counts. It is a hint and no conflict: `applications/rules/hints.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value

from applications.models import Application, Call, Party, TeamMember, Work
from portal.accounts.institutions import fold

YEARS = 3  # before the deadline. Source: portal policy
MOST_AUTHORS = 15  # of a work that still says who knows whom. Source: portal policy
UNKNOWN = Value("", output_field=CharField())
Name = tuple[str, str]  # family name, first letter of the given one


@dataclass(frozen=True)
class Someone:
    """Who somebody is in a list of authors: their ORCID iD, and the names under which they may stand there."""

    orcid: str
    names: frozenset[Name]


@dataclass(frozen=True)
class Listed:
    """A work as one list has it."""

    key: str
    title: str
    authors: tuple[Someone, ...]


def published_together(people: Sequence[Any], applications: Sequence[Application]) -> dict[tuple[int, int], str]:
    """Return the pairs (application id, person id) in which the person published with somebody on the team.

    Each comes with the title, or the DOI, of such a work. In a fixed number of queries.

    Source: portal policy.
    """
    lists, years = _lists(people, applications)
    if not lists:
        return {}
    teams, found = _teams(applications), {}
    deadlines = dict(Call.objects.filter(pk__in={one.call_id for one in applications}).values_list("pk", "closes_at"))
    selves = {one.pk: _someone(one.orcid, one.name, one.native_name) for one in people}
    recent_in = {
        call: _since(lists, years, closes_at.year - YEARS if closes_at else 0) for call, closes_at in deadlines.items()
    }
    for application in applications:
        recent = recent_in[application.call_id]
        for person in people:
            work = _common(person.pk, selves[person.pk], teams.get(application.pk, {}), recent)
            if work is not None:
                found[application.pk, person.pk] = work.title
    return found


def _since(lists: Mapping[int, Sequence[Listed]], years: Mapping[str, int], since: int) -> dict[int, list[Listed]]:
    """Return of these lists the works of a year and later; one whose year nobody knows counts."""
    return {user: [work for work in works if years.get(work.key, since) >= since] for user, works in lists.items()}


def names_of(name: str) -> frozenset[Name]:
    """Return family name and first initial of a name, whichever part of it comes first.

    "Li, Xiaoming" says which is the family name; "Xiaoming Li" and "Li Xiaoming" do not, so that both are tried. Of a
    family name of several words the last one counts, as it is what everybody writes.
    """
    family, comma, given = name.partition(",")
    words = fold(family).split()
    if not words:
        return frozenset()
    if comma:
        return frozenset({(words[-1], fold(given)[:1])})
    if len(words) == 1:
        return frozenset({(words[0], "")})
    return frozenset({(words[-1], words[0][0]), (words[0], words[-1][0])})


def _lists(
    people: Sequence[Any], applications: Sequence[Application]
) -> tuple[dict[int, list[Listed]], Mapping[str, int]]:
    """Return the lists of these people and of the teams, without crowded works, and the year of each work known.

    What others list of the same works is there as well: it tells years and numbers of authors.
    """
    ids = [one.pk for one in applications]
    on_team = TeamMember.objects.filter(application__in=ids, invited_at__isnull=False).values("user")
    named = Party.objects.filter(submission__in=[one.submission_id for one in applications]).values("user")
    whose = Q(user__in=[one.pk for one in people]) | Q(user__in=on_team) | Q(user__in=named)
    whose |= Q(user__in=[one.principal_investigator_id for one in applications])
    every = Work.objects.filter(key__in=Work.objects.filter(whose).values("key"))  # what anybody knows of these works
    rows = list(every.values_list("user", "key", "title", "year", "authors"))
    crowded = {key for _user, key, _title, _year, authors in rows if len(authors) > MOST_AUTHORS}
    lists: dict[int, list[Listed]] = {}
    for user, key, title, _year, authors in rows:
        if key not in crowded:
            read = tuple(_someone(one.get("orcid", ""), one.get("name", "")) for one in authors)
            lists.setdefault(user, []).append(Listed(key, title or key, read))
    return lists, {key: year for _user, key, _title, year, _authors in rows if year}


def _teams(applications: Sequence[Application]) -> dict[int, dict[int | str, Someone]]:
    """Return who is on each team, invited or named by what was submitted: by account, else by row."""
    ids = [one.pk for one in applications]
    leads = Application.objects.filter(pk__in=ids)
    named = Party.objects.filter(submission__in=[one.submission_id for one in applications], user__isnull=False)
    invited = TeamMember.objects.filter(application__in=ids, invited_at__isnull=False)
    rows = _people(leads, "pk", "principal_investigator").union(
        _people(named, "submission__current_of", "user"),
        _people(invited, "application", "user", orcid=F("orcid"), listed=F("name")),
        all=True,
    )
    teams: dict[int, dict[int | str, Someone]] = {}
    for application, user, *said in rows:
        orcid, names = said[0] or said[1], [name for name in said[2:] if name]
        member = _someone(orcid or "", *names)
        team, key = teams.setdefault(application, {}), user or f"{orcid} {names}"
        before = team.get(key, member)
        team[key] = Someone(member.orcid or before.orcid, member.names | before.names)
    return teams


def _people(rows: QuerySet[Any], application: str, user: str, **listed: Any) -> QuerySet[Any, Any]:
    """Return application, account, the iD of account and list, and the names of account and list."""
    said = {"orcid": UNKNOWN, "listed": UNKNOWN} | listed
    return rows.annotate(said_orcid=said["orcid"], said_name=said["listed"]).values_list(
        application, user, f"{user}__orcid", "said_orcid", f"{user}__name", f"{user}__native_name", "said_name"
    )


def _someone(orcid: str, *names: str) -> Someone:
    return Someone(orcid, frozenset().union(*(names_of(name) for name in names)))


def _common(
    person: int, self: Someone, team: Mapping[int | str, Someone], lists: Mapping[Any, Sequence[Listed]]
) -> Listed | None:
    """Return a work that this person has in common with somebody else on the team."""
    own = {work.key: work for work in lists.get(person, ())}
    for whose, member in team.items():
        if whose == person:
            continue
        theirs = lists.get(whose, ())
        for work in theirs:
            if work.key in own or _names(work.authors, self, beside=member):
                return work
        for work in own.values():
            if _names(work.authors, member, beside=self):
                return work
    return None


def _names(authors: Iterable[Someone], wanted: Someone, *, beside: Someone) -> bool:
    """Whether somebody is among the authors of a work; not the one `beside`, in whose own list it stands."""
    for author in authors:
        if author.orcid and wanted.orcid:
            if author.orcid == wanted.orcid:
                return True
        elif author.names & wanted.names and not author.names & beside.names:
            return True
    return False
