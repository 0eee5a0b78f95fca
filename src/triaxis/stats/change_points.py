"""Where a series changes: the split of per-prompt values over checkpoints that tells them apart best, and whether it is chance.

Prompts are the sample, checkpoints are as given. The one idea: a prompt's values may depend on each other in any way from step to
step, so its whole path keeps its order and only its *sign* is flipped; where nothing changes, a path and its mirror image are as
likely. A wobble that all prompts share is no chance of prompts: from 12 steps on a change has to stand out of it, too.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from triaxis.errors import Undefined
from triaxis.stats.bootstrap import MIN_PROMPTS, ROUNDING, weight_blocks
from triaxis.stats.masked import masked_mean_interval

CHANGE, GRADUAL, NONE_SEEN, CANNOT_TELL = "change", "gradual change", "no change seen", "cannot tell"

MIN_STEPS = 4
"""With fewer steps a series has no before and after worth the names."""

WOBBLE_STEPS = 12
"""From so many steps on, what checkpoints do from one to the next can be told from a change."""

LEANS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""How much each step's wobble may lean on the one before."""

ROUNDS = 2
"""Shapes that are taken out before the rest is called wobble."""

FLIPS = 1999
MOST_CHANGES = 8


class Split(NamedTuple):
    """One stretch of a series and its best split.

    `place` is the position of the first step after it; `low`, `high` the ends of its 95 % interval, both positions. `p` is
    adjusted for the number of stretches looked at. `before`, `after` and `difference` (with `difference_low`,
    `difference_high`; NaN: no interval) are means over the `prompts` that have values on both sides, within the stretch.
    """

    place: int
    low: int
    high: int
    p: float
    before: float
    after: float
    difference: float
    difference_low: float
    difference_high: float
    prompts: int
    is_gradual: bool


class Segmented(NamedTuple):
    """The best split of the whole series, and all `changes` in it, in order of place; none where none stands out of chance."""

    best: Split
    changes: tuple[Split, ...]


def change_points(
    values: np.ndarray, *, seed: int, draws: int = 1000, flips: int = FLIPS, alpha: float = 0.05, factor: float = 1.0
) -> Segmented:
    """Changes of the mean over prompts of `values` (prompts, steps; NaN has none), by binary segmentation.

    A split's statistic is sqrt(s (T - s) / T) |mean over prompts of (a prompt's mean after - before)|; its largest value over all
    splits is compared with those under random signs of the prompts. A stretch of l of the T steps is tested at `alpha` l / T, so
    that all false changes together have at most probability `alpha`. A change whose own interval holds 0, because few prompts
    carry it, is none. `factor` multiplies every p: the number of series looked at.

    Raises `Undefined` for fewer than 10 prompts with two steps, for fewer than 4 steps, and where nothing varies.
    """
    held = values[np.count_nonzero(~np.isnan(values), axis=1) > 1]
    if len(held) < MIN_PROMPTS:
        raise Undefined(f"needs {MIN_PROMPTS} prompts with two steps, got {len(held)}")
    if held.shape[1] < MIN_STEPS:
        raise Undefined(f"needs {MIN_STEPS} steps, got {held.shape[1]}")
    rng = np.random.default_rng(seed)
    best = _best_split(held, 0, held.shape[1], rng, draws, flips, factor)
    changes = tuple(sorted(_segments(held, best, (0, held.shape[1]), rng, (draws, flips, alpha, factor))))
    return Segmented(best, changes)


def _segments(
    values: np.ndarray, split: Split, stretch: tuple[int, int], rng: np.random.Generator, how: tuple[int, int, float, float]
) -> Iterator[Split]:
    """`split` and those on either side of it, as long as they stand out of chance; a gradual change is not cut further."""
    draws, flips, alpha, factor = how
    if split.p > alpha or not (split.difference_low > 0 or split.difference_high < 0):
        return
    yield split
    for start, end in ((stretch[0], split.place), (split.place, stretch[1])) if not split.is_gradual else ():
        if end - start >= MIN_STEPS and _has_prompts(values[:, start:end]):
            inner = _best_split(values, start, end, rng, draws, flips, factor)
            yield from _segments(values, inner, (start, end), rng, how)


def _has_prompts(values: np.ndarray) -> bool:
    return int(np.count_nonzero(np.count_nonzero(~np.isnan(values), axis=1) > 1)) >= MIN_PROMPTS


