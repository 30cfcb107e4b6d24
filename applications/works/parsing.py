"""Lists of works as people have them: DOIs line by line, BibTeX, the record of ORCID's public API as JSON.

Read here alone and sent nowhere. Whatever cannot be read is told with its line; nothing is guessed.
"""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bibtexparser import middlewares
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares.names import InvalidNameError, parse_single_name_into_parts
from bibtexparser.model import DuplicateBlockKeyBlock, Entry
from django.utils.translation import gettext as _

from portal.accounts.institutions import fold, one_line

MOST_AT_ONCE = 1000
MOST_AUTHORS_KEPT = 30  # more than a hint ever looks at
MOST_TOLD = 20  # errors of one text
DOI = re.compile(r"^10\.[0-9]{4,9}/\S{1,280}$")
BEFORE_DOI = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
YEAR = re.compile(r"^(1[5-9][0-9]{2}|20[0-9]{2})\b")
ORCID = re.compile(r"([0-9]{4}-){3}[0-9]{3}[0-9X]")
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what people typed is told to them, not to a log
# Accents written as commands of LaTeX become letters; braces that keep capitals go.
READABLE = (middlewares.LatexDecodingMiddleware(),)


@dataclass(frozen=True)
class Found:
    """A work as a list says it; `key` is the DOI in small letters, else title and year."""

    key: str
    doi: str = ""
    title: str = ""
    year: int | None = None
    authors: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Reading:
    """What was read of one text, and what could not be: sentences with the line."""

    works: list[Found] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def told(self) -> list[str]:
        """Return the first problems, and how many more there are."""
        more = len(self.problems) - MOST_TOLD
        return self.problems[:MOST_TOLD] + ([_("And %(count)s more.") % {"count": more}] if more > 0 else [])


def read_dois(text: str) -> Reading:
    """Read one DOI a line, with or without the address before it."""
    reading = Reading()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        doi = doi_of(line)
        if doi:
            reading.works.append(Found(doi, doi))
        else:
            reading.problems.append(_("Line %(line)s is no DOI: %(text)s") % {"line": number, "text": line[:80]})
    return reading


def read_bibtex(text: str) -> Reading:
    """Read BibTeX; an entry needs a DOI or a title. An entry written twice counts once."""
    reading = Reading()
    if text.count("@") > MOST_AT_ONCE:
        reading.problems.append(_("These are more than %(most)s entries. Add them in parts.") % {"most": MOST_AT_ONCE})
        return reading
    library = parse_string(text, append_middleware=list(READABLE))
    for block in library.failed_blocks:
        if isinstance(block, DuplicateBlockKeyBlock):
            _read_entry(block.ignore_error_block, reading)
            continue
        words = _("The entry from line %(line)s on cannot be read.") % {"line": (block.start_line or 0) + 1}
        reading.problems.append(words)
    for entry in library.entries:
        _read_entry(entry, reading)
    if not reading.works and not reading.problems and text.strip():
        reading.problems.append(_("Line 1: there is no entry of BibTeX in it."))
    return reading


def read_file(text: str) -> Reading:
    """Read a file: JSON as ORCID's public API gives it, else BibTeX."""
    return read_orcid(text) if text.lstrip()[:1] in ("{", "[") else read_bibtex(text)


def read_orcid(text: str) -> Reading:
    """Read the works of a record as ORCID's public API gives it: a whole record, or its works alone."""
    reading = Reading()
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        reading.problems.append(_("Line %(line)s is no JSON: the file may be cut off.") % {"line": error.lineno})
        return reading
    except RecursionError:
        record = None
    summaries = list(_summaries(record))
    if not summaries:
        reading.problems.append(_("Line 1: there are no works of an ORCID record in it."))
    for number, summary in enumerate(summaries, start=1):
        doi, title = _doi_in(summary), _text(summary, "title", "title", "value")
        found = _found(doi, title, _text(summary, "publication-date", "year", "value"), _contributors(summary))
        if found:
            reading.works.append(found)
        else:
            reading.problems.append(_("Work %(number)s has neither a DOI nor a title.") % {"number": number})
    return reading


