"""PDF files for tests."""

import io
from collections.abc import Callable
from typing import Any

import pikepdf


def pdf(
    pages: int = 1, change: Callable[[pikepdf.Pdf], None] | None = None, encryption: Any = None, filler: int = 0
) -> bytes:
    """Return a PDF of empty pages, changed by `change`, made larger by `filler` bytes."""
    document = pikepdf.new()
    for _page in range(pages):
        document.add_blank_page()
    if filler:
        document.pages[0].obj.Contents = document.make_stream(b"%" + b" " * filler)
    if change:
        change(document)
    target = io.BytesIO()
    document.save(target, encryption=encryption or False)
    return target.getvalue()
