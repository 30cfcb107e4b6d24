"""Binds PDFs into one: their pages one behind the other, with the tags by which a paper is read aloud.

What is tagged stays tagged, each paper as a part of the whole; a file that came without tags is bound without any.
`packs.py` says what is bound.
"""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

BOOK, PART = Name("/Document"), Name("/Part")


class Binder:
    """A PDF that grows paper by paper."""

    def __init__(self) -> None:
        self.book = pikepdf.new()
        self._parts: list[Any] = []
        self._marks: list[Any] = []
        self._ids: dict[bytes, Any] = {}
        self._roles = Dictionary()
        self._next = 0

    def __enter__(self) -> "Binder":
        return self

    def __exit__(self, *error: object) -> None:
        self.book.close()

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self.book.pages)

    def add(self, content: bytes) -> int:
        """Add the pages of a PDF behind the others; return the number of the first, counted from 0."""
        first = self.count
        with pikepdf.open(io.BytesIO(content)) as paper:
            self.book.pages.extend(paper.pages)
            tags = paper.Root.get("/StructTreeRoot")
            if tags is not None:
                # Only pages that were added are found again; what a tag says of them comes along.
                self._add_tags(self.book.copy_foreign(paper.make_indirect(tags)), first)
        return first

    def save(self, target: Path, title: str, language: str, marks: Sequence[tuple[str, int]]) -> None:
        """Write it with title, language and bookmarks, and nothing about who or what made it."""
        with self.book.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(words, page) for words, page in marks)
        self.book.docinfo["/Title"] = title
        self.book.Root.Lang = pikepdf.String(language)
        self.book.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        if self._parts:
            self._tag()
        self.book.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)

    def _add_tags(self, tags: Any, first: int) -> None:
        """Take the tags of what was added since the page `first`: its numbers and names follow those before it."""
        for number in range(first, self.count):
            page = self.book.pages[number]
            for holder in (page.obj, *page.obj.get("/Annots", ())):
                for key in ("/StructParents", "/StructParent"):
                    if key in holder:
                        holder[key] = int(holder[key]) + self._next
        numbered = list(_leaves(tags.get("/ParentTree", Dictionary())))
        for position in range(0, len(numbered), 2):
            self._marks += [int(numbered[position]) + self._next, numbered[position + 1]]
        self._roles = Dictionary({**dict(tags.get("/RoleMap", {})), **dict(self._roles)})
        prefix = b"%d-" % self._next
        self._next += max((int(number) for number in numbered[::2]), default=-1) + 1
        for part in _kids(tags):
            if part.get("/S") == BOOK:
                part.S = PART
            self._rename(part, prefix)
            self._parts.append(part)

    def _rename(self, part: Any, prefix: bytes) -> None:
        """Give what names cells of a table names that no other paper has."""
        waiting = [part]
        while waiting:
            one = waiting.pop()
            if "/ID" in one:
                name = prefix + bytes(one.ID)
                one.ID = pikepdf.String(name)
                self._ids[name] = one
            said = one.get("/A", ())
            for facts in said if isinstance(said, Array) else (said,):
                if isinstance(facts, Dictionary) and "/Headers" in facts:
                    facts.Headers = Array([pikepdf.String(prefix + bytes(name)) for name in facts.Headers])
            waiting += [kid for kid in _kids(one) if isinstance(kid, Dictionary) and "/S" in kid]

    def _tag(self) -> None:
        """Put the tags of all papers below one."""
        book = self.book
        whole = book.make_indirect(Dictionary(Type=Name("/StructElem"), S=BOOK, K=Array(self._parts)))
        for part in self._parts:
            part.P = whole
        tags = Dictionary(Type=Name("/StructTreeRoot"), K=Array([whole]), RoleMap=self._roles)
        tags.ParentTree = book.make_indirect(Dictionary(Nums=Array(self._marks)))
        tags.ParentTreeNextKey = self._next
        if self._ids:
            pairs = [half for name in sorted(self._ids) for half in (pikepdf.String(name), self._ids[name])]
            tags.IDTree = book.make_indirect(Dictionary(Names=Array(pairs)))
        whole.P = book.Root.StructTreeRoot = book.make_indirect(tags)
        book.Root.MarkInfo = Dictionary(Marked=True)


def _kids(tag: Any) -> Iterator[Any]:
    found = tag.get("/K", ())
    yield from found if isinstance(found, Array) else (found,)


def _leaves(tree: Any) -> Iterator[Any]:
    """Yield the numbers and values of a number tree, one after the other."""
    yield from tree.get("/Nums", ())
    for branch in tree.get("/Kids", ()):
        yield from _leaves(branch)
