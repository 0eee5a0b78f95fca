"""Spread of one cell in an encoder's space: mean cosine distance between its usable samples, at every floor at once.

The mean cosine over all pairs of n unit vectors needs their sum only: |sum|^2 = n + 2 x (sum over pairs). So a running sum from
the best sample down holds the answer for every floor, and (quality, count, squared norm) rows replace the vectors.
"""

from dataclasses import dataclass

import numpy as np

_BLOCK = 1024


@dataclass(frozen=True)
class SpreadSteps:
    """One row for each distinct quality of a cell, best first: what is needed for mean cosine distance at that floor.

    quality: (steps,) float64, descending. count: (steps,) int64 samples of at least that quality. norm2: (steps,) float64 squared
    length of the sum of their unit vectors.
    """

    quality: np.ndarray
    count: np.ndarray
    norm2: np.ndarray

    def distance(self) -> np.ndarray:
        """(steps,) float64 mean cosine distance with the floor at each quality; see `mean_cosine_distance`."""
        return mean_cosine_distance(self.count, self.norm2)


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """(rows, d) float64 rows of length 1; NaN where a row is not finite, has no length or no entries: it has no direction."""
    rows = vectors.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        length = np.sqrt(np.square(rows).sum(axis=1, keepdims=True))
    has_direction = np.isfinite(length) & (length > 0)
    return np.asarray(np.where(has_direction, rows / np.where(has_direction, length, 1.0), np.nan))


def has_direction(units: np.ndarray) -> np.ndarray:
    """(rows,) bool: which rows of `unit_rows` are measured."""
    return np.asarray(~np.isnan(units).any(axis=1) & (units.shape[1] > 0))


def mean_cosine(count: np.ndarray, norm2: np.ndarray) -> np.ndarray:
    """Mean cosine over pairs of `count` unit vectors whose sum has the squared length `norm2`; -1 to 1, NaN for under two.

    >>> mean_cosine(np.array([1, 2, 2]), np.array([1.0, 2.0, 4.0])).tolist()
    [nan, 0.0, 1.0]
    """
    n = np.asarray(count, dtype=np.float64)
    pairs = np.where(n >= 2, n * (n - 1), np.nan)
    return np.asarray(np.clip((norm2 - n) / pairs, -1.0, 1.0))


def mean_cosine_distance(count: np.ndarray, norm2: np.ndarray) -> np.ndarray:
    """1 - `mean_cosine`: 0 (all in one direction) to n / (n - 1), so 2 for two opposite samples; higher is more diverse.

    The mean over pairs of different samples, copies included. NaN for under two samples: one text has no distance.
    """
    return 1.0 - mean_cosine(count, norm2)


def spread_steps(vectors: np.ndarray, qualities: np.ndarray, keys: np.ndarray) -> SpreadSteps:
    """Counts and squared norms of one cell at each of its distinct qualities.

    vectors: (samples, d), of any length. qualities: (samples,) float. keys: (samples,) int64 that order samples of equal quality;
    equal keys must mean equal vectors (a hash of the text is good). Sums run in that order in float64, so the result is the same
    to the bit whatever the order of rows. Samples with a NaN vector or a NaN quality are left out.
    """
    units = unit_rows(vectors)
    measured = has_direction(units) & ~np.isnan(qualities)
    units, qualities, keys = units[measured], qualities[measured] + 0.0, keys[measured]  # + 0.0: -0.0 is the quality 0.0
    order = np.lexsort((keys, -qualities))
    ranked = qualities[order]
    last = np.flatnonzero(np.r_[ranked[1:] != ranked[:-1], True][: ranked.size])
    return SpreadSteps(ranked[last], (last + 1).astype(np.int64), _running_norm2(units, order)[last])


def _running_norm2(units: np.ndarray, order: np.ndarray) -> np.ndarray:
    """(samples,) squared length of the sum of the first 1, 2, ... rows of `units` in `order`, added one by one."""
    total = np.zeros((1, units.shape[1]))
    found = [np.zeros(0)]
    for start in range(0, order.size, _BLOCK):
        sums = np.cumsum(np.concatenate([total, units[order[start : start + _BLOCK]]]), axis=0)[1:]
        found.append(np.square(sums).sum(axis=1))
        total = sums[-1:]
    return np.concatenate(found)
