"""Opens one PDF and writes it anew: run by `portal/files.py` in a process of its own, with little memory and time.

Usage: `python -I pdf_check.py SOURCE TARGET`. Prints one line of JSON: `{"pages": 3, "removed": ["script"]}`, or
`{"refused": "encrypted"}`. What could act or says who wrote the file is taken out; what was written is then read once
more, and refused if anything of that is left. Imports nothing of the portal, so that whatever a malicious file breaks
is a bare process that can reach nothing.
"""

import json
import resource
import sys
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf

CPU_SECONDS = 12
MEMORY_BYTES = 1024 * 1024 * 1024
WRITTEN_BYTES = 64 * 1024 * 1024
OPEN_FILES = 64
UNPACKED_BYTES = 512 * 1024 * 1024  # what a file of 20 MB may unpack to in the viewer of a reader
CHUNK = 1024 * 1024

ACTIVE_ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/Sound", "/Movie"}
# These open another file: one on a foreign server would be told who reads.
ACTIVE_ACTIONS |= {"/GoToR", "/GoToE", "/Thread"}
LINKS = ("http:", "https:", "mailto:")
MEDIA = {"/RichMedia", "/Screen", "/3D", "/Movie", "/Sound"}
TRACES = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")
PHOTO_TRACES = (0xE1, 0xED, 0xFE)  # of a JPEG: EXIF and XMP, IPTC, comments; who took it, where, with what
PHOTO_ENDS = (0xDA, 0xFF)  # of its segments: the picture begins, or bytes that only fill
NOTE_TRACES = ("/T", "/M", "/CreationDate", "/NM")  # who commented on a page, and when


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


# --- Taking out ------------------------------------------------------------------------------------------


def strip(pdf: pikepdf.Pdf) -> set[str]:
    """Take out what says who wrote the file and what it would do when it is opened; return codes of what there was."""
    removed = _strip_root(pdf)
    for found in pdf.objects:
        for part in _dictionaries(found):
            removed |= _strip_part(part)
        removed |= _strip_photograph(found)
    return removed


def _strip_root(pdf: pikepdf.Pdf) -> set[str]:
    removed = set()
    if "/Info" in pdf.trailer:
        removed.add("metadata")
        del pdf.trailer["/Info"]
    for place, key, code in (
        (pdf.Root, "/OpenAction", "action"),
        (pdf.Root, "/AcroForm", "form"),
        (pdf.Root, "/Collection", "attachment"),
        (pdf.Root.get("/Names"), "/JavaScript", "script"),
        (pdf.Root.get("/Names"), "/EmbeddedFiles", "attachment"),
    ):
        if isinstance(place, pikepdf.Dictionary) and key in place:
            removed.add("script" if _is_script(place[key]) else code)
            del place[key]
    return removed


def _strip_part(part: Any) -> set[str]:
    removed = {"metadata" for key in TRACES if key in part}
    for key in TRACES:
        if key in part:
            del part[key]
    for key, code in (("/AA", "action"), ("/AF", "attachment")):
        if key in part:
            removed.add(code)
            del part[key]
    if "/A" in part and (code := _activity(part["/A"])):
        removed.add(code)
        del part["/A"]
    if isinstance(part.get("/Annots"), pikepdf.Array):
        removed |= _strip_annotations(part)
    return removed


def _strip_annotations(page: Any) -> set[str]:
    removed, kept = set(), []
    for one in page["/Annots"]:
        kind = str(one.get("/Subtype")) if isinstance(one, pikepdf.Dictionary) else ""
        if kind in MEDIA or kind == "/FileAttachment":
            removed.add("attachment" if kind == "/FileAttachment" else "media")
            continue
        kept.append(one)
        for key in NOTE_TRACES if kind not in ("", "/Widget") else ():
            if key in one:
                removed.add("metadata")
                del one[key]
    if len(kept) < len(page["/Annots"]):
        page["/Annots"] = pikepdf.Array(kept)
    return removed


