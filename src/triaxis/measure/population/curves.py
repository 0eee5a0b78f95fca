"""Rows of table `population` that are means over prompts: the split of diversity and the likeness of answers, at all floors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from triaxis.measure.axes import Axes
from triaxis.measure.population import nulls
from triaxis.measure.population.blocks import Block
from triaxis.measure.population.likeness import likeness
from triaxis.measure.population.split import mixture, pooled, usable_share, within
from triaxis.measure.tables import Resampling
from triaxis.stats.bands import unless_rounding

ONE_SAMPLE = "each model has one sample for a prompt: within one model there is nothing to draw from"
NO_PAIR = "no prompt has two usable samples of one model"
NO_TWO = "no prompt has usable samples of two models"
NOTHING = "nothing is usable at this floor"


class Null(NamedTuple):
    """What indistinguishable models would show, (floors,) each: its expectation, and the ends of 95 %; NaN is unknown."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Population:
    """A block with how it is looked at: floors, budgets, and the resampling of prompts."""

    block: Block
    axes: Axes
    resampling: Resampling

    @property
    def tested(self) -> np.ndarray:
        """The floors that have intervals."""
        floors: np.ndarray = self.axes.floors[self.axes.interval_floors]
        return floors

    @property
    def budgets(self) -> tuple[int, ...]:
        """Budgets of the split: those with intervals that every model reaches."""
        return tuple(n for n in self.axes.interval_budgets if n <= self.block.length)

    @property
    def beyond(self) -> tuple[int, ...]:
        """Larger budgets of the mixture where each model has one sample for a prompt, up to the number of models."""
        if (self.block.sizes != 1).any():
            return ()
        models = len(self.block.models)
        return tuple(sorted({*(n for n in (2, 3, 5, 10, 20, 50, 100) if n <= models), models}))


def curve_rows(population: Population) -> Iterator[pl.DataFrame]:
    """Frames of all means over prompts, a row for each floor."""
    yield from share_rows(population)
    yield from split_rows(population)
    yield from beyond_rows(population)
    yield from likeness_rows(population)


def share_rows(population: Population) -> Iterator[pl.DataFrame]:
    """Usable share of the samples, mean over models and prompts."""
    values = usable_share(population.block, population.axes.floors)
    yield rows(population, "usable share", figure(population, values), kept=kept_of(values))


def split_rows(population: Population) -> Iterator[pl.DataFrame]:
    """Within, mixture, between and ratio at each budget, each with the expectation of indistinguishable models beside it."""
    block, floors = population.block, population.axes.floors
    if not population.budgets:
        return
    splits = zip(*(split(block, floors, population.budgets) for split in (within, mixture, pooled)), strict=True)
    errors = _split_errors(population)
    for budget, error, (alone, together, pools) in zip(population.budgets, errors, splits, strict=True):
        pool = pools.mean(axis=0)
        both = {"within": alone, "mixture": together}
        for name, values in both.items():
            yield rows(population, name, figure(population, values), null=constant(pool), budget=budget, kept=kept_of(values))
        if budget > 1:  # one draw is a draw from one model
            yield from _between_rows(population, alone, together, budget, error, pool)


def _between_rows(
    population: Population, alone: np.ndarray, together: np.ndarray, budget: int, error: np.ndarray, pool: np.ndarray
) -> Iterator[pl.DataFrame]:
    error = on_tested(population, error)
    between = unless_rounding(together - alone, together)
    kept = kept_of(between)
    yield rows(population, "between", figure(population, between), null=around(0.0, error), budget=budget, kept=kept)
    share, strayed = ratio_of_means(together, alone)
    found = figure(population, strayed).moved(share)
    spread = np.divide(error, pool, out=np.full(error.size, np.nan), where=pool > 0)
    null = around(np.where(np.isnan(share), np.nan, 1.0), spread)
    yield rows(population, "ratio", found, null=null, budget=budget, kept=kept, reason=NOTHING)


def _split_errors(population: Population) -> np.ndarray:
    """(budgets, interval floors): standard error of the between part of indistinguishable models."""
    some = nulls.some_prompts(population.block, seed=population.resampling.seed)
    budgets, floors = population.budgets, population.tested

    def strayed(one: Block) -> list[np.ndarray]:
        return list(mixture(one, floors, budgets) - within(one, floors, budgets))

    count = nulls.permutations_of(int(some.sizes.sum()), repeated=len(budgets))
    found = nulls.spreads(some, strayed, count=count, seed=population.resampling.seed)
    return np.stack([spread.error(population.block.prompts) for spread in found])


def beyond_rows(population: Population) -> Iterator[pl.DataFrame]:
    """The mixture at more draws than one model has samples; that of the pool is the same, so there is no null."""
    if not population.beyond:
        return
    values = mixture(population.block, population.axes.floors, population.beyond)
    for budget, of_budget in zip(population.beyond, values, strict=True):
        yield rows(population, "mixture", figure(population, of_budget), budget=budget, kept=kept_of(of_budget))
        none = Figure(*np.full((3, population.axes.floors.size), np.nan))
        for name in ("within", "between", "ratio"):
            yield rows(population, name, none, budget=budget, kept=np.zeros(population.axes.floors.size), reason=ONE_SAMPLE)


