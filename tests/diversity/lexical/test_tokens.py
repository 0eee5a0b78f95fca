"""Token ids: the right borders, the same ids everywhere, different ids for different tokens."""

import subprocess
import sys
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.diversity.lexical import tokens
from triaxis.diversity.lexical.tokens import characters, whitespace, words

View = Callable[[Sequence[str]], list[np.ndarray]]
JOINERS = "_\u200c\u200d"


def is_ideograph(character: str) -> bool:
    return any(low <= ord(character) <= high for low, high in tokens._IDEOGRAPHS)


def slow_words(text: str) -> list[str]:
    """The rule of `words`, character by character."""
    found: list[str] = []
    was_run = False
    for character in unicodedata.normalize("NFKC", text).casefold():
        kind = unicodedata.category(character)
        is_run = (kind[0] in "LMN" and not is_ideograph(character)) or character in JOINERS
        if is_run and was_run:
            found[-1] += character
        elif is_run or not (kind[0] == "Z" or kind in ("Cc", "Cf")):
            found.append(character)
        was_run = is_run
    return found


def assert_same_partition(ids: list[np.ndarray], expected: list[list[str]]) -> None:
    """As many ids as tokens in each text, and equal ids exactly for equal tokens."""
    assert [part.size for part in ids] == [len(part) for part in expected]
    flat_ids, flat_tokens = [i for part in ids for i in part.tolist()], [t for part in expected for t in part]
    assert len(set(zip(flat_ids, flat_tokens, strict=True))) == len(set(flat_ids)) == len(set(flat_tokens))


def test_words_are_split_from_punctuation_and_folded() -> None:
    text = "The cat—the CAT!—sat_1 on Straße 9."
    assert slow_words(text) == ["the", "cat", "—", "the", "cat", "!", "—", "sat_1", "on", "strasse", "9", "."]
    assert_same_partition(words([text]), [slow_words(text)])


def test_marks_stay_with_their_letter_and_ideographs_stand_alone() -> None:
    assert words(["cafe\u0301"])[0].tolist() == words(["café"])[0].tolist()
    assert [part.size for part in words(["हिन्दी", "東京タワー", "한국어", "👍👍"])] == [1, 5, 1, 2]


@given(st.lists(st.text(max_size=12), max_size=5))
def test_words_follow_the_rule_for_any_text(texts: list[str]) -> None:
    assert_same_partition(words(texts), [slow_words(text) for text in texts])


@given(st.lists(st.text(alphabet="ab .,A\u2003é\n", max_size=12), max_size=5))
def test_white_space_splits_as_str_split_does(texts: list[str]) -> None:
    assert_same_partition(whitespace(texts), [text.split() for text in texts])


@given(st.lists(st.text(alphabet="ab .A\té東", max_size=9), max_size=5))
def test_characters_are_those_that_are_not_white_space(texts: list[str]) -> None:
    assert_same_partition(characters(texts), [list("".join(text.split())) for text in texts])


def test_a_word_does_not_run_on_into_the_next_text() -> None:
    assert_same_partition(words(["ab", "", "cd"]), [["ab"], [], ["cd"]])


def test_repeated_letters_count() -> None:
    found = [int(words(["a" * length])[0][0]) for length in range(1, 200)]
    assert len(set(found)) == 199


@pytest.mark.parametrize("view", [words, whitespace, characters])
def test_ids_do_not_depend_on_what_stands_before(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["one two three"] * 40 + ["été " * 50, "東京"]
    whole = view(texts)
    monkeypatch.setattr(tokens, "_BLOCK", 64)
    monkeypatch.setattr(tokens, "_PIECE", 16)
    for part, alone, again in zip(whole, [view([text])[0] for text in texts], view(texts), strict=True):
        assert part.tolist() == alone.tolist() == again.tolist()


def test_ids_are_the_same_in_every_process() -> None:
    assert words(["The cat."])[0].tolist() == [5845325944204517568, -5594332020071895969, 2615247116678627217]
    code = "from triaxis.diversity.lexical.tokens import words; print(words(['The cat.'])[0].tolist())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(words(["The cat."])[0].tolist())


def test_a_hundred_thousand_words_have_as_many_ids() -> None:
    ids = words([" ".join(f"w{number}" for number in range(100_000))])[0]
    assert np.unique(ids).size == ids.size == 100_000
