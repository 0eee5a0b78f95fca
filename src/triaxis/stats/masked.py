"""Intervals for means over prompts when each column has its own prompts: cells without a value are left out, not guessed."""

import numpy as np

from triaxis.stats.bootstrap import MIN_PROMPTS, ROUNDING, VARIANCE_FLOOR, Interval, critical_values, inverse, weight_blocks


def masked_mean_interval(values: np.ndarray, *, draws: int = 1000, seed: int, confidence: float = 0.95) -> Interval:
    """Mean over the prompts that have a value, per column of `values` (prompts, columns; NaN has none), with its interval.

    The same equal-tailed bootstrap-t as `mean_interval`, to which it is equal without NaN; prompts are resampled jointly, so
    columns stay paired. `mean` is NaN for a column without any value, `low` and `high` are NaN for one with fewer than 10.
    """
    has = ~np.isnan(values)
    kept = has.sum(axis=0)
    mean, error = _mean_and_error(values, has, kept)
    unit = np.where(has, (values - mean) * inverse(error), 0.0)
    t = _studentised(unit, has, kept, draws=draws, seed=seed)
    above, below = (critical_values(side, confidence=(1 + confidence) / 2) for side in (t, -t))
    enough = kept >= MIN_PROMPTS
    return Interval(mean, np.where(enough, mean - above * error, np.nan), np.where(enough, mean + below * error, np.nan))


def _mean_and_error(values: np.ndarray, has: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard error of each column over its own prompts; the error is 0 where only rounding differs."""
    filled = np.where(has, values, 0.0)
    count = np.maximum(kept, 1)
    mean = np.where(kept > 0, filled.sum(axis=0) / count, np.nan)
    spread = np.where(has, values - mean, 0.0)
    deviation = np.sqrt((spread**2).sum(axis=0) / count)
    scale = np.abs(filled).max(axis=0, initial=0.0)
    deviation = np.where(deviation > ROUNDING * scale, deviation, 0.0)
    return mean, deviation / np.sqrt(np.maximum(kept - 1, 1))


def _studentised(unit: np.ndarray, has: np.ndarray, kept: np.ndarray, *, draws: int, seed: int) -> np.ndarray:
    """(draws, columns) t of every draw, over the prompts of each column that the draw holds."""
    rng = np.random.default_rng(seed)
    found = []
    for weights in weight_blocks(len(unit), draws=draws, rng=rng):
        share = np.maximum(weights @ has.astype(np.float64), 1e-12)
        mean = (weights @ unit) / share
        variance = (weights @ (unit * unit) / share - mean * mean) / np.maximum(kept - 1, 1)
        found.append(mean / np.sqrt(np.maximum(variance, VARIANCE_FLOOR)))
    return np.concatenate(found)
