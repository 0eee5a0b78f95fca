"""Openness: how many different right answers a task admits, told by what models give to it.

The expected number of different usable classes among j usable samples of all models together; j is the same for all domains.
Where it is held against what tuning did to a pair of models, the pair is left out: a pair that agrees would else make its own
task look closed. Chao1 is a lower bound of how many classes there are, seen and unseen.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.measure import usable
from triaxis.measure.axes import EQUAL_COUNTS, UNGATED, Axes
from triaxis.measure.cells import Cells
from triaxis.measure.domains.groups import DomainGroup, domain_groups
from triaxis.measure.domains.pool import needs_shared_classes, pooled, shares_classes
from triaxis.measure.options import Options, Progress
from triaxis.measure.outcome import Outcome
from triaxis.measure.store import CELL, RunStore
from triaxis.measure.tables import Resampling
from triaxis.results import NotRun
from triaxis.stats.bootstrap import MIN_PROMPTS

ANALYSIS = "openness of domains"
Pair = tuple[str, str]


class Openness:
    """The openness of each prompt at any floor, from all models or from all but a pair.

    `equal_count` is j: the largest of 10, 5, 3 and 2 usable samples that half of the prompts of every domain have at the middle
    floor, in every pool that is asked for; 2 where none is.
    """

    def __init__(self, store: RunStore, axes: Axes, pairs: Sequence[Pair] = ()) -> None:
        self.store, self.pairs = store, tuple(pairs)
        self._pool: tuple[Pair | None, Cells] | None = None
        sizes = usable_sizes(store, middle_floor(axes.floors))
        reached = [count for without in (None, *pairs) for count in reached_by_half(sizes, store, without)]
        self.equal_count = max([j for j in EQUAL_COUNTS if reached and j <= min(reached)], default=min(EQUAL_COUNTS))

    def cells(self, without: Pair | None) -> Cells:
        """The pool of all models but `without`, a cell a prompt. Only the last is kept: each can be as large as the store."""
        if self._pool is None or self._pool[0] != without:
            self._pool = without, pooled(self.store, without=without or ())
        return self._pool[1]

    def values(self, without: Pair | None, floors: np.ndarray) -> np.ndarray:
        """(cells, floors) openness in classes, 1 to j; NaN where fewer than j samples are usable."""
        return np.asarray(usable.given_usable(self.cells(without), floors, [self.equal_count])[0])

    def of_prompts(self, without: Pair, prompts: Sequence[str], domains: Sequence[str], floors: np.ndarray) -> np.ndarray:
        """(prompts, floors) openness of prompts given by name and domain; NaN where the other models say nothing of one."""
        cells, values = self.cells(without), self.values(without, floors)
        names = zip(cells.prompt.tolist(), cells.domain.tolist(), strict=True)
        at = {(self.store.prompts[p], self.store.domains[d]): place for place, (p, d) in enumerate(names)}
        none = np.full((1, floors.size), np.nan)
        places = [at.get(key, len(values)) for key in zip(prompts, domains, strict=True)]
        return np.concatenate([values, none])[np.array(places, dtype=np.int64)]


def middle_floor(floors: np.ndarray) -> float:
    """The middle one of the floors above the lowest quality, minus infinity where there is none."""
    above = floors[np.isfinite(floors)][1:]
    return float(above[above.size // 2]) if above.size else UNGATED


def usable_sizes(store: RunStore, floor: float) -> pl.DataFrame:
    """Samples of at least quality `floor` in every cell: codes `model`, `prompt`, `domain` and `usable`, 0 where none is."""
    some = [
        frame.filter(pl.col("quality") >= floor).group_by(CELL).agg(pl.col("count").cast(pl.Int64).sum().alias("usable"))
        for frame in store.frames()
    ]
    sizes = store.sizes().select(CELL)
    return sizes.join(pl.concat(some), on=CELL, how="left").with_columns(pl.col("usable").fill_null(0)) if some else sizes


def reached_by_half(sizes: pl.DataFrame, store: RunStore, without: Pair | None) -> list[int]:
    """For each domain, how many usable samples half of its prompts have from all models but `without`."""
    if sizes.is_empty():
        return []
    left_out = [store.models.index(name) for name in without or () if name in store.models]
    prompts = sizes.filter(~pl.col("model").is_in(left_out)).group_by("domain", "prompt").agg(pl.col("usable").sum())
    halves = prompts.group_by("domain").agg(pl.col("usable").quantile(0.5, "higher"))  # not the median, which may lie between two
    return [int(half) for half in halves["usable"]]


def openness_of_prompts(store: RunStore, axes: Axes, pairs: Sequence[Pair] = ()) -> Openness | None:
    """`Openness` without each of `pairs` and with all models; None where models share no classes."""
    return Openness(store, axes, pairs) if shares_classes(store) else None


def openness_of_counts(
    store: RunStore, axes: Axes, options: Options, *, changes: Sequence[Pair] = (), openness: Openness | None = None,
    progress: Progress | None = None,
) -> Outcome:  # fmt: skip
    """Table `openness` at the interval floors: with all models, and without each pair of `changes`."""
    found = openness or openness_of_prompts(store, axes, changes)
    if found is None:
        return Outcome(not_run=(needs_shared_classes(store, ANALYSIS),))
    job = _Job(found, axes.floors[axes.interval_floors], Resampling(options.draws, options.seed))
    frames, missing = [], []
    for number, without in enumerate((None, *found.pairs), start=1):
        cells = found.cells(without)
        frames += job.rows(without) if len(cells) else []
        missing += [] if len(cells) or without is None else [_nobody_else(without)]
        if progress is not None:
            progress("openness of domains", number, len(found.pairs) + 1)
    return Outcome({"openness": frames}, tuple(missing))


def _nobody_else(pair: Pair) -> NotRun:
    reason = f"needs samples of models other than {pair[0]} and {pair[1]}"
    return NotRun(analysis=f"openness without {pair[0]} and {pair[1]}", reason=reason)


class _Job(NamedTuple):
    openness: Openness
    floors: np.ndarray
    resampling: Resampling

    def rows(self, without: Pair | None) -> list[pl.DataFrame]:
        """Rows of all domains and of each, from the pool without a pair."""
        cells = self.openness.cells(without)
        values, bound = self.openness.values(without, self.floors), chao1_of_cells(cells, self.floors)
        groups = domain_groups(np.array([self.openness.store.domains[code] for code in cells.domain], dtype=object))
        left_out = None if without is None else f"{without[0]}, {without[1]}"
        return [frame for group in groups for frame in self._group(group, values, bound, left_out)]

    def _group(self, group: DomainGroup, values: np.ndarray, bound: np.ndarray, left_out: str | None) -> list[pl.DataFrame]:
        mine = values[group.members]
        mean, low, high = self.resampling.interval(mine)
        kept = np.count_nonzero(~np.isnan(mine), axis=0)
        enough = kept >= min(MIN_PROMPTS, len(mine))
        columns = {
            "floor": self.floors, "equal_count": np.full(mean.size, self.openness.equal_count),
            **{name: np.where(enough, column, np.nan) for name, column in (("value", mean), ("low", low), ("high", high))},
            "chao1": self.resampling.interval(bound[group.members])[0],
            "prompts": np.full(mean.size, len(mine)), "prompts_left": kept,
        }  # fmt: skip
        return list(group.rows(columns, left_out=left_out))


def chao1_of_cells(cells: Cells, floors: np.ndarray) -> np.ndarray:
    """(cells, floors) Chao1 among usable samples, in classes; NaN where none is usable. See `stats.richness.chao1`."""
    seen, once, twice, samples = usable.class_counts(cells, floors)
    return np.where(samples > 0, seen + once * (once - 1) / (2 * (twice + 1)), np.nan)
