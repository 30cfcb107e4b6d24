"""Searches a submission for names, where the call hides them from reviewers: its texts, its PDF, and names of files.

What counts as a name is `applications/rules/naming.py`; the worker runs this for every submission that has not been
searched (`applications/tasks.py`), and an administrator reads what was found. No name of an uploaded file is kept: in
texts, bookmarks and links they are found like any other word.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.blocks import Block, Items, Table, Title, Words
from applications.chapters import SCIENCE
from applications.enums import Anonymity, Status
from applications.models import NameScan, Submission, TeamMember
from applications.reading import Reading
from applications.rules.invitations import addresses_of
from applications.rules.naming import Found, Kind, Name, possible_names
from portal import clock, files
from portal.accounts.models import Institution, InstitutionName
from portal.audit.trail import record

BATCH = 20
TITLE, FILE, BESIDE, UNREAD, EMPTY = "title", "file", "file-beside", "file-unread", "file-empty"
BROKEN = "file-beside-unread"
PLACES = {
    TITLE: _("Title"),
    FILE: _("PDF, page %(page)s"),
    BESIDE: _("PDF, bookmarks and links"),
    BROKEN: _("PDF, bookmarks or links, which could not all be read: look at it yourself"),
    UNREAD: _("PDF, which could not be read: look at it yourself"),
    EMPTY: _("PDF, page %(page)s, which has no text: look at it yourself"),
}


def scan_due() -> int:
    """Search the submissions that have not been searched and could be passed on; return how many were."""
    rows = Submission.objects.filter(
        name_scan__isnull=True,
        current_of__status=Status.SUBMITTED,
        current_of__call__anonymity=Anonymity.DUAL,
    )
    waiting = list(rows.select_related("application").order_by("received_at", "pk")[:BATCH])
    for submission in waiting:
        scan(submission)
    return len(waiting)


def scan(submission: Submission) -> NameScan:
    """Search one submission and keep what was found: up to a minute, outside a transaction. Twice does it once."""
    found = search(submission)
    with transaction.atomic():
        kept, made = NameScan.objects.get_or_create(
            submission=submission, defaults={"found": [asdict(one) for one in found], "at": clock.now()}
        )
        if made:
            facts = {"submission": submission.number, "found": len(found)}
            record("application.scan_names", submission.application, by=None, facts=facts)
        return kept


def search(submission: Submission) -> list[Found]:
    """Return the possible names in what reviewers would read of a submission."""
    names = list(names_of(submission))
    reading = Reading(submission, anonymous=True, advice=False)
    texts = list(texts_of(reading))
    unread: list[Found] = []
    if reading.file:
        paper = files.text_of(reading.file["sha256"])
        if paper is None:
            unread.append(Found(UNREAD, "", ""))
        else:
            texts += [(f"{FILE} {number}", words) for number, words in enumerate(paper.pages, start=1)]
            texts += [(BESIDE, words) for words in paper.beside]
            empty = [number for number, words in enumerate(paper.pages, start=1) if not words.strip()]
            unread += [Found(f"{EMPTY} {number}", "", "") for number in empty]
            unread += [Found(BROKEN, "", "")] if paper.unread else []
    return [*possible_names(texts, names), *unread]


def words_of(where: str) -> Any:
    """Say a place in words; `where` is what a scan keeps of it: a code, of a page with its number."""
    code, _blank, page = where.partition(" ")
    return PLACES[code] % {"page": page} if code in PLACES else PARTS.get(code, where)


PARTS = {**dict(SCIENCE), "requests": _("Requested samples")}


# --- What is searched -------------------------------------------------------------------------------------------


def texts_of(reading: Reading) -> Iterator[tuple[str, str]]:
    """Yield every text of a reading with the code of its part: whatever is shown is searched."""
    yield TITLE, reading.submission.title
    for part in reading.parts:
        for block in part.blocks:
            yield from ((part.key, words) for words in _words(block))


def _words(block: Block) -> Iterator[str]:
    if isinstance(block, Words | Title):
        yield str(block.words)
    elif isinstance(block, Items):
        yield from map(str, block.items)
    elif isinstance(block, Table):
        yield from (" | ".join(map(str, row)) for row in block.rows)


# --- For whom ---------------------------------------------------------------------------------------------------


def names_of(submission: Submission) -> Iterator[Name]:
    """Yield what names the team and its places, as the submission and the accounts say it."""
    application, document = submission.application, submission.document
    team = list(application.team.select_related("user"))
    people = [application.principal_investigator, *(member.user for member in team if member.user)]
    yield from _people(people, team)
    for one in (document.get("principal_investigator") or {}, *(document.get("team") or [])):
        yield from (Name(one[key], Kind.PERSON) for key in ("name", "native_name") if one.get(key))
        if one.get("orcid"):
            yield Name(one["orcid"], Kind.ADDRESS)
    places = list(application.places.select_related("institution"))
    rooms = [place.facility for place in places] + [person.department for person in people]
    yield from (Name(words, Kind.PLACE) for words in rooms if words)
    ids = {application.institution_id, *(place.institution_id for place in places)}
    ids |= {member.institution_id for member in team} | {person.institution_id for person in people}
    yield from _institutions(one for one in ids if one is not None)


def _people(people: Iterable[Any], team: Iterable[TeamMember]) -> Iterator[Name]:
    for addresses in addresses_of(list(people)).values():
        yield from (Name(words, Kind.ADDRESS) for words in sorted(addresses))
    for person in people:
        yield from (Name(words, Kind.PERSON) for words in (person.name, person.native_name) if words)
        yield from (Name(words, Kind.ADDRESS) for words in (person.email, person.orcid) if words)
    for member in team:
        yield Name(member.name, Kind.PERSON)
        yield from (Name(words, Kind.ADDRESS) for words in (member.email, member.orcid) if words)


def _institutions(ids: Iterable[int]) -> Iterator[Name]:
    """The names of institutions, of what they are part of, and every synonym and acronym of both."""
    rows = list(Institution.objects.filter(pk__in=list(ids)).select_related("parent"))
    every = {one.pk: one for row in rows for one in (row, row.parent) if one is not None}
    for one in every.values():
        yield from (Name(words, Kind.PLACE) for words in (one.name, one.name_zh) if words)
    for other in InstitutionName.objects.filter(institution__in=every):
        acronym = other.kind == InstitutionName.Kind.ACRONYM
        yield Name(other.name, Kind.ACRONYM if acronym else Kind.PLACE)
