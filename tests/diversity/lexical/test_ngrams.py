"""N-grams of several texts at once, against plain counting."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diversity.lexical.sentences import sets
from triaxis.diversity.lexical.ngrams import counted, flat, ngrams, order_of, whole_number
from triaxis.diversity.lexical.tokens import whitespace
from triaxis.errors import InputError


def grams_of(text: str, n: int) -> list[tuple[str, ...]]:
    tokens = text.split()
    return [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]


@given(sets, st.integers(1, 5))
def test_n_grams_are_those_of_each_text_alone(texts: list[str], n: int) -> None:
    found = ngrams(flat(whitespace(texts)), n)
    expected = [(gram, place) for place, text in enumerate(texts) for gram in grams_of(text, n)]
    assert found.texts.tolist() == [place for _, place in expected]
    assert len({*zip(found.ids.tolist(), (gram for gram, _ in expected), strict=True)}) == len({gram for gram, _ in expected})


@given(sets, st.integers(1, 3))
def test_counts_are_those_of_a_counter(texts: list[str], n: int) -> None:
    counts = counted(ngrams(flat(whitespace(texts)), n))
    per_text = [Counter(grams_of(text, n)) for text in texts]
    assert counts.times.sum() == sum(counter.total() for counter in per_text)
    assert counts.starts.size == len(set().union(*per_text))
    for place, counter in enumerate(per_text):
        assert sorted(counts.times[counts.texts == place].tolist()) == sorted(counter.values())
    pairs = list(zip(counts.grams.tolist(), counts.texts.tolist(), strict=True))
    assert pairs == sorted(set(pairs))


@given(st.lists(st.integers(0, 4)))
def test_the_order_is_that_of_a_stable_sort(ids: list[int]) -> None:
    array = np.array(ids, dtype=np.uint64)
    assert order_of(array).tolist() == np.argsort(array, kind="stable").tolist()


def test_the_order_of_words_counts() -> None:
    ids = ngrams(flat(whitespace(["a b", "b a", "a a"])), 2).ids
    assert np.unique(ids).size == 3


@pytest.mark.parametrize("argument", ["0", "-1", "two", "1.5", "", "²"])
def test_an_n_that_is_no_number_is_refused(argument: str) -> None:
    with pytest.raises(InputError, match="n of distinct must be a whole number from 1 to 100"):
        whole_number(argument, what="n of distinct", example="distinct:2")
