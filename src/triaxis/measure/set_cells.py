"""A whole set as one cell: U(tau, n) over all its prompts, the same for halves of the prompts, and how many prompts are alike.

Where every prompt has one answer there is nothing to count inside a prompt; what can be counted is how many different usable
answers n samples of the whole set hold. The prompt stays the unit that a new study would draw afresh: halves are halves of the
prompts, and all samples of a prompt stay together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from triaxis.errors import Undefined
from triaxis.measure import usable
from triaxis.measure.cells import build_cells
from triaxis.measure.sampling import prompt_rank, seeded_rank
from triaxis.measure.store import RunStore
from triaxis.stats.half_samples import HALVES
from triaxis.stats.hypergeometric import hit_probability

MOST_ENTRIES = 2**21
"""Numbers that an array of (rows, halves) may hold."""


@dataclass(frozen=True)
class SampleSet:
    """All samples of one model in one domain, rows sorted by class, then quality from best to worst, then prompt.

    `prompts` (prompts,) int64 are codes into the names of the store, ascending; `prompt` (rows,) positions in it; `klass`
    (rows,) int64, dense; `quality` (rows,) float64; `count` (rows,) int64 samples.
    """

    prompts: np.ndarray
    prompt: np.ndarray
    klass: np.ndarray
    quality: np.ndarray
    count: np.ndarray

    @property
    def size(self) -> int:
        """N, the samples of the set."""
        return int(self.count.sum())

    @cached_property
    def prompt_sizes(self) -> np.ndarray:
        """(prompts,) int64 samples of each prompt."""
        return np.bincount(self.prompt, weights=self.count, minlength=self.prompts.size).astype(np.int64)

    @property
    def reach(self) -> int:
        """The largest budget that any half of the prompts has samples for; the largest that can have an interval."""
        return int(np.sort(self.prompt_sizes)[: self.prompts.size // 2].sum())


def sets_of_model(store: RunStore, model: str) -> dict[int, SampleSet]:
    """The set of `model` in each of its domains, by the code of the domain, ascending."""
    key = ("prompt", "domain", "class", "quality")
    counts = store.counts_of_model(model).group_by(key).agg(pl.col("count").cast(pl.Int64).sum())
    parts = counts.partition_by("domain", as_dict=True)
    return {int(str(domain)): _sample_set(parts[(domain,)]) for (domain,) in sorted(parts)}


def _sample_set(counts: pl.DataFrame) -> SampleSet:
    ordered = counts.sort("class", -pl.col("quality"), "prompt")
    prompts, prompt = np.unique(ordered["prompt"].to_numpy().astype(np.int64), return_inverse=True)
    klass = np.unique(ordered["class"].to_numpy(), return_inverse=True)[1]
    return SampleSet(prompts, prompt, klass, ordered["quality"].to_numpy(), ordered["count"].to_numpy())


def usable_diversity(samples: SampleSet, floors: np.ndarray, budgets: Sequence[int]) -> np.ndarray:
    """U(tau, n) of the set, (budgets, floors): expected distinct usable classes in n draws from all its samples; 0 to n.

    sum over classes of 1 - C(N - m, n) / C(N, n), m usable samples of the class in the whole set, N samples of the set. Raises
    `Undefined` when a budget is larger than N.
    """
    none = np.zeros_like(samples.klass)
    cell = build_cells(none, none, none, samples.klass, samples.quality, samples.count, none, none)
    return usable.mean_usable_diversity(cell, floors, budgets)


def prompt_keys(store: RunStore, seed: int) -> np.ndarray:
    """(prompts of the store,) uint64: pseudo-random numbers that rest on the names of the prompts and `seed` alone."""
    return np.array([prompt_rank(name, seed) for name in store.prompts], dtype=np.uint64)


def half_figures(samples: SampleSet, floors: np.ndarray, budgets: Sequence[int], keys: np.ndarray) -> np.ndarray:
    """(halves, budgets, floors): `usable_diversity` of 200 seeded halves of the prompts, each drawn without replacement.

    The half number h holds the prompts with the smallest pseudo-random numbers of `keys` (prompts of the store,) and h, so that
    two models with the same prompts have the same halves. Raises `Undefined` when a budget is larger than `samples.reach`.
    """
    if budgets and max(budgets) > samples.reach:
        raise Undefined(f"half of the prompts hold {samples.reach} samples, fewer than the budget {max(budgets)}")
    segments = _segments(samples, floors)
    own = keys[samples.prompts]
    step = max(1, MOST_ENTRIES // max(samples.klass.size, samples.prompts.size))
    blocks = [range(start, min(start + step, HALVES)) for start in range(0, HALVES, step)]
    return np.concatenate([_figures(segments, samples.prompt_sizes, _halves(own, block), budgets) for block in blocks])


class _Segments(NamedTuple):
    """Runs of rows of one class that pass the same floors: in these the usable count of a class grows, floor by floor down.

    `counts` (segments, prompts) sparse samples; `start` (segments,) first segment of the class; `at_floor` (floors, segments)
    sparse, 1 where the floor is passed; classes of one sample in the whole set share one segment for each floor, since none
    of them can be hit twice: `alone` (floors, prompts) counts them.
    """

    counts: csr_array
    start: np.ndarray
    at_floor: csr_array
    alone: csr_array


def _segments(samples: SampleSet, floors: np.ndarray) -> _Segments:
    at = np.searchsorted(floors, samples.quality, side="right") - 1
    is_alone = np.bincount(samples.klass, weights=samples.count)[samples.klass] == 1
    alone = _passed(at[is_alone], samples.prompt[is_alone], samples.count[is_alone], (floors.size, samples.prompts.size))
    usable_rows = ~is_alone & (at >= 0)
    klass, place = samples.klass[usable_rows], at[usable_rows]
    new = np.r_[True, (klass[1:] != klass[:-1]) | (place[1:] != place[:-1])][: klass.size]
    segment = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    owner = klass[first]
    shape = (first.size, samples.prompts.size)
    counts = csr_array((samples.count[usable_rows].astype(np.float64), (segment, samples.prompt[usable_rows])), shape=shape)
    at_floor = _passed(place[first], np.arange(first.size), np.ones(first.size), (floors.size, first.size))
    return _Segments(counts, np.searchsorted(owner, owner), at_floor, alone)


def _passed(at: np.ndarray, column: np.ndarray, weight: np.ndarray, shape: tuple[int, int]) -> csr_array:
    """Sparse matrix of `shape` with `weight` at row `at`, the highest floor passed; rows below -1 pass none."""
    some = at >= 0
    return csr_array((weight[some].astype(np.float64), (at[some], column[some])), shape=shape)


def _halves(keys: np.ndarray, draws: range) -> np.ndarray:
    """(prompts, draws) float64: 1 for the prompts in the half."""
    chosen = np.zeros((keys.size, len(draws)))
    for column, draw in enumerate(draws):
        chosen[np.argpartition(seeded_rank(keys, draw), keys.size // 2)[: keys.size // 2], column] = 1.0
    return chosen


def _figures(segments: _Segments, prompt_sizes: np.ndarray, halves: np.ndarray, budgets: Sequence[int]) -> np.ndarray:
    """(draws, budgets, floors) figures of `halves` (prompts, draws)."""
    sizes = (prompt_sizes @ halves).astype(np.int64)
    drawn = (segments.counts @ halves).astype(np.int64)
    running = np.cumsum(drawn, axis=0)
    upto = running - (running - drawn)[segments.start]
    alone = segments.alone @ halves
    out = np.empty((halves.shape[1], len(budgets), alone.shape[0]))
    for place, budget in enumerate(budgets):
        table, row = _hit_tables(sizes, int(upto.max(initial=1)), budget)
        gain = table.ravel()[row + upto] - table.ravel()[row + upto - drawn]
        steps = segments.at_floor @ gain + alone * table.ravel()[row + 1]
        out[:, place] = np.cumsum(steps[::-1], axis=0)[::-1].T
    return out


def _hit_tables(sizes: np.ndarray, members: int, budget: int) -> tuple[np.ndarray, np.ndarray]:
    """Hit probabilities (distinct sizes, members + 1), and where in it, flat, the row of each of `sizes` (draws,) starts."""
    distinct, place = np.unique(sizes, return_inverse=True)
    table = np.ones((distinct.size, members + 1))
    for row, size in enumerate(distinct):
        known = hit_probability(int(size), [budget], members=members)[:, 0]
        table[row, : known.size] = known
    return table, place * (members + 1)


def unlike(samples: SampleSet, floors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many prompts are unlike the largest group of prompts that are alike at a floor; two (floors,) int64 arrays.

    The first is for a budget of 1, where prompts are alike when as many of their samples are usable. The second is for larger
    budgets, where the usable answers must also be in the same classes; all classes that only one prompt has are alike. These
    prompts carry what is known of the spread: with one pair of equal answers among a thousand different ones it is 2.
    """
    entry = _Entries.of(samples)
    found = [_unlike_at(entry, samples, floor) for floor in floors]
    single, several = np.array(found, dtype=np.int64).reshape(-1, 2).T
    return single, several


