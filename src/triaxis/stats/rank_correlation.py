"""Rank correlations between figures of prompts, plain and given a third figure, with intervals by resampling prompts.

Spearman's rho is Pearson's correlation of midranks. The one idea: a resampled prompt is a weight, and midranks under weights come
from one sort and a running sum, so that no draw sorts anything again.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from triaxis.errors import Undefined
from triaxis.stats.bootstrap import MIN_PROMPTS, weight_blocks

LEAST = 4
"""Fewer prompts have no correlation: with 3 given a third figure nothing is left."""

FLAT = 1e-9
"""Variances of ranks (as shares of the greatest there is) and 1 - rho^2 under this are 0 but for rounding."""

MOST_DEGENERATE = 0.05
LARGE = 1000
"""Over this many prompts the interval is that of a formula, which is there within a hundredth of the resampled one."""

_BLOCK_ENTRIES = 2**18


class Correlation(NamedTuple):
    """Spearman's rho in -1 to 1 over `n` prompts, the ends of its 95 % interval; NaN ends where there is none."""

    rho: float
    low: float
    high: float
    n: int


class _Ranked(NamedTuple):
    """A figure of each prompt, ready to be ranked under any weights: `group` is its place among different values."""

    order: np.ndarray
    last: np.ndarray
    group: np.ndarray


def spearman(
    x: np.ndarray, y: np.ndarray, *, given: np.ndarray | None = None, draws: int = 1000, seed: int = 0
) -> Correlation:
    """Rank correlation of `x` and `y`, with `given` that part of it which `given` does not explain; all (prompts,) float64.

    Prompts with a NaN in any of them are left out. The partial correlation is that of ranks, (r_xy - r_xz r_yz) /
    sqrt((1 - r_xz^2)(1 - r_yz^2)) (Kendall 1942). The interval holds the middle 95 % of `draws` resamples of prompts; there is
    none with 0 draws, under 10 prompts, nor where over 5 % of resamples have no rho. Over 1,000 prompts it is atanh(rho) plus
    and minus 1.96 sqrt((1 + rho^2 / 2) / (n - 3)), with n - 4 where a figure is given (Bonett and Wright 2000).

    Raises `Undefined` under 4 prompts, where a figure is the same for all, and where `given` fixes the order of one.
    """
    columns = [x, y] if given is None else [x, y, given]
    values = np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])
    values = values[~np.isnan(values).any(axis=1)]
    n = len(values)
    if n < LEAST:
        raise Undefined(f"needs {LEAST} prompts, got {n}")
    ranked = [_ranked(column) for column in values.T]
    rho = float(_rho(ranked, np.full((1, n), 1 / n))[0])
    if np.isnan(rho):
        raise Undefined(_why(ranked, n))
    low, high = _formula(rho, n, given is not None) if draws and n > LARGE else _ends(ranked, n, draws=draws, seed=seed)
    return Correlation(rho, low, high, n)


def _ends(ranked: list[_Ranked], n: int, *, draws: int, seed: int) -> tuple[float, float]:
    if n < MIN_PROMPTS or not draws:
        return float("nan"), float("nan")
    drawn = np.concatenate(list(_resampled(ranked, n, draws=draws, seed=seed)))
    if np.isnan(drawn).mean() > MOST_DEGENERATE:
        return float("nan"), float("nan")
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def _formula(rho: float, n: int, is_partial: bool) -> tuple[float, float]:
    half = 1.959964 * np.sqrt((1 + rho**2 / 2) / (n - 3 - is_partial))
    middle = np.arctanh(np.clip(rho, -1 + 1e-15, 1 - 1e-15))
    return float(np.tanh(middle - half)), float(np.tanh(middle + half))


def _resampled(ranked: list[_Ranked], n: int, *, draws: int, seed: int) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    for weights in weight_blocks(n, draws=draws, most=max(1, _BLOCK_ENTRIES // n), rng=rng):
        yield _rho(ranked, weights)


def _ranked(column: np.ndarray) -> _Ranked:
    order = np.argsort(column, kind="stable")
    is_last = np.append(np.diff(column[order]) != 0, True)
    group = np.empty(len(column), dtype=np.int64)
    group[order] = np.cumsum(is_last) - is_last
    return _Ranked(order, np.flatnonzero(is_last), group)


def _midranks(ranked: _Ranked, weights: np.ndarray) -> np.ndarray:
    """(draws, prompts) weight below each prompt's value and half the weight at it, less the mean; in -1/2 to 1/2."""
    upto = np.cumsum(weights[:, ranked.order], axis=1)[:, ranked.last]
    below = np.concatenate([np.zeros((len(weights), 1)), upto[:, :-1]], axis=1)
    return np.asarray(((upto + below) / 2)[:, ranked.group] - 0.5)


def _rho(ranked: list[_Ranked], weights: np.ndarray) -> np.ndarray:
    """(draws,) the correlation under each row of weights, NaN where it has none."""
    ranks = [_midranks(one, weights) for one in ranked]
    if len(ranks) == 2:
        return _pearson(ranks[0], ranks[1], weights)
    xy, xz, yz = (_pearson(ranks[a], ranks[b], weights) for a, b in ((0, 1), (0, 2), (1, 2)))
    left = (1 - xz**2) * (1 - yz**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(left > FLAT, np.clip((xy - xz * yz) / np.sqrt(left), -1, 1), np.nan)


def _pearson(a: np.ndarray, b: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(draws,) weighted correlation of centred ranks; the greatest variance of such ranks is 1/12."""
    product, first, second = ((weights * u * v).sum(axis=1) for u, v in ((a, b), (a, a), (b, b)))
    has = (first > FLAT / 12) & (second > FLAT / 12)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(has, np.clip(product / np.sqrt(first * second), -1, 1), np.nan)


def _why(ranked: list[_Ranked], n: int) -> str:
    """Why there is no correlation."""
    if any(len(one.last) == 1 for one in ranked):
        return f"all {n} prompts have the same value"
    return "the figure given fixes the order"
