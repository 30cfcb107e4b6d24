"""Matching: loads, conflicts, the same for a seed, expertise and wishes, and the reason why a round cannot be done."""

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from applications.enums import Wish
from applications.rules.expertise import known, lineage
from applications.rules.matching import Board, Infeasible, Match, Paper, Reader, Shortfall, matched, shortfall, small

SOLVERS = [small, matched]


def people(number: int, most: int | None = None, **facts: object) -> list[Reader]:
    return [Reader(100 + at, most, **facts) for at in range(number)]  # type: ignore[arg-type]


def papers(number: int, needs: int = 2) -> list[Paper]:
    return [Paper(at, needs) for at in range(number)]


def pairs_of(matches: list[Match]) -> set[tuple[int, int]]:
    return {(one.paper, one.reader) for one in matches}


def check_holds(board: Board, matches: list[Match]) -> None:
    pairs = pairs_of(matches)
    assert len(pairs) == len(matches)
    assert not pairs & board.barred
    assert Counter(paper for paper, _reader in pairs) == Counter(
        {paper.key: paper.needs for paper in board.papers if paper.needs}
    )
    loads = Counter(reader for _paper, reader in pairs)
    assert all(loads[one.key] <= board.room(one) for one in board.readers)


@pytest.mark.parametrize("solve", SOLVERS)
def test_every_application_has_its_reviewers_and_work_is_shared(solve) -> None:
    board = Board(people(6), papers(15), frozenset({(at, 100 + at % 6) for at in range(15)}))
    matches = solve(board, 7)
    check_holds(board, matches)
    assert set(Counter(one.reader for one in matches).values()) == {5}


@pytest.mark.parametrize("solve", SOLVERS)
def test_whoever_has_work_already_gets_less(solve) -> None:
    board = Board([Reader(100, load=4), Reader(101), Reader(102)], papers(4, needs=1))
    assert Counter(one.reader for one in solve(board, 1)) == {101: 2, 102: 2}


@pytest.mark.parametrize("solve", SOLVERS)
def test_the_same_seed_gives_the_same_and_another_one_does_not(solve) -> None:
    board = Board(people(8), papers(20))
    turned = Board(board.readers[::-1], board.papers[::-1])
    first = solve(board, 11)
    assert first == solve(board, 11) == solve(turned, 11)
    assert any(pairs_of(solve(board, seed)) != pairs_of(first) for seed in range(3))


def test_a_small_round_in_which_the_first_come_leave_somebody_without_is_solved_as_a_whole() -> None:
    """Two people take one each; 0 may go to either, 1 to the first alone: by chance it would be taken."""
    board = Board([Reader(100, 1), Reader(101, 1), Reader(102, 1)], papers(3, needs=1), frozenset({(1, 101), (2, 102)}))
    for seed in range(20):
        check_holds(board, small(board, seed))


def test_expertise_wishes_and_load_decide_in_a_matched_round() -> None:
    mass, spectra = frozenset({"SIMS", "ICPMS"}), frozenset({"RAMAN"})
    readers = [Reader(100, 1, 0, mass), Reader(101, 2, 0, spectra), Reader(102, 1, 0)]
    board = Board(
        readers,
        [Paper(1, 1, mass), Paper(2, 1, spectra), Paper(3, 1, frozenset({"other words"}))],
        wishes={(3, 101): Wish.RELUCTANT, (3, 102): Wish.EAGER, (1, 100): Wish.WILLING},
    )
    assert matched(board, 5) == [
        Match(1, 100, {"load": [1, 1], "techniques": [2, 2], "wish": 1}),
        Match(2, 101, {"load": [1, 2], "techniques": [1, 1]}),
        Match(3, 102, {"load": [1, 1], "techniques": [0, 1], "wish": 2}),
    ]


def test_whom_an_application_would_suit_badly_is_taken_only_where_nobody_else_is_left() -> None:
    board = Board(people(2), [Paper(1, 1)], wishes={(1, 100): Wish.RELUCTANT})
    assert {pairs_of(matched(board, seed)).pop() for seed in range(5)} == {(1, 101)}
    alone = Board(people(1), [Paper(1, 1)], wishes={(1, 100): Wish.RELUCTANT})
    assert pairs_of(matched(alone, 1)) == {(1, 100)}


@pytest.mark.parametrize("solve", SOLVERS)
@pytest.mark.parametrize(
    "board, why",
    [
        (Board(people(3), papers(2), frozenset({(1, 100), (1, 101)})), Shortfall("few-members", (1,), 2, 1)),
        (Board(people(3, most=2), papers(4)), Shortfall("caps", (), 8, 6)),
        # 0 and 1 want the two who take one each; 2 and 3 have others.
        (
            Board(
                [Reader(100, 1), Reader(101, 1), *(Reader(at) for at in (102, 103, 104))],
                papers(4),
                frozenset(itertools.product((0, 1), (102, 103, 104))) | {(2, 100), (3, 101)},
            ),
            Shortfall("cut", (0, 1), 4, 2),
        ),
    ],
)
def test_a_round_that_cannot_be_done_names_what_is_in_the_way(solve, board: Board, why: Shortfall) -> None:
    assert shortfall(board) == why
    with pytest.raises(Infeasible) as refusal:
        solve(board, 1)
    assert refusal.value.args == (why,)


def test_nothing_to_match_is_no_shortfall() -> None:
    for board in (Board([], []), Board(people(2), []), Board([], [Paper(1, 0)]), Board(people(2), [Paper(1, 0)])):
        assert shortfall(board) is None
        assert small(board, 1) == matched(board, 1) == []


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 6), st.integers(1, 8), st.integers(0, 5), st.sampled_from(SOLVERS))
def test_there_is_a_matching_or_a_set_of_applications_that_shows_why_not(
    seed: int, readers: int, number: int, most: int, solve
) -> None:
    """Whatever the cut says holds by counting: its applications need more than its people take."""
    chance = random.Random(seed)
    board = Board(
        [Reader(100 + at, chance.choice([None, most, most + 1]), chance.randint(0, 2)) for at in range(readers)],
        [Paper(at, chance.randint(0, 3)) for at in range(number)],
        frozenset(
            pair for pair in itertools.product(range(number), range(100, 100 + readers)) if chance.random() < 0.4
        ),
    )
    why = shortfall(board)
    if why is None:
        check_holds(board, solve(board, seed))
        return
    assert why.can < why.needed
    if why.code == "cut":
        named = [paper for paper in board.papers if paper.key in why.papers]
        assert why.needed == sum(paper.needs for paper in named)
        takes = sum(
            min(board.room(one), sum(1 for paper in named if (paper.key, one.key) not in board.barred))
            for one in board.readers
        )
        assert takes >= why.can


def test_whoever_knows_a_concept_knows_what_is_below_it() -> None:
    assert lineage("SIMS") == {"SIMS", "Massspectrometry", "Analysistechnique"}
    wanted = {"SIMS", "RAMAN", "a mill of my own"}
    assert known({"Massspectrometry"}, wanted) == 1
    assert known({"SIMS", "RAMAN"}, wanted) == 2
    assert known({"ICPMS"}, wanted) == 0
    assert known({"ICPMS"}, {"Massspectrometry"}) == 1
    assert known({"a mill of my own"}, wanted) == 0
