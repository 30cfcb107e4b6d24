"""Uploaded files: only a PDF of at most 20 MB is kept, cleaned of what could act or tell, under its own hash."""

import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import openpyxl
import pikepdf
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
from django.http import Http404
from django.http.multipartparser import MultiPartParser
from django.test import RequestFactory, override_settings
from PIL import Image

from portal import files
from portal.errors import Invalid
from tests.factories.files import pdf

pytestmark = pytest.mark.django_db  # where files are kept, they are locked


def keep(content: bytes) -> files.Kept:
    return files.keep_pdf(ContentFile(content, "any.pdf"))


def packed() -> bytes:
    """Return 600 kB that unpack to 600 MB: one megabyte of blanks, over and over."""
    packing = zlib.compressobj(9)
    head = packing.compress(b"") + packing.flush(zlib.Z_FULL_FLUSH)
    block = packing.compress(b" " * 1024 * 1024) + packing.flush(zlib.Z_FULL_FLUSH)
    return head + block * 600 + packing.flush()


PACKED = packed()


def content_of(kept: files.Kept) -> bytes:
    with default_storage.open(f"pdf/{kept.sha256[:2]}/{kept.sha256}.pdf") as found:
        content: bytes = found.read()
    return content


def refusal_of(content: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        keep(content)
    assert list(caught.value.errors) == ["file"]
    return caught.value.code


def with_script(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def with_launch(document: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")
    document.pages[0].obj.Annots = pikepdf.Array(
        [pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)]
    )


def with_attachment(document: pikepdf.Pdf) -> None:
    document.attachments["inside.exe"] = b"MZ"


def test_keep_pdf_cleans_it_and_names_it_by_its_hash() -> None:
    def named(document: pikepdf.Pdf) -> None:
        document.docinfo["/Author"] = "Somebody with a name"
        with document.open_metadata() as metadata:
            metadata["dc:creator"] = ["Somebody with a name"]

    kept = keep(pdf(pages=3, change=named))
    content = content_of(kept)
    assert kept.removed == ("metadata",)
    assert (kept.pages, kept.size, kept.sha256) == (3, len(content), hashlib.sha256(content).hexdigest())
    with pikepdf.open(io.BytesIO(content)) as document:
        assert "/Info" not in document.trailer
        assert "/Metadata" not in document.Root
    assert b"Somebody" not in content


def test_keep_pdf_twice_keeps_one_file() -> None:
    content = pdf(pages=2)
    first, second = keep(content), keep(content)
    assert first == second
    lying = default_storage.listdir(f"pdf/{first.sha256[:2]}")[1]
    assert len([name for name in lying if name.startswith(first.sha256)]) == 1  # others lie beside it


def with_media(document: pikepdf.Pdf) -> None:
    film = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.RichMedia, Rect=[0, 0, 9, 9])
    document.pages[0].obj.Annots = pikepdf.Array([film])


def with_form(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=pikepdf.String("<xdp/>"))


def with_script_of_a_page(document: pikepdf.Pdf) -> None:
    opened = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=document.make_stream(b"app.alert(1)"))
    document.pages[0].obj.AA = pikepdf.Dictionary(O=document.make_indirect(opened))


def with_script_behind_a_link(document: pikepdf.Pdf) -> None:
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    link(S=pikepdf.Name.URI, URI="https://example.org/", Next=pikepdf.Array([script]))(document)


def with_named_script(document: pikepdf.Pdf) -> None:
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    named = pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("a"), script]))
    document.Root.Names = pikepdf.Dictionary(JavaScript=named)


def with_attached_note(document: pikepdf.Pdf) -> None:
    inside = document.make_stream(b"MZ")
    spec = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F="inside.exe", EF=pikepdf.Dictionary(F=inside))
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, Rect=[0, 0, 9, 9], FS=spec)
    document.pages[0].obj.Annots = pikepdf.Array([note])


@pytest.mark.parametrize(
    ("change", "removed"),
    [
        (with_script, ("script",)),
        (with_script_of_a_page, ("action",)),
        (with_script_behind_a_link, ("script",)),
        (with_named_script, ("script",)),
        (with_launch, ("action",)),
        (with_attachment, ("attachment",)),
        (with_attached_note, ("attachment",)),
        (with_media, ("media",)),
        (with_form, ("form",)),
    ],
)
def test_keep_pdf_takes_out_what_could_act_and_says_so(change: Callable[[Any], None], removed: tuple[str, ...]) -> None:
    kept = keep(pdf(change=change))
    assert kept.removed == removed and all(str(words) for words in kept.removed_words)
    content = content_of(kept)
    for trace in (
        b"JavaScript",
        b"app.alert",
        b"Launch",
        b"calc.exe",
        b"inside.exe",
        b"EmbeddedFile",
        b"RichMedia",
        b"XFA",
    ):
        assert trace not in content


