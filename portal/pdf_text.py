"""Reads the words of one PDF: run by `portal/files.py` in a process of its own, with little memory and time.

Usage: `python -I pdf_text.py SOURCE`. Prints one line of JSON: `{"pages": ["…"], "beside": ["…"], "unread": ["…"]}`,
beside being the titles of its bookmarks and the addresses of its links, unread which of the two (`bookmarks`, `links`)
are broken or too many, so that there may be more of them. Imports nothing of the portal, so that whatever a malicious
file breaks is a bare process that can reach nothing and writes no file.
"""

import json
import logging
import resource
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from pypdf import PdfReader

CPU_SECONDS = 20
MEMORY_BYTES = 1024 * 1024 * 1024
OPEN_FILES = 64
MOST_PAGES = 200
MOST_SIGNS = 2_000_000  # of a page and of the whole: what is longer is cut
MOST_BESIDE = 2_000


def limit() -> None:
    """Bind this process to what an honest file needs; it writes none."""
    for what, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def read(source: str) -> dict[str, list[str]]:
    """Return the words of each page, and what stands beside them; a page that cannot be read has none."""
    reader = PdfReader(source)
    left, pages, beside = MOST_SIGNS, [], list[str]()
    unread = [] if _are_added(_titles(reader), beside) else ["bookmarks"]
    for number, page in enumerate(reader.pages):
        # What is not read has no words, so that a person looks at it.
        words = _words(page)[:left] if number < MOST_PAGES else ""
        left -= len(words)
        pages.append(words)
        if not _are_added(_links(page), beside):
            unread.append("links")
    return {"pages": pages, "beside": [words[:1000] for words in beside], "unread": sorted(set(unread))}


def _are_added(found: Iterator[str], beside: list[str]) -> bool:
    """Add what can be read, and say whether that is all of it."""
    try:
        for words in found:
            if len(beside) >= MOST_BESIDE:
                return False
            beside.append(words)
    except Exception:  # as of a page: what a broken file does to the reader is for a person to look at
        return False
    return True


def _words(page: Any) -> str:
    try:
        return str(page.extract_text())
    except Exception:  # whatever a broken page does to the reader: a person looks at it
        return ""


def _titles(reader: PdfReader) -> Iterator[str]:
    yield from _flat(reader.outline)


def _flat(outline: Iterable[Any]) -> Iterator[str]:
    for one in outline:
        if isinstance(one, list):
            yield from _flat(one)
        else:
            yield str(one.title)


def _links(page: Any) -> Iterator[str]:
    for annotation in page.get("/Annots") or ():
        part = annotation.get_object()
        action = part.get("/A") or {}
        yield from (str(words) for words in (action.get("/URI"), part.get("/Contents")) if words)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    limit()
    print(json.dumps(read(sys.argv[1])))
