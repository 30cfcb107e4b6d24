"""Files that are no honest PDF, made in numbers: what the suite and the trial of uploads send.

Every one is made of a kind and a number, so that the same run sends the same files.
"""

import io
import random
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf

from tests.factories.files import pdf

HTML = b"<html><script>alert(document.domain)</script></html>"
NAMES = (
    "figures.pdf",
    "../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "a\r\nSet-Cookie: x=1.pdf",
    "x" * 5000 + ".pdf",
    "图" * 400 + ".pdf",
    "a\u202efdp.exe",
    '"><img src=x onerror=alert(1)>.pdf',
    "NUL\u0000.pdf",
    ".htaccess",
    "page.html",
    "%2e%2e%2f%00.pdf",
)
TYPES = ("application/pdf", "text/html", "image/svg+xml", "application/x-php", "", "x" * 300, "multipart/form-data")


ENDLESS = (
    b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2147483647>>endobj "
    b"3 0 obj<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 4294967296>>endobj"
)


@dataclass(frozen=True)
class Sent:
    """One upload: its bytes, what it claims to be, and whether an honest portal may keep a cleaned copy of it."""

    kind: str
    content: bytes = field(repr=False)
    name: str = "figures.pdf"
    type: str = "application/pdf"
    may_be_kept: bool = False


def honest(number: int) -> bytes:
    """Return a PDF of a few pages with some text in it."""
    chance = random.Random(number)

    def written(document: pikepdf.Pdf) -> None:
        for page in document.pages:
            page.obj.Contents = document.make_stream(b"BT /F1 12 Tf (%d) Tj ET" % chance.randrange(10**9))

    return pdf(1 + number % 3, written)


def _truncated(number: int) -> bytes:
    whole = honest(number)
    return whole[: 6 + (number * 37) % (len(whole) - 6)]


def _flipped(number: int) -> bytes:
    chance, content = random.Random(number), bytearray(honest(number))
    for _count in range(1 + number % 40):
        content[chance.randrange(9, len(content))] = chance.randrange(256)
    return bytes(content)


def _noise(number: int) -> bytes:
    return b"%PDF-1.7\n" + random.Random(number).randbytes(50 + number % 5000)


def _other_type(number: int) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("word/document.xml", "<x/>")
    picture = b"\x89PNG\r\n\x1a\n" + bytes(40)
    others = (
        archive.getvalue(),
        picture,
        b"MZ" + bytes(200),
        HTML,
        b"<svg onload=alert(1)>",
        b"\x7fELF",
        b"GIF89a/*",
        b"{",
    )
    return others[number % len(others)]


def _empty(number: int) -> bytes:
    return (b"", b"%", b"%PDF", b"%PDF-", b"%PDF-1.7", b"%PDF-1.7\n%%EOF", b"\n%PDF-1.7", b"\xef\xbb\xbf%PDF-")[
        number % 8
    ]


