"""What changes from a reference to another model, by domain, in what can be counted: U(n), D(j), and where the two flip."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.measure import usable
from triaxis.measure.axes import EQUAL_COUNTS, Axes, curve_length
from triaxis.measure.cells import Cells
from triaxis.measure.domains.change_rows import MORE, Change, change_rows, effect_rows
from triaxis.measure.domains.flips import flip_rows
from triaxis.measure.domains.openness import Openness
from triaxis.measure.domains.pairs import ANALYSIS, Pair
from triaxis.measure.options import Options, Progress
from triaxis.measure.outcome import Outcome
from triaxis.measure.pairs import same_prompts
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling
from triaxis.results import NotRun

USABLE = "usable"
OF_SETS = NotRun(
    analysis=f"{ANALYSIS} in U", reason="a set is one cell; the tables of sets compare U of two models, by domain"
)


def domain_changes_of_counts(
    store: RunStore, axes: Axes, options: Options, *, changes: Sequence[Pair], openness: Openness | None = None,
    progress: Progress | None = None,
) -> Outcome:  # fmt: skip
    """Table `domain_changes` (level `usable`: U(n) and D(j)) at the interval floors and, with `openness`, `openness_effect`.

    The latter is for U(n), for D at the j that openness is told with, and for the floor of the first flip of U(n).
    """
    if not changes:
        return Outcome()
    if store.header.unit == "set":
        return Outcome(not_run=(OF_SETS,))
    resampling = Resampling(options.draws, options.seed)
    rows: list[pl.DataFrame] = []
    effects: list[pl.DataFrame] = []
    missing = []
    for number, pair in enumerate(changes, start=1):
        shared = shared_cells(store, pair)
        found = list(_changes(store, shared, axes, options, openness)) if len(shared.reference) else []
        if not found:
            missing.append(single_samples(pair) if len(shared.reference) else nothing_shared(pair))
        for change in found:
            rows += change_rows(change, delta=options.delta, resampling=resampling)
            effects += flip_rows(change, resampling=resampling) if change.metric.startswith("U(") else ()
        for change in found:
            if change.metric.startswith("U(") or (openness is not None and change.size == openness.equal_count):
                effects += effect_rows(change, resampling=resampling)
        if progress is not None:
            progress(ANALYSIS, number, len(changes))
    return Outcome({"domain_changes": rows, "openness_effect": effects}, tuple(missing))


def nothing_shared(pair: Pair) -> NotRun:
    """Why a pair has no rows."""
    return NotRun(analysis=ANALYSIS, reason=f"{pair[1]} shares no prompt with {pair[0]}")


def single_samples(pair: Pair) -> NotRun:
    """Why a pair has no rows of U: with one draw U is the usable share, which says nothing of diversity."""
    reason = f"{pair[0]} to {pair[1]}: needs 2 samples of both to most prompts of every domain"
    return NotRun(analysis=f"{ANALYSIS} in U", reason=reason)


class Shared(NamedTuple):
    """The cells of two models on the prompts that both have, row p the same prompt in each."""

    pair: Pair
    reference: Cells
    model: Cells

    @property
    def least(self) -> np.ndarray:
        """(prompts,) samples that both have."""
        return np.asarray(np.minimum(self.reference.size, self.model.size))


def shared_cells(store: RunStore, pair: Pair) -> Shared:
    """`Shared` of `pair`; empty where they share no prompt."""
    of_reference, of_model = (store.cells_of_model(name) for name in pair)
    first, second = same_prompts(of_reference, of_model)
    return Shared(pair, _at(of_reference, first), _at(of_model, second))


def _at(cells: Cells, places: np.ndarray) -> Cells:
    return cells.select(np.isin(np.arange(len(cells)), places))


def _changes(
    store: RunStore, shared: Shared, axes: Axes, options: Options, openness: Openness | None
) -> Iterator[Change]:
    floors = axes.floors[axes.interval_floors]
    domains = np.array([store.domains[code] for code in shared.model.domain], dtype=object)
    prompts = [store.prompts[code] for code in shared.model.prompt]
    opened = None if openness is None else openness.of_prompts(shared.pair, prompts, domains.tolist(), floors)

    def change(metric: str, size: int, figure: Callable[[Cells], np.ndarray]) -> Change:
        sides = figure(shared.reference), figure(shared.model)
        return Change(shared.pair, USABLE, metric, MORE, size, floors, domains, *sides, opened)

    length = common_length(shared, domains, options.budgets)
    for n in [n for n in options.budgets if 2 <= n <= length] or [n for n in (length,) if n > 1]:
        yield change(f"U({n})", n, partial(usable.usable_diversity, floors=floors, budget=n))
    for j in (j for j in EQUAL_COUNTS if j <= length):
        yield change(f"D({j})", j, partial(_given_usable, floors=floors, j=j))


def _given_usable(cells: Cells, *, floors: np.ndarray, j: int) -> np.ndarray:
    return np.asarray(usable.given_usable(cells, floors, [j])[0])


def common_length(shared: Shared, domains: np.ndarray, budgets: tuple[int, ...]) -> int:
    """One budget for all domains: the smallest of those that their curves reach, so that domains can be held side by side."""
    return min(curve_length(shared.least[domains == name], budgets) for name in set(domains.tolist()))
