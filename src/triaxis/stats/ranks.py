"""Spearman's rank correlation with intervals, many columns against one target, from resampled clusters.

The one idea: in a bootstrap draw every item counts some whole number of times, and the mid-rank of a value is then a running sum
of those counts in the order of values, which is the same in every draw; so nothing is sorted twice, and all columns share their
draws, which makes their differences paired.
"""

from typing import NamedTuple

import numpy as np

from triaxis.errors import Undefined

MIN_ITEMS = 10
"""Under this many items, or clusters of items, a rank correlation has no interval."""

_BLOCK = 200


class Correlations(NamedTuple):
    """`rho` (columns,) in -1 to 1 and `draws` (draws, columns) of it resampled; NaN where a column or the target is constant."""

    rho: np.ndarray
    draws: np.ndarray

    def interval(self, *, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Ends of the percentile interval of every column; NaN for a column that has no value."""
        return _percentiles(self.draws, confidence)

    def difference(self, column: int, *, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Every column's rho minus that of `column`, with the ends of its paired percentile interval."""
        low, high = _percentiles(self.draws - self.draws[:, [column]], confidence)
        return self.rho - self.rho[column], low, high


def spearman(values: np.ndarray, target: np.ndarray) -> float:
    """Rank correlation of two (items,) arrays with mid-ranks for ties, in -1 to 1. Raises `Undefined` where one is constant.

    After Spearman 1904; with ties it is Pearson's correlation of mid-ranks.
    """
    if len(values) < 3:
        raise Undefined(f"a rank correlation needs 3 items, got {len(values)}")
    rho = float(_correlated(np.asarray(values)[:, None], np.asarray(target), np.ones((1, len(target))))[0, 0])
    if np.isnan(rho):
        raise Undefined("one of the two is the same for all items")
    return rho


def correlations(
    values: np.ndarray, target: np.ndarray, *, clusters: np.ndarray | None = None, draws: int = 1000, seed: int
) -> Correlations:
    """Rank correlation of every column of `values` (items, columns) with `target` (items,), with bootstrap draws.

    Whole `clusters` (items,) of integers are resampled, by default each item is one: items that share a prompt are no independent
    evidence. Raises `Undefined` under 10 clusters.
    """
    members = np.unique(np.arange(len(target)) if clusters is None else clusters, return_inverse=True)[1]
    count = int(members.max(initial=-1)) + 1
    if count < MIN_ITEMS:
        raise Undefined(f"fewer than {MIN_ITEMS} prompts: no interval")
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(count, np.full(count, 1 / count), size=draws)[:, members].astype(np.float64)
    drawn = [_correlated(values, target, weights[start : start + _BLOCK]) for start in range(0, draws, _BLOCK)]
    return Correlations(_correlated(values, target, np.ones((1, len(target))))[0], np.concatenate(drawn))


def _correlated(values: np.ndarray, target: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(draws, columns) weighted Pearson correlation of weighted mid-ranks."""
    total = weights.sum(axis=1, keepdims=True)
    own, length = _centred(mid_ranks(target, weights), weights, total)
    out = np.empty((len(weights), values.shape[1]))
    for column in range(values.shape[1]):
        ranks, size = _centred(mid_ranks(values[:, column], weights), weights, total)
        with np.errstate(invalid="ignore", divide="ignore"):
            out[:, column] = (weights * own * ranks).sum(axis=1) / (length * size)
    return out


def _centred(ranks: np.ndarray, weights: np.ndarray, total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ranks (draws, items) less their weighted mean, and their weighted length; the length is NaN where all are the same."""
    off = ranks - (weights * ranks).sum(axis=1, keepdims=True) / total
    square = (weights * off * off).sum(axis=1)
    return off, np.sqrt(np.where(square > 1e-9 * total[:, 0], square, np.nan))


def mid_ranks(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(draws, items) ranks of `values` (items,) when item i counts `weights` (draws, items) times; ties share the middle rank."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.add.reduceat(weights[:, order], starts, axis=1)
    middle = np.cumsum(sizes, axis=1) - (sizes - 1) / 2
    ranks = np.empty(weights.shape)
    ranks[:, order] = np.repeat(middle, np.diff(np.r_[starts, len(values)]), axis=1)
    return ranks


def _percentiles(draws: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Ends (columns,) of the middle `confidence` of `draws`; a column with NaN in more than half of its draws has none."""
    lost = np.isnan(draws).mean(axis=0) > 0.5
    known = np.where(lost, 0.0, draws)
    low, high = np.nanquantile(known, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return np.where(lost, np.nan, low), np.where(lost, np.nan, high)