def doi_of(text: str) -> str:
    """Return a DOI in small letters, without what may stand before it; nothing where it is none."""
    bare = BEFORE_DOI.sub("", clean(text)).rstrip(".,;").lower()
    return bare if DOI.match(bare) else ""


def clean(text: str, longest: int = 500) -> str:
    """Return a text as one line that the database can hold."""
    whole = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return one_line(whole)[:longest]


# --- BibTeX ----------------------------------------------------------------------------------------------


def _read_entry(entry: Any, reading: Reading) -> None:
    if not isinstance(entry, Entry):
        return
    said = {key.lower(): str(each.value) for key, each in entry.fields_dict.items()}
    doi = doi_of(said.get("doi", "")) or doi_of(said.get("url", ""))
    year = said.get("year", "") or said.get("date", "")
    found = _found(doi, said.get("title", "").replace("{", "").replace("}", ""), year, _authors(said.get("author", "")))
    if found:
        reading.works.append(found)
    else:
        line = (entry.start_line or 0) + 1
        reading.problems.append(_("The entry from line %(line)s on has neither a DOI nor a title.") % {"line": line})


def _authors(text: str) -> list[dict[str, str]]:
    """Return the authors of an entry as "Family, Given"."""
    found = []
    for name in re.split(r"\s+and\s+", one_line(text))[: MOST_AUTHORS_KEPT + 1]:
        try:
            parts = parse_single_name_into_parts(name, strict=False)
        except InvalidNameError:
            continue
        family = " ".join([*parts.von, *parts.last]).replace("{", "").replace("}", "")
        given = " ".join(parts.first).replace("{", "").replace("}", "")
        if family:
            found.append({"name": clean(f"{family}, {given}" if given else family, 200), "orcid": ""})
    return found


# --- ORCID -------------------------------------------------------------------------------------------------


def _summaries(record: Any) -> Iterator[dict[str, Any]]:
    """Yield the works of a record, the preferred version of each group first and alone."""
    works = _inside(record, "activities-summary", "works") or record
    groups = works.get("group") if isinstance(works, dict) else None
    for group in groups if isinstance(groups, list) else []:
        versions = group.get("work-summary") if isinstance(group, dict) else None
        if isinstance(versions, list) and versions and isinstance(versions[0], dict):
            yield versions[0]
    bulk = works.get("bulk") if isinstance(works, dict) else None
    for one in bulk if isinstance(bulk, list) else []:
        work = _inside(one, "work")
        if isinstance(work, dict):
            yield work


def _inside(thing: Any, *path: str) -> Any:
    for step in path:
        thing = thing.get(step) if isinstance(thing, dict) else None
    return thing


def _text(thing: Any, *path: str) -> str:
    found = _inside(thing, *path)
    return found if isinstance(found, str) else ""


def _doi_in(summary: dict[str, Any]) -> str:
    ids = _inside(summary, "external-ids", "external-id")
    for one in ids if isinstance(ids, list) else []:
        if _text(one, "external-id-type").lower() == "doi" and _text(one, "external-id-relationship") != "part-of":
            return doi_of(_text(one, "external-id-value"))
    return ""


def _contributors(summary: dict[str, Any]) -> list[dict[str, str]]:
    found = []
    people = _inside(summary, "contributors", "contributor")
    for one in people[: MOST_AUTHORS_KEPT + 1] if isinstance(people, list) else []:
        orcid = ORCID.search(_text(one, "contributor-orcid", "path"))
        name = clean(_text(one, "credit-name", "value"), 200)
        if name or orcid:
            found.append({"name": name, "orcid": orcid.group() if orcid else ""})
    return found


def _found(doi: str, title: str, year: str, authors: list[dict[str, str]]) -> Found | None:
    title, said = clean(title), YEAR.match(year.strip())
    number = int(said.group()) if said else None
    key = doi or (f"{fold(title)[:280]} {number or ''}".strip() if fold(title) else "")
    return Found(key, doi, title, number, authors) if key else None
