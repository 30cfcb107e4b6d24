"""Two languages that nobody speaks: English made longer and accented (`en-xa`), and the same from right to left (`ar`).

What stays in plain English on a page in `en-xa` was never given to the translators.
"""

import re
from pathlib import Path

import polib
from django.conf import settings

LONGER, FROM_THE_RIGHT = "en-xa", "ar"
LANGUAGES = [(LONGER, "Longer English"), (FROM_THE_RIGHT, "From right to left")]
SOURCE = Path(__file__).parents[1] / "portal" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
_ACCENTS = str.maketrans("aceiounyACEIOUNY", "àçéîôûñýÀÇÉÎÔÛÑÝ")
_KEPT = re.compile(r"(%\([a-z_]+\)[sd]|%[sd%]|\{[a-z_]*\}|<[^>]*>|&[a-z]+;|\n)")
_PADDING = 0.35


def disguise(text: str) -> str:
    """Return a text accented, a third longer and in brackets; placeholders and marks stay as they are."""
    parts = _KEPT.split(text)
    said = "".join(part if index % 2 else part.translate(_ACCENTS) for index, part in enumerate(parts))
    padding = "·" * max(1, int(len(text) * _PADDING / 2))
    lines = said.rstrip("\n")
    spaced = " ".join(padding[start : start + 8] for start in range(0, len(padding), 8))
    return f"[{lines} {spaced}]{said[len(lines) :]}" if text.strip() else text


def write(directory: Path) -> None:
    """Write both languages into `directory`, for `settings.LOCALE_PATHS`."""
    source = polib.pofile(str(SOURCE))
    for code in ("en_XA", FROM_THE_RIGHT):
        catalogue = polib.POFile()
        catalogue.metadata = {
            "Content-Type": "text/plain; charset=UTF-8",
            "Plural-Forms": "nplurals=2; plural=(n != 1);",
        }
        for entry in source:
            said = polib.POEntry(msgid=entry.msgid, msgctxt=entry.msgctxt)
            if entry.msgid_plural:
                said.msgid_plural = entry.msgid_plural
                said.msgstr_plural = {0: disguise(entry.msgid), 1: disguise(entry.msgid_plural)}
            else:
                said.msgstr = disguise(entry.msgid)
            catalogue.append(said)
        place = directory / code / "LC_MESSAGES"
        place.mkdir(parents=True)
        catalogue.save_as_mofile(str(place / "django.mo"))


def speak(portal_settings: object, directory: Path) -> None:
    """Let the portal of this test speak both; `portal_settings` is the fixture `settings`."""
    write(directory)
    portal_settings.LANGUAGES = [*settings.LANGUAGES, *LANGUAGES]  # type: ignore[attr-defined]
    portal_settings.LOCALE_PATHS = [directory, *settings.LOCALE_PATHS]  # type: ignore[attr-defined]
