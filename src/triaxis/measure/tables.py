"""The tables of one gate: for every model and domain, each figure with its interval, its floor, its budget and its prompts.

A `Curve` is one model in one domain (None is all of them) on one fixed set of prompts, so that no point of a curve rests on other
prompts than its neighbours.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from triaxis.errors import Undefined
from triaxis.measure import usable
from triaxis.measure.axes import EQUAL_COUNTS, Axes, curve_length
from triaxis.measure.cells import Cells
from triaxis.measure.store import RunStore
from triaxis.results import TABLES, empty_table
from triaxis.stats.bootstrap import MIN_PROMPTS
from triaxis.stats.masked import masked_mean_interval

ALL_PAIRS, USABLE_PAIRS = "all pairs", "usable pairs"
PATIENCE = 0.8
MOST_ENTRIES = 2**22
"""Numbers that an array of (prompts, floors) may hold."""


@dataclass(frozen=True)
class Curve:
    """One model in one domain: `cells` are the prompts kept, each with at least `length` samples, of `prompts` in all.

    `twin` names the only domain there is, whose figures are those of all domains.
    """

    model: str
    domain: str | None
    cells: Cells
    length: int
    prompts: int
    samples: int
    smallest: int
    largest: int
    twin: str | None = None


@dataclass(frozen=True)
class Resampling:
    """Bootstrap over prompts: number of draws and seed."""

    draws: int = 1000
    seed: int = 0

    def interval(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean, low and high of each column of `values` (prompts, columns); NaN is no value, or no interval under 10 prompts."""
        if values.shape[0] < MIN_PROMPTS:
            none = np.full(values.shape[1], np.nan)
            return _mean_of_some(values), none, none
        mean, low, high = masked_mean_interval(values, draws=self.draws, seed=self.seed)
        return mean, low, high


def curves(store: RunStore, model: str, budgets: tuple[int, ...]) -> Iterator[Curve]:
    """All domains together first, then each domain of `model` if there are several; `budgets` are ones asked for by name."""
    cells = store.cells_of_model(model)
    domains = [int(d) for d in np.unique(cells.domain)]
    twin = store.domains[domains[0]] if len(domains) == 1 else None
    for domain in (None, *(domains if twin is None else ())):
        mine = cells if domain is None else cells.select(cells.domain == domain)
        length = curve_length(mine.size, budgets)
        yield Curve(
            model, None if domain is None else store.domains[domain], mine.select(mine.size >= length), length,
            len(mine), int(mine.size.sum()), _smallest(mine.size), int(mine.size.max(initial=0)), twin,
        )  # fmt: skip


def usable_diversity_table(curve: Curve, axes: Axes, resampling: Resampling) -> Iterator[pl.DataFrame]:
    """U(tau, n) at every floor, a frame for each budget; intervals at the interval floors and budgets, null elsewhere."""
    budgets = [n for n in axes.budgets if n <= curve.length]
    if not budgets:
        return
    means = usable.mean_usable_diversity(curve.cells, axes.floors, budgets)
    share = usable.mean_usable_diversity(curve.cells, axes.floors, [1])[0]
    for budget, mean in zip(budgets, means, strict=True):
        low, high = _ends(curve, axes, budget, resampling)
        yield _frame(curve, axes, budget=budget, value=mean, low=low, high=high, usable_share=share, prompts=len(curve.cells))


def _ends(curve: Curve, axes: Axes, budget: int, resampling: Resampling) -> tuple[np.ndarray, np.ndarray]:
    """Interval ends of U at the interval floors, when `budget` is one that has intervals; NaN elsewhere."""
    low, high = np.full((2, axes.floors.size), np.nan)
    if budget in axes.interval_budgets:
        at = axes.interval_floors
        _, low[at], high[at] = resampling.interval(usable.usable_diversity(curve.cells, axes.floors[at], budget))
    return low, high


