"""The geometry of the portal's drawings: disc of the Moon, mass bar, line of days, gauge of tasks.

Numbers only: words and colours stand in `templates/_parts/`, colours by class in `components.css`. The tags that
bring both together are in `portal/templatetags/instruments.py`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

RADIUS = 278  # of the disc, in a viewBox of -320 to 320
CENTRE_LONGITUDE = {"near": 0.0, "far": 180.0}
RING = 16  # where the aiming lines start, beside the ring
DAYS_WIDTH = 1120
LINE_OF_TEXT = 32  # two lines of text above the line of days
LETTER = 7.2  # mean width of a letter of 13 px; twice that for a Chinese character


@dataclass(frozen=True)
class Site:
    """A landing site, degrees north and east."""

    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Aim:
    """A site on its disc: centre, the end of the aiming line at the limb, and where its name stands."""

    name: str
    x: float
    y: float
    from_y: float
    from_x: float
    limb_x: float
    text_x: float
    text_y: float
    anchor: str


def aim(site: Site, hemisphere: str) -> Aim | None:
    """Project a site onto the disc of a hemisphere; None where it lies on the other side.

    Orthographic: x = R·cosφ·sin(λ−λ₀), y = −R·sinφ.
    """
    latitude = math.radians(site.latitude)
    longitude = math.radians(site.longitude - CENTRE_LONGITUDE[hemisphere])
    if math.cos(longitude) < 0:
        return None
    x = RADIUS * math.cos(latitude) * math.sin(longitude)
    y = -RADIUS * math.sin(latitude)
    outwards, down = (-1 if x < 0 else 1), (-1 if y > 0 else 1)
    return Aim(
        name=site.name,
        x=round(x, 1),
        y=round(y, 1),
        from_y=round(y + down * RING, 1),
        from_x=round(x + outwards * RING, 1),
        limb_x=round(outwards * math.sqrt(RADIUS**2 - y**2), 1),
        text_x=round(x - outwards * 26, 1),
        text_y=round(y + 9, 1),
        anchor="start" if x < 0 else "end",
    )


@dataclass(frozen=True)
class Bar:
    """A mass bar: shares in percent of the whole, and the masses they stand for in mg."""

    initial_mg: Decimal
    gone_mg: Decimal
    mine_mg: Decimal
    free_mg: Decimal
    rest_mg: Decimal
    gone: str
    mine: str


def mass_bar(initial_mg: Decimal, gone_mg: Decimal, mine_mg: Decimal) -> Bar:
    """Divide a bar into what is gone, what the page speaks of, and the rest; never over its end (mg)."""
    initial_mg, gone_mg, mine_mg = Decimal(initial_mg), Decimal(gone_mg or 0), Decimal(mine_mg or 0)
    free_mg = max(initial_mg - gone_mg, Decimal(0))
    shown_mg = min(mine_mg, free_mg)
    return Bar(
        initial_mg=initial_mg,
        gone_mg=gone_mg,
        mine_mg=mine_mg,
        free_mg=free_mg,
        rest_mg=free_mg - shown_mg,
        gone=_percent(min(gone_mg, initial_mg), initial_mg),
        mine=_percent(shown_mg, initial_mg),
    )


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{float(part) * 100 / float(whole):.2f}%" if whole else "0%"


@dataclass(frozen=True)
class Mark:
    """A day that counts on the line of days: its number, its date and what it is."""

    day: int
    on: date | None
    words: str


@dataclass(frozen=True)
class Label:
    """A mark with its place on the line."""

    mark: Mark
    x: float
    anchor: str
    date_y: int
    words_y: int

    @property
    def is_now(self) -> bool:
        """A mark without a date is today."""
        return self.mark.on is None


@dataclass(frozen=True)
class Span:
    """A stretch between two marks; the last one is filled."""

    x: float
    width: float
    last: bool


@dataclass(frozen=True)
class Days:
    """A line of days: everything the template draws, in a viewBox of 1120 by `height`."""

    height: int
    bar_y: int
    labels: list[Label]
    spans: list[Span]
    ticks: list[float]
    numbers: list[tuple[float, int]]
    last_number: int
    today: float | None
    width: int = DAYS_WIDTH

    @property
    def axis_y(self) -> int:
        return self.bar_y + 24

    @property
    def tick_end(self) -> int:
        return self.bar_y + 29

    @property
    def step_end(self) -> int:
        return self.bar_y + 34

    @property
    def number_y(self) -> int:
        return self.bar_y + 50


def days(marks: Sequence[Mark], today: Mark | None = None) -> Days:
    """Lay out marks over an axis that ends at the next round number of days; labels never overlap."""
    marks = sorted(marks, key=lambda mark: mark.day)
    labelled = sorted([*marks, today], key=lambda mark: mark.day) if today else marks
    last_day = max([mark.day for mark in labelled] + [1])
    step = _step(last_day)
    end = math.ceil(last_day / step) * step
    scale = DAYS_WIDTH / end
    labels, levels = _labels(labelled, scale)
    bar_y = levels * LINE_OF_TEXT + 8
    edges = [mark.day * scale for mark in marks]
    return Days(
        height=bar_y + 56,
        bar_y=bar_y,
        labels=labels,
        spans=[
            Span(round(start, 1), round(stop - start, 1), last=stop == edges[-1])
            for start, stop in zip(edges, edges[1:], strict=False)
        ],
        ticks=[round(day * scale, 1) for day in _range(step / 10, end) if day % step],
        numbers=[(round(day * scale, 1), day) for day in range(0, end + 1, step)],
        last_number=end,
        today=None if today is None else round(today.day * scale, 1),
    )


def _step(last_day: int) -> int:
    return next((step for step in (10, 20, 50, 100, 200) if last_day <= step * 6), 500)


def _range(step: float, end: int) -> Iterable[float]:
    return (number * step for number in range(1, round(end / step)))


def _labels(marks: Sequence[Mark], scale: float) -> tuple[list[Label], int]:
    """Give every label the lowest row where it touches no other; rows are counted upwards from the bar."""
    rows: list[float] = []  # where each row is free from
    placed: list[tuple[Mark, float, str, int]] = []
    for mark in marks:
        x, width = mark.day * scale, _width(mark)
        if x < width / 2:
            anchor, start = "", x
        elif x > DAYS_WIDTH - width / 2:
            anchor, start = "last", x - width
        else:
            anchor, start = "mid", x - width / 2
        row = next((number for number, free in enumerate(rows) if start >= free), len(rows))
        rows[row:] = [start + width + 16, *rows[row + 1 :]]
        placed.append((mark, round(x, 1), anchor, row))
    levels = max(len(rows), 1)
    return [
        Label(mark, x, anchor, (levels - 1 - row) * LINE_OF_TEXT + 16, (levels - 1 - row) * LINE_OF_TEXT + 32)
        for mark, x, anchor, row in placed
    ], levels


def _width(mark: Mark) -> float:
    words = sum(LETTER if letter < "⺀" else 2 * LETTER for letter in str(mark.words))
    return max(words, 13 * LETTER)


def gauge(done: int, all_tasks: int) -> list[tuple[str, str, bool]]:
    """Return start and width in percent of each task's piece of a gauge, and whether it is done."""
    share = 100 / max(all_tasks, 1)
    return [(f"{n * share + 0.4:.2f}%", f"{share - 0.8:.2f}%", n < done) for n in range(all_tasks)]
