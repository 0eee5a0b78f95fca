"""How sure a figure of a whole set is: how it changes when each prompt in turn is left out (jackknife).

A figure of a set is no mean over prompts, so there are no values per prompt to resample; and prompts drawn *with* replacement
would repeat answers, and repeats are what the figure counts. So prompts are left out and none is drawn twice. The variance is
(P - 1) / P times the sum of squares of the P figures about their mean (Tukey 1958; Efron and Stein 1981, Annals of Statistics 9:
586-596, who show that it comes out too large on average rather than too small). What the changes of several figures have in
common, over floors and over models with the same prompts, is kept by adding them up under the same random signs.
"""

import numpy as np
from scipy.special import stdtrit

from triaxis.stats.bands import MIN_NONZERO, Criticals, Differences, refined_criticals, unless_rounding
from triaxis.stats.bootstrap import ROUNDING, inverse

SIGNS = 256
"""Random signs of each prompt: so many sums stand for the changes of all prompts, whatever their number."""

MIN_SET_PROMPTS = 20
"""Under this many prompts there is no interval of a set."""

_BLOCK_PROMPTS = 2**16


def deviations(left_out: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """(signs, columns): sums over prompts of the change by a prompt's absence, under random signs.

    `left_out` (prompts, columns) are figures without each prompt, `signs` (prompts, signs) are 1 or -1. The mean square of a
    column is, up to chance, its jackknife variance, and mean products are covariances; so are those of two sets, under signs
    that go with the prompt.
    """
    prompts = len(left_out)
    change = unless_rounding(left_out - left_out.mean(axis=0), np.abs(left_out).max(axis=0, initial=0.0))
    total = np.zeros((signs.shape[1], left_out.shape[1]))
    for start in range(0, prompts, _BLOCK_PROMPTS):
        some = slice(start, start + _BLOCK_PROMPTS)
        total += signs[some].T.astype(np.float64) @ change[some]
    return np.asarray(total * np.sqrt((prompts - 1) / prompts))


def standard_error(strayed: np.ndarray) -> np.ndarray:
    """(...,) standard error from `deviations` (signs, ...)."""
    return np.asarray(np.sqrt(np.square(strayed).mean(axis=0)))


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
        strayed: (models, signs, floors) `deviations`, under the same signs where two models have the same prompts; NaN: unknown.
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
    """Critical values as `bands.simultaneous_criticals` has them, from `strayed` (models, signs, floors).

    A draw is a random normal mixture of the deviations, which has their covariance over floors and models, over the root
    of a chi-square with `freedom` degrees of freedom: at one floor alone it is Student's t.
    """
    rng = np.random.default_rng(seed)
    scale = inverse(np.where(differences.is_testable, differences.error, 0.0))
    known = np.nan_to_num(strayed).astype(np.float32)

    def extremes(pairs: np.ndarray, more: int) -> np.ndarray:
        weights = rng.standard_normal((more, strayed.shape[1]), dtype=np.float32) / np.sqrt(np.float32(strayed.shape[1]))
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
