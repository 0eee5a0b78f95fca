"""From the ungated end to a high floor: are there fewer usable answers, and do models differ less in them? One row a question.

A high floor leaves fewer answers, and fewer answers hold fewer classes whatever they say. So the split of diversity stands beside
what *random thinning* to the same number of usable samples in each cell would leave (exact); only what lies below that
says that the floor takes the differences between models rather than answers at random. Likeness given usable needs no such
null: thinning does not change its expectation, so its null is no change.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.stats import hypergeom

from triaxis.measure.population.blocks import Block
from triaxis.measure.population.curves import Population, frame, kept_of, mean_of_some, ratio_of_means
from triaxis.measure.population.kernel import NO_REPEAT, SCORES, gram_of, grams, half_width, prompt_groups
from triaxis.measure.population.likeness import likeness
from triaxis.measure.population.split import mixture, usable_share, within
from triaxis.stats.bands import unless_rounding
from triaxis.stats.bootstrap import MIN_PROMPTS

UNGATED = np.array([-np.inf])
THINNINGS = 19
LEAST_SHARE = 0.25
"""Share of the prompts that must have a figure at the high floor."""


class ThinnedMisses:
    """Probability that draws miss a class when a random `usable` of the N samples of a cell are usable, (models, prompts) each.

    Of a draws, j hit usable samples (hypergeometric), and these j are draws from all samples: sum over j of P(j) C(N - m, j) /
    C(N, j), m members of the class in the whole cell.
    """

    def __init__(self, sizes: np.ndarray, usable: np.ndarray, draws: int) -> None:
        width = int(sizes.max()) + 1
        kinds, kind = np.unique(sizes * width + usable, return_inverse=True)
        self.kind = kind.reshape(sizes.shape)
        self.start = np.cumsum([0, *(kinds // width + 1)])[:-1]
        self.flat = np.concatenate([_thinned(int(k // width), int(k % width), draws) for k in kinds])

    def __call__(self, model: np.ndarray, prompt: np.ndarray, members: np.ndarray) -> np.ndarray:
        found: np.ndarray = self.flat[self.start[self.kind[model, prompt]] + members]
        return found


def _thinned(size: int, usable: int, draws: int) -> np.ndarray:
    """(size + 1,) for m = 0..size members."""
    hits = np.arange(min(draws, usable) + 1)
    chance = hypergeom.pmf(hits, size, usable, draws)
    members = np.arange(size + 1)
    miss, out = np.ones(size + 1), np.zeros(size + 1)
    for taken, weight in zip(hits.tolist(), chance, strict=True):
        out += weight * miss
        miss = miss * np.maximum(size - members - taken, 0) / max(size - taken, 1)
    return out


class Change(NamedTuple):
    """A figure's change: value, deviations of each prompt from it (prompts,) or NaN, and the change that chance would bring."""

    value: float
    strayed: np.ndarray
    null: float
    budget: int | None = None


def high_floor(population: Population) -> float | None:
    """The highest interval floor at which a quarter of the prompts, and at least 10, have usable samples of two models."""
    floors = population.tested
    left = kept_of(likeness(population.block, floors).between)
    enough = np.flatnonzero(left >= max(MIN_PROMPTS, LEAST_SHARE * population.block.prompts))
    return float(floors[enough[-1]]) if enough.size and np.isfinite(floors[enough[-1]]) else None


def change_rows(population: Population) -> Iterator[pl.DataFrame]:
    """Changes from ungated to the high floor, paired over prompts; nothing when no floor leaves enough prompts."""
    floor = high_floor(population)
    if floor is None:
        return
    block = population.block
    for name, change in _changes(population, floor):
        _, low, high = population.resampling.interval(change.strayed[:, None])
        kept = int((~np.isnan(change.strayed)).sum())
        yield frame(
            block, [floor], measure=f"{name}, change", budget=change.budget, value=change.value, low=change.value + low[0],
            high=change.value + high[0], null=change.null, null_low=None, null_high=None, ceiling=None, models=len(block.models),
            prompts=block.prompts, prompts_left=kept, reason="no prompt has the figure at both floors" if not kept else None,
        )  # fmt: skip
    yield from _effective_changes(population, floor)


