"""Intervals for a mean over prompts: the weights, hand-made ends, and the cases without an interval."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from triaxis.errors import Undefined
from triaxis.stats.bootstrap import critical_values, mean_interval, resample_weights, studentised, weight_blocks

SKEWED = np.array([0, 0, 0, 0, 1, 1, 1, 2, 3, 5, 8, 13], dtype=float)[:, None]


def test_weights_are_counts_of_a_resample_over_the_number_of_prompts() -> None:
    weights = resample_weights(7, draws=50, seed=1)
    assert weights.shape == (50, 7)
    counts = weights * 7
    assert np.allclose(counts, np.round(counts))
    assert np.allclose(weights.sum(axis=1), 1)


def test_every_prompt_is_drawn_equally_often() -> None:
    assert np.allclose(resample_weights(5, draws=20_000, seed=2).mean(axis=0), 0.2, atol=0.005)


def test_weights_depend_on_the_seed_alone() -> None:
    assert np.array_equal(resample_weights(11, draws=30, seed=3), resample_weights(11, draws=30, seed=3))
    assert not np.array_equal(resample_weights(11, draws=30, seed=3), resample_weights(11, draws=30, seed=4))


def test_weights_do_not_depend_on_the_size_of_the_blocks() -> None:
    blocks = list(weight_blocks(11, draws=30, most=7, rng=np.random.default_rng(3)))
    assert [len(block) for block in blocks] == [7, 7, 7, 7, 2]
    assert np.array_equal(np.concatenate(blocks), resample_weights(11, draws=30, seed=3))


def test_a_block_stays_within_its_memory_however_many_draws() -> None:
    first = next(weight_blocks(4_000_000, draws=10**9, rng=np.random.default_rng(0)))
    assert first.size <= 2**23


def test_critical_value_counts_the_data_as_one_more_draw() -> None:
    draws = np.arange(1.0, 20.0)
    assert critical_values(draws, confidence=0.95) == 19
    assert critical_values(draws, confidence=0.5) == 10


def test_t_of_a_draw_is_its_mean_over_its_own_standard_error() -> None:
    # Two prompts of value -1 and 1 have mean 0 and standard error 1. The draw (3/4, 1/4) has mean -1/2 and variance 3/4.
    t = studentised(np.array([[-0.5]]), np.array([[1.0]]), prompts=2)
    assert t[0, 0] == pytest.approx(-0.5 / np.sqrt(0.75))


def test_t_of_a_draw_without_variance_is_large_but_finite() -> None:
    assert studentised(np.array([[1.0]]), np.array([[1.0]]), prompts=10)[0, 0] == pytest.approx(1 / np.sqrt(0.05))


def test_fewer_than_ten_prompts_have_no_interval() -> None:
    with pytest.raises(Undefined, match="fewer than 10 prompts: no interval"):
        mean_interval(np.ones((9, 2)), seed=0)


def test_a_constant_column_has_no_width_even_where_its_mean_rounds() -> None:
    interval = mean_interval(np.full((10, 1), 0.1), seed=0)
    assert interval.low == interval.mean == interval.high


def test_a_skewed_column_has_its_long_end_on_the_long_tail() -> None:
    mean, low, high = mean_interval(SKEWED, seed=0)
    assert mean[0] == pytest.approx(34 / 12)
    assert high - mean > 1.5 * (mean - low)


def test_interval_of_many_even_values_is_near_students() -> None:
    values = np.random.default_rng(5).normal(0, 1, (200, 1))
    _, low, high = mean_interval(values, draws=20_000, seed=0)
    assert (high - low)[0] / (2 * 1.972 * values.std(ddof=1) / np.sqrt(200)) == pytest.approx(1, abs=0.05)


def test_columns_do_not_touch_each_other() -> None:
    both = mean_interval(np.hstack([SKEWED, SKEWED[::-1] * 3 + 1, np.ones((12, 1))]), seed=8)
    alone = mean_interval(SKEWED, seed=8)
    assert both.low[0] == pytest.approx(alone.low[0])
    assert both.high[0] == pytest.approx(alone.high[0])


@given(arrays(float, (12, 2), elements=st.integers(0, 20).map(float)), st.integers(0, 100))
def test_intervals_move_and_stretch_with_the_values(values: np.ndarray, seed: int) -> None:
    plain = mean_interval(values, draws=99, seed=seed)
    moved = mean_interval(values * 4 + 3, draws=99, seed=seed)
    assert np.allclose(moved.low, plain.low * 4 + 3, rtol=1e-3, atol=1e-3)
    assert np.allclose(moved.high, plain.high * 4 + 3, rtol=1e-3, atol=1e-3)


@given(arrays(float, (12, 3), elements=st.integers(0, 20).map(float)), st.integers(0, 100))
def test_same_seed_gives_the_same_interval_to_the_bit(values: np.ndarray, seed: int) -> None:
    first, second = mean_interval(values, draws=99, seed=seed), mean_interval(values.copy(), draws=99, seed=seed)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@given(arrays(float, (12, 3), elements=st.integers(0, 20).map(float)), st.integers(0, 100))
def test_the_mean_of_mirrored_values_has_the_mirrored_interval(values: np.ndarray, seed: int) -> None:
    plain, mirrored = mean_interval(values, draws=99, seed=seed), mean_interval(-values, draws=99, seed=seed)
    assert np.array_equal(plain.low, -mirrored.high)
    assert np.array_equal(plain.high, -mirrored.low)
