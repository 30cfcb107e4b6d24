"""The words of the demonstration, read from `data/`: what is asked and why, and what reviewers say to it."""

import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from applications.rules.masses import Run

LABORATORY = (
    "A laboratory of the demonstration with the instruments named in the methods. Blanks are measured before and "
    "after every run and reported with the data."
)
CUSTODY = (
    "Material is kept in a locked cabinet under dry nitrogen. Every opening is written into one log, and only the "
    "team named here handles it."
)
DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True)
class Asked:
    """One sample request: a whole piece, or a powder with the mass asked and the least useful one, in mg."""

    number: str
    asked_mg: Decimal | None = None
    least_mg: Decimal | None = None

    @classmethod
    def read(cls, text: str) -> "Asked":
        """Read `DEMO-CE5-FM-001 50 30`, or the number alone for a piece."""
        number, *masses = text.split()
        return cls(number, *(Decimal(mass) for mass in masses))

    @property
    def whole(self) -> bool:
        return self.asked_mg is None


@dataclass(frozen=True)
class Verdict:
    """What the chair decides of one request: award (in mg for powder), reserve (with a place), decline, or nothing."""

    word: str
    number: Decimal | None = None

    @classmethod
    def read(cls, text: str) -> "Verdict":
        """Read `award 50`, `award`, `reserve 1`, `decline` or `left`."""
        word, *number = text.split()
        return cls(word, Decimal(number[0]) if number else None)


@dataclass(frozen=True)
class Plan:
    """One application: who asks what and why, and how far it goes in its call."""

    by: str
    title: str
    question: str
    plan: str
    methods: str
    summary: str
    technique: str
    effect: str
    why: str
    requests: list[str]
    runs: dict[str, list[str]] = field(default_factory=dict)
    contaminants: str = ""
    alternatives: str = ""
    groups: list[dict[str, Any]] = field(default_factory=list)
    call: str = "demo-review"
    co: list[str] = field(default_factory=list)
    invited: bool = False
    interview: str = ""
    verdicts: list[str] = field(default_factory=list)
    waits_for: str = ""
    advised: bool = False
    laboratory: str = LABORATORY
    custody: str = CUSTODY
    draft: bool = False

    @property
    def texts(self) -> dict[str, str]:
        """The texts of the draft by their columns."""
        return {
            "title": self.title,
            "question": self.question,
            "plan": self.plan,
            "methods": self.methods,
            "laboratory": self.laboratory,
            "custody": self.custody,
            "public_title": self.title,
            "public_summary": self.summary,
        }

    @cached_property
    def asked(self) -> list[Asked]:
        """The sample requests."""
        return [Asked.read(text) for text in self.requests]

    def planned(self, number: str) -> list[Run]:
        """Return the runs planned with a sample, written `TEM 0.5 12 2`: technique, mg of a run, runs, loss in %."""
        read = [text.split() for text in self.runs.get(number, [])]
        return [Run(code, Decimal(mass), int(runs), Decimal(loss)) for code, mass, runs, loss in read]

    @cached_property
    def decided(self) -> dict[str, Verdict]:
        """The verdicts by catalogue number."""
        read = [Verdict.read(text) for text in self.verdicts]
        return {asked.number: verdict for asked, verdict in zip(self.asked, read, strict=True)}


def plans(slug: str) -> list[Plan]:
    """Return the applications of a call, in the order in which they were written down."""
    rows = [row for name in ("review", "others") for row in words(name)["applications"]]
    return [plan for plan in (Plan(**row) for row in rows) if plan.call == slug]


def words(name: str) -> dict[str, Any]:
    """Return what a file of `data/` says."""
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))