def _best_split(
    values: np.ndarray, start: int, end: int, rng: np.random.Generator, draws: int, flips: int, factor: float
) -> Split:
    """The best split of steps `start` to `end`, with its p adjusted to the length of the stretch."""
    part = values[:, start:end]
    before, after = side_means(part)
    both = ~np.isnan(before) & ~np.isnan(after)
    differences, weight = _differences(part, before, after), _weights(part, both)
    place = int(np.argmax(np.abs(differences.sum(axis=0)) * weight))
    p = max(_flip_p(differences, weight, flips, rng), _wobble_p(part, rng))
    kept = both[:, place]
    change = np.where(kept, after[:, place] - before[:, place], np.nan)
    mean, low, high = (float(end[0]) for end in masked_mean_interval(change[:, None], draws=draws, seed=int(rng.integers(2**31))))
    first, last = _place_interval(differences, weight, both, draws, rng)
    adjusted = min(1.0, p * factor * values.shape[1] / (end - start))
    return Split(
        start + place + 1, start + min(first, place) + 1, start + max(last, place) + 1, adjusted,
        float(before[kept, place].mean()) if kept.any() else np.nan, float(after[kept, place].mean()) if kept.any() else np.nan,
        mean, low, high, int(kept.sum()), shape_of(part).is_linear,
    )  # fmt: skip


