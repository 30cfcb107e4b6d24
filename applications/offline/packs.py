"""Makes a pack as ZIP and a booklet as PDF, each page of them with its reader's name. Run by the worker alone.

What may go in was asked by `queries.contents`, and the papers were set by `making.py`; how several become one PDF is
`binding.py`.
"""

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications import papers
from applications.access import fields as parts_read_by
from applications.blocks import Items, Part, Table
from applications.models import Application, OfflinePack
from applications.offline import fields, sheet, text_form
from applications.offline.binding import Binder
from applications.offline.queries import BOOKLET, REVIEWS, held
from applications.pledging import PLEDGE
from applications.reading import manner_of
from applications.since import answers_for_panel
from portal import shelf

HEIGHT, MARGIN, EDGE = 12.0, 30.0, 6.0  # of the stamp on a page, in points
PACKED_ON = (1980, 1, 1, 0, 0, 0)  # the times of a ZIP's files say nothing


@dataclass(frozen=True)
class Sheet:
    """The papers of one application: what it says and the PDFs beside it, as this reader reads them."""

    reference: str
    title: str
    paper: bytes
    files: tuple[bytes, ...]


Sheets = Callable[[], Iterator[Sheet]]  # each time from the first on: they are never all in memory


def stamp_of(pack: OfflinePack) -> str:
    """Return what stands on every page: whose copy it is."""
    said = {"name": pack.user.name, "date": f"{pack.asked_at:%Y-%m-%d}"}
    return _("Copy of %(name)s, %(date)s, confidential") % said


# --- The pack ---------------------------------------------------------------------------------------------


def write_pack(pack: OfflinePack, applications: Iterable[Application], sheets: Sheets, target: Path) -> None:
    """Write papers, forms, sheet and instructions into a ZIP, in the language that is set.

    Raises:
        NotSet: a paper could not be made.
    """
    reviews = held(pack.user, pack.call, [one.reference for one in applications])
    stamp, lines = stamp_of(pack), []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for made in sheets():
            one = reviews[made.reference]
            _put(archive, f"{made.reference}.pdf", made.paper)
            for position, file in enumerate(made.files, start=1):
                name = f"{made.reference}-attachment{'' if position == 1 else f'-{position}'}.pdf"
                _put(archive, name, _stamped(file, stamp, pack))
            line = sheet.Line(one, made.title, fields.version_of(one), fields.asked(one), fields.saved(one))
            form = text_form.written(made.reference, made.title, line.version, line.known, line.values)
            _put(archive, f"{made.reference}-review.txt", form.replace("\n", "\r\n").encode())
            lines.append(line)
        _put(archive, "reviews.xlsx", sheet.written(lines))
        _put(archive, "README.txt", _instructions(pack, len(lines)).replace("\n", "\r\n").encode())


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, PACKED_ON)
    member.external_attr = 0o600 << 16
    archive.writestr(member, content, zipfile.ZIP_DEFLATED)


def _instructions(pack: OfflinePack, count: int) -> str:
    counted = ngettext("%(count)s application", "%(count)s applications", count) % {"count": count}
    return "\n".join(
        [
            f"{pack.call.local_title}: {counted}",
            stamp_of(pack),
            "",
            _("Each LSA-….pdf is an application as you read it in the portal; its attached PDF is beside it."),
            _("Write your reviews either into the LSA-…-review.txt forms or into reviews.xlsx; not the same in both."),
            _("Upload the forms, the workbook or a ZIP of them on the page from which you have this pack."),
            _("You then see what is new, changed or wrong before anything is saved; sending stays in your hands."),
            "",
            _("You have pledged"),
            *(f"- {words}" for words in map(str, PLEDGE)),
            "",
        ]
    )


# --- The booklet --------------------------------------------------------------------------------------------


def write_booklet(pack: OfflinePack, applications: Iterable[Application], sheets: Sheets, target: Path) -> None:
    """Write one PDF: what it is, its contents, and every application with its attachment, in the language that is set.

    Raises:
        NotSet: a paper could not be made.
    """
    listed, pages = [], 0
    for made in sheets():
        listed.append((made.reference, made.title, pages))
        pages += sum(_pages_of(content) for content in (made.paper, *made.files))
    with Binder() as binder:
        binder.add(_front(pack, listed))
        ahead = binder.count
        for made in sheets():
            for content in (made.paper, *made.files):
                binder.add(content)
        total = ahead + pages
        _lay(binder.book, [f"{stamp_of(pack)} · {number} / {total}" for number in range(1, total + 1)], pack)
        marks = [(f"{reference} {title}", ahead + first) for reference, title, first in listed]
        language = "zh-Hans" if pack.language.startswith("zh") else "en-GB"
        binder.save(target, f"{_('Booklet')}: {pack.call.local_title}", language, marks)


