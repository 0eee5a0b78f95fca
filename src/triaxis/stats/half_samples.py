"""How sure a figure of a whole set is: the spread of the same figure over halves of the prompts (delete-half jackknife).

A figure of a set is no mean over prompts, so there are no values per prompt to resample; and prompts drawn *with* replacement
would repeat answers, and repeats are what the figure counts. Halves are therefore drawn without replacement. The one idea: the
figure of a half strays from the average half as the whole set's figure strays from the truth (Shao and Wu 1989, Annals of
Statistics 17: 1176-1197; Politis, Romano and Wolf 1999, Subsampling, 2.1), up to a factor known from the number of prompts. For
counts of distinct classes the spread comes out too large rather than too small, the more so the nearer the budget is to half of
the set (`benchmarks/set_coverage.py`).
"""

import numpy as np
from scipy.special import stdtrit

from triaxis.stats.bands import MIN_NONZERO, Criticals, Differences, refined_criticals, unless_rounding
from triaxis.stats.bootstrap import ROUNDING, inverse

HALVES = 200
MIN_SET_PROMPTS = 20
"""Under this many prompts halves are too few to tell the spread: no interval."""


def deviations(figures: np.ndarray, prompts: int) -> np.ndarray:
    """`figures` (halves, ...) less their mean, scaled so that their standard deviation is the standard error of the whole set.

    With b = floor(prompts / 2) of the prompts in a half the scale is sqrt(b / (prompts - b)).
    """
    half = prompts // 2
    scale = np.abs(figures).max(axis=0, initial=0.0)
    strayed = unless_rounding(figures - figures.mean(axis=0), scale)
    return np.asarray(strayed * np.sqrt(half / (prompts - half)))


def standard_error(strayed: np.ndarray) -> np.ndarray:
    """(...,) standard error from `deviations` (halves, ...)."""
    return np.asarray(np.sqrt(np.square(strayed).sum(axis=0) / (len(strayed) - 1)))


def half_width(error: np.ndarray, unlike: np.ndarray, *, prompts: int, confidence: float = 0.95) -> np.ndarray:
    """Half of the width of an interval: `error` times a quantile of Student's t; NaN where nothing can be told.

    `unlike` prompts carry what is known of the spread (`set_cells.unlike`): with fewer than 5 there is no interval, and there is
    one degree of freedom less than their number, at most `prompts` - 1.
    """
    freedom = np.minimum(unlike, prompts) - 1
    return np.where(unlike >= MIN_NONZERO, error * stdtrit(np.maximum(freedom, 1), (1 + confidence) / 2), np.nan)


def set_differences(values: np.ndarray, strayed: np.ndarray, unlike: np.ndarray, *, prompts: int) -> Differences:
    """Differences of all pairs a < b of models, as `bands.paired_differences` has them for means over prompts.

    Args:
        values: (models, floors) figures of the whole sets.
        strayed: (models, halves, floors) `deviations`, of the same halves where two models have the same prompts; NaN: unknown.
        unlike: (models, floors) prompts that carry what is known of the spread.
        prompts: of the smallest set.
    """
    first, second = np.triu_indices(len(values), 1)
    size = np.maximum(np.abs(values[first]), np.abs(values[second]))
    mean = unless_rounding(values[first] - values[second], size)
    error = np.stack([standard_error(strayed[a] - strayed[b]) for a, b in zip(first, second, strict=True)])
    error = np.where(error > ROUNDING * size, error, np.where(np.isnan(error), np.nan, 0.0))
    known = np.minimum(np.maximum(unlike[first], unlike[second]), prompts)
    return Differences(first, second, mean, error, np.where(error > 0, known, 0), prompts)


def set_criticals(
    strayed: np.ndarray, differences: Differences, *, leader: np.ndarray, freedom: int, draws: int, seed: int,
    confidence: float = 0.95,
) -> Criticals:  # fmt: skip
    """Critical values as `bands.simultaneous_criticals` has them, from `strayed` (models, halves, floors).

    A draw is a random normal mixture of the halves' deviations, which has their covariance over floors and models, over the root
    of a chi-square with `freedom` degrees of freedom: at one floor alone it is Student's t.
    """
    rng = np.random.default_rng(seed)
    scale = inverse(np.where(differences.is_testable, differences.error, 0.0))
    known = np.nan_to_num(strayed).astype(np.float32)

    def extremes(pairs: np.ndarray, more: int) -> np.ndarray:
        weights = rng.standard_normal((more, strayed.shape[1]), dtype=np.float32) / np.sqrt(np.float32(strayed.shape[1] - 1))
        weights /= np.sqrt(rng.chisquare(freedom, more) / freedom)[:, None].astype(np.float32)
        return _extremes(weights, known, differences, scale, pairs)

    return refined_criticals(extremes, differences, leader=leader, draws=draws, confidence=confidence)


def _extremes(
    weights: np.ndarray, strayed: np.ndarray, differences: Differences, scale: np.ndarray, pairs: np.ndarray
) -> np.ndarray:
    """(draws, 2, pairs) float32: the largest t and the largest -t of every draw over testable floors, at least 0."""
    out = np.empty((len(weights), 2, len(pairs)), dtype=np.float32)
    used = np.union1d(differences.first[pairs], differences.second[pairs])
    drawn = {model: weights @ strayed[model] for model in used}
    for place, pair in enumerate(pairs):
        t = (drawn[differences.first[pair]] - drawn[differences.second[pair]]) * scale[pair].astype(np.float32)
        out[:, 0, place], out[:, 1, place] = t.max(axis=1, initial=0), -t.min(axis=1, initial=0)
    return out
