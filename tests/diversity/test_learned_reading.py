"""What is read off one answer: pieces, words, names, numbers, list items."""

import pytest

from tests.contract.equivalence import HOSTILE
from triaxis.diversity.equivalence.learned.reading import PIECE_WORDS, PIECES, READ, names_of, pieces_of, read_answer


def test_an_answer_is_counted() -> None:
    read = read_answer("We met Anna in Rome. She paid 1,200 euros.\n- tea\n- milk")
    assert read.names == {"anna", "rome"}
    assert read.numbers == {"1,200"}
    assert read.items == 2
    assert read.length == 12
    assert {"anna", "1", "200", "tea"} <= read.words


def test_a_name_stands_inside_a_sentence_and_is_no_acronym() -> None:
    assert list(names_of("Paris is big. Then NASA asked Neil, (Buzz) and I went to Houston")) == ["neil", "houston"]
    assert list(names_of("the cat\nSat. On the mat")) == []


def test_list_items_are_lines_with_a_marker() -> None:
    assert read_answer("1. a\n2) b\n* c\n\u2022 d\n# e\n  - f\n-g\n12 h").items == 6


def test_pieces_are_whole_sentences_of_at_most_48_words() -> None:
    sentence = " ".join(["word"] * 30) + "."
    assert pieces_of(f"{sentence} {sentence} Short.\nLine") == [sentence, f"{sentence} Short. Line"]


def test_a_sentence_without_end_is_cut() -> None:
    pieces = pieces_of(" ".join(map(str, range(100))))
    assert [len(piece.split()) for piece in pieces] == [48, 48, 4]


def test_only_the_first_twelve_pieces_are_embedded_and_the_first_20000_characters_read() -> None:
    read = read_answer("one two three four. " * 100_000)
    assert len(read.pieces) == PIECES
    assert read.length == READ // 20 * 4


def test_case_and_compatible_characters_do_not_count() -> None:
    assert read_answer("ＦＵＬＬ width ﬁne").words == read_answer("full WIDTH fine").words


@pytest.mark.parametrize("text", [*HOSTILE, "\ud800", "a\udfffb " * 9])
def test_any_text_has_at_least_one_piece_and_no_piece_is_long(text: str) -> None:
    pieces = read_answer(text).pieces
    assert 1 <= len(pieces) <= PIECES
    assert all(len(piece.split()) <= PIECE_WORDS and len(piece) <= READ for piece in pieces)