def _differences(part: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """(prompts, splits) after - before, 0 where a side is missing and where only the rounding of the means differs."""
    change = np.nan_to_num(after - before)
    scale = np.nanmax(np.abs(part), axis=1, initial=0.0)[:, None]
    return np.where(np.abs(change) > ROUNDING * scale, change, 0.0)


def side_means(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each prompt's mean before and after every split of `values` (prompts, steps): (prompts, steps - 1) each, NaN where none."""
    has = ~np.isnan(values)
    total, count = np.cumsum(np.where(has, values, 0.0), axis=1), np.cumsum(has, axis=1)
    sums = (total[:, :-1], total[:, -1:] - total[:, :-1])
    counts = (count[:, :-1], count[:, -1:] - count[:, :-1])
    first, second = (
        np.divide(s, n, out=np.full(s.shape, np.nan), where=n > 0) for s, n in zip(sums, counts, strict=True)
    )
    return first, second


def _weights(part: np.ndarray, both: np.ndarray) -> np.ndarray:
    """(splits,) sqrt(s (T - s) / T) over the number of prompts on both sides; 0 for a split with fewer than 10 of them."""
    steps = part.shape[1]
    s = np.arange(1, steps)
    kept = both.sum(axis=0)
    return np.where(kept >= MIN_PROMPTS, np.sqrt(s * (steps - s) / steps) / np.maximum(kept, 1), 0.0)


def _flip_p(differences: np.ndarray, weight: np.ndarray, flips: int, rng: np.random.Generator) -> float:
    """Share of random signs of prompts under which the largest statistic is at least as large, the data counted as one more."""
    seen = (np.abs(differences.sum(axis=0)) * weight).max()
    if seen == 0:
        return 1.0
    signs = rng.integers(0, 2, (flips, len(differences))) * 2.0 - 1.0
    drawn = (np.abs(signs @ differences) * weight).max(axis=1)
    return float((1 + np.count_nonzero(drawn >= seen * (1 - ROUNDING))) / (1 + flips))


def _place_interval(
    differences: np.ndarray, weight: np.ndarray, both: np.ndarray, draws: int, rng: np.random.Generator
) -> tuple[int, int]:
    """Positions of the best split that 95 % of the resampled prompts stay within."""
    scale = weight * np.maximum(both.sum(axis=0), 1)
    found = []
    for weights in weight_blocks(len(differences), draws=draws, rng=rng):
        share = np.maximum(weights @ both.astype(np.float64), 1e-12)
        found.append((np.abs(weights @ differences) / share * scale).argmax(axis=1))
    low, high = np.quantile(np.concatenate(found), [0.025, 0.975], method="nearest")
    return int(low), int(high)


class Shape(NamedTuple):
    """The better of two shapes of a mean curve, one step or a straight line: which, its residuals, and what it explains."""

    is_linear: bool
    residual: np.ndarray
    explained: float


def shape_of(values: np.ndarray) -> Shape:
    """The shape that leaves least of the mean curve of `values` (prompts, steps) unexplained; a step where there are under 12."""
    curve = mean_curve(values)
    splits = np.stack([np.where(np.arange(curve.size) < s, 0.0, 1.0) for s in range(1, curve.size)])
    residual, explained = _fitted(curve[None], splits)
    if curve.size < WOBBLE_STEPS:
        return Shape(False, residual[0], float(explained[0]))
    line, by_line = _fitted(curve[None], np.arange(curve.size, dtype=np.float64)[None])
    is_linear = bool(by_line[0] > explained[0])
    return Shape(is_linear, (line if is_linear else residual)[0], float((by_line if is_linear else explained)[0]))


def mean_curve(values: np.ndarray) -> np.ndarray:
    """(steps,) mean over prompts, each prompt's own level taken out first: other prompts at a step are no change.

    Steps without any value are left out.
    """
    has = ~np.isnan(values)
    level = np.where(has, values, 0.0).sum(axis=1) / np.maximum(has.sum(axis=1), 1)
    count = has.sum(axis=0)
    total = np.where(has, values - level[:, None], 0.0).sum(axis=0)
    return np.asarray(total[count > 0] / count[count > 0])


def _fitted(curves: np.ndarray, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Residuals (curves, steps) of the best of `shapes` (shapes, steps) for each curve, and the sum of squares it explains."""
    centred = curves - curves.mean(axis=1, keepdims=True)
    bent = shapes - shapes.mean(axis=1, keepdims=True)
    unit = bent / np.sqrt((bent**2).sum(axis=1, keepdims=True))
    along = centred @ unit.T
    best = np.abs(along).argmax(axis=1)
    rows = np.arange(len(curves))
    return centred - along[rows, best][:, None] * unit[best], along[rows, best] ** 2


def _wobble_p(values: np.ndarray, rng: np.random.Generator, draws: int = 499) -> float:
    """How often curves that only wobble, each step leaning on the one before, hold a shape as clear as the one seen; 0 if under
    12 steps, where nobody can say how they wobble.

    The wobble is a first-order autoregression. How it leans is read off what two shapes leave, so that a second change is not
    taken for wobble; since they take much of the leaning with them, it is looked up in simulations of the same fit (indirect
    inference, Gourieroux, Monfort and Renault 1993). It is still guessed from few steps: where all prompts share a wobble that
    leans by 0.7, about 15 % of series without a change are called one (benchmarks/planted_series.py).
    """
    curve = mean_curve(values)
    if curve.size < WOBBLE_STEPS:
        return 0.0
    seen, residual = _clearness(curve[None])
    if seen[0] == 0:
        return 1.0
    leaning = float(np.interp(_leaning(residual)[0], _lean_of_residuals(curve.size), LEANS))
    drawn, _ = _clearness(_wobbling(leaning, curve.size, draws, rng))
    return float((1 + np.count_nonzero(drawn >= seen[0])) / (1 + draws))


@lru_cache(maxsize=8)
def _all_shapes(steps: int) -> np.ndarray:
    """(shapes, steps) a step at every place, and a straight line."""
    splits = np.triu(np.ones((steps, steps)))[1:]
    return np.concatenate([splits, np.arange(steps, dtype=np.float64)[None]])


def _clearness(curves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(curves,) what the best shape explains over the variance of what `ROUNDS` shapes leave, and these residuals."""
    shapes = _all_shapes(curves.shape[1])
    residual, explained = _fitted(curves, shapes)
    for _ in range(ROUNDS - 1):
        residual, _ = _fitted(residual, shapes)
    scale = np.maximum(residual.var(axis=1), ROUNDING * np.maximum((curves**2).max(axis=1), 1e-300))
    return np.where(explained > 0, explained / scale, 0.0), residual


@lru_cache(maxsize=8)
def _lean_of_residuals(steps: int, draws: int = 200) -> np.ndarray:
    """(leans,) how much the residuals lean on average where the wobble itself leans by `LEANS`."""
    rng = np.random.default_rng(0)
    found = [_leaning(_clearness(_wobbling(lean, steps, draws, rng))[1]).mean() for lean in LEANS]
    return np.maximum.accumulate(found)


def _leaning(residuals: np.ndarray) -> np.ndarray:
    """(curves,) correlation of each residual with the one before."""
    total = (residuals**2).sum(axis=1)
    along = (residuals[:, 1:] * residuals[:, :-1]).sum(axis=1)
    return np.asarray(np.divide(along, total, out=np.zeros(len(residuals)), where=total > 0))


def _wobbling(leaning: float, steps: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """(draws, steps) stationary autoregressions of variance 1."""
    noise = rng.standard_normal((draws, steps))
    noise[:, 1:] *= np.sqrt(1 - leaning**2)
    for step in range(1, steps):
        noise[:, step] += leaning * noise[:, step - 1]
    return noise