def test_what_could_act_and_cannot_be_taken_out_is_refused() -> None:
    def hidden(document: pikepdf.Pdf) -> None:
        document.pages[0].obj.Odd = pikepdf.Dictionary(JS="app.alert(1)")

    def elsewhere(document: pikepdf.Pdf) -> None:
        stream = document.make_stream(b"")
        stream.F = "/etc/passwd"
        document.pages[0].obj.Contents = stream

    assert refusal_of(pdf(change=hidden)) == "file-script"
    assert refusal_of(pdf(change=elsewhere)) in ("file-action", "file-unreadable")


def test_comments_stay_and_do_not_say_who_wrote_them() -> None:
    def commented(document: pikepdf.Pdf) -> None:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], Contents="Why?"
        )
        note.T = pikepdf.String("Somebody with a name")
        document.pages[0].obj.Annots = pikepdf.Array([document.make_indirect(note)])

    kept = keep(pdf(change=commented))
    with pikepdf.open(io.BytesIO(content_of(kept))) as document:
        note = document.pages[0].obj.Annots[0]
        assert str(note.Contents) == "Why?" and "/T" not in note
    assert kept.removed == ("metadata",)


def test_photographs_stay_and_do_not_say_who_took_them() -> None:
    traces, source = Image.Exif(), io.BytesIO()
    traces[0x013B] = "Somebody with a name"
    Image.new("RGB", (8, 8), "red").save(source, "JPEG", exif=traces, comment=b"Somebody with a name")
    photograph = source.getvalue()

    def show(document: pikepdf.Pdf) -> None:
        about = {"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 8, "/Height": 8}
        image = pikepdf.Stream(document, photograph, about)
        image.ColorSpace, image.BitsPerComponent = pikepdf.Name.DeviceRGB, 8
        image.Filter = pikepdf.Name.DCTDecode
        document.pages[0].Resources = pikepdf.Dictionary(
            XObject=pikepdf.Dictionary(Photo=document.make_indirect(image))
        )

    sent = pdf(change=show)
    assert sent.count(b"Somebody with a name") == 2
    kept = keep(sent)
    assert kept.removed == ("metadata",)
    with pikepdf.open(io.BytesIO(content_of(kept))) as document:
        image = document.pages[0].Resources.XObject.Photo
        raw = image.read_raw_bytes()
        assert b"Somebody" not in raw
        before, after = (Image.open(io.BytesIO(one)).convert("RGB").tobytes() for one in (photograph, raw))
        assert before == after


def test_keep_pdf_refuses_a_file_that_unpacks_without_end() -> None:
    def bomb(document: pikepdf.Pdf) -> None:
        document.pages[0].obj.Contents = pikepdf.Stream(document, PACKED, Filter=pikepdf.Name.FlateDecode)

    def nested(document: pikepdf.Pdf) -> None:
        twice = zlib.compress(PACKED)
        filters = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode])
        document.pages[0].obj.Contents = pikepdf.Stream(document, twice, Filter=filters)

    assert refusal_of(pdf(change=bomb)) == "file-bomb"
    assert refusal_of(pdf(change=nested)) == "file-bomb"


