"""Gated measures of cells: U(tau, n) and everything reported next to it, each exact and for every floor at once.

All functions take `Cells` and ascending `floors` (floats, with -inf for "ungated" allowed in front) and return
(cells, floors) float64. A sample is usable at a floor when its quality is at least the floor. NaN marks a cell that has no value
there (too few usable samples): callers leave it out and count it.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from triaxis.errors import Undefined
from triaxis.measure.cells import Cells
from triaxis.stats.hypergeometric import hit_probability

MOST_ENTRIES = 2**24
"""Numbers that a table of counts by floor and members may hold."""


def floor_index(cells: Cells, floors: np.ndarray) -> np.ndarray:
    """(rows,) int64: the highest floor each row of counts passes, -1 when it passes none."""
    return np.searchsorted(floors, cells.quality, side="right") - 1


def usable_diversity(cells: Cells, floors: np.ndarray, budget: int) -> np.ndarray:
    """U(tau, n): expected number of distinct usable classes in `budget` draws; 0 to n, higher is more diverse.

    sum over classes of 1 - C(N - m, n) / C(N, n), m usable samples of the class, N samples of the cell. From one sorted
    sweep: a row of counts raises its class from `upto - count` to `upto`, which adds a difference of two hit probabilities at its
    floor and every lower one. NaN for cells with fewer than `budget` samples.
    """
    hit = _HitTable(cells.size, budget)
    base = hit.start[np.searchsorted(hit.sizes, cells.size)][cells.cell]
    gain = hit.flat[base + cells.upto] - hit.flat[base + cells.upto - cells.count]
    values = _sweep(cells, floors, gain)
    values[cells.size < budget] = np.nan
    return values


def mean_usable_diversity(cells: Cells, floors: np.ndarray, budgets: Sequence[int]) -> np.ndarray:
    """Mean over cells of U(tau, n), (budgets, floors): every floor and every budget from one pass over the counts.

    U is a sum of hit probabilities that depend on a class by its usable members m and the cell's size N only, so it is enough to
    count, per floor, how many classes have m members in cells of size N; all budgets then come from one matrix product. Raises
    `Undefined` for no cells, or when one has fewer samples than the largest budget.
    """
    if not len(cells):
        raise Undefined("no cells to average over")
    totals = np.zeros((len(budgets), floors.size))
    for sizes in _size_groups(cells.size, floors.size):
        if _entries(sizes, floors.size) > MOST_ENTRIES:  # huge cells, of which there are few
            huge = cells.select(np.isin(cells.size, sizes))
            totals += np.stack([usable_diversity(huge, floors, n).sum(axis=0) for n in budgets])
            continue
        table = np.concatenate([hit_probability(int(n), budgets) for n in sizes])
        totals += (_classes_by_members(cells, floors, sizes) @ table).T
    means: np.ndarray = totals / len(cells)
    return means


def usable_share(cells: Cells, floors: np.ndarray) -> np.ndarray:
    """v(tau): share of a cell's samples that are usable; a fraction in 0-1."""
    share: np.ndarray = _sweep(cells, floors, cells.count) / cells.size[:, None]
    return share


def given_usable(cells: Cells, floors: np.ndarray, equal_counts: Sequence[int]) -> np.ndarray:
    """D(j): expected distinct classes among j *usable* samples, (equal_counts, cells, floors); 1 to j, higher is more diverse.

    Rarefied to equal usable counts, so it does not reward a model for having more usable samples. NaN where a cell has
    fewer than j usable samples. `equal_counts` ascend.
    """
    out = np.full((len(equal_counts), len(cells), floors.size), np.nan)
    for at, sizes, usable in _by_floor(cells, floors):
        members, owner = sizes[sizes > 0], cells.class_cell[sizes > 0]
        for row, (j, missed) in enumerate(zip(equal_counts, _missed(usable[owner], members, equal_counts), strict=True)):
            enough = usable >= j
            out[row, enough, at] = np.bincount(owner, weights=1.0 - missed, minlength=len(cells))[enough]
    return out


