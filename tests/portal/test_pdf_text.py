"""The words of a PDF are read in a bare process; whatever a file does to it, the portal only has no words."""

import hashlib
import zlib

import pikepdf
import pytest
from django.core.files.base import ContentFile

from portal import files, shelf
from tests.factories.files import pdf

pytestmark = pytest.mark.django_db


def kept(content: bytes, tmp_path, sha256: str = "a" * 64) -> str:
    source = tmp_path / "any.pdf"
    source.write_bytes(content)
    shelf.keep(sha256, source)
    return sha256


def with_words(document: pikepdf.Pdf) -> None:
    page = document.pages[1]
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.obj.Contents = document.make_stream(b"BT /F1 12 Tf 72 700 Td (Dust settles.) Tj ET")


def test_words_come_page_by_page() -> None:
    sha256 = files.keep_pdf(ContentFile(pdf(2, with_words), "any.pdf")).sha256
    assert files.text_of(sha256) == files.Text(("", "Dust settles."), ())


def with_a_bomb(document: pikepdf.Pdf) -> None:
    with_words(document)
    packed = zlib.compress(b"BT (a) Tj ET " * 40_000_000, 9)
    document.pages[1].obj.Contents = pikepdf.Stream(document, b"")
    document.pages[1].obj.Contents.write(packed, filter=pikepdf.Name.FlateDecode)


@pytest.mark.slow
def test_a_page_that_unpacks_without_end_costs_only_its_own_words(tmp_path) -> None:
    found = files.text_of(kept(pdf(2, with_a_bomb), tmp_path))
    assert found is None or "Dust" not in "".join(found.pages)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"%PDF-1.7\n" + b"<<" * 100_000, b"\0" * 1000])
def test_what_is_no_pdf_has_no_words(content: bytes, tmp_path) -> None:
    assert files.text_of(kept(content, tmp_path)) is None


def test_what_is_not_kept_has_no_words() -> None:
    assert files.text_of(hashlib.sha256(b"kept by nobody").hexdigest()) is None


def with_a_broken_bookmark(document: pikepdf.Pdf) -> None:
    with_words(document)
    first = document.make_indirect(pikepdf.Dictionary(Title="Before", A=5))
    document.Root.Outlines = pikepdf.Dictionary(Type=pikepdf.Name.Outlines, First=first, Count=1)


def with_a_broken_link(document: pikepdf.Pdf) -> None:
    with_words(document)
    whole = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Annot, Contents="A note"))
    document.pages[0].obj.Annots = pikepdf.Array([whole, 7])


def with_links_without_end(document: pikepdf.Pdf) -> None:
    with_words(document)
    one = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Annot, Contents="A note"))
    document.pages[0].obj.Annots = pikepdf.Array([one] * 2_001)


@pytest.mark.parametrize(
    ("change", "beside", "unread"),
    [
        (with_a_broken_bookmark, (), ("bookmarks",)),
        (with_a_broken_link, ("A note",), ("links",)),
        (with_links_without_end, ("A note",) * 2_000, ("links",)),
    ],
)
def test_what_stands_beside_and_cannot_all_be_read_is_told(change, beside, unread, tmp_path) -> None:
    assert files.text_of(kept(pdf(2, change), tmp_path)) == files.Text(("", "Dust settles."), beside, unread)
