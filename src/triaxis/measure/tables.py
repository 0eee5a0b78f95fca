"""The tables of one gate: for every model and domain, each figure with its interval, its floor, its budget and its prompts.

A `Curve` is one model in one domain (None is all of them) on one fixed set of prompts, so that no point of a curve rests on other
prompts than its neighbours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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

Row = dict[str, Any]
ALL_PAIRS, USABLE_PAIRS = "all pairs", "usable pairs"
PATIENCE = 0.8


@dataclass(frozen=True)
class Curve:
    """One model in one domain: `cells` are the prompts kept, each with at least `length` samples, of `prompts` in all."""

    model: str
    domain: str | None
    cells: Cells
    length: int
    prompts: int
    samples: int
    smallest: int
    largest: int

    def row(self) -> Row:
        """Names that every row about this curve starts with."""
        return {"model": self.model, "domain": self.domain}


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
    """All domains together first, then each domain of `model`; `budgets` are ones the user asked for by name."""
    cells = store.cells_of_model(model)
    domains = [int(d) for d in np.unique(cells.domain)]
    for domain in (None, *domains):
        mine = cells if domain is None else cells.select(cells.domain == domain)
        length = curve_length(mine.size, budgets)
        yield Curve(
            model, None if domain is None else store.domains[domain], mine.select(mine.size >= length), length,
            len(mine), int(mine.size.sum()), _smallest(mine.size), int(mine.size.max(initial=0)),
        )  # fmt: skip


def usable_diversity_rows(curve: Curve, axes: Axes, resampling: Resampling) -> Iterator[Row]:
    """U(tau, n) at every floor and budget; intervals at the interval floors and budgets, null elsewhere."""
    share = usable.usable_share(curve.cells, axes.floors).mean(axis=0)
    for budget in (n for n in axes.budgets if n <= curve.length):
        values = usable.usable_diversity(curve.cells, axes.floors, budget)
        columns = axes.interval_floors if budget in axes.interval_budgets else np.zeros(0, dtype=np.int64)
        means, lows, highs = _with_interval(values, columns, resampling)
        for at, floor in enumerate(axes.floors):
            yield {
                **curve.row(), "floor": _floor(floor), "budget": budget, "value": means[at], "low": lows[at], "high": highs[at],
                "usable_share": share[at], "prompts": len(curve.cells),
            }  # fmt: skip


def given_usable_rows(curve: Curve, axes: Axes, resampling: Resampling) -> Iterator[Row]:
    """D(j) at every floor on the model's own prompts that have j usable samples; null where fewer than 10 are left."""
    counts = [j for j in EQUAL_COUNTS if j <= curve.length]
    for j, values in zip(counts, usable.given_usable(curve.cells, axes.floors, counts), strict=True):
        yield from ({**row, "equal_count": j} for row in _conditional(curve, values, axes, resampling))


def pairwise_rows(curve: Curve, axes: Axes, resampling: Resampling) -> Iterator[Row]:
    """Usable-and-different shares of pairs, over all pairs and over usable pairs."""
    if curve.length < 2:
        return
    for form, values in zip((ALL_PAIRS, USABLE_PAIRS), usable.pairwise(curve.cells, axes.floors), strict=True):
        yield from ({**row, "form": form} for row in _conditional(curve, values, axes, resampling))


def richness_rows(curve: Curve, axes: Axes) -> Iterator[Row]:
    """Classes seen, Chao1 and Good-Turing coverage among usable samples, averaged over prompts with a usable sample."""
    seen, once, twice, samples = usable.class_counts(curve.cells, axes.floors)
    some = samples > 0
    chao1 = np.where(some, seen + once * (once - 1) / (2 * (twice + 1)), np.nan)
    coverage = np.where(some, 1 - once / np.maximum(samples, 1), np.nan)
    figures = [_mean_of_some(a) for a in (np.where(some, seen, np.nan), chao1, coverage)]
    for at, floor in enumerate(axes.floors):
        observed, bound, covered = (f[at] for f in figures)
        yield {
            **curve.row(), "floor": _floor(floor), "observed": observed, "chao1": bound, "coverage": covered,
            "prompts": len(curve.cells), "prompts_left": int(some[:, at].sum()),
        }  # fmt: skip


def utility_row(curve: Curve, resampling: Resampling) -> Row:
    """utility_k with k the smallest N of the curve; raises `Undefined` with the reason when it does not apply."""
    k = _smallest(curve.cells.size)
    if not k:
        raise Undefined("utility_k needs at least one measured sample")
    values = usable.utility(curve.cells, k, patience=PATIENCE)
    ordered = ~np.isnan(values)
    if not ordered.any():
        raise Undefined("utility_k needs sample_index to number each cell's samples without gaps")
    mean, low, high = resampling.interval(values[ordered][:, None])
    return {**curve.row(), "k": k, "value": mean[0], "low": low[0], "high": high[0], "prompts": int(ordered.sum())}


def cells_row(curve: Curve, lost: int) -> Row:
    """How much there is of one model in one domain."""
    return {
        **curve.row(), "prompts": curve.prompts, "samples": curve.samples + lost, "measured": curve.samples,
        "smallest_cell": curve.smallest, "largest_cell": curve.largest, "largest_budget": curve.length, "prompts_left": len(curve.cells),
    }  # fmt: skip


def table(name: str, gate: str, rows: list[Row]) -> pl.DataFrame:
    """Table `name` with `gate` on each row, its columns in order, NaN as null."""
    if not rows:
        return empty_table(name)
    frame = pl.DataFrame(rows, schema={c: t for c, t in TABLES[name].items() if c != "gate"}, orient="row")
    floats = [c for c, t in TABLES[name].items() if t == pl.Float64]
    return frame.with_columns(pl.col(floats).fill_nan(None), pl.lit(gate).alias("gate")).select(list(TABLES[name]))


def _conditional(curve: Curve, values: np.ndarray, axes: Axes, resampling: Resampling) -> Iterator[Row]:
    """Rows of a figure that only some prompts have: value null under 10 of them, whatever the number of prompts in all."""
    means, lows, highs = _with_interval(values, axes.interval_floors, resampling)
    kept = np.count_nonzero(~np.isnan(values), axis=0)
    enough = kept >= MIN_PROMPTS
    for at, floor in enumerate(axes.floors):
        yield {
            **curve.row(), "floor": _floor(floor), "value": means[at] if enough[at] else None, "low": lows[at], "high": highs[at],
            "prompts": len(curve.cells), "prompts_left": int(kept[at]),
        }  # fmt: skip


def _with_interval(values: np.ndarray, columns: np.ndarray, resampling: Resampling) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means of all columns of `values` (prompts, floors), and interval ends at `columns`, NaN elsewhere."""
    means = _mean_of_some(values)
    lows, highs = np.full((2, values.shape[1]), np.nan)
    if columns.size:
        _, lows[columns], highs[columns] = resampling.interval(values[:, columns])
    return means, lows, highs


def _mean_of_some(values: np.ndarray) -> np.ndarray:
    """Column means over the entries that are not NaN; NaN where there is none."""
    has = ~np.isnan(values)
    total = np.where(has, values, 0.0).sum(axis=0)
    return np.divide(total, has.sum(axis=0), out=np.full(values.shape[1], np.nan), where=has.any(axis=0))


def _smallest(sizes: np.ndarray) -> int:
    return int(sizes.min()) if sizes.size else 0


def _floor(floor: float) -> float | None:
    return None if np.isneginf(floor) else float(floor)