def _changes(population: Population, floor: float) -> Iterator[tuple[str, Change]]:
    block, ends = population.block, np.array([-np.inf, floor])
    share = usable_share(block, ends)
    yield "usable share", _paired(share[:, 0], share[:, 1], np.nan)
    if population.budgets and population.budgets[-1] > 1:
        yield from _split_changes(block, ends, population.budgets[-1])
    found = likeness(block, ends)
    yield "same within", _paired(found.within[:, 0], found.within[:, 1], 0.0)
    yield "same between", _paired(found.between[:, 0], found.between[:, 1], 0.0)
    gap = found.within - found.between
    yield "same within less between", _paired(gap[:, 0], gap[:, 1], 0.0)


def _paired(before: np.ndarray, after: np.ndarray, null: float, budget: int | None = None) -> Change:
    difference = after - before
    value = float(mean_of_some(difference[:, None])[0])
    return Change(value, difference - value, null, budget)


def _split_changes(block: Block, ends: np.ndarray, budget: int) -> Iterator[tuple[str, Change]]:
    misses = partial(ThinnedMisses, block.sizes, _usable_counts(block, ends[1]))
    alone, together = within(block, ends, [budget])[0], mixture(block, ends, [budget])[0]
    by_chance = [split(block, UNGATED, [budget], misses=misses)[0][:, 0] for split in (within, mixture)]
    between = unless_rounding(together - alone, together)
    for name, values, thinned in (
        ("within", alone, by_chance[0]), ("mixture", together, by_chance[1]), ("between", between, by_chance[1] - by_chance[0]),
    ):  # fmt: skip
        yield name, _paired(values[:, 0], values[:, 1], float((thinned - values[:, 0]).mean()), budget)
    share, strayed = ratio_of_means(together, alone)
    chance = ratio_of_means(by_chance[1][:, None], by_chance[0][:, None])[0][0]
    yield "ratio", Change(float(share[1] - share[0]), strayed[:, 1] - strayed[:, 0], float(chance - share[0]), budget)


def _usable_counts(block: Block, floor: float) -> np.ndarray:
    """(models, prompts) usable samples of each cell."""
    usable = block.above(floor)
    left = np.bincount(usable.cell, weights=usable.count, minlength=block.sizes.size)
    return np.asarray(left.astype(np.int64).reshape(block.prompts, len(block.models)).T)


def thinned(block: Block, usable: np.ndarray, rng: np.random.Generator) -> Block:
    """`block` with a random `usable` (models, prompts) of the samples of each cell, whatever their quality."""
    row = np.arange(block.count.size).repeat(block.count)
    cell = block.cell[row]
    order = np.argsort(cell + rng.random(cell.size))
    first = np.flatnonzero(np.r_[True, np.diff(cell[order]) != 0])
    place = np.arange(cell.size) - first.repeat(np.diff(np.r_[first, cell.size]))
    kept = order[place < usable.T.ravel()[cell[order]]]
    count = np.bincount(row[kept], minlength=block.count.size)
    return replace(block, count=count).where(count > 0)


def _effective_changes(population: Population, floor: float) -> Iterator[pl.DataFrame]:
    """Change of the effective number of models; both ends lose the same groups of prompts in turn."""
    block, seed = population.block, population.resampling.seed
    groups = prompt_groups(block.prompts, seed)
    before, after = grams(block, groups), grams(block.above(floor), groups)
    usable = _usable_counts(block, floor)
    can_thin = (block.sizes > 1).any()  # of one sample there is only one way to leave one or none
    by_chance = [gram_of(thinned(block, usable, np.random.default_rng([seed, n]))) for n in range(THINNINGS * can_thin)]
    for name, score in SCORES.items():
        start = score(before.sum())
        value = score(after.sum()) - start
        left_out = zip(before.without_each(), after.without_each(), strict=True)
        wide = half_width(np.array([score(b) - score(a) for a, b in left_out]), block.prompts)
        null = [score(gram) - start for gram in by_chance]
        yield frame(
            block, [floor], measure=f"{name}, change", budget=None, value=value, low=value - wide, high=value + wide,
            null=float(np.mean(null)) if null else None, null_low=min(null, default=None), null_high=max(null, default=None),
            ceiling=None, models=len(block.models), prompts=block.prompts, prompts_left=int((usable.sum(axis=0) > 0).sum()),
            reason=NO_REPEAT if np.isnan(value) else None,
        )  # fmt: skip
