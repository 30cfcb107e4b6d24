"""Opens one PDF and writes it anew: run by `portal/files.py` in a process of its own, with little memory and time.

Usage: `python -I pdf_check.py SOURCE TARGET`. Prints one line of JSON: `{"pages": 3}`, or `{"refused": "encrypted"}`.
Imports nothing of the portal, so that whatever a malicious file breaks is a bare process that can reach nothing.
"""

import json
import resource
import sys
from collections.abc import Iterator
from typing import Any

import pikepdf

CPU_SECONDS = 12
MEMORY_BYTES = 1024 * 1024 * 1024
WRITTEN_BYTES = 64 * 1024 * 1024
OPEN_FILES = 64

ACTIVE_ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/Sound", "/Movie"}
# These open another file: one on a foreign server would be told who reads.
ACTIVE_ACTIONS |= {"/GoToR", "/GoToE", "/Thread"}
LINKS = ("http:", "https:", "mailto:")
TRACES = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")


class Refused(Exception):
    """The file is not taken; the message is a code."""


def limit() -> None:
    """Bind this process to what an honest file needs."""
    for what, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, WRITTEN_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def check_is_passive(pdf: pikepdf.Pdf) -> None:
    """Refuse scripts, actions that reach outside, and files inside the file."""
    for found in pdf.objects:
        for part in _dictionaries(found):
            kind = part.get("/S")
            if "/JS" in part or "/JavaScript" in part or str(kind) == "/JavaScript":
                raise Refused("script")
            if isinstance(kind, pikepdf.Name) and str(kind) in ACTIVE_ACTIONS:
                raise Refused("action")
            if str(kind) == "/URI" and not str(part.get("/URI", "")).strip().lower().startswith(LINKS):
                raise Refused("action")
            if isinstance(part, pikepdf.Stream) and "/F" in part:
                raise Refused("action")
            if "/EmbeddedFiles" in part or "/EF" in part or str(part.get("/Type")) == "/EmbeddedFile":
                raise Refused("attachment")
            if "/XFA" in part or str(part.get("/Subtype")) in ("/RichMedia", "/Screen", "/3D"):
                raise Refused("script")


def _dictionaries(found: Any) -> Iterator[Any]:
    """Walk the direct parts of one object; indirect ones come by themselves."""
    waiting = [found]
    while waiting:
        part = waiting.pop()
        if isinstance(part, pikepdf.Array):
            waiting += [one for one in part if isinstance(one, pikepdf.Object) and not one.is_indirect]
        elif isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            yield part
            waiting += [one for _key, one in part.items() if isinstance(one, pikepdf.Object) and not one.is_indirect]


def strip(pdf: pikepdf.Pdf) -> None:
    """Take away what says who wrote the file, and what it would do when it is opened."""
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for key in ("/OpenAction", "/AA"):
        if key in pdf.Root:
            del pdf.Root[key]
    for found in pdf.objects:
        if isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
            for key in TRACES:
                if key in found:
                    del found[key]


def main(source: str, target: str) -> dict[str, Any]:
    """Write the cleaned file and return its number of pages."""
    limit()
    try:
        with pikepdf.open(source) as pdf:
            if pdf.is_encrypted:
                raise Refused("encrypted")
            check_is_passive(pdf)
            strip(pdf)
            pages = len(pdf.pages)
            if not pages:
                raise Refused("empty")
            pdf.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            return {"pages": pages}
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    except Refused:
        raise
    except Exception:  # whatever a broken file does to the parser, it is a broken file
        raise Refused("unreadable") from None


if __name__ == "__main__":
    try:
        print(json.dumps(main(sys.argv[1], sys.argv[2])))
    except Refused as refusal:
        print(json.dumps({"refused": str(refusal)}))
