"""The words of files, read without another tool: of a PDF as a page shows it, of any file all that it says."""

import html
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pikepdf


def text_of(pdf: bytes, *, around: bool = True) -> str:
    """Return what a tagged PDF shows, in the order of its content, without white space.

    Without `around` it is the content alone: no heads and feet of pages, no repeated heads of tables.
    """
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return re.sub(r"[\s\u200b]", "", "".join(_said(page, page.obj, around) for page in opened.pages))


def all_words(content: bytes) -> str:
    """Return all that a file says, without white space: names of members, texts, cells, properties, metadata, marks.

    An archive is opened and so is what it holds; a workbook is one, with its cells and properties as XML.
    """
    if content.startswith(b"%PDF"):
        return without_space(" ".join(_beside(content))) + text_of(content)
    if not content.startswith(b"PK"):
        return without_space(content.decode())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        about = [archive.comment, *(part for one in archive.infolist() for part in (one.comment, one.extra))]
        found = [without_space(part.decode("utf-8", "replace")) for part in about]
        return "".join([*found, *(without_space(name) + all_words(archive.read(name)) for name in archive.namelist())])


def without_space(text: str) -> str:
    """Return a text as `all_words` has it."""
    return re.sub(r"[\s\u200b]", "", html.unescape(text))


def _beside(content: bytes) -> Iterator[str]:
    """Yield every string of a PDF that is no drawing: properties, titles of bookmarks, links, metadata."""
    with pikepdf.open(io.BytesIO(content)) as opened:
        yield from _strings(opened.trailer.get("/Info", pikepdf.Dictionary()))
        for part in opened.objects:
            yield from _strings(part)
            if isinstance(part, pikepdf.Stream) and part.get("/Type") == "/Metadata":
                yield part.read_bytes().decode("utf-8", "replace")


def _strings(part: Any) -> Iterator[str]:
    if isinstance(part, pikepdf.String):
        yield str(part)
    elif isinstance(part, pikepdf.Array):
        for one in part:
            yield from () if getattr(one, "is_indirect", False) else _strings(one)
    elif isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
        for key, one in part.items():
            yield str(key)
            yield from () if getattr(one, "is_indirect", False) else _strings(one)


def _said(stream: Any, holder: Any, around: bool) -> str:
    """Return what a page shows, or a drawing that is laid over pages."""
    resources = holder.get("/Resources", {})
    fonts = {str(name): _map_of(font) for name, font in resources.get("/Font", {}).items()}
    found, current, instead = [], {}, []
    for operands, operator in pikepdf.parse_content_stream(stream):
        name = str(operator)
        if name == "Do" and str((drawn := resources.XObject[str(operands[0])]).get("/Subtype")) == "/Form":
            found.append(_said(drawn, drawn, around))
        if name == "Tf":
            current = fonts[str(operands[0])]
        elif name in ("BDC", "BMC"):
            beside = str(operands[0]) == "/Artifact" and not around
            within = any(one is not None for one in instead)
            instead.append("" if beside or within else _actual(operands))
            found.append(instead[-1] or "")
        elif name == "EMC":
            instead.pop()
        elif name in ("Tj", "TJ") and not any(one is not None for one in instead):
            parts = operands[0] if name == "TJ" else operands
            found += [_decoded(bytes(part), current) for part in parts if isinstance(part, pikepdf.String)]
    return "".join(found)


def _actual(operands: Any) -> str | None:
    """The words that stand for what is drawn, where the PDF says them itself."""
    properties = operands[1] if len(operands) > 1 else None
    if isinstance(properties, pikepdf.Dictionary) and "/ActualText" in properties:
        return str(properties["/ActualText"])
    return None


def _decoded(raw: bytes, table: dict[int, str]) -> str:
    return "".join(table.get(int.from_bytes(raw[at : at + 2]), "") for at in range(0, len(raw), 2))


def _map_of(font: Any) -> dict[int, str]:
    """Read the table that says which characters each glyph stands for (`ToUnicode`)."""
    table: dict[int, str] = {}
    text = bytes(font.ToUnicode.read_bytes()).decode("latin-1")
    for block in re.findall(r"beginbfchar(.*?)endbfchar", text, re.DOTALL):
        for glyph, words in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            table[int(glyph, 16)] = bytes.fromhex(words).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", text, re.DOTALL):
        for first, last, words in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            start = bytes.fromhex(words).decode("utf-16-be")
            for offset in range(int(last, 16) - int(first, 16) + 1):
                table[int(first, 16) + offset] = start[:-1] + chr(ord(start[-1]) + offset)
    return table
