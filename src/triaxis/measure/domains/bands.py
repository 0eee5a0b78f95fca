"""Simultaneous bands over floors for paired differences that not every prompt has at every floor.

As `stats.bands.paired_band`, for values that thin out: at a high floor few prompts have enough usable answers of both models. The
family of one band is all floors of one pair, one metric and one domain.
"""

from typing import NamedTuple

import numpy as np

from triaxis.measure.domains.ratios import widening
from triaxis.measure.tables import Resampling
from triaxis.stats.bands import NEAR_ZERO, REFINED_DRAWS, unless_rounding
from triaxis.stats.bootstrap import MIN_PROMPTS, VARIANCE_FLOOR, critical_values, deviations, inverse, weight_blocks


class Band(NamedTuple):
    """(floors,) each: `mean` over the `kept` prompts, ends of the band; NaN ends where nothing can be told."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    kept: np.ndarray


class _Units(NamedTuple):
    """Differences in standard errors about their mean, (prompts, floors), 0 where there is none; `has` says where there is."""

    unit: np.ndarray
    has: np.ndarray
    kept: np.ndarray


def band_of(first: np.ndarray, second: np.ndarray, resampling: Resampling) -> Band:
    """The band of mean `first` - `second`, (prompts, floors) each, over prompts where both have a value; NaN is none.

    Holds for all floors at once with 95 % (max-t over resampled prompts). Floors with fewer than 10 prompts, or fewer than 5 of
    non-zero difference, leave the maximum and have no band. Where an end is within a tenth of a standard error of 0 there are
    10,000 draws.
    """
    differences = unless_rounding(first - second, np.maximum(np.abs(first), np.abs(second)))
    has = ~np.isnan(first - second)
    known, kept = np.where(has, differences, 0.0), has.sum(axis=0)
    mean = np.divide(known.sum(axis=0), kept, out=np.full(kept.size, np.nan), where=kept > 0)
    spread = np.where(has, known - np.nan_to_num(mean), 0.0)
    error = deviations_of_some(spread, kept) / np.sqrt(np.maximum(kept - 1, 1))
    wider = widening(np.count_nonzero(known, axis=0), kept)
    is_testable = (kept >= MIN_PROMPTS) & ~np.isnan(wider) & (error > 0)
    half = np.where(is_testable, error * np.nan_to_num(wider), np.nan)
    if not is_testable.any():
        return Band(mean, half, half, kept)
    units = _Units((spread * inverse(error))[:, is_testable], has[:, is_testable].astype(np.float64), kept[is_testable])
    band = _band(mean, half, kept, _criticals(units, resampling.draws, resampling.seed))
    near = np.fmin(np.abs(band.low), np.abs(band.high)) < NEAR_ZERO * error
    if resampling.draws < REFINED_DRAWS and near[is_testable].any():
        return _band(mean, half, kept, _criticals(units, REFINED_DRAWS, resampling.seed))
    return band


def deviations_of_some(spread: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """(columns,) standard deviation, divisor `kept`, of `spread` (prompts, columns), which is 0 where there is no value."""
    every = deviations(spread)  # of all prompts, and exactly 0 where only rounding differs
    return np.where(every > 0, np.sqrt(np.square(spread).sum(axis=0) / np.maximum(kept, 1)), 0.0)


def _band(mean: np.ndarray, half: np.ndarray, kept: np.ndarray, criticals: np.ndarray) -> Band:
    above, below = criticals
    return Band(mean, mean - above * half, mean + below * half, kept)


def _criticals(units: _Units, draws: int, seed: int) -> np.ndarray:
    """The 97.5 % quantiles of the largest t over floors and of the largest -t, at least 0."""
    rng = np.random.default_rng(seed)
    blocks = weight_blocks(len(units.unit), draws=draws, rng=rng)
    extremes = np.concatenate([_extremes(weights, units) for weights in blocks])
    return critical_values(extremes, confidence=0.975)


def _extremes(weights: np.ndarray, units: _Units) -> np.ndarray:
    share = np.maximum(weights @ units.has, 1e-12)
    mean = (weights @ units.unit) / share
    variance = (weights @ np.square(units.unit) / share - mean * mean) / (units.kept - 1)
    t = mean / np.sqrt(np.maximum(variance, VARIANCE_FLOOR))
    return np.stack([t.max(axis=1, initial=0.0), -t.min(axis=1, initial=0.0)], axis=1)