class _Entries(NamedTuple):
    """Pairs of prompt and class that occur: `row` (rows,) the pair of each row; `prompt`, `klass` (pairs,), by prompt."""

    row: np.ndarray
    prompt: np.ndarray
    klass: np.ndarray

    @staticmethod
    def of(samples: SampleSet) -> "_Entries":
        width = int(samples.klass.max(initial=0)) + 1
        pairs, row = np.unique(samples.prompt * width + samples.klass, return_inverse=True)
        return _Entries(row, pairs // width, pairs % width)


def _unlike_at(entries: _Entries, samples: SampleSet, floor: float) -> tuple[int, int]:
    members = np.bincount(entries.row, weights=samples.count * (samples.quality >= floor), minlength=entries.prompt.size)
    members = members.astype(np.int64)
    holders = np.bincount(entries.klass, weights=members > 0)[entries.klass]
    shared_class = np.where(holders > 1, entries.klass + 1, 0)
    state = np.where(members > 0, seeded_rank(shared_class * 2**32 + members, 0), np.uint64(0))
    starts = np.searchsorted(entries.prompt, np.arange(samples.prompts.size))
    several = np.add.reduceat(state, starts) + seeded_rank(samples.prompt_sizes, 1)
    single = np.add.reduceat(members, starts) * (int(samples.prompt_sizes.max()) + 1) + samples.prompt_sizes
    return samples.prompts.size - _largest_group(single), samples.prompts.size - _largest_group(several)


def _largest_group(states: np.ndarray) -> int:
    return int(np.unique(states, return_counts=True)[1].max())