def given_usable_table(curve: Curve, axes: Axes, resampling: Resampling) -> Iterator[pl.DataFrame]:
    """D(j) at every floor on the model's own prompts that have j usable samples; null where fewer than 10 are left."""
    counts = [j for j in EQUAL_COUNTS if j <= curve.length]
    found = figures(lambda floors: usable.given_usable(curve.cells, floors, counts), curve, axes, resampling) if counts else []
    for j, figure in zip(counts, found, strict=True):
        yield conditional(curve, figure, axes, equal_count=j)


def pairwise_table(curve: Curve, axes: Axes, resampling: Resampling) -> Iterator[pl.DataFrame]:
    """Usable-and-different shares of pairs, over all pairs and over usable pairs; nothing for cells of one sample."""
    if curve.length >= 2:
        every, among_usable = figures(lambda floors: usable.pairwise(curve.cells, floors), curve, axes, resampling)
        yield conditional(curve, every, axes, least=1, form=ALL_PAIRS)
        yield conditional(curve, among_usable, axes, form=USABLE_PAIRS)


def richness_table(curve: Curve, axes: Axes) -> pl.DataFrame:
    """Classes seen, Chao1 and Good-Turing coverage among usable samples, averaged over prompts with a usable sample."""
    blocks = [_richness(curve.cells, axes.floors[block]) for block in _floor_blocks(curve, axes)]
    observed, bound, covered, left = (np.concatenate(part) for part in zip(*blocks, strict=True))
    return _frame(curve, axes, observed=observed, chao1=bound, coverage=covered, prompts=len(curve.cells), prompts_left=left)


