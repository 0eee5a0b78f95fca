"""Ratios of sums over prompts, with intervals: a mean of ratios would let prompts with next to nothing in them decide."""

import numpy as np
from scipy.special import stdtrit

from triaxis.measure.tables import Resampling
from triaxis.stats.bands import MIN_NONZERO, unless_rounding

DECIMALS = 9
"""To which ratios of two prompts are the same; what differs after them is rounding."""


def ratio_of_sums(top: np.ndarray, bottom: np.ndarray, resampling: Resampling) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum of `top` over sum of `bottom`, both (prompts, columns), with the ends of a 95 % interval; (columns,) each.

    The interval is that of the linearisation (top - r bottom) / mean bottom about r (Cochran 1977, Sampling Techniques, 6.4) by
    bootstrap-t over prompts. NaN where `bottom` is all 0; NaN ends under 10 prompts, and where fewer than 5 of them differ
    from the ratio that most have: what never varied says nothing of how it would vary.
    """
    total = bottom.sum(axis=0)
    ratio = np.divide(top.sum(axis=0), total, out=np.full(total.size, np.nan), where=total > 0)
    expected = np.nan_to_num(ratio) * bottom
    strays = unless_rounding(top - expected, np.maximum(top, expected))
    scale = np.where(total > 0, total, 1.0) / max(1, len(bottom))
    _, low, high = resampling.interval(strays / scale)
    wider = widening(unlike(top, bottom), np.full(total.size, len(bottom)))
    return ratio, ratio + low * wider, ratio + high * wider


def unlike(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """(columns,) int64: prompts whose own ratio is not the most frequent one; those with 0 in `bottom` have none."""
    own = np.divide(top, bottom, out=np.full(top.shape, np.nan, dtype=np.float64), where=bottom > 0)
    counts = [np.unique(np.round(column[~np.isnan(column)], DECIMALS), return_counts=True)[1] for column in own.T]
    return np.array([count.sum() - count.max(initial=0) for count in counts], dtype=np.int64)


def widening(nonzero: np.ndarray, prompts: np.ndarray) -> np.ndarray:
    """(...,) by how much an interval is wider because only `nonzero` of the `prompts` say anything of the spread; NaN under 5.

    Student's t with one degree of freedom less than each, as in `stats.bands.Differences.unit`.
    """
    enough = (nonzero >= MIN_NONZERO) & (prompts >= MIN_NONZERO)
    few, every = np.maximum(nonzero, MIN_NONZERO), np.maximum(prompts, MIN_NONZERO)
    return np.where(enough, stdtrit(few - 1, 0.975) / stdtrit(every - 1, 0.975), np.nan)