def _strip_photograph(found: Any) -> set[str]:
    """Take out of a JPEG what a camera or an editor wrote beside the picture."""
    filters = found.get("/Filter") if isinstance(found, pikepdf.Stream) else None
    names = [str(one) for one in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    if names != ["/DCTDecode"]:
        return set()
    raw = found.read_raw_bytes()
    bare = _bare_photograph(raw)
    if bare == raw:
        return set()
    found.write(bare, filter=filters, decode_parms=found.get("/DecodeParms"))
    return {"metadata"}


def _bare_photograph(raw: bytes) -> bytes:
    """Return a JPEG without the segments that are traces; what is none is returned as it is."""
    if not raw.startswith(b"\xff\xd8"):
        return raw
    kept, at = [raw[:2]], 2
    while at + 4 <= len(raw) and raw[at] == 0xFF and raw[at + 1] not in PHOTO_ENDS:
        end = at + 2 + int.from_bytes(raw[at + 2 : at + 4])
        if raw[at + 1] not in PHOTO_TRACES:
            kept.append(raw[at:end])
        at = end
    return b"".join(kept) + raw[at:]


def _activity(action: Any) -> str:
    """Return the code of what an action, or one that follows it, would do beyond the file; empty for a plain link."""
    waiting, seen = [action], 0
    while waiting and seen < 100:
        one = waiting.pop()
        seen += 1
        if isinstance(one, pikepdf.Array):
            waiting += list(one)
        if not isinstance(one, pikepdf.Dictionary):
            continue
        if _is_script(one):
            return "script"
        if _is_active(one):
            return "action"
        if "/Next" in one:
            waiting.append(one["/Next"])
    return "action" if waiting else ""


def _is_script(part: Any) -> bool:
    if not isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
        return False
    return "/JS" in part or "/JavaScript" in part or str(part.get("/S")) == "/JavaScript"


def _is_active(part: Any) -> bool:
    kind = part.get("/S")
    if isinstance(kind, pikepdf.Name) and str(kind) in ACTIVE_ACTIONS:
        return True
    return str(kind) == "/URI" and not str(part.get("/URI", "")).strip().lower().startswith(LINKS)


# --- The second lock ---------------------------------------------------------------------------------------


def check_is_passive(pdf: pikepdf.Pdf) -> None:
    """Refuse scripts, actions that reach outside, and files inside the file."""
    for found in pdf.objects:
        for part in _dictionaries(found):
            if _is_script(part):
                raise Refused("script")
            if _is_active(part) or isinstance(part, pikepdf.Stream) and "/F" in part:
                raise Refused("action")
            if "/EmbeddedFiles" in part or "/EF" in part or str(part.get("/Type")) == "/EmbeddedFile":
                raise Refused("attachment")
            if "/XFA" in part or str(part.get("/Subtype")) in MEDIA:
                raise Refused("script")


def check_unpacks_small(pdf: pikepdf.Pdf) -> None:
    """Refuse a file that unpacks to far more than its pages can show."""
    unpacked = 0
    for found in pdf.objects:
        if not isinstance(found, pikepdf.Stream):
            continue
        filters = found.get("/Filter")
        names = [str(one) for one in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
        if names.count("/FlateDecode") > 1:
            raise Refused("bomb")
        if names[0] == "/FlateDecode":
            unpacked = _unpacked(bytes(found.read_raw_bytes()), unpacked)


def _unpacked(packed: bytes, before: int) -> int:
    """Return `before` with the bytes that a stream unpacks to, never holding more than a piece of them."""
    unpacking = zlib.decompressobj()
    while packed and not unpacking.eof:
        try:
            before += len(unpacking.decompress(packed, CHUNK))
        except zlib.error:
            return before  # a broken stream shows nothing
        packed = unpacking.unconsumed_tail
        if before > UNPACKED_BYTES:
            raise Refused("bomb")
    return before


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


def main(source: str, target: str) -> dict[str, Any]:
    """Write the cleaned file; return its number of pages and what was taken out."""
    limit()
    try:
        with pikepdf.open(source) as pdf:
            if pdf.is_encrypted:
                raise Refused("encrypted")
            removed = strip(pdf)
            pages = len(pdf.pages)
            if not pages:
                raise Refused("empty")
            pdf.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        with pikepdf.open(target) as written:
            check_is_passive(written)
            check_unpacks_small(written)
        return {"pages": pages, "removed": sorted(removed)}
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