def _front(pack: OfflinePack, listed: list[tuple[str, str, int]]) -> bytes:
    """Return cover and contents; they are set twice where the contents themselves move what they list."""
    ahead = 1
    for _turn in range(3):
        made = _set_front(pack, [(reference, title, ahead + first + 1) for reference, title, first in listed])
        if (pages := _pages_of(made)) == ahead:
            return made
        ahead = pages
    return made


def _set_front(pack: OfflinePack, listed: list[tuple[str, str, int]]) -> bytes:
    rows = tuple((reference, title, str(page)) for reference, title, page in listed)
    table = Table(_("Contents"), (_("Reference"), _("Title"), _("Page")), rows, right=frozenset({2}), ids=True)
    said = [
        Part("contents", _("Contents"), (table,)),
        Part("pledge", _("You have pledged"), (Items(tuple(map(str, PLEDGE))),)),
    ]
    facts = [(_("Reader"), pack.user.name), (_("Made"), f"{pack.asked_at:%Y-%m-%d}")]
    return papers.front_pdf(pack.call.local_title, said, facts, language=pack.language, at=pack.asked_at)


# --- What both share ------------------------------------------------------------------------------------------


def paper_of(pack: OfflinePack, application: Application) -> bytes:
    """Set an application as this reader reads it: without names where the call says so, or until the team opens.

    In a pack it has the name of its reader on every page; a booklet has it laid over when it is bound.

    Raises:
        NotSet: it could not be set.
    """
    submission = application.submission
    assert submission is not None
    submission.application = application
    stamp = stamp_of(pack) if pack.kind == REVIEWS else ""
    manner = manner_of(pack.user, application)
    return papers.application_pdf(submission, language=pack.language, stamp=stamp, **manner)


def sheet_of(pack: OfflinePack, application: Application, paper: bytes) -> Sheet:
    """Return the paper of an application with the PDFs beside it, as this reader may have them now."""
    assert application.submission is not None
    # Until the team is open, the pages of a file may speak of it.
    alone = manner_of(pack.user, application)["science_alone"]
    files = () if alone else tuple(_files(pack.user, application))
    return Sheet(application.reference, application.submission.title, paper, files)


def _files(user: Any, application: Application) -> Iterator[bytes]:
    """Yield the PDFs of an application that this reader may download: of the submission, of answers to the panel."""
    parts, wanted = parts_read_by(user, application), []
    if "submission" in parts and application.submission:
        wanted.append((application.submission.document.get("file") or {}).get("sha256"))
    if "panel-clarifications" in parts:
        wanted += [answer.file_sha256 for answer in answers_for_panel(application)]
    for sha256 in dict.fromkeys(one for one in wanted if one):
        try:
            with shelf.opened(sha256) as file:
                yield file.read()
        except FileNotFoundError:  # the page has the same link, and says so
            continue


def _stamped(file: bytes, stamp: str, pack: OfflinePack) -> bytes:
    with pikepdf.open(io.BytesIO(file)) as paper:
        _lay(paper, [stamp] * len(paper.pages), pack)
        written = io.BytesIO()
        paper.save(written, deterministic_id=True)
    return written.getvalue()


def _pages_of(content: bytes) -> int:
    with pikepdf.open(io.BytesIO(content)) as paper:
        return len(paper.pages)


def _lay(paper: pikepdf.Pdf, lines: list[str], pack: OfflinePack) -> None:
    """Lay a line over the lower edge of every page; the same line is set once."""
    each = {line: position for position, line in enumerate(dict.fromkeys(lines))}
    made = papers.stamps_pdf(list(each), language=pack.language, at=pack.asked_at)
    with pikepdf.open(io.BytesIO(made)) as stamps:
        for page, line in zip(paper.pages, lines, strict=True):
            left, low, right, _high = (float(edge) for edge in page.trimbox)
            place = pikepdf.Rectangle(left + MARGIN, low + EDGE, right - MARGIN, low + EDGE + HEIGHT)
            page.add_overlay(stamps.pages[each[line]], place)


WRITE: Mapping[str, Callable[[OfflinePack, Iterable[Application], Sheets, Path], None]] = {
    REVIEWS: write_pack,
    BOOKLET: write_booklet,
}
