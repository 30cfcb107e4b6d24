"""What is uploaded: forms, sheets and archives of them; whatever is none of these is refused in words."""

import io
import zipfile
from collections.abc import Callable

import pytest

from applications.offline import received
from tests.applications.offline.damaged import ENTITIES, bomb, encrypted, macros, nested, outside
from tests.applications.offline.desks import Desk, packed

pytestmark = pytest.mark.django_db
FORM = "==*== application\nLSA-2026-1\n==*== version\n0-000000000000\n==*== text for_panel\nSound.\n"


def read(name: str, content: bytes) -> tuple[list[str], list[str]]:
    entries, faults = received.read([(name, content)])
    return [entry.reference for entry in entries], [fault.reason for fault in faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_form_is_read_in_the_encodings_editors_write(encoding: str) -> None:
    assert read("a.txt", FORM.encode(encoding)) == (["LSA-2026-1"], [])


def test_whole_pack_can_be_packed_and_sent_back() -> None:
    desk = Desk(1)
    members = {
        "pack/README.txt": "hello",
        "pack/a.pdf": b"%PDF-1.7",
        "__MACOSX/pack/._a.txt": b"\0",
        ".DS_Store": b"\0",
    }
    content = packed({**members, "pack/a-review.txt": FORM, "pack/reviews.xlsx": desk.workbook()})
    assert read("pack.zip", content) == (["LSA-2026-1", desk.applications[0].reference], [])


def test_broken_member_holds_up_no_other() -> None:
    content = packed({"a.txt": FORM, "b.txt": b"\xff\xfe\xff", "c.xlsx": b"PK\x03\x04broken", "d.bin": b"\x00\x01"})
    entries, faults = read("pack.zip", content)
    assert (entries, len(faults)) == (["LSA-2026-1"], 3)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (bomb, "The archive unpacks to far more than its files can say."),
        (encrypted, "The archive is encrypted. Pack it without a password."),
        (outside, "The archive names places outside itself."),
        (macros, "The workbook contains macros. Save it as XLSX without macros."),
        (nested, "An archive inside an archive is not opened."),
        (lambda: packed({f"{n}.txt": "x" for n in range(501)}), "The archive has more than 500 files."),
        (lambda: packed({"photo.pdf": "x"}), "This archive contains no form and no workbook."),
        (lambda: packed({"mimetype": "application/vnd.oasis"}), "This is no XLSX. Save the workbook as XLSX."),
        (lambda: b"PK\x03\x04" + b"x" * 90, "This archive is damaged, or packed in a way that is not read."),
        (lambda: received.OLE + bytes(600), "This workbook is encrypted, or in an old format."),
        (lambda: b"%PDF-1.7", "This is a PDF. Upload the text forms, the workbook, or a ZIP of them."),
        (lambda: b"\x89PNG\r\n\x1a\n\0\0", "This is no text in UTF-8."),
        (lambda: b"x" * 300_000, "This is no text in UTF-8."),
    ],
)
def test_what_is_not_read_says_why(make: Callable[[], bytes], reason: str) -> None:
    entries, faults = read("any", make())
    assert entries == []
    assert len(faults) == 1 and faults[0].startswith(reason), faults


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_entities_are_refused_in_every_encoding(encoding: str) -> None:
    part = ENTITIES.decode().replace('<?xml version="1.0"?>', "").encode(encoding)
    workbook = packed({"[Content_Types].xml": "x", "xl/workbook.xml": part})
    assert read("a.xlsx", workbook) == (
        [],
        ["The workbook contains what no spreadsheet writes. Save it again as XLSX."],
    )


def test_member_that_lies_about_its_size_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(received, "MOST_OF_ONE", 100)
    content = io.BytesIO(packed({"a.txt": "y" * 101}))
    with zipfile.ZipFile(content) as archive, pytest.raises(received.Unreadable, match="larger"):
        received._part(archive, archive.infolist()[0], "damaged")


def test_names_are_shown_short_and_on_one_line() -> None:
    _entries, faults = received.read([("../../etc/\r\nx" + "y" * 300 + ".txt", b"nothing")])
    assert faults[0].file == "x" + "y" * 58 + "…"
