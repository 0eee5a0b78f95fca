"""Rank correlations of many columns with one target, from resampled clusters, with paired differences to a reference column.

The one idea: in a bootstrap draw every item counts some whole number of times, and the mid-rank of a value is then a running sum
of those counts in the order of values, which is the same in every draw; so nothing is sorted twice, and all columns share their
draws, which makes their differences paired.
"""

from typing import NamedTuple

import numpy as np

from triaxis.errors import Undefined
from triaxis.stats.bootstrap import MIN_PROMPTS

_BLOCK = 200


class Ends(NamedTuple):
    """A value for each column with the ends of its interval; all (columns,) float64, NaN where there is none."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Correlations(NamedTuple):
    """`rho` (columns,) in -1 to 1, and `draws` (draws, columns) of it resampled; NaN where a column or the target is constant.

    `reference` and `reference_draws` are the same of the reference column, on the items that each column has.
    """

    rho: np.ndarray
    draws: np.ndarray
    reference: np.ndarray
    reference_draws: np.ndarray
    items: np.ndarray

    def interval(self, *, confidence: float = 0.95) -> Ends:
        """Every column's rho with its percentile interval."""
        return Ends(self.rho, *_percentiles(self.draws, confidence))

    def difference(self, *, confidence: float = 0.95) -> Ends:
        """Every column's rho minus that of the reference on the same items and draws, with its percentile interval."""
        return Ends(self.rho - self.reference, *_percentiles(self.draws - self.reference_draws, confidence))


def correlations(
    values: np.ndarray, target: np.ndarray, *, reference: np.ndarray | None = None, clusters: np.ndarray | None = None,
    draws: int = 1000, seed: int,
) -> Correlations:  # fmt: skip
    """Spearman's rank correlation of every column of `values` (items, columns) with `target` (items,), with bootstrap draws.

    NaN in a column leaves that item out of it, and out of the `reference` (items,) that the column is compared with; `items`
    counts what is left. Whole `clusters` (items,) of integers are resampled, by default each item is one: items that share a
    prompt are no independent evidence. Mid-ranks for ties. Raises `Undefined` under 10 clusters.
    """
    members = np.unique(np.arange(len(target)) if clusters is None else clusters, return_inverse=True)[1]
    count = int(members.max(initial=-1)) + 1
    if count < MIN_PROMPTS:
        raise Undefined(f"fewer than {MIN_PROMPTS} prompts: no interval")
    compared = np.full(len(target), np.nan) if reference is None else reference
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=draws)
    blocks = [np.ones((1, len(target))), *(drawn[start : start + _BLOCK, members] * 1.0 for start in range(0, draws, _BLOCK))]
    (rho, own), *found = [_correlated(values, target, compared, weights) for weights in blocks]
    rhos, owns = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Correlations(rho[0], rhos, own[0], owns, np.count_nonzero(~np.isnan(values), axis=0))


def _correlated(
    values: np.ndarray, target: np.ndarray, reference: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(draws, columns) weighted rank correlations, and those of the reference on the items of each column."""
    rho = [weighted_spearman(column, target, weights) for column in values.T]
    whole, missing = weighted_spearman(reference, target, weights), np.isnan(values.T)
    held = (np.where(holes, np.nan, reference) if holes.any() else None for holes in missing)
    compared = [whole if column is None else weighted_spearman(column, target, weights) for column in held]
    return np.stack(rho, axis=1), np.stack(compared, axis=1)


def weighted_spearman(values: np.ndarray, target: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(draws,) rank correlation of two (items,) arrays when item i counts `weights` (draws, items) times; NaN items are left out.

    NaN where one of them is constant.
    """
    known = ~(np.isnan(values) | np.isnan(target))
    if known.sum() < 3:
        return np.full(len(weights), np.nan)
    counted = weights[:, known]
    total = counted.sum(axis=1, keepdims=True)
    own, length = _centred(mid_ranks(target[known], counted), counted, total)
    ranks, size = _centred(mid_ranks(values[known], counted), counted, total)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((counted * own * ranks).sum(axis=1) / (length * size))


def _centred(ranks: np.ndarray, weights: np.ndarray, total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ranks (draws, items) less their weighted mean, and their weighted length; the length is NaN where all are the same."""
    with np.errstate(invalid="ignore", divide="ignore"):
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
    """Ends (columns,) of the middle `confidence` of `draws`; a column with NaN in more than a twentieth of them has none."""
    lost = np.isnan(draws).mean(axis=0) > 0.05
    known = np.where(lost, 0.0, draws)
    low, high = np.nanquantile(known, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return np.where(lost, np.nan, low), np.where(lost, np.nan, high)
