"""Intervals for columns that rest on different prompts."""

import numpy as np
import pytest

from triaxis.stats.bootstrap import mean_interval
from triaxis.stats.masked import masked_mean_interval


def spread(seed: int = 1, prompts: int = 40, columns: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(prompts, columns))


def test_without_gaps_it_is_the_interval_of_the_mean() -> None:
    values = spread()
    masked, whole = masked_mean_interval(values, draws=400, seed=3), mean_interval(values, draws=400, seed=3)
    for ours, theirs in zip(masked, whole, strict=True):
        assert np.allclose(ours, theirs, rtol=1e-9)


def test_the_mean_is_over_the_prompts_that_have_a_value() -> None:
    values = np.arange(24.0).reshape(12, 2)
    values[6:, 1] = np.nan
    # column 0: 0, 2, ..., 22 -> 11; column 1: 1, 3, ..., 11 over six prompts -> 6
    assert masked_mean_interval(values, draws=200, seed=0).mean.tolist() == [11, 6]


def test_fewer_than_ten_values_have_a_mean_and_no_interval() -> None:
    values = spread()
    values[9:, 1] = np.nan
    found = masked_mean_interval(values, draws=200, seed=0)
    assert np.isnan([found.low[1], found.high[1]]).all()
    assert np.isfinite([*found.mean, found.low[0], found.high[0]]).all()


def test_a_column_without_values_has_no_mean() -> None:
    values = spread()
    values[:, 2] = np.nan
    assert np.isnan(masked_mean_interval(values, draws=200, seed=0).mean[2])


def test_equal_values_have_an_interval_of_no_width() -> None:
    values = np.full((12, 1), 0.1)
    values[3] = np.nan
    found = masked_mean_interval(values, draws=200, seed=0)
    assert found.low[0] == pytest.approx(0.1)
    assert found.high[0] == pytest.approx(0.1)


def test_a_gap_widens_the_interval_because_fewer_prompts_are_left() -> None:
    values = np.tile(np.array([0.0, 1.0]), 20)[:, None].repeat(2, axis=1)
    values[20:, 1] = np.nan
    found = masked_mean_interval(values, draws=1000, seed=0)
    width = found.high - found.low
    assert width[1] > 1.2 * width[0]


def test_the_same_seed_gives_the_same_bits() -> None:
    values = spread()
    values[::3, 0] = np.nan
    first, second = (masked_mean_interval(values, draws=200, seed=5) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
