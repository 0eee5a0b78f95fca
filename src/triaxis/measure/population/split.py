"""Diversity of a population at equal budget, split: what one model gives in n draws, and what n draws from all of them give.

Within is the mean over models of U(tau, n). Mixture is the expected number of distinct usable classes of n draws from the *even*
mixture: with n = a M + r, each of M models gives a draws without replacement and a random r of them one more. A class is missed
when every model misses it, so the probability is the coefficient of x^r in prod over models of (h(a) + h(a + 1) x), over
C(M, r), where h(k) = C(N - m, k) / C(N, k). Between is mixture less within. If labels of models mean nothing, any n draws are n
draws from the pool, so the expectation of both is the pool's rarefaction.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import comb
from typing import NamedTuple

import numpy as np

from triaxis.measure.population.blocks import Block, order_of, running, sweep
from triaxis.stats.hypergeometric import hit_probability

MOST_PAIRS = 2**21
"""Numbers of (class at a floor, model) that are held at once."""


Misses = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""From (model, prompt, usable members m) to the probability that the model's draws miss the class; arrays of one length."""


class MissTable:
    """h(k) = C(N - m, k) / C(N, k) for every cell size N and m usable members, in one flat array.

    `sizes` (models, prompts) are N.
    """

    def __init__(self, sizes: np.ndarray, draws: int) -> None:
        self.sizes = sizes
        self.distinct = np.unique(sizes)
        self.start = np.cumsum([0, *(self.distinct + 1)])[:-1]
        self.flat = np.concatenate([_misses(int(n), draws) for n in self.distinct]) if sizes.size else np.zeros(0)

    def __call__(self, model: np.ndarray, prompt: np.ndarray, members: np.ndarray) -> np.ndarray:
        found: np.ndarray = self.flat[self.start[np.searchsorted(self.distinct, self.sizes[model, prompt])] + members]
        return found


def _misses(size: int, draws: int) -> np.ndarray:
    """(size + 1,) for m = 0..size; a cell with fewer samples than `draws` cannot be asked, NaN."""
    if draws == 0:
        return np.ones(size + 1)
    return 1 - hit_probability(size, [draws])[:, 0] if size >= draws else np.full(size + 1, np.nan)


def usable_share(block: Block, floors: np.ndarray) -> np.ndarray:
    """(prompts, floors) share of the samples that is usable, mean over models; a fraction in 0-1."""
    gain = block.count / block.size / len(block.models)
    return sweep(block.prompt, block.at(floors), gain, prompts=block.prompts, floors=floors.size)


def within(
    block: Block, floors: np.ndarray, budgets: Sequence[int], *, misses: Callable[[int], Misses] | None = None
) -> np.ndarray:
    """(budgets, prompts, floors) mean over models of U(tau, n); 0 to n, higher is more diverse. All cells must have n samples.

    `misses` gives the probabilities for some number of draws where they are not those of the counts as they are.
    """
    of_draws = misses or partial(MissTable, block.sizes)
    found = _swept(block, floors, [of_draws(n) for n in budgets], block.entry, block.model)
    return np.asarray(found / len(block.models))


def pooled(block: Block, floors: np.ndarray, budgets: Sequence[int]) -> np.ndarray:
    """(budgets, prompts, floors) expected distinct usable classes of n draws from all samples of a prompt: what models that
    cannot be told apart would show, within each and in the mixture."""
    size = block.sizes.sum(axis=0)[None]
    return _swept(block, floors, [MissTable(size, n) for n in budgets], block.klass, np.zeros_like(block.model))


def _swept(
    block: Block, floors: np.ndarray, misses: Sequence[Misses], group: np.ndarray, model: np.ndarray
) -> np.ndarray:
    """(misses, prompts, floors): sums over groups of rows of the probability that draws hit them."""
    at = block.at(floors)
    upto = running(group, at, block.count)
    out = np.zeros((len(misses), block.prompts, floors.size))
    for place, miss in enumerate(misses):
        gain = miss(model, block.prompt, upto - block.count) - miss(model, block.prompt, upto)
        out[place] = sweep(block.prompt, at, gain, prompts=block.prompts, floors=floors.size)
    return out


