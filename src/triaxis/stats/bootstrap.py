"""Resampling prompts: the weights of a bootstrap, and intervals for a mean over prompts.

Prompts are resampled, never samples: a prompt is the unit that a new study would draw afresh. The one idea to hold: every draw
is *studentised*, its standard error estimated again from the draw, because with 10 to 30 skewed prompts the spread
that was seen is itself uncertain and a plain percentile interval is too short.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from triaxis.errors import Undefined

MIN_PROMPTS = 10
"""Under this many prompts there is no interval (design 5.1)."""

VARIANCE_FLOOR = 0.05
"""Least variance of a draw, as a share of the variance seen.

A draw of a nearly constant column can hold one value only; its own variance of 0 would make the draw infinitely surprising.
"""

ROUNDING = 1e-9
"""Smaller than this share of the numbers it comes from, a difference is the rounding of floating-point sums and is taken as 0."""

_BLOCK_ENTRIES = 2**23


class Interval(NamedTuple):
    """Mean over prompts of each column with the ends of its interval; all (columns,) float64."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def weight_blocks(prompts: int, *, draws: int, most: int = _BLOCK_ENTRIES, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Blocks of bootstrap weights, each (some draws, prompts) float64 with rows that sum to 1; `draws` rows in all.

    A block has at most `most` rows and holds at most 8 million numbers, whatever the number of draws.
    """
    block = min(most, max(1, _BLOCK_ENTRIES // prompts))
    for start in range(0, draws, block):
        rows = min(block, draws - start)
        chosen = rng.integers(0, prompts, (rows, prompts)) + prompts * np.arange(rows)[:, None]
        counts = np.bincount(chosen.ravel(), minlength=rows * prompts)
        yield counts.reshape(rows, prompts) / prompts


def resample_weights(prompts: int, *, draws: int, seed: int) -> np.ndarray:
    """(draws, prompts) float64: multinomial weights of every prompt in every draw; rows sum to 1, same seed same weights."""
    return np.concatenate(list(weight_blocks(prompts, draws=draws, rng=np.random.default_rng(seed))))


def critical_values(statistics: np.ndarray, *, confidence: float) -> np.ndarray:
    """(...,) smallest value that a `confidence` share of `statistics` (draws, ...) and the data, as one more draw, stay within.

    Rounded up to 3 decimals, far below the Monte Carlo error, so that the last bit of a matrix product cannot show.
    """
    place = min(len(statistics), int(np.ceil((len(statistics) + 1) * confidence))) - 1
    return np.asarray(np.ceil(np.partition(statistics, place, axis=0)[place] * 1000.0) / 1000.0)


def require_prompts(prompts: int) -> None:
    """Raises `Undefined` under 10 prompts."""
    if prompts < MIN_PROMPTS:
        raise Undefined(f"fewer than {MIN_PROMPTS} prompts: no interval")


def studentised(mean: np.ndarray, square: np.ndarray, *, prompts: int) -> np.ndarray:
    """(draws, columns) t: every draw's mean over its own standard error, for columns of mean 0 and standard error 1 in the data.

    `mean` and `square` (draws, columns) are weighted means of the values and of their squares; both are 0 for a constant column.
    """
    variance = square - mean * mean
    variance /= prompts - 1
    np.maximum(variance, VARIANCE_FLOOR, out=variance)
    return np.asarray(mean / np.sqrt(variance, out=variance))


def deviations(values: np.ndarray) -> np.ndarray:
    """(columns,) standard deviation (divisor prompts) of `values` (prompts, columns); exactly 0 where only rounding differs."""
    deviation = values.std(axis=0)
    return np.where(deviation > ROUNDING * np.abs(values).max(axis=0), deviation, 0.0)


def inverse(deviation: np.ndarray) -> np.ndarray:
    """1 / `deviation`, and 0 for a constant column, which so takes no part in anything."""
    return np.asarray(np.divide(1.0, deviation, out=np.zeros_like(deviation), where=deviation > 0))


def mean_interval(values: np.ndarray, *, draws: int = 1000, seed: int, confidence: float = 0.95) -> Interval:
    """Mean over prompts of each column of `values` (prompts, columns), with an equal-tailed bootstrap-t interval.

    After Efron and Tibshirani 1993, An Introduction to the Bootstrap, 12.5. The interval is for one column at a time. A constant
    column has low = high = mean. Ends are not clipped to the range of the measure. Memory grows with draws x columns. Raises
    `Undefined` under 10 prompts.
    """
    prompts = len(values)
    require_prompts(prompts)
    mean, error = values.mean(axis=0), deviations(values) / np.sqrt(prompts - 1)
    unit = (values - mean) * inverse(error)
    square = unit * unit
    blocks = weight_blocks(prompts, draws=draws, rng=np.random.default_rng(seed))
    t = np.concatenate([studentised(w @ unit, w @ square, prompts=prompts) for w in blocks])
    above, below = (critical_values(side, confidence=(1 + confidence) / 2) for side in (t, -t))
    return Interval(mean, mean - above * error, mean + below * error)
