"""Who goes where: reviewers for applications within what each of them takes, and the reason of every match.

Pure: the numbers are read by `applications/assigning/proposing.py`, in the worker. The solvers are imported here and
nowhere else, since they take longer to load than a page to answer.

Source: portal policy; a transport problem with convex costs, and the cut that shows why a flow is too small.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import maximum_flow

from applications.enums import Wish
from applications.rules.expertise import known

# What a match is worth, and what each review more of the same person costs: at twice the fair share of work, expertise
# in everything wanted is outweighed.
EXPERTISE = 6.0
WISHES = {Wish.EAGER: 3.0, Wish.WILLING: 1.0, Wish.RELUCTANT: -6.0}
LOAD = 3.0
NOISE = 1e-3  # decides between equals, by the seed, and never between others
CHOSEN = 0.5

Pair = tuple[int, int]  # of an application and a reviewer


@dataclass(frozen=True)
class Reader:
    """Somebody who may review: `most` applications in all (no limit: None), of which they have `load` already."""

    key: int
    most: int | None = None
    load: int = 0
    expert_in: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Paper:
    """An application that needs so many reviewers more, and the techniques it wants."""

    key: int
    needs: int
    wanted: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Board:
    """Everything that a matching goes by. `barred` are pairs that must not be; `wishes` are values of `Wish`."""

    readers: Sequence[Reader]
    papers: Sequence[Paper]
    barred: frozenset[Pair] = frozenset()
    wishes: Mapping[Pair, int] = field(default_factory=dict)

    def free(self, paper: Paper) -> list[Reader]:
        """Return who may review an application, conflicts and the like aside from load."""
        return [reader for reader in self.readers if (paper.key, reader.key) not in self.barred]

    def room(self, reader: Reader) -> int:
        """Return how many more somebody takes."""
        return len(self.papers) if reader.most is None else max(0, reader.most - reader.load)


@dataclass(frozen=True)
class Match:
    """Who goes where, and why: `{"techniques": [known, wanted], "wish": …, "load": [in all, most]}`."""

    paper: int
    reader: int
    because: dict[str, Any]


@dataclass(frozen=True)
class Shortfall:
    """Why a round cannot be done: so many reviews are `needed` and so many `can` be had, of these applications.

    `code` is `few-members` (an application with too few people free of conflicts), `caps` (all of them together take
    too few), or `cut` (a set of applications for which its people take too few).
    """

    code: str
    papers: tuple[int, ...]
    needed: int
    can: int


class Infeasible(Exception):
    """There is no way to find enough reviewers for all; the argument is a `Shortfall`."""


def small(board: Board, seed: int) -> list[Match]:
    """Return the lead readers of a small round: whoever has the fewest comes first, the seed decides between equals.

    Applications with few people to choose from choose first; where even so somebody is left without, the same is
    solved as a whole.

    Raises:
        Infeasible: there is no way within conflicts and loads.
    """
    _check(board)
    chance = random.Random(seed)  # noqa: S311 -- repeatable, not secret
    pairs = _fewest_first(board, chance) or _solved(board, chance, lambda paper, reader: 0.0)
    return list(_with_reasons(board, pairs))


def matched(board: Board, seed: int) -> list[Match]:
    """Return the matching that is best in expertise and wishes together, the work shared out.

    Raises:
        Infeasible: there is no way within conflicts and loads.
    """
    _check(board)

    def worth(paper: Paper, reader: Reader) -> float:
        share = known(reader.expert_in, paper.wanted) / len(paper.wanted) if paper.wanted else 0.0
        wish = board.wishes.get((paper.key, reader.key))
        return EXPERTISE * share + (WISHES[Wish(wish)] if wish is not None else 0.0)

    return list(_with_reasons(board, _solved(board, random.Random(seed), worth)))  # noqa: S311 -- repeatable


def shortfall(board: Board) -> Shortfall | None:
    """Return what makes a round impossible, the plainest reason first; None where it can be done."""
    for paper in board.papers:
        if (free := len(board.free(paper))) < paper.needs:
            return Shortfall("few-members", (paper.key,), paper.needs, free)
    needed, can = sum(paper.needs for paper in board.papers), sum(board.room(one) for one in board.readers)
    if not needed:
        return None
    if can < needed:
        return Shortfall("caps", (), needed, can)
    sent, reached = _flow(board)
    unmet = [paper for paper in board.papers if reached[paper.key] < paper.needs]
    return min((_cut(board, paper, sent) for paper in unmet), key=lambda one: len(one.papers), default=None)


# --- Whether it can be done ------------------------------------------------------------------------------


def _check(board: Board) -> None:
    if why := shortfall(board):
        raise Infeasible(why)


def _flow(board: Board) -> tuple[set[Pair], dict[int, int]]:
    """Return a largest flow from applications to people: its pairs, and how many each application got."""
    first = {paper.key: at for at, paper in enumerate(board.papers, start=1)}
    second = {reader.key: at for at, reader in enumerate(board.readers, start=len(first) + 1)}
    sink = len(first) + len(second) + 1
    arcs = [(0, first[paper.key], paper.needs) for paper in board.papers]
    arcs += [(first[paper.key], second[one.key], 1) for paper in board.papers for one in board.free(paper)]
    arcs += [(second[reader.key], sink, board.room(reader)) for reader in board.readers]
    rows, columns, rooms = (np.array(each, dtype=np.int32) for each in zip(*arcs, strict=True))
    flow = maximum_flow(csr_array((rooms, (rows, columns)), shape=(sink + 1, sink + 1)), 0, sink).flow
    keys = {at: key for key, at in (*first.items(), *second.items())}
    sent: set[Pair] = set()
    reached = dict.fromkeys(first, 0)
    for tail, head, amount in zip(*(each.tolist() for each in _entries(flow)), strict=True):
        if amount > 0 and tail and head != sink:
            sent.add((keys[tail], keys[head]))
            reached[keys[tail]] += amount
    return sent, reached


def _entries(flow: Any) -> tuple[Any, Any, Any]:
    listed = flow.tocoo()
    return listed.row, listed.col, listed.data


def _cut(board: Board, unmet: Paper, sent: set[Pair]) -> Shortfall:
    """Return the applications that stand in each other's way, from one that got too few on.

    Everybody who may review one of them is taken up by them, or reviews it already.
    """
    by_key, having = {paper.key: paper for paper in board.papers}, defaultdict(set)
    for paper_key, reader_key in sent:
        having[reader_key].add(paper_key)
    papers, people, open_ = {unmet.key}, set(), [unmet.key]
    while open_:
        key = open_.pop()
        for reader in board.free(by_key[key]):
            if reader.key in people or (key, reader.key) in sent:
                continue
            people.add(reader.key)
            more = having[reader.key] - papers
            papers |= more
            open_ += more
    takes = sum(board.room(reader) for reader in board.readers if reader.key in people)
    once = sum(1 for paper, reader in sent if paper in papers and reader not in people)
    return Shortfall("cut", tuple(sorted(papers)), sum(by_key[key].needs for key in papers), takes + once)


# --- Doing it ----------------------------------------------------------------------------------------------


def _fewest_first(board: Board, chance: random.Random) -> list[Pair]:
    """Return the pairs found one application after the other; nothing where somebody is left without."""
    load = {reader.key: reader.load for reader in board.readers}
    left = {reader.key: board.room(reader) for reader in board.readers}
    order = sorted(board.papers, key=lambda paper: paper.key)
    chance.shuffle(order)
    pairs = []
    for paper in sorted(order, key=lambda one: len(board.free(one))):
        free = sorted(one.key for one in board.free(paper) if left[one.key])
        chance.shuffle(free)
        chosen = sorted(free, key=load.__getitem__)[: paper.needs]
        if len(chosen) < paper.needs:
            return []
        for key in chosen:
            load[key], left[key] = load[key] + 1, left[key] - 1
            pairs.append((paper.key, key))
    return pairs


def _solved(board: Board, chance: random.Random, worth: Callable[[Paper, Reader], float]) -> list[Pair]:
    """Return the pairs of the highest worth, less what an uneven share of the work costs.

    Raises:
        RuntimeError: the solver gave up, though there is a way.
    """
    papers = sorted(board.papers, key=lambda one: one.key)
    readers = sorted(board.readers, key=lambda one: one.key)
    place = {reader.key: at for at, reader in enumerate(readers)}
    pairs = sorted((row, place[one.key]) for row, paper in enumerate(papers) for one in board.free(paper))
    if not pairs:
        return []
    gains = [worth(papers[row], readers[column]) + NOISE * chance.random() for row, column in pairs]
    steps = list(_steps(board, readers))
    entries = [(row, at, 1) for at, (row, _reader) in enumerate(pairs)]
    entries += [(len(papers) + column, at, 1) for at, (_row, column) in enumerate(pairs)]
    entries += [(len(papers) + column, at, -1) for at, (column, *_rest) in enumerate(steps, start=len(pairs))]
    rows, columns, values = zip(*entries, strict=True)
    shape = (len(papers) + len(readers), len(pairs) + len(steps))
    right = [paper.needs for paper in papers] + [0] * len(readers)
    answer = milp(
        c=np.array([-gain for gain in gains] + [cost for _column, _room, cost in steps]),
        integrality=np.array([1] * len(pairs) + [0] * len(steps)),
        bounds=Bounds(0, np.array([1] * len(pairs) + [room for _column, room, _cost in steps])),
        constraints=LinearConstraint(coo_array((values, (rows, columns)), shape=shape).tocsc(), right, right),
        options={"mip_rel_gap": 0},
    )
    if not answer.success:
        raise RuntimeError(f"The matching was not solved: {answer.message}")
    return [
        (papers[row].key, readers[column].key)
        for (row, column), value in zip(pairs, answer.x, strict=False)
        if value > CHOSEN
    ]


def _steps(board: Board, readers: Sequence[Reader]) -> Iterator[tuple[int, int, float]]:
    """Yield what each review more of somebody costs: (place of the reader, how many at this cost, cost of one).

    One by one up to twice the fair share, then all at the highest cost: it grows, and so the cheap ones are used first.
    """
    work = sum(paper.needs for paper in board.papers) + sum(reader.load for reader in readers)
    fair = max(1, ceil(work / max(1, len(readers))))
    for at, reader in enumerate(readers):
        room = min(board.room(reader), len(board.papers))
        single = min(room, max(0, 2 * fair - reader.load))
        for number in range(reader.load + 1, reader.load + single + 1):
            yield at, 1, LOAD * number / fair
        if room > single:
            yield at, room - single, LOAD * max(2 * fair, reader.load + 1) / fair


def _with_reasons(board: Board, pairs: Sequence[Pair]) -> Iterator[Match]:
    papers, readers = {one.key: one for one in board.papers}, {one.key: one for one in board.readers}
    load = {reader.key: reader.load for reader in board.readers}
    for _paper, reader_key in pairs:
        load[reader_key] += 1
    for paper_key, reader_key in sorted(pairs):
        paper, reader = papers[paper_key], readers[reader_key]
        because: dict[str, Any] = {"load": [load[reader_key], reader.most]}
        if paper.wanted:
            because["techniques"] = [known(reader.expert_in, paper.wanted), len(paper.wanted)]
        if (wish := board.wishes.get((paper_key, reader_key))) is not None:
            because["wish"] = wish
        yield Match(paper_key, reader_key, because)