def _polyglot(number: int) -> bytes:
    """A PDF that is also a web page, an archive or a script: kept, if at all, as a PDF alone."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("evil.js", "alert(1)")
    whole, way = honest(number), number % 4
    first, rest = whole[:9], whole[9:]
    if way == 0:
        return first + b"\n%" + HTML + b"\n" + rest
    if way == 1:
        return whole + archive.getvalue()
    if way == 2:
        return HTML + whole
    return first + b"\n%*/alert(1)//\n" + rest + b"\n" + HTML


def _encrypted(number: int) -> bytes:
    locks = ({"owner": "o", "user": "u"}, {"owner": "o", "user": ""}, {"owner": "", "user": "u"})
    return pdf(
        1,
        encryption=pikepdf.Encryption(
            R=(2, 3, 4, 6)[number % 4],
            aes=number % 4 > 1,
            metadata=number % 4 > 1,
            **locks[number % 3],
        ),
    )


def _loop(number: int) -> bytes:
    """Tables and trees that lead back to themselves, or claim to be endless."""
    bodies = (
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj",
        ENDLESS,
        b"1 0 obj 1 0 R endobj",
        b"1 0 obj<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]>>endobj",
        b"1 0 obj<</Length 1 0 R>>stream\nx\nendstream endobj",
        b"1 0 obj" + b"[" * (2000 + number) + b"endobj",
        b"1 0 obj" + b"<</A" * (2000 + number) + b"endobj",
    )
    body = bodies[number % len(bodies)]
    start = len(b"%PDF-1.7\n") + len(body)
    table = (
        b"\nxref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 5/Prev %d/XRefStm %d>>\nstartxref\n%d\n%%%%EOF"
    )
    return b"%PDF-1.7\n" + body + table % (start, start, start + number % 3)


def _object_stream(number: int) -> bytes:
    """Streams of objects that hold themselves, lie about their number, or unpack to far more than they are."""
    lie = (10**9, 0, -1, 5)[number % 4]
    packed = zlib.compress(b"1 0 2 9 " + b"<</A 1>>" * (1 + number % 500))
    head = b"5 0 obj<</Type/ObjStm/N %d/First 8/Extends 5 0 R/Filter/FlateDecode/Length %d>>stream\n" % (
        lie,
        len(packed),
    )
    row = zlib.compress(bytes([2, 0, 5, 0]) * 6)
    cross = b"6 0 obj<</Type/XRef/Size %d/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/Length %d>>stream\n" % (
        10**6,
        len(row),
    )
    body = b"%PDF-1.7\n" + head + packed + b"\nendstream endobj\n"
    return body + cross + row + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF" % len(body)


def _bomb(number: int) -> bytes:
    """600 kB that unpack to 600 MB, once or twice packed, in a page, a table or a stream of objects."""
    packing = zlib.compressobj(9)
    head = packing.compress(b"") + packing.flush(zlib.Z_FULL_FLUSH)
    block = packing.compress(b" " * 1024 * 1024) + packing.flush(zlib.Z_FULL_FLUSH)
    packed = head + block * 600 + packing.flush()
    way = number % 3
    if way == 2:
        head = b"5 0 obj<</Type/ObjStm/N 100/First 8/Filter/FlateDecode/Length %d>>stream\n" % len(packed)
        return b"%PDF-1.7\n" + head + packed + b"\nendstream endobj\ntrailer<</Root 5 0 R>>\nstartxref\n9\n%%EOF"

    def change(document: pikepdf.Pdf) -> None:
        filters = [pikepdf.Name.FlateDecode] * (1 + way)
        content = zlib.compress(packed) if way else packed
        document.pages[0].obj.Contents = pikepdf.Stream(document, content, Filter=pikepdf.Array(filters))

    return pdf(1, change)


def _active(number: int) -> bytes:
    """An honest PDF with something in it that would act: a cleaned copy may be kept."""
    actions: tuple[dict[str, Any], ...] = (
        {"S": pikepdf.Name.JavaScript, "JS": "app.alert(1)"},
        {"S": pikepdf.Name.Launch, "F": "calc.exe"},
        {"S": pikepdf.Name.SubmitForm, "F": "https://example.org/"},
        {"S": pikepdf.Name.URI, "URI": "javascript:alert(1)"},
        {"S": pikepdf.Name.GoToR, "F": "\\\\example.org\\share"},
    )

    def change(document: pikepdf.Pdf) -> None:
        action = pikepdf.Dictionary(**actions[number % len(actions)])
        if number % 2:
            document.Root.OpenAction = action
        else:
            link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
            document.pages[0].obj.Annots = pikepdf.Array([document.make_indirect(link)])
        if number % 3 == 0:
            document.attachments["evil.exe"] = b"MZ"

    return pdf(1 + number % 2, change)


MAKERS: dict[str, tuple[Callable[[int], bytes], bool]] = {
    "truncated": (_truncated, True),  # what is missing may be put right by the parser
    "flipped": (_flipped, True),
    "noise": (_noise, False),
    "other type": (_other_type, False),
    "empty": (_empty, False),
    "polyglot": (_polyglot, True),
    "encrypted": (_encrypted, False),
    "loop": (_loop, False),
    "object stream": (_object_stream, False),
    "active": (_active, True),
}
BOMBS = "bomb"


def malformed(many: int, *, bombs: int = 3) -> Iterator[Sent]:
    """Return `many` uploads of every kind in turn, under hostile names and false types; the last are bombs."""
    kinds = list(MAKERS)
    for number in range(many - bombs):
        kind = kinds[number % len(kinds)]
        make, may_be_kept = MAKERS[kind]
        turn = number // len(kinds)
        yield Sent(kind, make(turn), NAMES[number % len(NAMES)], TYPES[number % len(TYPES)], may_be_kept)
    for number in range(bombs):
        yield Sent(BOMBS, _bomb(number))