def mixture(
    block: Block, floors: np.ndarray, budgets: Sequence[int], *, misses: Callable[[int], Misses] | None = None
) -> np.ndarray:
    """(budgets, prompts, floors) expected distinct usable classes of n draws from the even mixture of the models; exact.

    Every cell needs the draws it may have to give: a, and one more where r is not 0. `misses` as in `within`.
    """
    models, miss = len(block.models), misses or partial(MissTable, block.sizes)
    if misses is None and (block.sizes == 1).all():
        return pooled(block, floors, budgets)
    at = block.at(floors)
    out = np.zeros((len(budgets), block.prompts, floors.size))
    for each in sorted({n // models for n in budgets}):
        places = [p for p, n in enumerate(budgets) if n // models == each]
        extra = [budgets[p] % models for p in places]
        tables = [miss(each), miss(each + 1)] if max(extra) else [miss(each)]
        for part in _chunks(block, at):
            poly = part.polynomial(tables, max(extra))
            for place, more in zip(places, extra, strict=True):
                gain = _gains(part, poly, models, more)
                out[place] += sweep(part.prompt, part.at, gain, prompts=block.prompts, floors=floors.size)
    return out


@dataclass(frozen=True)
class _Chunk:
    """Some classes, those that most models know first, and their *states*: a class at each floor where its counts change.

    `prompt`, `at`, `klass` (states,) by class and falling floor; `known` (states,) models that have the class; `first`
    (classes,) where the states of a class start, `states` (classes,) how many there are. Pairs are states by rank of model:
    `active` (ranks,) states take part in a rank, always the first ones; `running` (pairs,) is the usable count there and
    `model` (pairs,) whose it is.
    """

    prompt: np.ndarray
    at: np.ndarray
    known: np.ndarray
    first: np.ndarray
    active: np.ndarray
    running: np.ndarray
    model: np.ndarray

    def polynomial(self, misses: Sequence[Misses], degree: int) -> np.ndarray:
        """(degree + 1, states): coefficients of the product over models that know the class of h(a) + h(a + 1) x."""
        prompt = np.concatenate([self.prompt[:n] for n in self.active])
        return products([miss(self.model, prompt, self.running) for miss in misses], self.active, degree)


def products(misses: Sequence[np.ndarray], active: np.ndarray, degree: int) -> np.ndarray:
    """(degree + 1, states) coefficients of prod of (first + second x), rank by rank; `misses` hold one number for each pair."""
    poly = np.zeros((degree + 1, int(active[0]) if active.size else 0))
    poly[0], start = 1.0, 0
    for count in active.tolist():
        here = slice(start, start + count)
        for power in range(degree, 0, -1):
            poly[power, :count] = poly[power, :count] * misses[0][here] + poly[power - 1, :count] * misses[1][here]
        poly[0, :count] *= misses[0][here]
        start += count
    return poly


def missed(poly: np.ndarray, known: np.ndarray, models: int, extra: int) -> np.ndarray:
    """(states,) probability that all draws miss; models that do not know the class miss for sure, `extra` draws are dealt out."""
    most = int(known.max(initial=0))
    powers = range(min(extra, poly.shape[0] - 1) + 1)
    weight = np.array([[_weight(models, s, extra, j) for j in powers] for s in range(most + 1)])
    return np.asarray(np.einsum("js,sj->s", poly[: len(powers)], weight[known]))


def _weight(models: int, known: int, extra: int, power: int) -> float:
    return comb(models - known, extra - power) / comb(models, extra) if power <= min(extra, known) else 0.0


def _gains(part: _Chunk, poly: np.ndarray, models: int, extra: int) -> np.ndarray:
    """(states,) by how much the hit probability of the class rises at this floor."""
    hit = 1 - missed(poly, part.known, models, extra)
    before = np.r_[0.0, hit[:-1]]
    before[part.first] = 0.0
    return np.asarray(hit - before)


class _States(NamedTuple):
    """Distinct (class, floor) in order of class and falling floor, and the state of each row."""

    klass: np.ndarray
    at: np.ndarray
    of_row: np.ndarray


def _states(klass: np.ndarray, at: np.ndarray) -> _States:
    top = int(at.max(initial=0)) + 1
    key = klass * top + (top - 1 - at)
    order = order_of(key)
    is_new = np.r_[True, np.diff(key[order]) != 0]
    of_row = np.empty_like(order)
    of_row[order] = np.cumsum(is_new) - 1
    found = key[order][is_new]
    return _States(found // top, top - 1 - found % top, of_row)


def _chunks(block: Block, at: np.ndarray) -> Iterator[_Chunk]:
    """All classes, a bounded number of pairs at a time; classes that many models know first."""
    if not block.klass.size:
        return
    known = np.bincount(block.klass[np.r_[True, np.diff(block.entry) != 0]])
    states = np.bincount(_states(block.klass, at).klass, minlength=known.size)
    order = np.argsort(-known, kind="stable")
    part = np.cumsum((known * states)[order]) // MOST_PAIRS
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    chunk_of_row = part[rank[block.klass]]
    for chunk in range(int(part[-1]) + 1):
        rows = np.flatnonzero(chunk_of_row == chunk)
        if rows.size:
            yield _chunk(block, at, rows, rank)


def _chunk(block: Block, at: np.ndarray, rows: np.ndarray, rank: np.ndarray) -> _Chunk:
    rows = rows[order_of(rank[block.klass[rows]])]
    klass = np.cumsum(np.r_[False, np.diff(block.klass[rows]) != 0])
    state = _states(klass, at[rows])
    new_entry = np.r_[True, (np.diff(klass) != 0) | (np.diff(block.model[rows]) != 0)]
    entries = np.flatnonzero(new_entry)
    entry_class = klass[entries]
    known = np.bincount(entry_class)
    first_entry = np.r_[0, np.cumsum(known)[:-1]]
    place = np.arange(entries.size) - first_entry[entry_class]
    first = np.flatnonzero(np.r_[True, np.diff(state.klass) != 0])
    count = np.diff(np.r_[first, state.klass.size])
    active = np.array([count[: int((known > j).sum())].sum() for j in range(int(known[0]))])
    offset = np.r_[0, np.cumsum(active)]
    entry_of_row = np.cumsum(new_entry) - 1
    pair_of_row = offset[place[entry_of_row]] + state.of_row
    added = np.bincount(pair_of_row, weights=block.count[rows], minlength=int(offset[-1])).astype(np.int64)
    by_rank = np.lexsort((entry_class, place))
    length = count[entry_class[by_rank]]
    prompt = block.prompt[rows][entries][first_entry]
    return _Chunk(
        prompt[state.klass], state.at, known[state.klass], first, active, _restarting(added, length),
        block.model[rows][entries][by_rank].repeat(length),
    )  # fmt: skip


def _restarting(added: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Running sums that start anew after each of the runs of `length`."""
    total = np.cumsum(added)
    first = np.cumsum(length) - length
    return np.asarray(total - (total[first] - added[first]).repeat(length))
