"""Moving-average type-token ratio."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diversity.lexical.sentences import sets
from triaxis.diversity.lexical.tokens import whitespace
from triaxis.diversity.lexical.type_token import MovingAverageTypeTokenRatio, type_token_ratios
from triaxis.errors import Undefined
from triaxis.registry import create
from triaxis.responses import Responses


def slow_ratio(tokens: list[str], window: int) -> float:
    windows = [tokens[start : start + window] for start in range(len(tokens) - window + 1)]
    return float(np.mean([len(set(part)) / window for part in windows])) if windows else np.nan


def test_windows_by_hand() -> None:
    """a a b, window 2: {a}, {a, b}: (1/2 + 1) / 2."""
    assert type_token_ratios(whitespace(["a a b", "c"]), window=2).tolist() == pytest.approx([0.75, np.nan], nan_ok=True)


@given(sets, st.integers(2, 6))
def test_ratios_are_those_of_counting_each_window(texts: list[str], window: int) -> None:
    expected = [slow_ratio(text.split(), window) for text in texts]
    np.testing.assert_allclose(type_token_ratios(whitespace(texts), window=window), expected)


def test_windows_do_not_cross_texts() -> None:
    assert type_token_ratios(whitespace(["a b", "a b"]), window=2).tolist() == [1, 1]


def test_texts_shorter_than_the_window_are_left_out_and_counted() -> None:
    tally = MovingAverageTypeTokenRatio(3).tally()
    tally.add(Responses(["a a b", "a", ""]))
    assert (tally.value(), tally.measured, tally.responses) == (pytest.approx(2 / 3), 1, 3)


def test_the_mean_is_the_same_to_the_bit_however_the_set_is_cut() -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(map(str, rng.integers(0, 20, size))) for size in rng.integers(40, 120, 60)]
    metric = create("diversity", "mattr")
    whole = metric.value(Responses(texts))
    for cut in (1, 17, 59):
        first, second = metric.tally(), metric.tally()
        first.add(Responses(texts[:cut]))
        second.add(Responses(texts[cut:]))
        first.merge(second)
        assert first.value() == whole


def test_copies_change_nothing_because_it_looks_within_texts() -> None:
    text = " ".join(map(str, range(60)))
    metric = create("diversity", "mattr")
    assert metric.value(Responses([text])) == metric.value(Responses([text] * 5)) == 1
    assert metric.traits.is_within_texts


def test_it_does_not_fall_with_length_as_the_plain_ratio_does() -> None:
    rng = np.random.default_rng(3)
    short, long = (rng.integers(0, 200, size) for size in (100, 5_000))
    assert np.unique(long).size / long.size < 0.1 * np.unique(short).size / short.size
    ratios = type_token_ratios([short, long])
    assert ratios[0] == pytest.approx(ratios[1], rel=0.05)


def test_too_short_for_any_window() -> None:
    with pytest.raises(Undefined, match="no response has 50 words"):
        create("diversity", "mattr").value(Responses(["short", "texts"]))
