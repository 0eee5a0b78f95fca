"""A whole set as one cell: U(tau, n) over all its prompts, how each prompt sways it, and how many prompts are alike.

Where every prompt has one answer there is nothing to count inside a prompt; what can be counted is how many different usable
answers n samples of the whole set hold. The prompt stays the unit that a new study would draw afresh: it is prompts that are left
out to see how the figure changes, each with all its samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.errors import Undefined
from triaxis.measure import usable
from triaxis.measure.cells import build_cells
from triaxis.measure.sampling import prompt_rank, seeded_rank
from triaxis.measure.store import RunStore
from triaxis.stats.hypergeometric import hit_probability
from triaxis.stats.jackknife import SIGNS, deviations

MOST_ENTRIES = 2**24
"""Numbers that an array of (prompts, budgets, floors) may hold."""


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
        """The samples that are left without the largest prompt: the largest budget that can have an interval."""
        return self.size - int(self.prompt_sizes.max(initial=0))


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


def prompt_deviations(samples: SampleSet, floors: np.ndarray, budgets: Sequence[int], keys: np.ndarray) -> np.ndarray:
    """(signs, budgets, floors): `jackknife.deviations` of `usable_diversity`, each prompt left out in turn.

    The signs of a prompt rest on its number in `keys` (prompts of the store,) alone, so that models with the same prompts are
    swayed by them together. Raises `Undefined` when a budget is larger than `samples.reach`.
    """
    if budgets and max(budgets) > samples.reach:
        raise Undefined(f"without its largest prompt the set holds {samples.reach} samples, fewer than the budget {max(budgets)}")
    step = max(1, MOST_ENTRIES // (samples.prompts.size * max(1, len(budgets))))
    blocks = [floors[start : start + step] for start in range(0, floors.size, step)]
    signs = prompt_signs(keys[samples.prompts])
    strayed = [deviations(left_out(samples, block, budgets).reshape(samples.prompts.size, -1), signs) for block in blocks]
    return np.concatenate([d.reshape(SIGNS, len(budgets), -1) for d in strayed], axis=2)


def prompt_signs(keys: np.ndarray) -> np.ndarray:
    """(prompts, signs) int8: 1 or -1, the bits of pseudo-random numbers made of `keys` (prompts,) uint64."""
    words = np.stack([seeded_rank(keys, word) for word in range(SIGNS // 64)], axis=1)
    bits = np.unpackbits(words.astype("<u8").view(np.uint8).reshape(keys.size, -1), axis=1)
    return 2 * bits.astype(np.int8) - 1


def left_out(samples: SampleSet, floors: np.ndarray, budgets: Sequence[int]) -> np.ndarray:
    """(prompts, budgets, floors): `usable_diversity` of the set without each of its prompts.

    Without a prompt of s samples there are N - s; only its own classes have fewer members. So the figure is that of all classes
    in a set of N - s, which prompts of equal s share, with the terms of these few classes exchanged.
    """
    entries = _Entries.of(samples)
    left = samples.size - samples.prompt_sizes
    most = int(np.bincount(samples.klass, weights=samples.count).max())
    tables = [_hit_tables(left, most, budget) for budget in budgets]
    out = np.empty((samples.prompts.size, len(budgets), floors.size))
    for at, floor in enumerate(floors):
        members = entries.members(samples, floor)
        of_class = np.bincount(entries.klass, weights=members).astype(np.int64)
        sizes, held = np.bincount(of_class, minlength=most + 1), of_class[entries.klass]
        for place, (table, row) in enumerate(tables):
            before = row[entries.prompt] * (most + 1) + held
            change = table.ravel()[before - members] - table.ravel()[before]
            swayed = np.bincount(entries.prompt, weights=change, minlength=samples.prompts.size)
            out[:, place, at] = (table @ sizes)[row] + swayed
    return out


def _hit_tables(sizes: np.ndarray, members: int, budget: int) -> tuple[np.ndarray, np.ndarray]:
    """Hit probabilities (distinct sizes, members + 1), and which row of it is for each of `sizes`."""
    distinct, row = np.unique(sizes, return_inverse=True)
    table = np.ones((distinct.size, members + 1))
    for place, size in enumerate(distinct):
        known = hit_probability(int(size), [budget], members=members)[:, 0]
        table[place, : known.size] = known
    return table, row


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

    def members(self, samples: SampleSet, floor: float) -> np.ndarray:
        """(pairs,) int64: usable samples of each."""
        usable_count = samples.count * (samples.quality >= floor)
        return np.bincount(self.row, weights=usable_count, minlength=self.prompt.size).astype(np.int64)


def _unlike_at(entries: _Entries, samples: SampleSet, floor: float) -> tuple[int, int]:
    members = entries.members(samples, floor)
    holders = np.bincount(entries.klass, weights=members > 0)[entries.klass]
    shared_class = np.where(holders > 1, entries.klass + 1, 0)
    state = np.where(members > 0, seeded_rank(shared_class * 2**32 + members, 0), np.uint64(0))
    starts = np.searchsorted(entries.prompt, np.arange(samples.prompts.size))
    several = np.add.reduceat(state, starts) + seeded_rank(samples.prompt_sizes, 1)
    single = np.add.reduceat(members, starts) * (int(samples.prompt_sizes.max()) + 1) + samples.prompt_sizes
    return samples.prompts.size - _largest_group(single), samples.prompts.size - _largest_group(several)


def _largest_group(states: np.ndarray) -> int:
    return int(np.unique(states, return_counts=True)[1].max())
