"""What a submission is made of when people read it: parts, each with a heading and blocks, the same on page and paper.

`applications/chapters.py` writes them; `templates/applications/_blocks.html` and `templates/papers/_paper.typ` show
them. Words in them are plain text.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.translation import get_language

from samples.enums import Hemisphere


@dataclass(frozen=True)
class Words:
    """Paragraphs, in the language they were written in."""

    words: str
    language: str = ""
    kind: ClassVar[str] = "text"

    def printed(self) -> dict[str, Any]:
        """Return what the paper's template takes."""
        return {"words": self.words, "language": _tag(self.language)}

    @property
    def lang(self) -> str:
        """The language as a page names it, empty where it is not known."""
        return "zh-Hans" if self.language.startswith("zh") else self.language


@dataclass(frozen=True)
class Title:
    """A heading inside a part; of a sample with its hemisphere and mission."""

    words: Any
    hemisphere: str = ""
    mission: Any = ""
    kind: ClassVar[str] = "heading"
    level: int = 3

    def printed(self) -> dict[str, Any]:
        """Return what the paper's template takes."""
        beside = f"{Hemisphere(self.hemisphere).label} · {self.mission}" if self.hemisphere else ""
        return {"words": str(self.words), "level": self.level, "beside": beside}


@dataclass(frozen=True)
class Table:
    """A table; its first column names the row. `right` are the columns of numbers."""

    label: Any
    head: tuple[Any, ...]
    rows: tuple[tuple[Any, ...], ...]
    foot: tuple[Any, ...] = ()
    right: frozenset[int] = frozenset()
    ids: bool = False
    kind: ClassVar[str] = "table"

    def printed(self) -> dict[str, Any]:
        """Return what the paper's template takes."""
        rows = [[str(cell) for cell in row] for row in self.rows]
        head, foot = [str(cell) for cell in self.head], [str(cell) for cell in self.foot]
        return {"head": head, "rows": rows, "foot": foot, "right": sorted(self.right)}

    @property
    def columns(self) -> list[bool]:
        """Whether each column holds numbers."""
        return [index in self.right for index in range(len(self.head))]

    @property
    def shown_rows(self) -> list[list[tuple[Any, bool]]]:
        """Every row as pairs of cell and whether it is a number."""
        return [list(zip(row, self.columns, strict=True)) for row in self.rows]

    @property
    def shown_head(self) -> list[tuple[Any, bool]]:
        """The head as pairs of cell and whether its column holds numbers."""
        return list(zip(self.head, self.columns, strict=True))

    @property
    def shown_foot(self) -> list[tuple[Any, bool]]:
        """The foot as pairs of cell and whether it is a number."""
        return list(zip(self.foot, self.columns, strict=True)) if self.foot else []


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[Any, ...]
    kind: ClassVar[str] = "list"

    def printed(self) -> dict[str, Any]:
        """Return what the paper's template takes."""
        return {"items": [str(one) for one in self.items]}


@dataclass(frozen=True)
class Note:
    """Something said beside the application, such as the curator's advice."""

    lead: Any
    words: str
    kind: ClassVar[str] = "note"

    def printed(self) -> dict[str, Any]:
        """Return what the paper's template takes."""
        return {"lead": str(self.lead), "words": self.words}


@dataclass(frozen=True)
class File:
    """A file that is kept beside: a link on the page, its words on paper."""

    words: Any
    sha256: str
    kind: ClassVar[str] = "file"

    def printed(self) -> dict[str, Any]:
        """Return what the paper's template takes."""
        return {"words": str(self.words)}


@dataclass(frozen=True)
class Room:
    """Room to write on a blank form, in mm."""

    height: int
    kind: ClassVar[str] = "room"

    def printed(self) -> dict[str, Any]:
        """Return what the paper's template takes."""
        return {"height": self.height}


Block = Words | Title | Table | Items | Note | File | Room


@dataclass(frozen=True)
class Part:
    """One part under its heading; `key` names it in addresses."""

    key: str
    heading: Any
    blocks: tuple[Block, ...] = field(default_factory=tuple)

    def printed(self) -> dict[str, Any]:
        """Return what the paper's template takes."""
        blocks = [{"kind": block.kind, **block.printed()} for block in self.blocks]
        return {"heading": str(self.heading), "blocks": blocks}


def _tag(language: str) -> str:
    """Return the language as the paper writes it; what has none is in the language of the page."""
    return "zh" if (language or get_language() or "en").startswith("zh") else "en"