def _richness(cells: Cells, floors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Means of observed, chao1 and coverage over the cells with a usable sample, and how many these are; (floors,) each."""
    seen, once, twice, samples = usable.class_counts(cells, floors)
    some = samples > 0
    chao1 = seen + once * (once - 1) / (2 * (twice + 1))
    coverage = 1 - once / np.maximum(samples, 1)
    observed, bound, covered = (_mean_of_some(np.where(some, figure, np.nan)) for figure in (seen, chao1, coverage))
    return observed, bound, covered, some.sum(axis=0)


def utility_table(curve: Curve, resampling: Resampling) -> pl.DataFrame:
    """utility_k with k the smallest N of the curve, one row; raises `Undefined` with the reason when it does not apply."""
    k = _smallest(curve.cells.size)
    if not k:
        raise Undefined("needs at least one measured sample")
    values = usable.utility(curve.cells, k, patience=PATIENCE)
    ordered = ~np.isnan(values)
    if not ordered.any():
        raise Undefined("needs sample_index to number each cell's samples without gaps")
    mean, low, high = resampling.interval(values[ordered][:, None])
    return pl.DataFrame({
        "model": [curve.model], "domain": pl.Series([curve.domain], dtype=pl.String), "k": [k], "value": mean, "low": low,
        "high": high, "prompts": [int(ordered.sum())],
    })  # fmt: skip


def cells_table(curve: Curve, lost: int) -> pl.DataFrame:
    """How much there is of one model in one domain, one row; `lost` samples could not be measured."""
    return pl.DataFrame({
        "model": [curve.model], "domain": pl.Series([curve.domain], dtype=pl.String), "prompts": [curve.prompts],
        "samples": [curve.samples + lost], "measured": [curve.samples], "smallest_cell": [curve.smallest],
        "largest_cell": [curve.largest], "largest_budget": [curve.length], "prompts_left": [len(curve.cells)],
    })  # fmt: skip


def with_twin(frames: Iterable[pl.DataFrame], twin: str | None) -> Iterator[pl.DataFrame]:
    """`frames` of all domains, and again under the name of the only domain when there is just one."""
    for frame in frames:
        yield frame
        if twin is not None:
            yield frame.with_columns(pl.lit(twin).alias("domain"))


def assemble(name: str, gate: str, frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Table `name` from `frames`, with `gate` on each row, its columns in order and typed, NaN as null."""
    schema = TABLES[name]
    typed = [
        frame.with_columns(pl.lit(gate).alias("gate")).select(pl.col(column).cast(kind) for column, kind in schema.items())
        for frame in frames
    ]
    floats = [column for column, kind in schema.items() if kind == pl.Float64]
    return pl.concat([empty_table(name), *typed]).with_columns(pl.col(floats).fill_nan(None))


class _Figure(NamedTuple):
    """A figure at every floor, (floors,) each: mean over the prompts that have it, how many do, ends of the interval or NaN."""

    mean: np.ndarray
    kept: np.ndarray
    low: np.ndarray
    high: np.ndarray


def figures(
    compute: Callable[[np.ndarray], Iterable[np.ndarray]], curve: Curve, axes: Axes, resampling: Resampling
) -> list[_Figure]:
    """The figures that `compute` gives for some floors as (prompts, floors) arrays, summed up over prompts.

    Only the interval floors, whose number is bounded, are held for all prompts at once.
    """
    blocks = _floor_blocks(curve, axes)
    parts = []
    for block in blocks:
        values = list(compute(axes.floors[block]))
        parts.append([(_mean_of_some(v), np.count_nonzero(~np.isnan(v), axis=0)) for v in values])
    at = axes.interval_floors
    tested = (v[:, at] for v in values) if len(blocks) == 1 else compute(axes.floors[at])
    found = []
    for tried, part in zip(tested, zip(*parts, strict=True), strict=True):
        mean, kept = (np.concatenate(side) for side in zip(*part, strict=True))
        low, high = np.full((2, axes.floors.size), np.nan)
        _, low[at], high[at] = resampling.interval(tried)
        found.append(_Figure(mean, kept, low, high))
    return found


def _floor_blocks(curve: Curve, axes: Axes) -> list[np.ndarray]:
    """Positions of all floors, in runs that are short where there are many prompts, so that memory does not grow with both."""
    every = np.arange(axes.floors.size)
    run = max(1, MOST_ENTRIES // max(1, len(curve.cells)))
    return np.split(every, every[run::run])


def conditional(curve: Curve, figure: _Figure, axes: Axes, *, least: int = MIN_PROMPTS, **columns: Any) -> pl.DataFrame:
    """Rows of a figure that only some prompts have: null under `least` of them, whatever the number of prompts in all."""
    value = np.where(figure.kept >= least, figure.mean, np.nan)
    return _frame(
        curve, axes, **columns, value=value, low=figure.low, high=figure.high, prompts=len(curve.cells), prompts_left=figure.kept
    )


def _frame(curve: Curve, axes: Axes, **columns: Any) -> pl.DataFrame:
    """One row per floor of `axes`; `columns` are (floors,) arrays or one value for all rows."""
    floors = axes.floors
    fixed = {"model": np.full(floors.size, curve.model, dtype=object), "domain": np.full(floors.size, curve.domain, dtype=object)}
    spread = {name: np.full(floors.size, given) if np.ndim(given) == 0 else given for name, given in columns.items()}
    frame = pl.DataFrame({**fixed, "floor": floors, **spread}, schema_overrides={"model": pl.String, "domain": pl.String})
    return frame.with_columns(pl.when(pl.col("floor") > -np.inf).then("floor").alias("floor"))


def _mean_of_some(values: np.ndarray) -> np.ndarray:
    """Column means over the entries that are not NaN; NaN where there is none."""
    has = ~np.isnan(values)
    total = np.where(has, values, 0.0).sum(axis=0)
    means: np.ndarray = np.divide(total, has.sum(axis=0), out=np.full(values.shape[1], np.nan), where=has.any(axis=0))
    return means


def _smallest(sizes: np.ndarray) -> int:
    return int(sizes.min()) if sizes.size else 0