def pairwise(cells: Cells, floors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of pairs of samples that are usable and different: over all pairs, and over usable pairs; fractions in 0-1.

    Two forms because they answer two questions (facts: Div_pair): the first falls with the usable share, the second does not see
    it. NaN for the first in cells of one sample, for the second where fewer than two samples are usable.
    """
    every = np.full((len(cells), floors.size), np.nan)
    among_usable = every.copy()
    pairs = cells.size * (cells.size - 1.0)
    for at, sizes, usable in _by_floor(cells, floors):
        same = np.bincount(cells.class_cell, weights=sizes * (sizes - 1.0), minlength=len(cells))
        different = usable * (usable - 1.0) - same
        np.divide(different, pairs, out=every[:, at], where=pairs > 0)
        np.divide(different, usable * (usable - 1.0), out=among_usable[:, at], where=usable > 1)
    return every, among_usable


def class_counts(cells: Cells, floors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Per cell and floor: classes seen, classes seen once, classes seen twice, usable samples; four (cells, floors) arrays."""
    seen, once, twice, samples = (np.zeros((len(cells), floors.size)) for _ in range(4))
    for at, sizes, usable in _by_floor(cells, floors):
        for target, mask in ((seen, sizes > 0), (once, sizes == 1), (twice, sizes == 2)):
            target[:, at] = np.bincount(cells.class_cell[mask], minlength=len(cells))
        samples[:, at] = usable
    return seen, once, twice, samples


def utility(cells: Cells, k: int, *, patience: float = 0.8) -> np.ndarray:
    """utility_k of NoveltyBench: quality of the first member of each new class, discounted by position; (cells,), quality units.

    (1 - p) / (1 - p^k) * sum over i of p^(i - 1) * [i opens a new class] * quality_i, in `sample_index` order, over the first
    `k` draws (Zhang et al. 2025, arXiv 2504.05228). NaN for cells whose draws have gaps or that hold fewer than `k`.
    Raises `Undefined` when a quality is negative: the discount would reward repetition.
    """
    if cells.quality.size and cells.quality.min() < 0:
        raise Undefined("needs qualities of at least 0")
    opens = _first_rows(cells)
    owner = cells.cell[opens]
    position = cells.first_index[opens] - cells.index_low[owner]
    early = position < k
    weight = (1 - patience) / (1 - patience**k) * patience ** position[early].astype(np.float64)
    total = np.bincount(owner[early], weights=weight * cells.quality[opens][early], minlength=len(cells)).astype(np.float64)
    whole = (cells.index_low >= 0) & (cells.index_high - cells.index_low + 1 == cells.size) & (cells.size >= k)
    return np.where(whole, total, np.nan)


def _size_groups(sizes: np.ndarray, floors: int) -> list[np.ndarray]:
    """Distinct cell sizes, in groups whose count tables hold at most `MOST_ENTRIES` numbers each (one size at least)."""
    distinct = np.unique(sizes)
    group = np.cumsum(distinct + 1) * floors // MOST_ENTRIES
    return np.split(distinct, np.flatnonzero(np.diff(group)) + 1)


def _entries(sizes: np.ndarray, floors: int) -> int:
    """Numbers in the count table of `sizes`."""
    return int((sizes + 1).sum()) * floors


def _classes_by_members(cells: Cells, floors: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """(floors, sum of sizes + 1) float64: classes that have m = 0..N usable members, for each N of `sizes`, less those at 0.

    A row of counts moves its class from `upto - count` members to `upto` at its floor and at all lower ones.
    """
    starts = np.r_[0, np.cumsum(sizes + 1)]
    place = np.searchsorted(sizes, cells.size)
    belongs = np.isin(cells.size, sizes)[cells.cell]
    at = floor_index(cells, floors)
    rows = np.flatnonzero(belongs & (at >= 0))
    joined = at[rows] * starts[-1] + starts[place[cells.cell[rows]]] + cells.upto[rows]
    length = floors.size * int(starts[-1])
    moves = np.bincount(joined, minlength=length) - np.bincount(joined - cells.count[rows], minlength=length)
    return np.cumsum(moves.reshape(floors.size, -1)[::-1], axis=0)[::-1].astype(np.float64)


class _HitTable:
    """Hit probabilities of every cell size in one flat array: entry `start[i] + m` is for sizes[i] and m members."""

    def __init__(self, sizes: np.ndarray, budget: int) -> None:
        if budget < 1:
            raise Undefined(f"a budget must be at least 1, got {budget}")
        self.sizes = np.unique(sizes)
        columns = [hit_probability(int(n), [budget])[:, 0] if n >= budget else np.zeros(int(n) + 1) for n in self.sizes]
        self.start = np.cumsum([0, *(c.size for c in columns)])[:-1].astype(np.int64)
        self.flat = np.concatenate(columns) if columns else np.zeros(0)


def _sweep(cells: Cells, floors: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Adds each row's `gain` at the highest floor it passes, then sums from high floors to low."""
    at = floor_index(cells, floors)
    passes = at >= 0
    where = cells.cell[passes] * floors.size + at[passes]
    flat = np.bincount(where, weights=gain[passes], minlength=len(cells) * floors.size).astype(np.float64)  # int where empty
    steps = flat.reshape(len(cells), floors.size)
    return np.ascontiguousarray(np.cumsum(steps[:, ::-1], axis=1)[:, ::-1])


def _by_floor(cells: Cells, floors: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yields (floor position, (classes,) usable class sizes, (cells,) usable samples) for each floor."""
    at = floor_index(cells, floors)
    for position in range(floors.size):
        reached = np.where(at >= position, cells.upto, 0)
        sizes = np.maximum.reduceat(reached, cells.class_start) if reached.size else reached
        yield position, sizes, np.bincount(cells.class_cell, weights=sizes, minlength=len(cells))


def _missed(usable: np.ndarray, members: np.ndarray, equal_counts: Sequence[int]) -> Iterator[np.ndarray]:
    """C(u - m, j) / C(u, j) for each j in turn: the probability that j of u usable samples miss a class of m, elementwise."""
    missed, drawn = np.ones(usable.size), 0
    for j in equal_counts:
        for step in range(drawn, j):
            missed = missed * (np.maximum(usable - members - step, 0.0) / np.maximum(usable - step, 1.0))
        drawn = j
        yield missed


def _first_rows(cells: Cells) -> np.ndarray:
    """(classes,) row of each class that holds its first member by `sample_index`."""
    order = np.lexsort((cells.first_index, cells.klass))
    return order[np.searchsorted(cells.klass[order], np.arange(cells.class_start.size))]