def likeness_rows(population: Population) -> Iterator[pl.DataFrame]:
    """Same within and between, with the pool's pairs on the same prompts as their null, and the gap between the two."""
    found = likeness(population.block, population.axes.floors)
    errors = _likeness_errors(population)
    gap = found.within - found.between
    is_pooled = (population.block.sizes > 1).any()  # else the pool has no pairs but those of different models
    named = {
        "same within": (found.within, NO_PAIR),
        "same between": (found.between, NO_TWO),
        "same within less between": (gap, NO_PAIR),
    }
    for (name, (values, reason)), spread in zip(named.items(), errors, strict=True):
        kept = kept_of(values)
        expected = 0 * gap if name.endswith("less between") else found.pooled if is_pooled else np.full(gap.shape, np.nan)
        mean = mean_of_some(np.where(np.isnan(values), np.nan, expected))
        null = around(mean, on_tested(population, spread.error(kept[population.axes.interval_floors])))
        yield rows(population, name, figure(population, values), null=null, kept=kept, reason=reason)


def _likeness_errors(population: Population) -> list[nulls.Spread]:
    some = nulls.some_prompts(population.block, seed=population.resampling.seed)

    def strayed(one: Block) -> list[np.ndarray]:
        within, between, pool = likeness(one, population.tested)
        return [within - pool, between - pool, within - between]

    count = nulls.permutations_of(int(some.sizes.sum()))
    return nulls.spreads(some, strayed, count=count, seed=population.resampling.seed)


class Figure(NamedTuple):
    """Value at every floor and the ends of its interval, (floors,) each; NaN is none."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def moved(self, to: np.ndarray) -> "Figure":
        """The interval of deviations around 0, moved `to` the value that they deviate from."""
        return Figure(to, to + self.low, to + self.high)


def figure(population: Population, values: np.ndarray) -> Figure:
    """Means over prompts of (prompts, floors) `values`, with intervals at the interval floors; NaN is no value."""
    low, high = np.full((2, values.shape[1]), np.nan)
    at = population.axes.interval_floors
    _, low[at], high[at] = population.resampling.interval(values[:, at])
    return Figure(mean_of_some(values), low, high)


def mean_of_some(values: np.ndarray) -> np.ndarray:
    """(columns,) means over the rows that have a value; NaN where none has."""
    has = ~np.isnan(values)
    total = np.where(has, values, 0.0).sum(axis=0)
    found: np.ndarray = np.divide(total, has.sum(axis=0), out=np.full(values.shape[1], np.nan), where=has.any(axis=0))
    return found


def ratio_of_means(above: np.ndarray, below: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Column sums of `above` over those of `below`, (prompts, columns) each, and what each prompt adds to the ratio's error.

    The deviations, (prompts, columns), have mean 0: the interval of their mean is that of the ratio, to first order. NaN where
    there is nothing below.
    """
    mean = below.mean(axis=0)
    some = mean > 0
    share = np.divide(above.mean(axis=0), mean, out=np.full(mean.size, np.nan), where=some)
    where = np.broadcast_to(some, above.shape)
    strayed = np.divide(above - share * below, mean, out=np.full(above.shape, np.nan), where=where)
    return share, unless_rounding(strayed, np.broadcast_to(share, strayed.shape))


def kept_of(values: np.ndarray) -> np.ndarray:
    """(columns,) how many prompts have a value."""
    return np.asarray((~np.isnan(values)).sum(axis=0))


def constant(mean: np.ndarray) -> Null:
    """A null that is known without its spread."""
    none = np.full(mean.size, np.nan)
    return Null(mean, none, none)


def around(mean: np.ndarray | float, error: np.ndarray) -> Null:
    """A null whose mean over prompts is normal around its expectation."""
    middle = np.broadcast_to(np.asarray(mean, dtype=np.float64), error.shape)
    return Null(middle, middle - nulls.NORMAL * error, middle + nulls.NORMAL * error)


def on_tested(population: Population, values: np.ndarray) -> np.ndarray:
    """(floors,): `values` of the interval floors at their places, NaN elsewhere."""
    out = np.full(population.axes.floors.size, np.nan)
    out[population.axes.interval_floors] = values
    return out


def rows(
    population: Population,
    measure: str,
    found: Figure,
    *,
    null: Null | None = None,
    budget: int | None = None,
    kept: np.ndarray,
    reason: str = "",
) -> pl.DataFrame:
    """One row for each floor; `reason` stands where there is no value."""
    none = np.full(found.value.size, np.nan)
    null = null or Null(none, none, none)
    return frame(
        population.block, population.axes.floors, measure=measure, budget=budget, value=found.value, low=found.low,
        high=found.high, null=null.mean, null_low=null.low, null_high=null.high, ceiling=None,
        models=len(population.block.models), prompts=population.block.prompts, prompts_left=kept,
        reason=[reason if np.isnan(v) else None for v in found.value],
    )  # fmt: skip


def frame(block: Block, floors: np.ndarray | Sequence[float], **columns: Any) -> pl.DataFrame:
    """Rows with the block's domain and their floor, null for ungated; `columns` are one value or one for each floor."""
    size = len(floors)
    levels = pl.Series("floor", [None if np.isneginf(f) else float(f) for f in floors], dtype=pl.Float64)
    spread = {name: given if np.ndim(given) else [given] * size for name, given in columns.items()}
    domain = pl.Series("domain", [block.domain] * size, dtype=pl.String)
    return pl.DataFrame([domain, levels, *(pl.Series(name, given, strict=False) for name, given in spread.items())])
