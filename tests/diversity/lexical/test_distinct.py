"""Distinct-n, n-gram diversity and EAD."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diversity.lexical.sentences import README, sets
from triaxis.diversity.lexical import distinct_count
from triaxis.diversity.lexical.distinct import (
    AdjustedDistinct,
    DistinctNgrams,
    NgramDiversity,
    distinct_share,
    distinct_sum,
    expectation_adjusted,
)
from triaxis.diversity.lexical.tokens import whitespace
from triaxis.errors import InputError, Undefined
from triaxis.registry import create
from triaxis.responses import Responses


def test_distinct_2_by_hand() -> None:
    """ab bc | ab bd: three different bigrams of four."""
    assert distinct_share(whitespace(["a b c", "a b d"]), n=2) == 0.75


def test_n_grams_do_not_cross_texts_as_those_of_the_diversity_package_do() -> None:
    """Joined, `b a` appears between the copies and adds an n-gram that nobody wrote: 2 of 3 in place of 1 of 2."""
    texts = whitespace(["a b", "a b"])
    assert distinct_share(texts, n=2) == 0.5
    assert distinct_share([np.concatenate(texts)], n=2) == 2 / 3


def test_sums_of_one_joined_text_are_those_of_the_diversity_package() -> None:
    joined = [np.concatenate(whitespace(README))]
    assert [round(distinct_sum(joined, longest=n), 3) for n in (1, 2, 3, 4)] == [0.5, 1.155, 1.905, 2.72]


def test_the_sum_adds_the_shares() -> None:
    texts = whitespace(README)
    assert distinct_sum(texts, longest=3) == sum(distinct_share(texts, n=n) for n in (1, 2, 3))


def test_ead_by_hand() -> None:
    """V = 2, C = 2: two draws show 2 (1 - 1/4) = 1.5 words on average."""
    assert expectation_adjusted(2, 2, vocabulary=2) == pytest.approx(2 / 1.5)


def test_ead_falls_less_with_length_than_distinct_does() -> None:
    """Words drawn evenly from 1,000: distinct-1 falls to a third from 100 to 3,000 words, EAD stays within a tenth."""
    rng = np.random.default_rng(0)
    short, long = (rng.integers(0, 1000, size) for size in (100, 3000))
    shares = [np.unique(words).size / words.size for words in (short, long)]
    adjusted = [expectation_adjusted(np.unique(words).size, words.size, vocabulary=1000) for words in (short, long)]
    assert shares[1] < 0.4 * shares[0]
    assert adjusted == pytest.approx([1, 1], rel=0.1)


@given(sets, st.integers(1, 3))
def test_the_metric_is_the_function_of_the_words(texts: list[str], n: int) -> None:
    metric, responses = DistinctNgrams(n), Responses(texts)
    try:
        expected = distinct_share(whitespace(texts), n=n)
    except Undefined:
        with pytest.raises(Undefined, match="that many tokens"):
            metric.value(responses)
    else:
        assert metric.value(responses) == expected


def test_a_sketched_share_is_near_the_exact_one_and_the_same_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    texts = [" ".join(map(str, rng.integers(0, 10_000, 40))) for _ in range(500)]
    exact = DistinctNgrams(2).value(Responses(texts))
    monkeypatch.setattr(distinct_count.DistinctCount.__init__, "__kwdefaults__", {"exact": 1_000})
    whole, first, second = (DistinctNgrams(2).tally() for _ in range(3))
    whole.add(Responses(texts))
    first.add(Responses(texts[:123]))
    second.add(Responses(texts[123:]))
    first.merge(second)
    assert first.value() == whole.value() != exact
    assert whole.value() == pytest.approx(exact, rel=5 * distinct_count.STANDARD_ERROR)


def test_no_text_is_long_enough() -> None:
    with pytest.raises(Undefined, match="no response has that many tokens"):
        create("diversity", "distinct:3").value(Responses(["a b", "c d"]))


def test_names_say_the_parameters() -> None:
    names = ["distinct:2", "ead:1", "ead:2", "ead:1,50000", "ngram-diversity", "ngram-diversity:3"]
    assert [create("diversity", name).name for name in names] == names
    assert create("diversity", "distinct").name == "distinct:2"
    assert create("diversity", "ead:2,50000") == AdjustedDistinct(2, 50_000)
    assert NgramDiversity(3).traits.high == 3


@pytest.mark.parametrize("spec", ["ead:1,1", "ead:1,x", "ead:,5", "distinct:0", "distinct:", "ngram-diversity:1.5"])
def test_a_parameter_without_meaning_is_refused(spec: str) -> None:
    with pytest.raises(InputError, match="whole number from"):
        create("diversity", spec)
