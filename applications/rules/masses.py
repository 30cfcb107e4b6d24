"""The mass calculator: what planned runs need, and how that compares with what is asked. Exact, in mg.

One rule of rounding: nothing is rounded on the way, and what is shown is rounded up once to 0.001 mg, so that the
mass named always suffices. What a request may ask for is `requests.py`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.models.request import RequestLine
from portal.errors import Invalid
from portal.units import LARGEST_MASS_MG, api_mass, format_mass
from samples.rules.techniques import label_of

NOTHING = Decimal(0)
MOST_PLANNED = 20
MOST_RUNS = 9999
LONGEST_TECHNIQUE = 120
FAR_TOO_MUCH = 10  # times what the runs need: more likely a slip of the decimal point than a plan
_COUNT = re.compile(r"[0-9]{1,4}")
_PERCENT = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,2})?")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，％", "0123456789.,%")


@dataclass(frozen=True)
class Run:
    """A measurement planned: a technique, the mass of one run in mg, how many runs, what is lost on the way in %."""

    technique: str
    mass_mg: Decimal
    runs: int
    loss_percent: Decimal = Decimal(0)

    @property
    def label(self) -> str:
        """What the technique is called in the language of the page."""
        return label_of(self.technique)

    @property
    def said(self) -> Any:
        """The calculation in figures: `8 × 4 mg, 10 % lost`."""
        figures = {"runs": self.runs, "mass": format_mass(self.mass_mg), "loss": plain_percent(self.loss_percent)}
        words = _("%(runs)s × %(mass)s, %(loss)s %% lost") if self.loss_percent else _("%(runs)s × %(mass)s")
        return words % figures

    @property
    def exact_mg(self) -> Fraction:
        """What all its runs need, in mg: mass × runs ÷ (1 − loss)."""
        return Fraction(self.mass_mg) * self.runs / (1 - Fraction(self.loss_percent) / 100)

    @property
    def need_mg(self) -> Decimal:
        """The same for people, in mg, rounded up."""
        return _rounded_up(self.exact_mg)


@dataclass(frozen=True)
class Balance:
    """What the runs of a request need beside what it asks for, in mg; of a piece, its own mass stands for both."""

    runs: Sequence[Run]
    asked_mg: Decimal | None
    least_mg: Decimal | None = None
    is_piece: bool = False

    @property
    def need_mg(self) -> Decimal:
        """What all runs need together, in mg."""
        return need_mg(self.runs)

    @property
    def is_even(self) -> bool:
        """Whether there is nothing to explain: of a piece the rest returns, of powder no milligram is over."""
        if not self.runs or self.asked_mg is None:
            return True
        return self.need_mg <= self.asked_mg if self.is_piece else self.need_mg == self.asked_mg

    def to_applicant(self) -> list[Any]:
        """Return the comparison in sentences that ask for a reason where there is a difference."""
        if not self.runs:
            return []
        found = [self._asked(_OWN)]
        asked, need, least = self.asked_mg, self.need_mg, self.least_mg
        if asked is not None and not self.is_piece and asked >= FAR_TOO_MUCH * need:
            found.append(
                _("That is %(times)s times as much: is the decimal point where you want it?")
                % {"times": int(asked / need)}
            )
        if least is not None and least != need and not self.is_piece:
            masses = {"least": format_mass(least), "short": format_mass(abs(need - least))}
            found.append((_OWN_LEAST_SHORT if least < need else _OWN_LEAST_OVER) % masses)
        return found

    def to_readers(self) -> list[Any]:
        """Return the comparison as everybody who judges reads it."""
        return [self._asked(_READ)] if self.runs else []

    def _asked(self, words: Mapping[str, Any]) -> Any:
        need, asked = self.need_mg, self.asked_mg
        if asked is None:
            return words["alone"] % {"need": format_mass(need)}
        masses = {"need": format_mass(need), "asked": format_mass(asked), "difference": format_mass(abs(asked - need))}
        if self.is_piece:
            return words["piece" if need <= asked else "piece-short"] % masses
        return words["even" if need == asked else "over" if need < asked else "short"] % masses


_OWN = {
    "alone": _("Your runs need %(need)s."),
    "even": _("Your runs need %(need)s, exactly what you ask for."),
    "over": _("Your runs need %(need)s; you ask for %(asked)s; %(difference)s are left: say why."),
    "short": _(
        "Your runs need %(need)s; you ask for %(asked)s; %(difference)s are missing: ask for more, or plan fewer runs."
    ),
    "piece": _("Your runs use %(need)s of a piece of %(asked)s."),
    "piece-short": _("Your runs need %(need)s; the piece has %(asked)s: plan fewer runs."),
}
_READ = {
    "alone": _("The runs need %(need)s."),
    "even": _("The runs need %(need)s, exactly what is asked for."),
    "over": _("The runs need %(need)s; %(asked)s are asked for; %(difference)s are left."),
    "short": _("The runs need %(need)s; %(asked)s are asked for; %(difference)s are missing."),
    "piece": _("The runs use %(need)s of a piece of %(asked)s."),
    "piece-short": _("The runs need %(need)s; the piece has %(asked)s."),
}
_OWN_LEAST_SHORT = _("With your least mass, %(least)s, runs that need %(short)s would not be done: say which.")
_OWN_LEAST_OVER = _("Your least mass, %(least)s, is more than your runs need: say why.")


def need_mg(runs: Iterable[Run]) -> Decimal:
    """Return what runs need together in mg: Σ mass × runs ÷ (1 − loss), rounded up once to 0.001 mg.

    Source: portal policy.
    """
    return _rounded_up(sum((run.exact_mg for run in runs), Fraction(0)))


def planned(rows: Sequence[Mapping[str, Any]]) -> list[Run]:
    """Return the runs that a request or a submitted document keeps."""
    return [
        Run(row["technique"], Decimal(row["mass_mg"]), int(row["runs"]), Decimal(row["loss_percent"])) for row in rows
    ]


def rows(runs: Iterable[Run]) -> list[dict[str, str]]:
    """Return runs as a request keeps them, numbers as decimal strings.

    Raises:
        Invalid: one of them cannot be, or there are too many.
    """
    kept = list(runs)
    if len(kept) > MOST_PLANNED:
        raise Invalid(_("At most %(count)s measurements can be planned.") % {"count": MOST_PLANNED}, code="runs")
    for run in kept:
        check_run(run)
    return [
        {
            "technique": run.technique[:LONGEST_TECHNIQUE],
            "mass_mg": str(api_mass(run.mass_mg)),
            "runs": str(run.runs),
            "loss_percent": plain_percent(run.loss_percent),
        }
        for run in kept
    ]


def check_run(run: Run) -> None:
    """Refuse what no measurement can be.

    Raises:
        Invalid: no mass, no run, or everything lost; beside the field it is about.
    """
    if not (run.mass_mg.is_finite() and 0 < run.mass_mg <= LARGEST_MASS_MG):
        raise Invalid(_("The mass of one run is more than zero."), code="run-mass", field="mass_mg")
    if not 1 <= run.runs <= MOST_RUNS:
        raise Invalid(_NO_COUNT % {"most": MOST_RUNS}, code="run-count", field="runs")
    if not (run.loss_percent.is_finite() and 0 <= run.loss_percent < 100):
        raise Invalid(_NO_LOSS, code="run-loss", field="loss_percent")


_NO_COUNT = _("Enter how many runs, a whole number from 1 to %(most)s.")
_NO_LOSS = _("Enter what is lost in percent, from 0 to less than 100, such as 2.5.")


def parse_count(text: str) -> int:
    """Read a number of runs as a person types it.

    Raises:
        Invalid: it is no whole number from 1 to `MOST_RUNS`.
    """
    typed = text.strip().translate(_FULL_WIDTH)
    if not _COUNT.fullmatch(typed) or int(typed) == 0:
        raise Invalid(_NO_COUNT % {"most": MOST_RUNS}, code="run-count")
    return int(typed)


def parse_loss(text: str) -> Decimal:
    """Read a loss in percent as a person types it: `2.5`, `2,5` and `2.5 %` are the same.

    Raises:
        Invalid: it is no number from 0 to less than 100 with at most two decimals.
    """
    typed = text.strip().translate(_FULL_WIDTH).removesuffix("%").strip()
    if not _PERCENT.fullmatch(typed) or Decimal(typed.replace(",", ".")) >= 100:
        raise Invalid(_NO_LOSS, code="run-loss")
    return Decimal(typed.replace(",", "."))


def balance(line: RequestLine) -> Balance:
    """Return the balance of a sample request, in the draft or as submitted; it fetches the sample of a piece."""
    if line.whole:
        return Balance(planned(line.runs), line.sample.initial_mg, is_piece=True)
    return Balance(planned(line.runs), line.asked_mg, line.least_mg)


def _rounded_up(mass_mg: Fraction) -> Decimal:
    return Decimal(ceil(mass_mg * 1000)).scaleb(-3)


def plain_percent(percent: Decimal) -> str:
    """Return the number alone, without needless zeros: 2.5, 10."""
    return f"{percent:.2f}".rstrip("0").rstrip(".") or "0"
