"""Papers: a template of `templates/papers/` and plain data become one tagged PDF (PDF/UA-1), the same bytes each time.

The work is done by `portal/paper_press.py` in a process of its own. What a paper says is data and never markup.
The typefaces are those of `portal/typefaces/` and no others; what they lack is printed as its number, never left out.
"""

import functools
import json
import os
import re
import struct
import subprocess
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

PRESS = Path(__file__).with_name("paper_press.py")
TYPEFACES = Path(__file__).with_name("typefaces")
TEMPLATES = settings.BASE_DIR / "templates" / "papers"
SECONDS = 12  # below the time after which the database ends an idle transaction
LAST_PAPERS = 32  # kept in memory, some 50 kB each
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

LONGEST_WORD = 36  # characters of one word that surely fit into a line; longer ones are given places to break
BREAK = "\u200b"
LONG = re.compile(rf"[^\s\u2e80-\ud7ff\uf900-\uffef\U00020000-\U0003ffff]{{{LONGEST_WORD + 1},}}")
SPACES = frozenset("\t\n\r\u00a0")
INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\u00ad\ufe0e\ufe0f")
# These turn the order of what is read around; between honest words they are never needed.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class NotSet(Exception):
    """A paper could not be set: a fault of the template or of the machine, never of who wrote the words."""


def typeset(template: str, data: Mapping[str, Any], *, language: str, title: str, at: datetime | None = None) -> bytes:
    """Return a paper as PDF/UA-1; `at` is written into it as its date, so that the same paper has the same hash.

    `language` is one of the portal's (`en`, `zh-hans`). What no typeface has is printed as its number and named in the
    template's `missing`.

    Raises:
        NotSet: the press failed or took too long.
    """
    chinese = language.startswith("zh")
    whole = {**data, "title": title, "language": "zh" if chinese else "en", "region": "cn" if chinese else "gb"}
    missing = sorted({found for text in _texts(whole) for found in unprintable(text)})
    whole = _printable(whole) | {"missing": [number(one) for one in missing]}
    job = {"typefaces": str(TYPEFACES), "data": whole, "at": int((at or EPOCH).timestamp())}
    return _pressed(str(TEMPLATES / f"{template}.typ"), json.dumps(job))


@functools.lru_cache(maxsize=LAST_PAPERS)
def _pressed(template: str, job: str) -> bytes:
    """Run the press, or return what it made of the very same words a moment ago: a public form is asked for often."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(PRESS), template],
            input=job.encode(),
            capture_output=True,
            timeout=SECONDS,
            env={"PATH": os.defpath},
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotSet(f"{template}: took longer than {SECONDS} s") from None
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        raise NotSet(f"{template}: {done.stderr.decode(errors='replace')[-500:]}")
    return done.stdout


def number(character: str) -> str:
    """Return how a character is written that no typeface has."""
    return f"U+{ord(character):04X}"


def unprintable(text: str) -> set[str]:
    """Return the characters of a text that are printed as their number."""
    return {one for one in set(text) if not _is_printable(one)}


def printable(text: str) -> str:
    """Return a text as it is printed: with numbers for what no typeface has, and places to break long words."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    shown = "".join(one if _is_printable(one) else f"[{number(one)}]" for one in composed if one not in TURNING)
    return LONG.sub(_with_breaks, shown)


def _with_breaks(word: re.Match[str]) -> str:
    text = word.group()
    return BREAK.join(text[start : start + LONGEST_WORD] for start in range(0, len(text), LONGEST_WORD))


def _is_printable(character: str) -> bool:
    if character in SPACES or character in INVISIBLE or character in TURNING:
        return True
    return unicodedata.category(character)[0] != "C" and ord(character) in _covered()


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield unicodedata.normalize("NFC", part)
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _texts(value)


def _printable(part: Any) -> Any:
    if isinstance(part, str):
        return printable(part)
    if isinstance(part, Mapping):
        return {key: _printable(value) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [_printable(value) for value in part]
    return part


# --- What the typefaces have ---------------------------------------------------------------------------


@functools.cache
def _covered() -> frozenset[int]:
    """Return every code point that a regular typeface has; the bold ones have no others."""
    return frozenset(code for path in TYPEFACES.glob("*-Regular.ttf") for code in _code_points(path.read_bytes()))


def _code_points(font: bytes) -> Iterator[int]:
    """Read the code points from the character map of a TrueType file (table `cmap`, format 12).

    Source: OpenType specification, tables “cmap” and “Table directory”.
    """
    tables = struct.unpack_from(">H", font, 4)[0]
    start = next(
        struct.unpack_from(">I", font, 12 + 16 * index + 8)[0]
        for index in range(tables)
        if font[12 + 16 * index : 16 + 16 * index] == b"cmap"
    )
    maps = struct.unpack_from(">H", font, start + 2)[0]
    for index in range(maps):
        table = start + struct.unpack_from(">I", font, start + 4 + 8 * index + 4)[0]
        if struct.unpack_from(">H", font, table)[0] == 12:
            for first, last, _glyph in struct.iter_unpack(">III", _groups(font, table)):
                yield from range(first, last + 1)
            return
    raise ValueError("no character map of format 12")


def _groups(font: bytes, table: int) -> bytes:
    count = struct.unpack_from(">I", font, table + 12)[0]
    return font[table + 16 : table + 16 + 12 * count]
