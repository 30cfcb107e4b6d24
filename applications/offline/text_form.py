r"""The form of one review as text: written for a person, read back line by line.

Lines that begin with `==*==` name a field, what stands below is its value; `==-==` and `==+==` are only read by
people. A line of a value that begins with `==` is written with a backslash before it.
"""

import re
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from applications.offline.fields import Asked, Entry, Fault, Typed, plain, shortened

FIELD, SAID = "==*==", ("==-==", "==+==")
APPLICATION, VERSION = "application", "version"
ESCAPED, TO_ESCAPE = re.compile(r"\\(\\*==)"), re.compile(r"\\*==")
MOST_LINES = 20_000


def written(reference: str, title: str, version: str, known: Mapping[str, Asked], values: Mapping[str, str]) -> str:
    """Return the form of one application with what is saved so far, in the language that is set."""
    lines = [f"==+== {_('Review of %(reference)s') % {'reference': reference}}", *_said(title)]
    lines += _said(_("Write below the lines that begin with ==*== and leave these lines as they are."))
    lines += _said(_("Lines that begin with ==-== explain. The file is plain text in UTF-8."))
    lines += [f"{FIELD} {APPLICATION}", reference, f"{FIELD} {VERSION}"]
    lines += [*_said(_("Leave the version as it is: it shows what you began from.")), version]
    for key, field in known.items():
        lines += ["", f"{FIELD} {key}", *_said(field.heading)]
        lines += [line for hint in field.hints for line in _said(hint)]
        lines += ["", *(_escaped(line) for line in values[key].split("\n"))]
    return "\n".join([*lines, "", f"==+== {_('End of the form')}", ""])


def _said(words: str) -> list[str]:
    return [f"==-== {line}" for line in plain(words).split("\n") if line.strip()]


def _escaped(line: str) -> str:
    return f"\\{line}" if TO_ESCAPE.match(line) else line


def read(text: str, file: str) -> tuple[Entry | None, list[Fault]]:
    """Return what a form says, or None where it is no form of this portal; and what is wrong with it as a form."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not any(line.startswith(FIELD) for line in lines):
        return None, [Fault(file, "", "", _("This is no review form of this portal: no line begins with ==*==."))]
    if len(lines) > MOST_LINES:
        return None, [Fault(file, "", "", _("This file has more lines than a review form can have."))]
    faults: list[Fault] = []
    found: dict[str, tuple[int, list[str]]] = {}
    key = ""
    for number, line in enumerate(lines, start=1):
        if line.startswith(FIELD):
            key = " ".join(line.removeprefix(FIELD).split())
            if key in found:
                faults.append(_fault(file, number, key, _("This field stands in the form twice.")))
            found[key] = (number, [])
        elif not line.startswith(SAID):
            faults += _taken(file, number, line, key, found)
    return _entry(file, found), faults


def _taken(file: str, number: int, line: str, key: str, found: dict[str, tuple[int, list[str]]]) -> Iterator[Fault]:
    """Take a line into the value of the field it stands under, or say why not."""
    if line.startswith("=="):
        words = _("A line that begins with == is not read. Write \\== instead.")
        yield _fault(file, number, key, words)
    elif key:
        found[key][1].append(ESCAPED.sub(r"\1", line) if ESCAPED.match(line) else line)
    elif line.strip(" \t\ufeff"):
        yield _fault(file, number, "", _("These words stand before the first field."))


def _entry(file: str, found: Mapping[str, tuple[int, list[str]]]) -> Entry:
    values = {key: Typed(plain("\n".join(lines)), _line(number)) for key, (number, lines) in found.items()}
    nothing = Typed("", _line(1))
    reference, version = values.pop(APPLICATION, nothing), values.pop(VERSION, nothing)
    return Entry(file, reference.text, version.text, reference.place, values)


def _fault(file: str, number: int, key: str, words: str) -> Fault:
    return Fault(file, _line(number), shortened(key), words)


def _line(number: int) -> str:
    return _("line %(number)s") % {"number": number}
