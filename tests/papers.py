"""The words of a PDF, read without another tool: for tests that compare a paper with a page."""

import io
import re
from typing import Any

import pikepdf


def text_of(pdf: bytes, *, around: bool = True) -> str:
    """Return what a tagged PDF shows, in the order of its content, without white space.

    Without `around` it is the content alone: no heads and feet of pages, no repeated heads of tables.
    """
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return re.sub(r"[\s\u200b]", "", "".join(_said(page, page.obj, around) for page in opened.pages))


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
