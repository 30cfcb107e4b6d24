"""Offline files that are damaged, made in numbers: what the suite and the trial send beside good ones.

Every one is made of a kind and a number, so that the same run sends the same files.
"""

import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from openpyxl import load_workbook

from applications.offline.received import OLE
from tests.applications.offline.desks import packed

ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'


@dataclass(frozen=True)
class Sent:
    """One upload: its kind, its name and its bytes."""

    kind: str
    name: str
    content: bytes = field(repr=False)


def bomb() -> bytes:
    """Return an archive that unpacks to a thousand times what it weighs."""
    return packed({"a.txt": b"\0" * (5 * 1024 * 1024)})


def encrypted() -> bytes:
    """Return an archive that says its members are encrypted."""
    content = bytearray(packed({"a.txt": "words"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def outside() -> bytes:
    """Return an archive with a name that leads out of it."""
    return packed({"../../../etc/passwd": "root", "a.txt": "words"})


def macros() -> bytes:
    """Return a workbook with a program in it."""
    return packed({"[Content_Types].xml": "<Types/>", "xl/vbaProject.bin": b"\xcc\x61"})


def nested() -> bytes:
    """Return an archive in an archive."""
    return packed({"inner.zip": packed({"a.txt": "words"})})


# --- In numbers -----------------------------------------------------------------------------------------


def _truncated(form: str, book: bytes, number: int) -> tuple[str, bytes]:
    return "reviews.xlsx", book[: 4 + (number * 97) % (len(book) - 5)]


def _flipped(form: str, book: bytes, number: int) -> tuple[str, bytes]:
    chance, content = random.Random(number), bytearray(book)
    for _count in range(1 + number % 60):
        content[chance.randrange(len(content))] = chance.randrange(256)
    return "reviews.xlsx", bytes(content)


def _mangled_part(form: str, book: bytes, number: int) -> tuple[str, bytes]:
    """Return a workbook that is a sound archive of parts that are not sound."""
    chance, members = random.Random(number), {}
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        for name in archive.namelist():
            part = bytearray(archive.read(name))
            if chance.random() < 0.5:
                for _count in range(1 + number % 9):
                    part[chance.randrange(len(part))] = chance.choice(b'<>&"/=\x00 9')
            members[name] = bytes(part)
    if number % 3 == 0:
        members.pop(chance.choice(list(members)))
    if number % 7 == 0:
        members["xl/worksheets/sheet1.xml"] = ENTITIES
    return "reviews.xlsx", packed(members)


def _strange_cells(form: str, book: bytes, number: int) -> tuple[str, bytes]:
    chance = random.Random(number)
    opened = load_workbook(io.BytesIO(book))
    page = opened["Reviews"]
    strange = ("=1+1", "#REF!", True, 1e308, -0.0, 10**30, "x" * 9000, "\u202e", "5 mg or so", "’", "[score x]", 3.7)
    for _count in range(1 + number % 12):
        cell = page.cell(row=chance.randrange(1, 4), column=chance.randrange(1, page.max_column + 1))
        cell.value = chance.choice(strange)
    if number % 5 == 0:
        page.insert_rows(2)
    if number % 5 == 1:
        page.delete_cols(1 + number % 4)
    if number % 5 == 2:
        opened.create_sheet("First", 0)
        del opened["Reviews"]
    file = io.BytesIO()
    opened.save(file)
    return "reviews.xlsx", file.getvalue()


def _mangled_form(form: str, book: bytes, number: int) -> tuple[str, bytes]:
    chance, lines = random.Random(number), form.split("\n")
    for _count in range(1 + number % 10):
        at = chance.randrange(len(lines))
        lines[at] = chance.choice(
            ("==*==", "==*== score", "== oops", lines[at][::-1], "\x07\x1b[0m", lines[at] * 50, "6")
        )
    return "review.txt", "\n".join(lines).encode()


def _wrong_value(form: str, book: bytes, number: int) -> tuple[str, bytes]:
    value = ("6", "-1", "٤", "4.5", "1e9", "good", "\ud7ff", "9" * 400)[number % 8]
    return "review.txt", re.sub(r"(?m)^(==-== NA = .*)$", rf"\1\n{value}", form).encode()


def _wrong_encoding(form: str, book: bytes, number: int) -> tuple[str, bytes]:
    encodings = ("utf-16-le", "utf-32", "utf-7", "cp500", "utf-16-be")
    return "review.txt", form.encode(encodings[number % 5], "replace") + bytes([0xD8] * (number % 2))


def _forged(form: str, book: bytes, number: int) -> tuple[str, bytes]:
    """Return a form about an application that is not before this person, or with a version nobody has given out."""
    reference = ("LSA-2026-00000", "", "x" * 500, "LSA-2026-1\0", "' OR 1=1", "../..")[number % 6]
    changed = re.sub(r"(?m)^LSA-.*$", lambda _match: reference, form, count=1)
    version = ("9999999999-aaaaaaaaaaaa", "-1-aaaaaaaaaaaa", "", "1-zz")[number % 4]
    return "review.txt", (changed if number % 2 else re.sub(r"(?m)^\d+-[0-9a-f]{12}$", version, form)).encode()


def _archive(form: str, book: bytes, number: int) -> tuple[str, bytes]:
    made = (
        bomb,
        encrypted,
        outside,
        macros,
        nested,
        lambda: OLE + random.Random(number).randbytes(3000),
        lambda: random.Random(number).randbytes(200 + number),
        lambda: b"PK\x03\x04" + random.Random(number).randbytes(300),
        lambda: b"",
        lambda: packed({"a" * 300 + f"{number}.txt": form[: number * 7], "con.txt": b"\xff" * 9}),
        lambda: packed({"[Content_Types].xml": "x", "xl/workbook.xml": ENTITIES}),
        lambda: packed({f"{at}.txt": "" for at in range(600)}),
    )
    return ("reviews.zip", "reviews.xlsx", "review.txt")[number % 3], made[number % len(made)]()


KINDS: dict[str, Callable[[str, bytes, int], tuple[str, bytes]]] = {
    "truncated workbook": _truncated,
    "flipped bytes": _flipped,
    "mangled part": _mangled_part,
    "strange cells": _strange_cells,
    "mangled form": _mangled_form,
    "wrong value": _wrong_value,
    "wrong encoding": _wrong_encoding,
    "forged form": _forged,
    "archive": _archive,
}


def damaged(form: str, book: bytes, count: int) -> Iterator[Sent]:
    """Yield damaged files made of a form and a workbook: every kind in turn."""
    kinds = list(KINDS.items())
    for number in range(count):
        kind, make = kinds[number % len(kinds)]
        name, content = make(form, book, number // len(kinds) + 1)
        yield Sent(kind, name, content)
