"""Opens what a reviewer uploads: forms as text, the sheet, or a ZIP of them. Nothing is ever written to disk by a name.

What a file is, is told from its first bytes and not from its name. Archives are bounded before they are read and while
they are.
"""

import io
import zipfile
from collections.abc import Iterable

from django.utils.translation import gettext as _

from applications.offline import sheet, text_form
from applications.offline.fields import Entry, Fault, shortened

MOST_MEMBERS = 500
MOST_UNPACKED = 24 * 1024 * 1024  # bytes of an archive
MOST_OF_ONE = 8 * 1024 * 1024  # bytes of a workbook's part, or of a form
LARGEST_FORM = 256 * 1024
RATIO, SMALL = 150, 64 * 1024  # an honest part packs no better; small ones may
READ = tuple[list[Entry], list[Fault]]

OLE, ZIPPED, PDF = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK", b"%PDF-"
# What a pack contains beside forms and sheet, and what systems put into archives by themselves.
PASSED_OVER = ("/", ".pdf", "readme.txt", ".ds_store", "thumbs.db", "desktop.ini")


class Unreadable(Exception):
    """An archive is not read; the message says why."""


def read(files: Iterable[tuple[str, bytes]]) -> READ:
    """Return what uploaded files say, and what is wrong with them."""
    entries: list[Entry] = []
    faults: list[Fault] = []
    for name, content in files:
        found, wrong = _opened(_shown(name), content)
        entries, faults = entries + found, faults + wrong
    return entries, faults


def _opened(name: str, content: bytes) -> READ:
    if content.startswith(ZIPPED):
        return _unpacked(name, content)
    return _plain(name, content)


def _plain(name: str, content: bytes) -> READ:
    if not content:
        return _wrong(name, _("The file is empty."))
    if content.startswith(OLE):
        return _wrong(name, _("This workbook is encrypted, or in an old format. Save it as XLSX without a password."))
    if content.startswith(PDF):
        return _wrong(name, _("This is a PDF. Upload the text forms, the workbook, or a ZIP of them."))
    text = _decoded(content)
    if text is None:
        return _wrong(name, _("This is no text in UTF-8. Save it as text in UTF-8, or as XLSX."))
    entry, faults = text_form.read(text, name)
    return ([entry] if entry else []), faults


def _decoded(content: bytes) -> str | None:
    if len(content) > LARGEST_FORM:
        return None
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


# --- Archives ---------------------------------------------------------------------------------------------


def _unpacked(name: str, content: bytes) -> READ:
    try:
        archive = _archive(content, _("This archive is damaged, or packed in a way that is not read."))
        names = set(archive.namelist())
        if "[Content_Types].xml" in names:
            return _workbook(name, content, archive)
        if "mimetype" in names:
            return _wrong(name, _("This is no XLSX. Save the workbook as XLSX."))
        return _members(name, archive)
    except Unreadable as reason:
        return _wrong(name, str(reason))


def _archive(content: bytes, damaged: str) -> zipfile.ZipFile:
    """Open an archive that was checked as a whole; `damaged` says that it cannot be."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except Exception:  # whatever a broken archive does to the reader, it is a broken archive
        raise Unreadable(damaged) from None
    check_archive(archive.infolist())
    return archive


def check_archive(members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive that would unpack to too much, is encrypted, or names places outside itself.

    Raises:
        Unreadable: saying why.
    """
    if len(members) > MOST_MEMBERS:
        raise Unreadable(_("The archive has more than %(most)s files.") % {"most": MOST_MEMBERS})
    if sum(member.file_size for member in members) > MOST_UNPACKED:
        raise Unreadable(_("The archive unpacks to more than %(most)s MB.") % {"most": MOST_UNPACKED // 1024**2})
    for member in members:
        if member.flag_bits & 1:
            raise Unreadable(_("The archive is encrypted. Pack it without a password."))
        if member.file_size > SMALL and member.file_size > RATIO * max(member.compress_size, 1):
            raise Unreadable(_("The archive unpacks to far more than its files can say."))
        if _leads_outside(member.filename):
            raise Unreadable(_("The archive names places outside itself."))


def _leads_outside(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or not parts[0] or parts[0].endswith(":") or "\0" in name


def _workbook(name: str, content: bytes, archive: zipfile.ZipFile) -> READ:
    if any(one.lower().endswith("vbaproject.bin") for one in archive.namelist()):
        return _wrong(name, _("The workbook contains macros. Save it as XLSX without macros."))
    for member in archive.infolist():
        part = _part(archive, member, _("This workbook cannot be opened. Save it again as XLSX."))
        if member.filename == "[Content_Types].xml" and b"macroEnabled" in part:
            return _wrong(name, _("The workbook contains macros. Save it as XLSX without macros."))
        plain = part.replace(b"\0", b"")  # in UTF-16 every second byte of it is zero
        if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
            return _wrong(name, _("The workbook contains what no spreadsheet writes. Save it again as XLSX."))
    return sheet.read(content, name)


def _members(name: str, archive: zipfile.ZipFile) -> READ:
    """Read every form and sheet of an archive; one that is broken does not hold up the others."""
    entries: list[Entry] = []
    faults: list[Fault] = []
    taken = [member for member in archive.infolist() if not _passed_over(member.filename)]
    if not taken:
        return _wrong(name, _("This archive contains no form and no workbook."))
    for member in taken:
        found, wrong = _member(f"{name}: {_shown(member.filename)}", archive, member)
        entries, faults = entries + found, faults + wrong
    return entries, faults


def _member(shown: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> READ:
    try:
        content = _part(archive, member, _("This file of the archive is damaged."))
        if not content.startswith(ZIPPED):
            return _plain(shown, content)
        if not member.filename.lower().endswith(".xlsx"):
            return _wrong(shown, _("An archive inside an archive is not opened."))
        return _workbook(shown, content, _archive(content, _("This workbook cannot be opened. Save it again as XLSX.")))
    except Unreadable as reason:
        return _wrong(shown, str(reason))


def _part(archive: zipfile.ZipFile, member: zipfile.ZipInfo, damaged: str) -> bytes:
    """Return what a member holds, and never more of it than may be: what it says of its size may be a lie."""
    try:
        with archive.open(member) as opened:
            content = opened.read(MOST_OF_ONE + 1)
    except Exception:  # as above: a broken member is a broken file
        raise Unreadable(damaged) from None
    if len(content) > MOST_OF_ONE:
        raise Unreadable(_("A file of the archive is larger than %(most)s MB.") % {"most": MOST_OF_ONE // 1024**2})
    return content


def _passed_over(name: str) -> bool:
    last = name.rstrip("/").rpartition("/")[2].lower()
    hidden = name.startswith("__MACOSX/") or last.startswith((".", "~$"))
    return hidden or name.lower().endswith(PASSED_OVER)


def _shown(name: str) -> str:
    """Return what a file is called, short and on one line."""
    return shortened(name.replace("\\", "/").rpartition("/")[2], 60) or "?"


def _wrong(name: str, reason: str) -> READ:
    return [], [Fault(name, "", "", reason)]
