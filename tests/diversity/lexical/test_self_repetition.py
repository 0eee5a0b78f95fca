"""Self-repetition."""

from collections import Counter
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diversity.lexical.sentences import README, sets
from triaxis.diversity.lexical.self_repetition import self_repetition_score
from triaxis.diversity.lexical.tokens import whitespace
from triaxis.errors import Undefined
from triaxis.registry import create
from triaxis.responses import Responses


def slow_score(texts: list[str], n: int) -> float:
    grams = [{tuple(text.split()[i : i + n]) for i in range(len(text.split()) - n + 1)} for text in texts]
    held = Counter(gram for own in grams for gram in own)
    return sum(log(1 + sum(held[gram] - 1 for gram in own)) for own in grams) / len(texts)


def test_the_example_of_the_diversity_package() -> None:
    assert self_repetition_score(whitespace(README)) == pytest.approx(1.1945063128187)


def test_by_hand() -> None:
    """`a b` stands in all three texts, `b c` in two: sums 2 + 1, 2 + 1, 2."""
    expected = (log(4) + log(4) + log(3)) / 3
    assert self_repetition_score(whitespace(["a b c", "a b c", "a b a b"]), n=2) == pytest.approx(expected)


@given(sets, st.integers(1, 4))
def test_scores_are_those_of_a_counter(texts: list[str], n: int) -> None:
    assert self_repetition_score(whitespace(texts), n=n) == pytest.approx(slow_score(texts, n))


def test_a_text_that_repeats_itself_repeats_no_other() -> None:
    assert self_repetition_score(whitespace(["a b c d a b c d", "x y z w"])) == 0


def test_one_response_repeats_nothing_and_has_no_value() -> None:
    with pytest.raises(Undefined, match="1 of at least 2 responses"):
        create("diversity", "self-repetition").value(Responses(["a b c d e"]))