def test_what_is_kept_is_no_other_kind_of_file() -> None:
    """A PDF that is also a web page or an archive is kept as a PDF alone."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("a.txt", "a")
    before, after = pdf()[:9], pdf()[9:]
    both = before + b"\n%<html><script>alert(1)</script></html>\n" + after + archive.getvalue()
    content = content_of(keep(both))
    assert b"<script" not in content and b"PK\x03\x04" not in content


def link(**action: Any) -> Callable[[Any], None]:
    """Return a change that puts a link with this action on the first page."""

    def change(document: Any) -> None:
        annotation = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9])
        annotation.A = pikepdf.Dictionary(**action)
        document.pages[0].obj.Annots = pikepdf.Array([annotation])

    return change


@pytest.mark.parametrize(
    "action",
    [
        {"S": pikepdf.Name.Launch, "F": "calc.exe"},
        {"S": pikepdf.Name.GoToR, "F": "\\\\example.org\\share\\other.pdf"},
        {"S": pikepdf.Name.GoToE, "F": "other.pdf"},
        {"S": pikepdf.Name.URI, "URI": "javascript:alert(1)"},
        {"S": pikepdf.Name.URI, "URI": "file:///etc/passwd"},
    ],
)
def test_keep_pdf_takes_out_a_link_that_opens_a_file_or_runs_something(action: dict[str, Any]) -> None:
    kept = keep(pdf(change=link(**action)))
    assert kept.removed == ("action",)
    with pikepdf.open(io.BytesIO(content_of(kept))) as document:
        assert "/A" not in document.pages[0].obj.Annots[0]


def test_keep_pdf_takes_links_to_pages_and_addresses() -> None:
    for address in ("https://doi.org/10.1000/1", "http://example.org/", "mailto:person@example.org"):
        assert keep(pdf(change=link(S=pikepdf.Name.URI, URI=address))).removed == ()
    assert keep(pdf(change=link(S=pikepdf.Name.GoTo, D="part-2"))).removed == ()


def test_keep_pdf_refuses_an_encrypted_file() -> None:
    locked = pikepdf.Encryption(owner="owner", user="user")
    assert refusal_of(pdf(encryption=locked)) == "file-encrypted"
    only_restricted = pikepdf.Encryption(owner="owner", user="")
    assert refusal_of(pdf(encryption=only_restricted)) == "file-encrypted"


def test_keep_pdf_refuses_what_only_looks_like_a_pdf() -> None:
    assert refusal_of(b"") == "file-empty"
    assert refusal_of(b"<html><script>alert(1)</script>") == "file-no-pdf"
    assert refusal_of(b"\x00" * 5000) == "file-no-pdf"
    assert refusal_of(b"%PDF-1.7\n" + os.urandom(5000)) == "file-unreadable"
    assert refusal_of(b"%PDF-1.7\n<html><script>alert(1)</script></html>") == "file-unreadable"
    assert refusal_of(b"%PDF-") == "file-unreadable"
    book = io.BytesIO()
    openpyxl.Workbook().save(book)
    assert refusal_of(book.getvalue()) == "file-no-pdf"
    polyglot = io.BytesIO()
    with zipfile.ZipFile(polyglot, "w") as archive:
        archive.writestr("a.txt", "a")
    assert refusal_of(b"%PDF-1.4\n" + polyglot.getvalue()) == "file-unreadable"


def test_keep_pdf_takes_20_mb_and_not_a_byte_more() -> None:
    assert settings.UPLOAD_MAX_BYTES == 20 * 1024 * 1024
    assert refusal_of(b"%PDF-" + b"0" * settings.UPLOAD_MAX_BYTES) == "file-too-large"


@override_settings(UPLOAD_MAX_BYTES=2000)
def test_keep_pdf_refuses_a_file_that_claims_to_be_smaller_than_it_is() -> None:
    upload = ContentFile(pdf(pages=2) + b"%" * 5000, "any.pdf")
    upload.size = 100
    with pytest.raises(Invalid) as caught:
        files.keep_pdf(upload)
    assert caught.value.code == "file-too-large"


def test_check_that_runs_too_long_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SECONDS", 0.01)
    assert refusal_of(pdf()) == "file-too-long"


@override_settings(UPLOAD_MAX_BYTES=100_000)
def test_upload_is_not_written_beyond_the_cap() -> None:
    handlers = [files.CappedUploadHandler(), TemporaryFileUploadHandler()]
    taken = _parsed(handlers, {"file": ContentFile(b"x" * 3_000_000, "big.pdf")})
    assert 100_000 < taken["file"].size <= 100_000 + 64 * 1024


def test_upload_takes_one_file_of_a_request() -> None:
    handlers = [files.CappedUploadHandler(), MemoryFileUploadHandler()]
    taken = _parsed(handlers, {"first": ContentFile(b"one", "1.pdf"), "second": ContentFile(b"two", "2.pdf")})
    assert {name: upload.read() for name, upload in taken.items()} == {"first": b"one", "second": b""}


@override_settings(UPLOAD_MAX_BYTES=100_000)
def test_upload_takes_several_files_where_a_field_asks_for_them_and_together_no_more_than_one_may_be() -> None:
    handlers = [files.CappedUploadHandler(), TemporaryFileUploadHandler()]
    small = [ContentFile(b"one", "1.txt"), ContentFile(b"two", "2.txt")]
    taken = _parsed(handlers, {files.SEVERAL: [*small, *(ContentFile(b"x" * 90_000, f"{n}.txt") for n in range(5))]})
    sizes = [upload.size for upload in taken.getlist(files.SEVERAL)]
    assert sizes[:3] == [3, 3, 90_000]
    assert sum(sizes) <= 100_000 + 2 * 64 * 1024


def _parsed(handlers: list[Any], data: dict[str, Any]) -> Any:
    request = RequestFactory().post("/", data)
    for handler in handlers:
        handler.request = request
    return MultiPartParser(request.META, request, handlers).parse()[1]


def test_download_is_an_attachment_that_nothing_opens() -> None:
    kept = keep(pdf())
    response = files.download(kept.sha256, "LSA-2026-10000.pdf")
    assert len(b"".join(response.streaming_content)) == kept.size
    assert response["Content-Disposition"] == 'attachment; filename="LSA-2026-10000.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cache-Control"] == "private, no-store"


def test_download_of_a_file_that_is_not_kept_is_absent() -> None:
    with pytest.raises(Http404):
        files.download("f" * 64, "x.pdf")
