"""Two texts side by side: what differs is marked, and beyond a length nothing is, so that no page takes seconds."""

from applications.differences import MOST_PIECES, Piece, compared
from applications.rules.lengths import pieces


def test_what_the_other_text_does_not_say_is_marked() -> None:
    theirs, mine = compared("nine runs of each", "eight runs of each")
    assert ([one.words for one in theirs if one.marked], [one.words for one in mine if one.marked]) == (
        ["nine"],
        ["eight"],
    )
    assert "".join(one.words for one in mine) == "eight runs of each"


def test_texts_are_compared_up_to_a_length_and_shown_whole_beyond() -> None:
    half = MOST_PIECES // 2
    longest = "word " * (half // 2 - 1) + "other "
    assert len(pieces(longest)) == half
    marked = [one.words for one in compared(longest, "word " * (half // 2))[0] if one.marked]
    assert [words.strip() for words in marked] == ["other"]
    beyond = longest + "more"
    assert compared(beyond, longest) == ([Piece(beyond, False)], [Piece(longest, False)])
